"""What happened in hosted calls besides the words, in order; and all of a call, for those who follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import LIVE, CallStatus, MetricValue, Role, Turn
from postcall.domain.conversations import CallEvent, EventKind
from postcall.storage.calls import find_call_row
from postcall.storage.hosted_schema import call_events
from postcall.storage.jobs import END_FUNCTION
from postcall.storage.schema import calls, jobs, metric_events, turns

HIDDEN = "hidden: personal data"
"""What stands in place of a line that its reader may not see."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody has followed a call: positions of what comes next."""

    revision: int = 1
    turns: int = 0
    metrics: int = 0
    events: int = 0

    def __str__(self) -> str:
        return f"{self.revision}.{self.turns}.{self.metrics}.{self.events}"


@dataclass(frozen=True, slots=True)
class WrittenMetric:
    """One write, as it came."""

    name: str
    value: MetricValue
    source: str
    at: datetime
    position: int
    """Its place among the call's writes; never that of another, also where one was taken back."""


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a call since somebody looked."""

    first_turn: int
    """The position of the first of `turns`. Somebody who was further has to drop what they have from there on: the
    user spoke over the agent, and other words are kept than were said."""
    turns: tuple[Turn, ...]
    metrics: tuple[WrittenMetric, ...]
    events: tuple[CallEvent, ...]
    first_event: int
    """The position of the first of `events`."""
    live: bool
    """Whether more may come: the call goes on, or its `end_function` has not run to its end."""
    before: Seen
    """From where on."""
    seen: Seen


def add_events(connection: Connection, call_pk: int, events: Sequence[CallEvent], *, first: int) -> None:
    """Append events; `first` is the position of the first of them."""
    rows = [
        {
            "call_pk": call_pk,
            "position": position,
            "kind": event.kind,
            "turn": event.turn,
            "at": event.at,
            "content": event.content,
            "is_pii": event.is_pii,
            "failed": event.failed,
        }
        for position, event in enumerate(events, first)
    ]
    if rows:
        connection.execute(_INSERT, rows)


_INSERT = sa.insert(call_events)


def append_events(connection: Connection, call_pk: int, events: Sequence[CallEvent]) -> None:
    """The same behind those that are there, where nobody counts them."""
    last = connection.execute(
        sa.select(sa.func.max(call_events.c.position)).where(call_events.c.call_pk == call_pk)
    ).scalar_one()
    add_events(connection, call_pk, events, first=0 if last is None else last + 1)


def events_of_call(connection: Connection, call_pk: int, *, with_pii: bool) -> tuple[CallEvent, ...]:
    """Everything that happened in a call, in order."""
    rows = connection.execute(
        sa.select(call_events).where(call_events.c.call_pk == call_pk).order_by(call_events.c.position)
    )
    return tuple(_event(row, with_pii=with_pii) for row in rows)


def read_news(connection: Connection, account_pk: int, call_id: str, seen: Seen | None, *, with_pii: bool) -> News:
    """What a follower of a call has not seen; after a replaced transcript, all of the new one."""
    call = find_call_row(connection, account_pk, call_id)
    if seen is None or seen.revision != call.revision:
        seen = Seen(revision=call.revision, events=0 if seen is None else seen.events)
    happened = connection.execute(
        sa.select(call_events)
        .where(call_events.c.call_pk == call.pk, call_events.c.position >= seen.events)
        .order_by(call_events.c.position)
    ).all()
    first_turn = _first_turn(seen, happened)
    said = connection.execute(
        sa.select(turns)
        .where(turns.c.call_pk == call.pk, turns.c.revision == call.revision, turns.c.position >= first_turn)
        .order_by(turns.c.position)
    ).all()
    written = connection.execute(
        sa.select(metric_events)
        .where(
            metric_events.c.call_pk == call.pk,
            metric_events.c.revision == call.revision,
            metric_events.c.position >= seen.metrics,
        )
        .order_by(metric_events.c.position)
    ).all()
    return News(
        first_turn=first_turn,
        turns=tuple(Turn(Role(row.role), row.text, row.start_s, row.at, row.latency_s) for row in said),
        metrics=tuple(WrittenMetric(row.name, row.value, row.source, row.at, row.position) for row in written),
        events=tuple(_event(row, with_pii=with_pii) for row in happened),
        first_event=happened[0].position if happened else seen.events,
        live=CallStatus(call.status) in LIVE or _ends(connection, call.pk),
        before=seen,
        seen=Seen(
            revision=call.revision,
            turns=first_turn + len(said),
            metrics=written[-1].position + 1 if written else seen.metrics,
            events=happened[-1].position + 1 if happened else seen.events,
        ),
    )


def _first_turn(seen: Seen, happened: Sequence[Row[Any]]) -> int:
    """The first turn that is new, or new again, since the user spoke over the agent."""
    cuts = (row.content.get("from") for row in happened if row.kind == EventKind.INTERRUPTED)
    return min([seen.turns, *(cut for cut in cuts if isinstance(cut, int))])


def _ends(connection: Connection, call_pk: int) -> bool:
    """Whether a call that is over still has its `end_function` before it."""
    return connection.execute(_ENDS, {"call_pk": call_pk}).first() is not None


_ENDS = sa.select(jobs.c.pk).where(
    jobs.c.call_pk == sa.bindparam("call_pk"), jobs.c.kind == END_FUNCTION, jobs.c.state != "dead"
)


@dataclass(frozen=True, slots=True)
class FailedFunctions:
    """How often one function of an agent failed."""

    name: str
    times: int
    last_at: datetime
    last_call: str


def failed_functions(connection: Connection, agent_pk: int, *, since: datetime) -> tuple[FailedFunctions, ...]:
    """The functions that failed in an agent's calls since then, the most frequent first."""
    rows = connection.execute(
        sa.select(call_events.c.content, call_events.c.at, calls.c.id)
        .join_from(call_events, calls)
        .where(
            call_events.c.failed,
            call_events.c.kind == EventKind.FUNCTION,  # a turn that broke off is no function's failure
            calls.c.agent_pk == agent_pk,
            call_events.c.at >= since,
        )
        .order_by(call_events.c.at)
    )
    found: dict[str, FailedFunctions] = {}
    for row in rows:
        name = str(row.content.get("name", ""))
        before = found.get(name)
        found[name] = FailedFunctions(name, (before.times if before else 0) + 1, row.at, row.id)
    return tuple(sorted(found.values(), key=lambda each: -each.times))


def _event(row: Row[Any], *, with_pii: bool) -> CallEvent:
    event = CallEvent(EventKind(row.kind), row.at, row.turn, row.content, row.is_pii, row.failed)
    if event.is_pii and not with_pii:
        kept = {name: value for name, value in event.content.items() if name in {"level", "function"}}
        return replace(event, content={**kept, "content": HIDDEN})
    return event
