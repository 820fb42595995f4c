"""The rows of a call: its details, its turns and its metric writes, with what is derived from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import CallDetails, MetricWrite, Role, Transcript, Turn
from postcall.storage.schema import metric_events, turns


def detail_columns(details: CallDetails, *, now: datetime) -> dict[str, Any]:
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


def turn_columns(said: Sequence[Turn]) -> dict[str, Any]:
    """What a call's row says of its turns, so that reports need not read them."""
    waits = [turn.latency_s for turn in said if turn.role is Role.AGENT and turn.latency_s is not None]
    return {
        "user_turns": sum(turn.role is Role.USER for turn in said),
        "agent_turns": sum(turn.role is Role.AGENT for turn in said),
        "latency_s": sum(waits) / len(waits) if waits else None,
    }


def read_transcript(connection: Connection, call_pk: int, revision: int) -> Transcript:
    """The turns of one revision, in order."""
    rows = connection.execute(_TURNS, {"call_pk": call_pk, "revision": revision})
    return tuple(Turn(Role(row.role), row.text, row.start_s, row.at, row.latency_s) for row in rows)


_TURNS = (
    sa.select(turns.c.role, turns.c.text, turns.c.start_s, turns.c.at, turns.c.latency_s)
    .where(turns.c.call_pk == sa.bindparam("call_pk"), turns.c.revision == sa.bindparam("revision"))
    .order_by(turns.c.position)
)


_INSERT_TURN = sa.insert(turns)
_INSERT_METRIC = sa.insert(metric_events)


def insert_turns(connection: Connection, call_pk: int, said: Sequence[Turn], *, revision: int, first: int) -> None:
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


def insert_metrics(
    connection: Connection,
    call_pk: int,
    writes: Sequence[MetricWrite],
    *,
    revision: int,
    first: int,
    source: str,
    now: datetime,
    turn: int | None = None,
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
            "turn": turn,
        }
        for position, write in enumerate(writes, first)
    ]
    connection.execute(_INSERT_METRIC, rows)
