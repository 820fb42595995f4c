"""Calls: taking them in, and what becomes of them while they are live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import (
    LIVE,
    CallDetails,
    CallStatus,
    DisconnectionReason,
    IncomingCall,
    MetricWrite,
    Role,
    Transcript,
    Turn,
)
from postcall.domain.ids import new_call_id, new_extraction_id
from postcall.domain.timeline import check_turn_times
from postcall.errors import CallDiffers, CallNotFound, CallNotLive
from postcall.storage.agents import ensure_agent_row
from postcall.storage.jobs import EXTRACT, PRIORITY_NORMAL, add_job
from postcall.storage.schema import IS_LIVE, calls, jobs, metric_events, turns
from postcall.storage.statements import insert_new, lock_row


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a call that was handed in."""

    id: str
    created: bool
    """False: the same call was there already, and nothing changed."""
    revision: int


def accept_call(
    connection: Connection,
    account_pk: int,
    call: IncomingCall,
    *,
    digest: str,
    now: datetime,
    replace: bool = False,
    priority: int = PRIORITY_NORMAL,
) -> Accepted:
    """Store a call and, where it has ended, queue its extraction. `digest` stands for its content.

    The same id and content again changes nothing; with other content it raises CallDiffers, or with `replace` stores a
    new revision of the transcript and metrics.
    """
    if call.id is not None:
        known = _find_for_change(connection, account_pk, call.id)
        if known is not None:
            return _accept_again(connection, known, call, digest=digest, now=now, replace=replace, priority=priority)
    agent = ensure_agent_row(connection, account_pk, call.details.agent, now=now)
    values = {
        **_details(call.details, now=now),
        "account_pk": account_pk,
        "id": call.id or new_call_id(now),
        "agent_pk": agent.pk,
        "version": agent.active_version,
        "digest": digest,
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }
    call_pk = insert_new(connection, calls, values, returning=calls.c.pk)
    if call_pk is None:  # another writer stored the same id since we looked (PostgreSQL only)
        return accept_call(connection, account_pk, call, digest=digest, now=now, replace=replace, priority=priority)
    _insert_turns(connection, call_pk, call.turns, revision=1, first=0)
    _insert_metrics(connection, call_pk, call.metrics, revision=1, first=0, source="intake", now=now)
    if to_extract(call.details.status, call.turns):
        queue_extraction(connection, call_pk, version=agent.active_version, revision=1, now=now, priority=priority)
    return Accepted(id=values["id"], created=True, revision=1)


def queue_extraction(
    connection: Connection,
    call_pk: int,
    *,
    version: int,
    revision: int,
    now: datetime,
    priority: int = PRIORITY_NORMAL,
) -> str:
    """Queue one run of a version's questions over one revision; returns the id that its extraction will have."""
    extraction_id = new_extraction_id()
    add_job(
        connection,
        EXTRACT,
        {"extraction": extraction_id, "version": version, "revision": revision},
        call_pk=call_pk,
        now=now,
        priority=priority,
    )
    return extraction_id


def drop_queued(connection: Connection, call_pk: int) -> None:
    """Forget runs that nobody has begun, over a transcript that is no longer the current one."""
    connection.execute(
        sa.delete(jobs).where(jobs.c.call_pk == call_pk, jobs.c.kind == EXTRACT, jobs.c.state == "queued")
    )


def find_queued(connection: Connection, call_pk: int, *, version: int, revision: int) -> str | None:
    """The id of a run of this version over this revision that waits already."""
    waiting = connection.execute(
        sa.select(jobs.c.payload).where(jobs.c.call_pk == call_pk, jobs.c.kind == EXTRACT, jobs.c.state == "queued")
    ).scalars()
    same = (each["extraction"] for each in waiting if (each["version"], each["revision"]) == (version, revision))
    return next(same, None)


def append_turns(connection: Connection, account_pk: int, call_id: str, more: Sequence[Turn], *, now: datetime) -> int:
    """Add turns to a live call; returns how many it has now."""
    call = _find_live(connection, account_pk, call_id)
    first = _count(connection, turns, call)
    check_turn_times(more, after=_last_turn(connection, call), first=first)
    _insert_turns(connection, call.pk, more, revision=call.revision, first=first)
    _touch(connection, call.pk, now=now)
    return first + len(more)


