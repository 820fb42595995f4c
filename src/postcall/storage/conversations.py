"""Calls that postcall hosts: begun, taken up turn by turn by whoever holds the lease, and ended.

A turn is claimed before it is run and stored as a whole when it has finished: what was said, what happened, and the
snapshot from which any process can go on. Metrics and events come in earlier, as they happen; a turn that broke off is
run again, and what it had written is taken back first.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import (
    LIVE,
    CallDetails,
    CallStatus,
    DisconnectionReason,
    Environment,
    Handoff,
    Json,
    MetricWrite,
    Role,
    Turn,
)
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.visibility import shared_id_of
from postcall.domain.webhooks import CallMoment
from postcall.errors import CallNotFound, CallNotLive, Conflict, ConversationBusy, ConversationOver, NoProject
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.announcing import announce
from postcall.storage.api_settings import hold_handoff
from postcall.storage.call_events import append_events
from postcall.storage.call_rows import detail_columns, insert_metrics, insert_turns, read_transcript, turn_columns
from postcall.storage.calls import find_for_change
from postcall.storage.changes import note_change
from postcall.storage.hosted_schema import call_events, conversations
from postcall.storage.hosted_writes import take_back
from postcall.storage.live_calls import end_found
from postcall.storage.schema import agents, calls, metric_events, turns
from postcall.storage.search import reindex_transcript
from postcall.storage.statements import insert_new, lock_row

LEASE = timedelta(seconds=12)
"""How long a turn belongs to the process that began it, unless it is renewed."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A hosted call, as the process that goes on with it needs to know it."""

    call_pk: int
    id: str
    account_pk: int
    agent_pk: int
    agent_id: str
    agent_slug: str
    version: int
    project: str
    """The digest of the project that serves it."""
    environment: Environment
    revision: int
    started_at: datetime
    turn: int
    """Turns that are finished."""
    snapshot: bytes
    next_event: int
    """The position of the next of its events."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a hosted call ended."""

    reason: DisconnectionReason
    handoff: Handoff | None = None


def open_conversation(
    connection: Connection,
    account_pk: int,
    details: CallDetails,
    *,
    call_id: str,
    version: int,
    snapshot: bytes,
    metrics: Sequence[MetricWrite] = (),
    now: datetime,
    placed: bool = False,
) -> Hosted:
    """Begin a call that postcall hosts, under a version that has a project; Conflict where the id is taken.

    `placed`: the call is there, is pending, and has just been answered; CallNotLive where it is over or goes on
    already.
    """
    if placed:
        call_pk = _answer_placed(connection, account_pk, call_id, details, now=now)
    else:
        call_pk = _insert_call(connection, account_pk, details, call_id=call_id, version=version, now=now)
        announce(connection, call_pk, CallMoment.STARTED, now=now)
    connection.execute(
        sa.insert(conversations).values(call_pk=call_pk, turn=0, snapshot=snapshot, state={}, next_metric=len(metrics))
    )
    insert_metrics(connection, call_pk, metrics, revision=1, first=0, source="live", now=now, turn=0)
    note_change(connection, call_pk, now=now)
    return read_hosted(connection, call_pk)


def _answer_placed(
    connection: Connection, account_pk: int, call_id: str, details: CallDetails, *, now: datetime
) -> int:
    call = find_for_change(connection, account_pk, call_id)
    if call is None:
        raise CallNotFound(call_id)
    if call.status != CallStatus.PENDING:
        raise CallNotLive(call_id, call.status)
    connection.execute(
        sa.update(calls).where(calls.c.pk == call.pk).values(**detail_columns(details, now=now), updated_at=now)
    )
    return int(call.pk)


def _insert_call(
    connection: Connection, account_pk: int, details: CallDetails, *, call_id: str, version: int, now: datetime
) -> int:
    agent = find_agent_row(connection, account_pk, details.agent)
    values = {
        **detail_columns(details, now=now),
        "account_pk": account_pk,
        "id": call_id,
        "agent_pk": agent.pk,
        "version": version,
        "digest": "",
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }
    call_pk = insert_new(connection, calls, values, returning=calls.c.pk)
    if call_pk is None:
        raise Conflict(f"there is already a call {call_id!r}", field="id")
    return int(call_pk)


