"""How far calls have come: one cheap look at many of them, for those who follow them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.call_events import Seen
from postcall.storage.hosted_schema import call_events
from postcall.storage.jobs import END_FUNCTION
from postcall.storage.schema import calls, jobs, metric_events, turns


@dataclass(frozen=True, slots=True)
class Mark:
    """Differs from an earlier one of the same call where there is something new in it."""

    status: str
    revision: int
    turns: int
    metrics: int
    events: int
    ends: bool


def read_marks(connection: Connection, call_pks: Collection[int]) -> dict[int, Mark]:
    """The marks of these calls; one that is gone is left out."""
    rows = connection.execute(_MARKS, {"call_pks": list(call_pks)})
    return {row.pk: Mark(row.status, row.revision, row.turns, row.metrics, row.events, row.ends) for row in rows}


def seen_by_now(connection: Connection, call_pk: int) -> Seen:
    """What somebody has seen who has followed the call until now."""
    mark = read_marks(connection, [call_pk])[call_pk]
    return Seen(mark.revision, mark.turns, mark.metrics, mark.events)


def _behind(table: sa.Table, *of_revision: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    last = sa.select(sa.func.max(table.c.position)).where(table.c.call_pk == calls.c.pk, *of_revision)
    return sa.func.coalesce(last.scalar_subquery() + 1, 0)


_MARKS = sa.select(
    calls.c.pk,
    calls.c.status,
    calls.c.revision,
    _behind(turns, turns.c.revision == calls.c.revision).label("turns"),
    _behind(metric_events, metric_events.c.revision == calls.c.revision).label("metrics"),
    _behind(call_events).label("events"),
    sa.exists().where(jobs.c.call_pk == calls.c.pk, jobs.c.kind == END_FUNCTION, jobs.c.state != "dead").label("ends"),
).where(calls.c.pk.in_(sa.bindparam("call_pks", expanding=True)))
