"""What an intake does with a call, once it is read: one write each, answered after its commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from postcall.domain.calls import CallStatus, IncomingCall, MetricWrite, Turn
from postcall.domain.timeline import check_call_times, shift, to_utc
from postcall.errors import BadInput, NothingToExtract
from postcall.intake.call_format import EndBody, digest, digest_call, make_handoff
from postcall.storage.agents import agent_of_call
from postcall.storage.call_rows import read_transcript
from postcall.storage.calls import Accepted, accept_call, find_call_row, find_queued, queue_extraction, to_extract
from postcall.storage.jobs import PRIORITY_NORMAL
from postcall.storage.live_calls import append_metrics, append_turns, end_call
from postcall.storage.requests import answer_once

Work = Callable[[Connection], Any]
MAX_KEY = 255


def take_call(
    account_pk: int, call: IncomingCall, *, now: datetime, replace: bool, priority: int = PRIORITY_NORMAL
) -> Callable[[Connection], Accepted]:
    """The write that stores a call and queues its extraction."""
    content = digest_call(call)
    return lambda connection: accept_call(
        connection, account_pk, call, digest=content, now=now, replace=replace, priority=priority
    )


def once_for_key(
    account_pk: int, work: Callable[[Connection], Accepted], *, key: str, body: bytes, now: datetime
) -> Callable[[Connection], Accepted]:
    """The same write, done once for each Idempotency-Key; the second time says what the first stored."""

    def write(connection: Connection) -> Accepted:
        new = False

        def store() -> dict[str, Any]:
            nonlocal new
            accepted = work(connection)
            new = accepted.created
            return {"id": accepted.id, "revision": accepted.revision}

        answer = answer_once(
            connection, account_pk, key, digest=_digest_request("call", "", body), now=now, answer=store
        )
        return Accepted(id=answer["id"], created=new, revision=answer["revision"])

    return write


def take_turns(account_pk: int, call_id: str, turns: tuple[Turn, ...], *, key: str, body: bytes, now: datetime) -> Work:
    """The write that adds turns to a live call, once for each key."""
    return lambda connection: answer_once(
        connection,
        account_pk,
        key,
        digest=_digest_request("turns", call_id, body),
        now=now,
        answer=lambda: {
            "id": call_id,
            "turns": append_turns(connection, account_pk, call_id, turns, now=now),
        },
    )


def take_metrics(
    account_pk: int, call_id: str, writes: tuple[MetricWrite, ...], *, key: str, body: bytes, now: datetime
) -> Work:
    """The write that adds metric writes to a live call, once for each key."""
    return lambda connection: answer_once(
        connection,
        account_pk,
        key,
        digest=_digest_request("metrics", call_id, body),
        now=now,
        answer=lambda: {
            "id": call_id,
            "metric_writes": append_metrics(connection, account_pk, call_id, writes, now=now),
        },
    )


def take_end(account_pk: int, call_id: str, ending: EndBody, *, key: str | None, body: bytes, now: datetime) -> Work:
    """The write that ends a live call. Without a key, ending an ended call is a conflict."""

    def end(connection: Connection) -> dict[str, Any]:
        call = find_call_row(connection, account_pk, call_id)
        end_call(connection, account_pk, call_id, _ending_columns(ending, call.started_at, now=now), now=now)
        return {"id": call_id, "status": ending.status}

    if key is None:
        return end
    return lambda connection: answer_once(
        connection,
        account_pk,
        key,
        digest=_digest_request("end", call_id, body),
        now=now,
        answer=lambda: end(connection),
    )


def extract_again(account_pk: int, call_id: str, *, now: datetime) -> Callable[[Connection], str]:
    """The write that queues a run of the agent's active version; returns the id its extraction will have."""

    def queue(connection: Connection) -> str:
        call = find_call_row(connection, account_pk, call_id)
        if not to_extract(CallStatus(call.status), read_transcript(connection, call.pk, call.revision)):
            raise NothingToExtract(
                f"call {call_id!r} has nothing to extract: only a completed call in which the user spoke has"
            )
        agent = agent_of_call(connection, call.agent_pk)
        waiting = find_queued(connection, call.pk, version=agent.active_version, revision=call.revision)
        if waiting is not None:  # a second press of the button
            return waiting
        return queue_extraction(connection, call.pk, version=agent.active_version, revision=call.revision, now=now)

    return queue


def check_key(key: str | None, *, required: bool) -> str | None:
    """The Idempotency-Key of a request, where it is well formed."""
    if not key:
        if required:
            raise BadInput(
                "the header Idempotency-Key is missing: without one, a repeated request would count twice",
                field="Idempotency-Key",
            )
        return None
    if len(key) > MAX_KEY:
        raise BadInput(f"the Idempotency-Key is longer than {MAX_KEY} characters", field="Idempotency-Key")
    return key


def _ending_columns(ending: EndBody, started_at: datetime, *, now: datetime) -> dict[str, Any]:
    ended_at = to_utc(ending.ended_at, "ended_at")
    check_call_times(started_at, ended_at)
    if ended_at is None:
        ended_at = shift(started_at, ending.duration_s, "duration_s") if ending.duration_s is not None else now
    ended_at = max(ended_at, started_at)
    handoff = make_handoff(ending.handoff)
    columns: dict[str, Any] = {
        "status": ending.status,
        "ended_at": ended_at,
        "duration_s": ending.duration_s if ending.duration_s is not None else (ended_at - started_at).total_seconds(),
    }
    if ending.disconnection_reason is not None:
        columns["disconnection_reason"] = ending.disconnection_reason
    if handoff is not None:
        columns |= {"handoff_destination": handoff.destination, "handoff_reason": handoff.reason}
    return columns


def _digest_request(what: str, call_id: str, body: bytes) -> str:
    return digest(f"{what}\n{call_id}\n".encode() + body)
