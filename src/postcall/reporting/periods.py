"""Stretches of time as people name them, in a time zone: `last_7_days`, `2026-03-01`, `2026-03-01T09:00`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from postcall.errors import BadInput
from postcall.reporting.nearest import did_you_mean

PERIODS: dict[str, str] = {
    "today": "Today",
    "yesterday": "Yesterday",
    "last_7_days": "Last 7 days",
    "last_30_days": "Last 30 days",
    "last_90_days": "Last 90 days",
    "this_week": "This week",
    "last_week": "Last week",
    "this_month": "This month",
    "last_month": "Last month",
    "all": "All time",
}
"""By name, with the label that pages show, in the order in which they offer them."""

_SHORT = {
    "7d": "last_7_days",
    "30d": "last_30_days",
    "90d": "last_90_days",
    "month": "this_month",
    "last-month": "last_month",
}
"""As the addresses of dashboards spell them."""
_MINUTE = timedelta(minutes=1)


def period(name: str, now: datetime, time_zone: str) -> tuple[datetime | None, datetime | None]:
    """From when to before when, in UTC; `all` has neither end.

    A period that is still going on ends with the minute of `now`, not with its last day: so the period of the same
    length before it, with which it is compared, is as far along. `last_7_days` is today and the six days before.
    """
    zone = read_zone(time_zone)
    name = full_name(name)
    if name not in PERIODS:
        raise BadInput(f"period: there is none named {name!r}{did_you_mean(name, PERIODS)}", field="period")
    if name == "all":
        return None, None
    today = now.astimezone(zone).date()
    first, after = _days(name, today)
    ends = now.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE if after is None else midnight(after, zone)
    return midnight(first, zone), ends


def full_name(name: str) -> str:
    """`last_7_days` for `7d`; any other name as it is."""
    return _SHORT.get(name, name)


def _days(name: str, today: date) -> tuple[date, date | None]:
    """The first day, and the day after the last one; None where it is still going on."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    if name == "today":
        return today, None
    if name == "yesterday":
        return today - timedelta(days=1), today
    if name == "this_week":
        return monday, None
    if name == "last_week":
        return monday - timedelta(days=7), monday
    if name == "this_month":
        return first, None
    if name == "last_month":
        return (first - timedelta(days=1)).replace(day=1), first
    return today - timedelta(days=int(name.split("_")[1]) - 1), None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there, in UTC; where clocks skip midnight, the first moment after it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def read_zone(name: str, *, field: str = "time_zone") -> ZoneInfo:
    """A time zone by its name in the tz database."""
    if name not in _zones():
        raise BadInput(f"{field}: there is no time zone {name[:100]!r}{did_you_mean(name, _zones())}", field=field)
    return ZoneInfo(name)


def read_moment(text: str, zone: ZoneInfo, *, field: str) -> datetime:
    """An ISO 8601 moment or date, in UTC; without an offset it is in the zone, and a date is its midnight there.

    Of an hour that clocks pass twice it is the first; in an hour that they skip it is as late after the change as
    the text says.
    """
    # In an address, an unescaped + has become a space.
    cleaned = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        given = datetime.fromisoformat(cleaned)
        return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(
            f"{field}: {text[:100]!r} is not an ISO 8601 time or date, such as 2026-03-01T09:00:00Z or 2026-03-01",
            field=field,
        ) from None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
