"""What becomes of calls while they are live: turns and metrics come in, until they end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import LIVE, CallStatus, DisconnectionReason, Json, MetricWrite, Role, Turn
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.outbound import DialState
from postcall.domain.timeline import check_turn_times
from postcall.domain.webhooks import CallMoment
from postcall.errors import CallNotFound, CallNotLive
from postcall.storage.announcing import announce, set_off_actions
from postcall.storage.call_events import append_events
from postcall.storage.call_rows import insert_metrics, insert_turns, read_transcript, turn_columns
from postcall.storage.calls import find_for_change, queue_extraction, to_extract
from postcall.storage.changes import note_change
from postcall.storage.hosted_schema import conversations
from postcall.storage.jobs import END_FUNCTION, add_job
from postcall.storage.outbound_schema import outbound_calls
from postcall.storage.schema import IS_LIVE, calls, metric_events, turns
from postcall.storage.search import reindex_transcript
from postcall.storage.statements import lock_row


def append_turns(connection: Connection, account_pk: int, call_id: str, more: Sequence[Turn], *, now: datetime) -> int:
    """Add turns to a live call; returns how many it has now."""
    call = _find_live(connection, account_pk, call_id)
    first = _count(connection, turns, call)
    check_turn_times(more, after=_last_turn(connection, call), first=first)
    before = read_transcript(connection, call.pk, call.revision)
    after = (*before, *more)
    insert_turns(connection, call.pk, more, revision=call.revision, first=first)
    reindex_transcript(connection, call.pk, [turn.text for turn in before], [turn.text for turn in after])
    _touch(connection, call.pk, turn_columns(after), now=now)
    return first + len(more)


def append_metrics(
    connection: Connection, account_pk: int, call_id: str, writes: Sequence[MetricWrite], *, now: datetime
) -> int:
    """Add metric writes to a live call; returns how many it has now."""
    call = _find_live(connection, account_pk, call_id)
    first = next_metric(connection, call.pk, call.revision)
    insert_metrics(connection, call.pk, writes, revision=call.revision, first=first, source="live", now=now)
    _touch(connection, call.pk, {}, now=now)
    return _count(connection, metric_events, call)


def end_call(connection: Connection, account_pk: int, call_id: str, ending: dict[str, Any], *, now: datetime) -> None:
    """End a live call with these columns, and queue its extraction."""
    call = _find_live(connection, account_pk, call_id)
    end_found(connection, call, ending, now=now)
    _note_end(connection, call.pk, ending, by="interface", now=now)


_NOT_ANSWERED = sa.exists().where(
    outbound_calls.c.call_pk == calls.c.pk, outbound_calls.c.state.in_([DialState.QUEUED, DialState.DIALLING])
)
"""Of a call that we place: it waits for a line, however long that takes, or rings."""


def end_silent_calls(connection: Connection, *, silent_since: datetime, now: datetime) -> int:
    """End the live calls that sent nothing since then, as timed out; returns how many."""
    silent = connection.execute(
        lock_row(
            connection,
            sa.select(calls).where(IS_LIVE, calls.c.updated_at < silent_since, ~_NOT_ANSWERED).limit(100),
        )
    ).all()
    for call in silent:
        ended_at = max(call.updated_at, call.started_at)
        ending = {
            "status": CallStatus.COMPLETED,
            "disconnection_reason": DisconnectionReason.TIMEOUT,
            "ended_at": ended_at,
            "duration_s": (ended_at - call.started_at).total_seconds(),
        }
        end_found(connection, call, ending, now=now)
        _note_end(connection, call.pk, ending, by="silence", now=now)
    return len(silent)


def _note_end(connection: Connection, call_pk: int, ending: dict[str, Any], *, by: str, now: datetime) -> None:
    """Where a hosted call did not end in its own conversation, whoever follows it is told so as well."""
    hosted = sa.select(conversations.c.turn).where(conversations.c.call_pk == call_pk)
    turn = connection.execute(hosted).scalar_one_or_none()
    if turn is None:
        return
    content: dict[str, Json] = {"reason": ending.get("disconnection_reason"), "by": by}
    append_events(connection, call_pk, [CallEvent(EventKind.ENDED, now, turn, content)])


def _find_live(connection: Connection, account_pk: int, call_id: str) -> Row[Any]:
    call = find_for_change(connection, account_pk, call_id)
    if call is None:
        raise CallNotFound(call_id)
    if CallStatus(call.status) not in LIVE:
        raise CallNotLive(call_id, call.status)
    return call


def end_found(connection: Connection, call: Row[Any], ending: dict[str, Any], *, now: datetime) -> None:
    """End this live call with these columns. What follows is queued: of a hosted call first its `end_function`."""
    connection.execute(sa.update(calls).where(calls.c.pk == call.pk).values(**ending, updated_at=now))
    note_change(connection, call.pk, now=now)
    announce(connection, call.pk, CallMoment.ENDED, now=now)
    hosted = connection.execute(
        sa.update(conversations).where(conversations.c.call_pk == call.pk).values(lease=None, leased_until=None)
    )
    if hosted.rowcount:
        add_job(connection, END_FUNCTION, {"version": call.version}, call_pk=call.pk, now=now)
    else:
        queue_first_extraction(connection, call.pk, now=now)


def queue_first_extraction(connection: Connection, call_pk: int, *, now: datetime) -> None:
    """Queue the extraction of a call that is over, where there is something to extract."""
    call = connection.execute(sa.select(calls).where(calls.c.pk == call_pk)).one()
    if to_extract(CallStatus(call.status), read_transcript(connection, call.pk, call.revision)):
        queue_extraction(connection, call.pk, version=call.version, revision=call.revision, now=now)
    else:
        set_off_actions(connection, call_pk, now=now)


def next_metric(connection: Connection, call_pk: int, revision: int) -> int:
    """The position of a call's next metric write; no position is given twice, also where a write was taken back."""
    last = connection.execute(
        sa.select(sa.func.max(metric_events.c.position)).where(
            metric_events.c.call_pk == call_pk, metric_events.c.revision == revision
        )
    ).scalar_one()
    taken = connection.execute(
        sa.select(conversations.c.next_metric).where(conversations.c.call_pk == call_pk)
    ).scalar_one_or_none()
    return max(0 if last is None else int(last) + 1, taken or 0)


def _count(connection: Connection, table: sa.Table, call: Row[Any]) -> int:
    return int(
        connection.execute(
            sa.select(sa.func.count()).where(table.c.call_pk == call.pk, table.c.revision == call.revision)
        ).scalar_one()
    )


def _last_turn(connection: Connection, call: Row[Any]) -> Turn | None:
    """What the next turn may not come before: the latest times told so far."""
    row = connection.execute(
        sa.select(sa.func.max(turns.c.start_s).label("start_s"), sa.func.max(turns.c.at).label("at")).where(
            turns.c.call_pk == call.pk, turns.c.revision == call.revision
        )
    ).one()
    return Turn(Role.USER, "", row.start_s, row.at)


def _touch(connection: Connection, call_pk: int, columns: dict[str, Any], *, now: datetime) -> None:
    connection.execute(sa.update(calls).where(calls.c.pk == call_pk).values(**columns, updated_at=now))
    note_change(connection, call_pk, now=now)
