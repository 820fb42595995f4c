"""Built-in metrics of calls in the record: as they are shown, and as a condition on calls."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Row

from postcall.domain.builtin_metrics import SOURCE, CallFacts, built_in_values
from postcall.domain.calls import CallStatus, DisconnectionReason, StoredMetric
from postcall.storage.schema import calls


def built_in_metrics(row: Row[Any]) -> tuple[StoredMetric, ...]:
    """Every built-in metric of the call of this row of `calls`."""
    facts = CallFacts(row.status, row.duration_s, row.handoff_destination, row.handoff_reason, row.disconnection_reason)
    known_at = row.started_at
    if row.status != CallStatus.IN_PROGRESS:
        known_at = row.ended_at or row.started_at + timedelta(seconds=row.duration_s or 0.0)
    return tuple(
        StoredMetric(name=name, value=value, values=(value,), source=SOURCE, at=known_at, flagged=False)
        for name, value in built_in_values(facts).items()
    )


def built_in_is(name: str, spellings: Collection[str]) -> sa.ColumnElement[bool] | None:
    """Whether a call has one of these values (as JSON) under a built-in name; None for every other name.

    It says in SQL what `built_in_values` says, since calls are filtered in the database.
    """
    values = [msgspec.json.decode(spelling) for spelling in spellings]
    if name == "CALL_IN_PROGRESS":
        return sa.and_(sa.literal(True in _booleans(values)), calls.c.status == CallStatus.IN_PROGRESS)
    if name == "CALL_COMPLETED":
        return sa.and_(sa.literal(True in _booleans(values)), calls.c.status == CallStatus.COMPLETED)
    if name == "CONTAINED":
        handed = sa.or_(
            calls.c.handoff_destination.is_not(None),
            sa.func.coalesce(calls.c.disconnection_reason, "") == DisconnectionReason.HANDOFF,
        )
        wanted = _booleans(values)
        either = sa.or_(sa.and_(sa.literal(True in wanted), ~handed), sa.and_(sa.literal(False in wanted), handed))
        return sa.and_(calls.c.status == CallStatus.COMPLETED, either)
    if name in {"CALL_DURATION", "duration"}:
        return calls.c.duration_s.in_([float(value) for value in values if _is_number(value)])
    if name == "HANDOFF_TO":
        return calls.c.handoff_destination.in_([value for value in values if isinstance(value, str)])
    if name == "HANDOFF_REASON":
        return calls.c.handoff_reason.in_([value for value in values if isinstance(value, str)])
    return None


def _booleans(values: Collection[object]) -> set[bool]:
    return {value for value in values if isinstance(value, bool)}


def _is_number(value: object) -> bool:
    """Whether it is one that a duration can be; not every whole number is within the floats."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LONGEST_S


_LONGEST_S = 2**53
