"""What a question says of time, written short enough to stand in a table."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from postcall.analyst.times.finding import find_times
from postcall.domain.analysis import TimeWords

NOW = datetime(2026, 4, 15, 19, 20, tzinfo=UTC)
"""A Wednesday: 15:20 in New York."""
NEW_YORK = ZoneInfo("America/New_York")


def times(question: str, *, now: datetime = NOW, zone: ZoneInfo = NEW_YORK) -> TimeWords:
    return find_times(question, now=now, zone=zone)


def periods(question: str, *, now: datetime = NOW, zone: ZoneInfo = NEW_YORK) -> list[str]:
    """Each period as `2026-04-14..2026-04-15`, as clocks show it there; a moment of no midnight has its time."""
    found = times(question, now=now, zone=zone).periods
    return [f"{_moment(each.since, now, zone)}..{_moment(each.until, now, zone)}" for each in found]


def _moment(moment: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    return "now" if moment == now else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M").removesuffix("T00:00")
