"""The change feed: which calls changed, in the order in which the changes were committed.

A change is a row written in the transaction of what it tells of. Whoever follows remembers a mark and asks for what
came after it. On SQLite one transaction writes at a time, so keys rise in the order of commits. On PostgreSQL they do
not: a transaction that began earlier may commit later, with smaller keys. There the mark is a transaction's number,
and nothing is read past the oldest transaction that is still open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.schema import changes

KEPT = timedelta(days=3)
"""How long a follower may be away before it must begin anew."""
_OLD_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody has read."""

    upto: int
    """Every change below (PostgreSQL: of transactions below) is known."""
    last_pk: int = 0
    """The newest change that was seen, and when it was written: by these a follower knows its own record again."""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What came after a mark."""

    call_pks: frozenset[int]
    agent_pks: frozenset[int]
    """Agents of which every call is to be looked at again."""
    mark: Mark
    more: bool
    """Whether the limit cut it short."""
    oldest_at: datetime | None
    """When the first of these was written."""


def note_change(connection: Connection, call_pk: int, *, now: datetime) -> None:
    """Tell whoever follows that a call is new, different or gone."""
    connection.execute(_INSERT[connection.dialect.name], {"call_pk": call_pk, "agent_pk": None, "at": now})


def note_changes(connection: Connection, call_pks: Iterable[int], *, now: datetime) -> None:
    """The same for many calls."""
    rows = [{"call_pk": pk, "agent_pk": None, "at": now} for pk in call_pks]
    if rows:
        connection.execute(_INSERT[connection.dialect.name], rows)


def note_agent_change(connection: Connection, agent_pk: int, *, now: datetime) -> None:
    """Tell that every call of an agent reads differently from now on."""
    connection.execute(_INSERT[connection.dialect.name], {"call_pk": None, "agent_pk": agent_pk, "at": now})


_XID: sa.ColumnElement[int] = sa.literal_column("(pg_current_xact_id()::text)::bigint", sa.BigInteger)
_HORIZON: sa.ColumnElement[int] = sa.literal_column(
    "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint", sa.BigInteger
)
_NEXT: sa.ColumnElement[int] = sa.literal_column(
    "(pg_snapshot_xmax(pg_current_snapshot())::text)::bigint", sa.BigInteger
)
_VALUES: dict[str, Any] = {name: sa.bindparam(name) for name in ("call_pk", "agent_pk", "at")}
_INSERT = {
    "sqlite": sa.insert(changes).values(**_VALUES),
    "postgresql": sa.insert(changes).values(**_VALUES, xid=_XID),
}


def first_mark(connection: Connection) -> Mark:
    """From here on everything is told; what was before is in what this same transaction reads."""
    last = connection.execute(
        sa.select(changes.c.pk, changes.c.at).order_by(changes.c.pk.desc()).limit(1)
    ).one_or_none()
    last_pk, last_at = (last.pk, last.at) if last else (0, None)
    if connection.dialect.name == "postgresql":
        return Mark(connection.execute(sa.select(_HORIZON)).scalar_one(), last_pk, last_at)
    return Mark(last_pk + 1, last_pk, last_at)


def read_changes(connection: Connection, mark: Mark, *, limit: int) -> Changed:
    """What was committed after the mark, up to about `limit` changes."""
    order = changes.c.pk
    beyond = None
    if connection.dialect.name == "postgresql":
        order = changes.c.xid
        beyond = int(connection.execute(sa.select(_HORIZON)).scalar_one())
    new = sa.select(changes).where(order >= mark.upto)
    if beyond is not None:
        new = new.where(order < beyond)
    rows = connection.execute(new.order_by(order, changes.c.pk).limit(limit + 1)).all()
    more = len(rows) > limit
    if more and beyond is not None:  # a transaction is read whole or not at all
        beyond = rows[limit - 1].xid + 1
        rows = connection.execute(new.where(order < beyond).order_by(order, changes.c.pk)).all()
    elif more:
        rows = rows[:limit]
    if not rows:
        return Changed(frozenset(), frozenset(), Mark(beyond or mark.upto, mark.last_pk, mark.last_at), False, None)
    newest = max(rows, key=lambda row: row.pk)
    return Changed(
        call_pks=frozenset(row.call_pk for row in rows if row.call_pk is not None),
        agent_pks=frozenset(row.agent_pk for row in rows if row.agent_pk is not None),
        mark=Mark(beyond if beyond is not None else rows[-1].pk + 1, newest.pk, newest.at),
        more=more,
        oldest_at=min(row.at for row in rows),
    )


def count_changes(connection: Connection, mark: Mark) -> int:
    """How many changes are not known to whoever stands at the mark."""
    order = changes.c.xid if connection.dialect.name == "postgresql" else changes.c.pk
    new = sa.select(sa.func.count()).select_from(changes).where(order >= mark.upto)
    return int(connection.execute(new).scalar_one())


def why_lost(connection: Connection, mark: Mark) -> str | None:
    """Why nobody can go on from this mark, in words; None where one can."""
    postgres = connection.dialect.name == "postgresql"
    if postgres and mark.upto > connection.execute(sa.select(_NEXT)).scalar_one():
        return "the record is on another server, which numbers its transactions anew"
    order = changes.c.xid if postgres else changes.c.pk
    oldest = connection.execute(sa.select(sa.func.min(order))).scalar_one()
    if oldest is None:
        return "the record is another one" if mark.last_pk else None
    if oldest > mark.upto:
        return "it was away for longer than changes are kept"
    if not mark.last_pk:
        return None
    at = connection.execute(sa.select(changes.c.at).where(changes.c.pk == mark.last_pk)).scalar_one_or_none()
    if at is None and connection.execute(sa.select(sa.func.min(changes.c.pk))).scalar_one() > mark.last_pk:
        return None  # forgotten since, but what came next is there
    return None if at == mark.last_at else "the record is another one, or an older copy"


def forget_old_changes(connection: Connection, *, now: datetime) -> int:
    """Take away changes that every follower has had time to read; returns how many.

    The newest of them stays, so that a follower who has read it can tell that it missed nothing.
    """
    order = changes.c.xid if connection.dialect.name == "postgresql" else changes.c.pk  # as followers read it
    old = changes.c.at < now - KEPT
    newest = connection.execute(sa.select(sa.func.max(order)).where(old)).scalar_one_or_none()
    if newest is None:
        return 0
    some = sa.select(order).where(old, order < newest).order_by(order).offset(_OLD_AT_ONCE - 1).limit(1)
    last = connection.execute(some).scalar_one_or_none()  # a transaction goes whole or not at all
    upto = order < newest if last is None else order <= last
    return connection.execute(sa.delete(changes).where(old, upto)).rowcount
