"""Cancelling calls: those that wait for a line, ring, or go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import LIVE, CallStatus, DisconnectionReason, Json
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.outbound import DialState, PlacedCall
from postcall.errors import CallNotFound
from postcall.storage.call_events import append_events
from postcall.storage.calls import find_for_change
from postcall.storage.hosted_schema import conversations
from postcall.storage.live_calls import end_call
from postcall.storage.placed_calls import cancel_queued, end_placed, placed_call


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What became of it."""

    call_id: str
    cancelled: bool
    """False: it was over already, or no longer in the queue where only such a call was meant."""
    status: CallStatus
    """Before."""
    placed: PlacedCall | None
    """As it was before."""
    hosted: bool
    """A conversation was under way."""


def cancel_call(
    connection: Connection, account_pk: int, call_id: str, *, why: str | None, queued_only: bool, now: datetime
) -> Cancelled:
    """End a call as cancelled, so that nothing is extracted from it; CallNotFound where there is none."""
    call = find_for_change(connection, account_pk, call_id)
    if call is None:
        raise CallNotFound(call_id)
    placed, status = placed_call(connection, call.pk), CallStatus(call.status)
    turn = connection.execute(
        sa.select(conversations.c.turn).where(conversations.c.call_pk == call.pk)
    ).scalar_one_or_none()
    before = Cancelled(call.id, cancelled=False, status=status, placed=placed, hosted=turn is not None)
    if status not in LIVE or (queued_only and (placed is None or placed.state is not DialState.QUEUED)):
        return before
    reason = DisconnectionReason.AGENT_HANGUP if status is CallStatus.IN_PROGRESS else None
    if placed is None:
        end_call(connection, account_pk, call.id, _ending(call, reason, now=now), now=now)
    elif not cancel_queued(connection, call.pk, now=now):
        end_placed(connection, call.pk, CallStatus.CANCELLED, reason, failure=why, final=True, now=now)
        if turn is not None:
            content: dict[str, Json] = {"reason": reason, "by": "interface"}
            append_events(connection, call.pk, [CallEvent(EventKind.ENDED, now, turn, content)])
    return Cancelled(call.id, cancelled=True, status=status, placed=placed, hosted=turn is not None)


def _ending(call: sa.Row[Any], reason: DisconnectionReason | None, *, now: datetime) -> dict[str, Any]:
    return {
        "status": CallStatus.CANCELLED,
        "disconnection_reason": reason,
        "ended_at": max(now, call.started_at),
        "duration_s": max(0.0, (now - call.started_at).total_seconds()) if call.status == "in_progress" else 0.0,
    }