def claim_turn(connection: Connection, account_pk: int, call_id: str, *, lease: str, now: datetime) -> Hosted:
    """Take the next turn of a call; nobody else may, until it is stored or the lease ends.

    Raises CallNotFound (also for a call that is not hosted), ConversationOver and ConversationBusy.
    """
    call = find_for_change(connection, account_pk, call_id)
    if call is None:
        raise CallNotFound(call_id)
    if CallStatus(call.status) not in LIVE:
        raise ConversationOver(call_id)
    taken = connection.execute(
        sa.update(conversations)
        .where(
            conversations.c.call_pk == call.pk,
            sa.or_(conversations.c.lease.is_(None), conversations.c.leased_until < now),
        )
        .values(lease=lease, leased_until=now + LEASE)
    )
    if not taken.rowcount:
        known = connection.execute(sa.select(conversations.c.call_pk).where(conversations.c.call_pk == call.pk)).first()
        raise ConversationBusy(call_id) if known else CallNotFound(call_id)
    hosted = read_hosted(connection, call.pk)
    # Written by a turn that never finished, and written again when it is run again.
    unfinished = metric_events.c.turn > hosted.turn
    return taken_back(connection, hosted, unfinished, what="a turn", now=now)


def lock_call(connection: Connection, call_pk: int) -> None:
    """First of all, by everybody who changes a call: in another order two of them could wait for each other."""
    connection.execute(lock_row(connection, sa.select(calls.c.pk).where(calls.c.pk == call_pk)))


def renew_turn(connection: Connection, call_pk: int, *, lease: str, now: datetime) -> bool:
    """The turn is still under way; False where it belongs to somebody else by now."""
    renewed = connection.execute(
        sa.update(conversations)
        .where(conversations.c.call_pk == call_pk, conversations.c.lease == lease)
        .values(leased_until=now + LEASE)
    )
    return bool(renewed.rowcount)


def release_turn(connection: Connection, call_pk: int, *, lease: str) -> None:
    """Give a turn up, so that another process need not wait until the lease ends."""
    connection.execute(
        sa.update(conversations)
        .where(conversations.c.call_pk == call_pk, conversations.c.lease == lease)
        .values(lease=None, leased_until=None)
    )


def store_turn(
    connection: Connection,
    hosted: Hosted,
    said: Sequence[Turn],
    *,
    lease: str,
    turn: int,
    snapshot: bytes,
    state: dict[str, Any],
    columns: dict[str, Any],
    ending: Ending | None,
    now: datetime,
    heard: Sequence[str] | None = None,
) -> None:
    """Keep a finished turn, and end the call where the turn did. Raises ConversationBusy where the lease was lost.

    `columns` are those of the call that a turn may change: its language and variant. `heard` is given where the user
    spoke over the agent after its turn was stored: these texts are what is kept of the agent's last words.
    """
    lock_call(connection, hosted.call_pk)
    shared_id = shared_id_of(hold_handoff(connection, hosted.agent_pk), state)
    released = connection.execute(
        sa.update(conversations)
        .where(conversations.c.call_pk == hosted.call_pk, conversations.c.lease == lease)
        .values(turn=turn, snapshot=snapshot, state=state, shared_id=shared_id, lease=None, leased_until=None)
    )
    if not released.rowcount:
        status = connection.execute(sa.select(calls.c.status).where(calls.c.pk == hosted.call_pk)).scalar_one_or_none()
        raise ConversationBusy(hosted.id) if status in LIVE else ConversationOver(hosted.id)
    before = read_transcript(connection, hosted.call_pk, hosted.revision)
    kept = before if heard is None else _cut_last(connection, hosted, before, heard)
    if heard is not None:
        append_events(connection, hosted.call_pk, [_interrupted(before, kept, turn=turn, now=now)])
    after = (*kept, *said)
    insert_turns(connection, hosted.call_pk, said, revision=hosted.revision, first=len(before))
    if after != before:
        texts = [each.text for each in before]
        reindex_transcript(connection, hosted.call_pk, texts, [each.text for each in after])
    connection.execute(
        sa.update(calls).where(calls.c.pk == hosted.call_pk).values(**columns, **turn_columns(after), updated_at=now)
    )
    note_change(connection, hosted.call_pk, now=now)
    if ending is not None:
        end_hosted(connection, hosted, ending, now=now)


def _cut_last(connection: Connection, hosted: Hosted, said: Sequence[Turn], heard: Sequence[str]) -> tuple[Turn, ...]:
    """The transcript with these in place of the agent's words since the user's last ones."""
    spoken = list(said)
    while spoken and spoken[-1].role is Role.AGENT:
        spoken.pop()
    cut = said[len(spoken) :]
    kept = [replace(turn, text=text) for turn, text in zip(cut, heard, strict=False) if text]
    connection.execute(
        sa.delete(turns).where(
            turns.c.call_pk == hosted.call_pk,
            turns.c.revision == hosted.revision,
            turns.c.position >= len(spoken),
        )
    )
    insert_turns(connection, hosted.call_pk, kept, revision=hosted.revision, first=len(spoken))
    return (*spoken, *kept)


