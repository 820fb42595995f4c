"""Remarks: added and taken away, never changed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import Role
from postcall.domain.remarks import BadReason, NewRemark, Remark, RemarkKind, check_remark
from postcall.errors import BadInput, RemarkNotFound
from postcall.storage.calls import find_call_row
from postcall.storage.page_schema import remarks
from postcall.storage.schema import turns

MAX_REMARKS = 1_000
"""On one call: all are shown on its page."""


def add_remark(connection: Connection, account_pk: int, call_id: str, remark: NewRemark, *, now: datetime) -> Remark:
    """Check a remark on a call as it stands now, and add it.

    CallNotFound also where the call is another account's; BadInput says what does not fit the turn.
    """
    call = find_call_row(connection, account_pk, call_id)
    spoken = sa.select(turns.c.role).where(turns.c.call_pk == call.pk, turns.c.revision == call.revision)
    roles = connection.execute(spoken.order_by(turns.c.position)).scalars()
    checked = check_remark(remark, tuple(Role(role) for role in roles))
    there = sa.select(sa.func.count()).select_from(remarks).where(remarks.c.call_pk == call.pk)
    if connection.execute(there).scalar_one() >= MAX_REMARKS:
        raise BadInput(f"there are {MAX_REMARKS:,} remarks on this call already; take some away first")
    added = Remark(
        id=secrets.token_hex(12),
        kind=checked.kind,
        reason=checked.reason,
        turn=checked.turn,
        text=checked.text,
        who=checked.who,
        at=now,
        revision=call.revision,
    )
    row = {name: getattr(added, name) for name in Remark.__slots__}
    connection.execute(sa.insert(remarks).values(account_pk=account_pk, call_pk=call.pk, **row))
    return added


def list_remarks(connection: Connection, account_pk: int, call_id: str) -> tuple[Remark, ...]:
    """All remarks on a call in the order given, those on earlier revisions of its transcript too."""
    call = find_call_row(connection, account_pk, call_id)
    rows = connection.execute(sa.select(remarks).where(remarks.c.call_pk == call.pk).order_by(remarks.c.pk))
    return tuple(_read(row) for row in rows)


def remove_remark(connection: Connection, account_pk: int, call_id: str, remark_id: str) -> Remark:
    """Take a remark away; returns what it was. RemarkNotFound where the call has none of this id."""
    call = find_call_row(connection, account_pk, call_id)
    mine = remarks.c.call_pk == call.pk, remarks.c.id == remark_id
    row = connection.execute(sa.select(remarks).where(*mine)).one_or_none()
    if row is None:
        raise RemarkNotFound(remark_id)
    connection.execute(sa.delete(remarks).where(*mine))
    return _read(row)


def _read(row: Row[Any]) -> Remark:
    return Remark(
        id=row.id,
        kind=RemarkKind(row.kind),
        reason=BadReason(row.reason) if row.reason is not None else None,
        turn=row.turn,
        text=row.text,
        who=row.who,
        at=row.at,
        revision=row.revision,
    )
