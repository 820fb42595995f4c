"""Whom not to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.audiences import Barred, BarSource
from postcall.domain.ids import new_object_id
from postcall.errors import NotFound
from postcall.storage.concurrency import hold_account
from postcall.storage.outbound_schema import do_not_call
from postcall.storage.schema import agents, calls

_ROWS = (
    sa.select(do_not_call, agents.c.id.label("agent_id"), calls.c.id.label("call_id"))
    .select_from(do_not_call)
    .outerjoin(agents, agents.c.pk == do_not_call.c.agent_pk)
    .outerjoin(calls, calls.c.pk == do_not_call.c.call_pk)
)


@dataclass(frozen=True, slots=True)
class BarredPage:
    """Some of the numbers, and how many there are."""

    entries: tuple[Barred, ...]
    total: int


def is_barred(connection: Connection, account_pk: int, agent_pk: int, phone: str) -> bool:
    """Whether this agent may not call this E.164 number."""
    found = connection.execute(
        sa.select(do_not_call.c.pk)
        .where(
            do_not_call.c.account_pk == account_pk,
            do_not_call.c.phone == phone,
            sa.or_(do_not_call.c.agent_pk.is_(None), do_not_call.c.agent_pk == agent_pk),
        )
        .limit(1)
    )
    return found.one_or_none() is not None


def bar(
    connection: Connection,
    account_pk: int,
    phone: str,
    *,
    agent_pk: int | None = None,
    source: BarSource = BarSource.MANUAL,
    call_pk: int | None = None,
    now: datetime,
) -> tuple[str, bool]:
    """Put an E.164 number on the list, of one agent or (None) of all; its id, and whether it is new there.

    A number that is there already keeps its id, its source and its call.
    """
    hold_account(connection, account_pk)
    known = _known(connection, account_pk, [phone], agent_pk=agent_pk)
    if known:
        return known[phone], False
    row = _row(account_pk, phone, agent_pk=agent_pk, source=source, call_pk=call_pk, now=now)
    connection.execute(_INSERT, row)
    return str(row["id"]), True


def bar_many(
    connection: Connection,
    account_pk: int,
    phones: Sequence[str],
    *,
    agent_pk: int | None = None,
    source: BarSource = BarSource.UPLOAD,
    now: datetime,
) -> int:
    """The same for many numbers, each named once; returns how many are new there."""
    hold_account(connection, account_pk)
    added = 0
    for start in range(0, len(phones), _AT_ONCE):
        some = phones[start : start + _AT_ONCE]
        known = _known(connection, account_pk, some, agent_pk=agent_pk)
        rows = [
            _row(account_pk, phone, agent_pk=agent_pk, source=source, call_pk=None, now=now)
            for phone in some
            if phone not in known
        ]
        if rows:
            connection.execute(_INSERT, rows)
        added += len(rows)
    return added


_AT_ONCE = 1_000
"""Rows in one statement."""
_INSERT = sa.insert(do_not_call)


def _known(connection: Connection, account_pk: int, phones: Sequence[str], *, agent_pk: int | None) -> dict[str, str]:
    rows = connection.execute(
        sa.select(do_not_call.c.phone, do_not_call.c.id).where(
            do_not_call.c.account_pk == account_pk,
            do_not_call.c.phone.in_(phones),
            do_not_call.c.agent_pk.is_not_distinct_from(agent_pk),
        )
    )
    return {row.phone: row.id for row in rows}


def _row(
    account_pk: int,
    phone: str,
    *,
    agent_pk: int | None,
    source: BarSource,
    call_pk: int | None,
    now: datetime,
) -> dict[str, Any]:
    return {
        "account_pk": account_pk,
        "agent_pk": agent_pk,
        "id": new_object_id(),
        "phone": phone,
        "source": source.value,
        "call_pk": call_pk,
        "created_at": now,
        "updated_at": now,
    }


def unbar(connection: Connection, account_pk: int, entry_id: str) -> None:
    """Take an entry off the list; NotFound where there is none of this id."""
    gone = connection.execute(
        sa.delete(do_not_call).where(do_not_call.c.account_pk == account_pk, do_not_call.c.id == entry_id)
    )
    if gone.rowcount == 0:
        raise NotFound(f"there is no entry {entry_id!r} on the do-not-call list")


def unbar_number(connection: Connection, account_pk: int, phone: str, *, agent_pk: int | None = None) -> int:
    """Take a number off the list of one agent or, with None, off every list; returns how many entries that were."""
    mine = sa.delete(do_not_call).where(do_not_call.c.account_pk == account_pk, do_not_call.c.phone == phone)
    if agent_pk is not None:
        mine = mine.where(do_not_call.c.agent_pk == agent_pk)
    return connection.execute(mine).rowcount


def find_barred(connection: Connection, account_pk: int, entry_id: str) -> Barred:
    """One entry, or NotFound."""
    mine = _ROWS.where(do_not_call.c.account_pk == account_pk, do_not_call.c.id == entry_id)
    row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFound(f"there is no entry {entry_id!r} on the do-not-call list")
    return _read(row)


def list_barred(
    connection: Connection,
    account_pk: int,
    *,
    agent_pk: int | None = None,
    search: str = "",
    by_phone: bool = False,
    rising: bool = False,
    limit: int,
    skip: int = 0,
) -> BarredPage:
    """The entries whose number holds `search`, the newest first unless told otherwise.

    With an agent: those that bar it, which are its own and the account's.
    """
    mine = [do_not_call.c.account_pk == account_pk]
    if agent_pk is not None:
        mine.append(sa.or_(do_not_call.c.agent_pk.is_(None), do_not_call.c.agent_pk == agent_pk))
    if search:
        mine.append(do_not_call.c.phone.contains(search, autoescape=True))
    total = connection.execute(sa.select(sa.func.count()).select_from(do_not_call).where(*mine)).scalar_one()
    keys = (do_not_call.c.phone if by_phone else do_not_call.c.created_at, do_not_call.c.pk)
    order = [key.asc() if rising else key.desc() for key in keys]
    rows = connection.execute(_ROWS.where(*mine).order_by(*order).limit(limit).offset(skip))
    return BarredPage(tuple(_read(row) for row in rows), int(total))


def _read(row: Row[Any]) -> Barred:
    return Barred(
        id=row.id,
        phone=row.phone,
        agent_id=row.agent_id,
        source=BarSource(row.source),
        call_id=row.call_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
