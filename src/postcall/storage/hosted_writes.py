"""Metrics and events of a hosted call, written while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import Json, MetricWrite
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.metrics import MetricDefinition, fit
from postcall.storage.call_events import add_events
from postcall.storage.call_rows import insert_metrics
from postcall.storage.changes import note_change
from postcall.storage.external_events import keep_given_out
from postcall.storage.hosted_schema import conversations
from postcall.storage.live_calls import next_metric
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.schema import calls, metric_events
from postcall.storage.statements import lock_row


@dataclass(frozen=True, slots=True)
class Kept:
    """For which call, and on whose behalf."""

    call_pk: int
    call_id: str
    agent_pk: int
    revision: int
    turn: int
    """The turn under way, as the record counts: what a turn that broke off had written is taken back by it."""
    source: str
    """`live` during the call, `end_function` after it."""
    lease: str
    """Without this lease nothing is written any more."""


@dataclass(frozen=True, slots=True)
class Writes:
    """What came in since the last time."""

    metrics: tuple[MetricWrite, ...]
    events: tuple[CallEvent, ...]
    first_event: int

    def __bool__(self) -> bool:
        return bool(self.metrics or self.events)


def keep_writes(connection: Connection, kept: Kept, writes: Writes, *, now: datetime) -> int:
    """Store them, with a warning for each metric that does not fit its definition; returns the next event's position.

    Nothing is stored for a turn whose lease was lost: another process runs it again.
    """
    if not writes:
        return writes.first_event
    # Held before the lease is looked at, as whoever takes the call over does: else both would write.
    connection.execute(lock_row(connection, sa.select(calls.c.pk).where(calls.c.pk == kept.call_pk)))
    if not _may_write(connection, kept):
        return writes.first_event
    events = writes.events
    if writes.metrics:
        insert_metrics(
            connection,
            kept.call_pk,
            writes.metrics,
            revision=kept.revision,
            first=next_metric(connection, kept.call_pk, kept.revision),
            source=kept.source,
            now=now,
            turn=kept.turn,
        )
        events = (*events, *_misfits(connection, kept, writes.metrics, now=now))
        connection.execute(sa.update(calls).where(calls.c.pk == kept.call_pk).values(updated_at=now))
        note_change(connection, kept.call_pk, now=now)
    add_events(connection, kept.call_pk, events, first=writes.first_event)
    keep_given_out(connection, kept.call_pk, events)
    return writes.first_event + len(events)


def take_back(
    connection: Connection,
    call_pk: int,
    which: sa.ColumnElement[bool],
    *,
    what: str,
    turn: int,
    first_event: int,
    now: datetime,
) -> int:
    """Remove the metric writes of what broke off, and say so in an event; returns the next event's position.

    Positions are not given again: whoever has followed the call so far would miss what is written there.
    """
    gone = connection.execute(
        sa.delete(metric_events)
        .where(metric_events.c.call_pk == call_pk, which)
        .returning(metric_events.c.position, metric_events.c.name)
    ).all()
    if not gone:
        return first_event
    last = max(row.position for row in gone)
    connection.execute(sa.update(conversations).where(conversations.c.call_pk == call_pk).values(next_metric=last + 1))
    content: dict[str, Json] = {
        "about": "metrics",
        "message": f"{what} broke off and is run again: its metrics are taken back",
        "taken_back": [{"position": position, "name": name} for position, name in sorted(map(tuple, gone))],
    }
    add_events(connection, call_pk, [CallEvent(EventKind.WARNING, now, turn, content)], first=first_event)
    note_change(connection, call_pk, now=now)
    return first_event + 1


def _may_write(connection: Connection, kept: Kept) -> bool:
    holder = sa.select(conversations.c.call_pk).where(
        conversations.c.call_pk == kept.call_pk, conversations.c.lease == kept.lease
    )
    return connection.execute(holder).first() is not None


def _misfits(
    connection: Connection, kept: Kept, metrics: tuple[MetricWrite, ...], *, now: datetime
) -> tuple[CallEvent, ...]:
    definitions = definitions_by_agent(connection, {kept.agent_pk}).get(kept.agent_pk, {})
    return tuple(
        CallEvent(
            EventKind.WARNING,
            write.at or now,
            kept.turn - 1,  # events count the start as 0
            {
                "message": f"{write.name} was written as {write.value!r}, which is not {_wanted(definition)}: "
                "it is kept, and no report counts it",
                "metric": write.name,
            },
        )
        for write in metrics
        if (definition := definitions.get(write.name)) is not None and fit(write.value, definition) is None
    )


def _wanted(definition: MetricDefinition) -> str:
    if definition.expected_values:
        return f"one of {', '.join(definition.expected_values)}"
    return f"{'an' if definition.type.value == 'integer' else 'a'} {definition.type.value}"