def _interrupted(before: Sequence[Turn], kept: Sequence[Turn], *, turn: int, now: datetime) -> CallEvent:
    """By this, whoever follows the call knows from which turn on to read again."""
    same = next((at for at, (one, other) in enumerate(zip(before, kept, strict=False)) if one != other), len(kept))
    content: dict[str, Json] = {"from": same, "texts": [each.text for each in kept[same:]]}
    return CallEvent(EventKind.INTERRUPTED, now, turn, content)


def end_hosted(connection: Connection, hosted: Hosted, ending: Ending, *, now: datetime) -> None:
    """End a hosted call; its end_function is queued, and what comes after it follows from that."""
    call = connection.execute(sa.select(calls).where(calls.c.pk == hosted.call_pk)).one()
    columns: dict[str, Any] = {
        "status": CallStatus.COMPLETED,
        "disconnection_reason": ending.reason,
        "ended_at": max(now, call.started_at),
        "duration_s": max(0.0, (now - call.started_at).total_seconds()),
    }
    if ending.handoff is not None:
        columns |= {"handoff_destination": ending.handoff.destination, "handoff_reason": ending.handoff.reason}
    end_found(connection, call, columns, now=now)


def hosted_call(connection: Connection, account_pk: int, call_id: str) -> Hosted:
    """A hosted call, live or over; CallNotFound for every other."""
    pk = connection.execute(
        sa.select(conversations.c.call_pk)
        .join_from(conversations, calls)
        .where(calls.c.account_pk == account_pk, calls.c.id == call_id)
    ).scalar_one_or_none()
    if pk is None:
        raise CallNotFound(call_id)
    return read_hosted(connection, pk)


def hosted_by_pk(connection: Connection, call_pk: int) -> Hosted | None:
    """The hosted call of this key; None where it is gone or was not hosted here."""
    known = connection.execute(sa.select(conversations.c.call_pk).where(conversations.c.call_pk == call_pk)).first()
    return read_hosted(connection, call_pk) if known else None


def conversation_state(connection: Connection, call_pk: int) -> dict[str, Any] | None:
    """`conv.state` after the last finished turn, as JSON has it; None for a call that is not hosted."""
    found: dict[str, Any] | None = connection.execute(
        sa.select(conversations.c.state).where(conversations.c.call_pk == call_pk)
    ).scalar_one_or_none()
    return found


def taken_back(
    connection: Connection, hosted: Hosted, which: sa.ColumnElement[bool], *, what: str, now: datetime
) -> Hosted:
    """The call after these metric writes were taken back, of `what` broke off: `a turn`, say."""
    next_event = take_back(
        connection, hosted.call_pk, which, what=what, turn=hosted.turn, first_event=hosted.next_event, now=now
    )
    return replace(hosted, next_event=next_event)


def new_lease() -> str:
    """A token that nobody else has."""
    return secrets.token_hex(16)


def read_hosted(connection: Connection, call_pk: int) -> Hosted:
    """The hosted call of this key, which is known to be one."""
    row = connection.execute(_HOSTED, {"call_pk": call_pk}).one()
    project = find_version(connection, row.agent_pk, row.version).config.project
    if project is None:
        raise NoProject(row.slug, row.version)
    return Hosted(
        call_pk=row.pk,
        id=row.id,
        account_pk=row.account_pk,
        agent_pk=row.agent_pk,
        agent_id=row.agent_id,
        agent_slug=row.slug,
        version=row.version,
        project=project,
        environment=Environment(row.environment),
        revision=row.revision,
        started_at=row.started_at,
        turn=row.turn,
        snapshot=row.snapshot,
        next_event=_next_event(row.last_event),
    )


def _next_event(last: int | None) -> int:
    return 0 if last is None else last + 1


_HOSTED = (
    sa.select(
        calls.c.pk,
        calls.c.id,
        calls.c.account_pk,
        calls.c.agent_pk,
        calls.c.version,
        calls.c.environment,
        calls.c.revision,
        calls.c.started_at,
        agents.c.id.label("agent_id"),
        agents.c.slug,
        conversations.c.turn,
        conversations.c.snapshot,
        sa.select(sa.func.max(call_events.c.position))
        .where(call_events.c.call_pk == calls.c.pk)
        .scalar_subquery()
        .label("last_event"),
    )
    .select_from(calls.join(agents, calls.c.agent_pk == agents.c.pk).join(conversations))
    .where(calls.c.pk == sa.bindparam("call_pk"))
)
