"""Time runs forwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from postcall.domain.calls import Turn
from postcall.errors import BadInput


def to_utc(moment: datetime | None, field: str) -> datetime | None:
    """The moment in UTC; refused where that lies outside the calendar."""
    if moment is None:
        return None
    try:
        moved = moment.astimezone(UTC)
    except OverflowError:
        moved = None
    if moved is None:
        raise BadInput(f"{field}: the year of {moment.isoformat()} is out of range", field=field)
    return moved


def shift(moment: datetime, seconds: float, field: str) -> datetime:
    """The moment so many seconds later; `field` is to blame where that leaves the calendar."""
    try:
        moved = moment + timedelta(seconds=seconds)
    except OverflowError:
        moved = None
    if moved is None:
        raise BadInput(f"{field}: {abs(seconds):,.0f} s from {moment.isoformat()} is out of range", field=field)
    return moved


def check_turn_times(turns: Sequence[Turn], *, after: Turn | None = None, first: int = 0) -> None:
    """Refuse turns that begin before the one before them; `after` is the last one stored, `first` their first index."""
    last_start = after.start_s if after else None
    last_at = after.at if after else None
    for index, turn in enumerate(turns, first):
        if turn.start_s is not None:
            if last_start is not None and turn.start_s < last_start:
                raise BadInput(
                    f"turns[{index}].start_s: time runs backwards, from {last_start:g} s to {turn.start_s:g} s",
                    field=f"turns[{index}].start_s",
                )
            last_start = turn.start_s
        if turn.at is not None:
            if last_at is not None and turn.at < last_at:
                raise BadInput(
                    f"turns[{index}].at: time runs backwards, from {last_at.isoformat()} to {turn.at.isoformat()}",
                    field=f"turns[{index}].at",
                )
            last_at = turn.at


def check_call_times(started_at: datetime | None, ended_at: datetime | None) -> None:
    """Refuse a call that ends before it starts."""
    if started_at is not None and ended_at is not None and ended_at < started_at:
        raise BadInput(
            f"ended_at: the call ends at {ended_at.isoformat()}, before it starts at {started_at.isoformat()}",
            field="ended_at",
        )


def duration_between(started_at: datetime | None, ended_at: datetime | None) -> float | None:
    """Seconds, or None where one of the two is not known."""
    if started_at is None or ended_at is None:
        return None
    return (ended_at - started_at).total_seconds()