def append_metrics(
    connection: Connection, account_pk: int, call_id: str, writes: Sequence[MetricWrite], *, now: datetime
) -> int:
    """Add metric writes to a live call; returns how many it has now."""
    call = _find_live(connection, account_pk, call_id)
    first = _count(connection, metric_events, call)
    _insert_metrics(connection, call.pk, writes, revision=call.revision, first=first, source="live", now=now)
    _touch(connection, call.pk, now=now)
    return first + len(writes)


def end_call(connection: Connection, account_pk: int, call_id: str, ending: dict[str, Any], *, now: datetime) -> None:
    """End a live call with these columns, and queue its extraction."""
    _end(connection, _find_live(connection, account_pk, call_id), ending, now=now)


def end_silent_calls(connection: Connection, *, silent_since: datetime, now: datetime) -> int:
    """End the live calls that sent nothing since then, as timed out; returns how many."""
    silent = connection.execute(
        lock_row(
            connection,
            sa.select(calls).where(IS_LIVE, calls.c.updated_at < silent_since).limit(100),
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
        _end(connection, call, ending, now=now)
    return len(silent)


def count_calls_of(connection: Connection, agent_pk: int, *, id_prefix: str) -> int:
    """How many calls of an agent have ids that begin so."""
    return int(
        connection.execute(
            sa.select(sa.func.count())
            .select_from(calls)
            .where(calls.c.agent_pk == agent_pk, calls.c.id.startswith(id_prefix, autoescape=True))
        ).scalar_one()
    )


def remove_calls(connection: Connection, agent_pk: int, *, id_prefix: str) -> int:
    """Take away the calls of an agent whose ids begin so, with all that hangs on them; returns how many."""
    gone = connection.execute(
        sa.delete(calls).where(calls.c.agent_pk == agent_pk, calls.c.id.startswith(id_prefix, autoescape=True))
    )
    return gone.rowcount


def find_call_row(connection: Connection, account_pk: int, call_id: str) -> Row[Any]:
    """The call's row, or CallNotFound: also where it belongs to another account."""
    row = connection.execute(_ONE, {"account_pk": account_pk, "call_id": call_id}).one_or_none()
    if row is None:
        raise CallNotFound(call_id)
    return row


def read_transcript(connection: Connection, call_pk: int, revision: int) -> Transcript:
    """The turns of one revision, in order."""
    rows = connection.execute(_TURNS, {"call_pk": call_pk, "revision": revision})
    return tuple(Turn(Role(row.role), row.text, row.start_s, row.at, row.latency_s) for row in rows)


def newest_transcripts(connection: Connection, agent_pk: int, *, limit: int) -> list[tuple[str, ...]]:
    """What was said in an agent's newest calls, without who said it and when."""
    newest = (
        sa.select(calls.c.pk, calls.c.revision)
        .where(calls.c.agent_pk == agent_pk)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(limit)
        .subquery()
    )
    said: dict[int, list[str]] = {}
    for row in connection.execute(
        sa.select(turns.c.call_pk, turns.c.text).join(
            newest, sa.and_(turns.c.call_pk == newest.c.pk, turns.c.revision == newest.c.revision)
        )
    ):
        said.setdefault(row.call_pk, []).append(row.text)
    return [tuple(texts) for texts in said.values()]


_ONE = sa.select(calls).where(calls.c.account_pk == sa.bindparam("account_pk"), calls.c.id == sa.bindparam("call_id"))
_TURNS = (
    sa.select(turns.c.role, turns.c.text, turns.c.start_s, turns.c.at, turns.c.latency_s)
    .where(turns.c.call_pk == sa.bindparam("call_pk"), turns.c.revision == sa.bindparam("revision"))
    .order_by(turns.c.position)
)


def _find_for_change(connection: Connection, account_pk: int, call_id: str) -> Row[Any] | None:
    return connection.execute(lock_row(connection, _ONE), {"account_pk": account_pk, "call_id": call_id}).one_or_none()


def _find_live(connection: Connection, account_pk: int, call_id: str) -> Row[Any]:
    call = _find_for_change(connection, account_pk, call_id)
    if call is None:
        raise CallNotFound(call_id)
    if CallStatus(call.status) not in LIVE:
        raise CallNotLive(call_id, call.status)
    return call


def _accept_again(
    connection: Connection,
    known: Row[Any],
    call: IncomingCall,
    *,
    digest: str,
    now: datetime,
    replace: bool,
    priority: int,
) -> Accepted:
    if known.digest == digest:
        return Accepted(id=known.id, created=False, revision=known.revision)
    if not replace:
        raise CallDiffers(known.id)
    revision = known.revision + 1
    drop_queued(connection, known.pk)
    agent = ensure_agent_row(connection, known.account_pk, call.details.agent, now=now)
    pinned = {} if agent.pk == known.agent_pk else {"agent_pk": agent.pk, "version": agent.active_version}
    details = _details(call.details, now=known.created_at)
    connection.execute(
        sa.update(calls)
        .where(calls.c.pk == known.pk)
        .values(**details, **pinned, digest=digest, revision=revision, current_extraction_pk=None, updated_at=now)
    )
    _insert_turns(connection, known.pk, call.turns, revision=revision, first=0)
    _insert_metrics(connection, known.pk, call.metrics, revision=revision, first=0, source="intake", now=now)
    if to_extract(call.details.status, call.turns):
        version = pinned.get("version", known.version)
        queue_extraction(connection, known.pk, version=version, revision=revision, now=now, priority=priority)
    return Accepted(id=known.id, created=True, revision=revision)


def _end(connection: Connection, call: Row[Any], ending: dict[str, Any], *, now: datetime) -> None:
    connection.execute(sa.update(calls).where(calls.c.pk == call.pk).values(**ending, updated_at=now))
    if to_extract(CallStatus(ending["status"]), read_transcript(connection, call.pk, call.revision)):
        queue_extraction(connection, call.pk, version=call.version, revision=call.revision, now=now)


def to_extract(status: CallStatus, transcript: Sequence[Turn]) -> bool:
    """Only a completed call in which the user spoke is extracted."""
    return status is CallStatus.COMPLETED and any(turn.role is Role.USER for turn in transcript)


def _details(details: CallDetails, *, now: datetime) -> dict[str, Any]:
    return {
        "channel": details.channel,
        "direction": details.direction,
        "from_number": details.from_number,
        "to_number": details.to_number,
        "started_at": details.started_at or min(now, details.ended_at or now),
        "started_at_is_intake": details.started_at is None,
        "ended_at": details.ended_at,
        "duration_s": details.duration_s,
        "status": details.status,
        "language": details.language,
        "environment": details.environment,
        "variant": details.variant,
        "disconnection_reason": details.disconnection_reason,
        "handoff_destination": details.handoff.destination if details.handoff else None,
        "handoff_reason": details.handoff.reason if details.handoff else None,
        "metadata": details.metadata or None,
    }


_INSERT_TURN = sa.insert(turns)
_INSERT_METRIC = sa.insert(metric_events)


def _insert_turns(connection: Connection, call_pk: int, said: Sequence[Turn], *, revision: int, first: int) -> None:
    if not said:
        return
    rows = [
        {
            "call_pk": call_pk,
            "revision": revision,
            "position": position,
            "role": turn.role,
            "text": turn.text,
            "start_s": turn.start_s,
            "at": turn.at,
            "latency_s": turn.latency_s,
        }
        for position, turn in enumerate(said, first)
    ]
    connection.execute(_INSERT_TURN, rows)


def _insert_metrics(
    connection: Connection,
    call_pk: int,
    writes: Sequence[MetricWrite],
    *,
    revision: int,
    first: int,
    source: str,
    now: datetime,
) -> None:
    if not writes:
        return
    rows = [
        {
            "call_pk": call_pk,
            "revision": revision,
            "position": position,
            "name": write.name,
            "value": write.value,
            "source": source,
            "at": write.at or now,
            "flagged": False,
        }
        for position, write in enumerate(writes, first)
    ]
    connection.execute(_INSERT_METRIC, rows)


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


def _touch(connection: Connection, call_pk: int, *, now: datetime) -> None:
    connection.execute(sa.update(calls).where(calls.c.pk == call_pk).values(updated_at=now))
