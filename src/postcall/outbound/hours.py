"""When people may be called, by the clock where they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from postcall.domain.outbound import CallingHours
from postcall.errors import BadInput

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DAYS_AHEAD = 15
"""Hours on one day of the week can fall into the hour that a clock skips, once; then it is the next week's."""
_UNKNOWN = "Etc/Unknown"


def check_hours(hours: CallingHours) -> CallingHours:
    """The same hours; BadInput where nobody could ever be called within them."""
    if not (_CLOCK.fullmatch(hours.start) and _CLOCK.fullmatch(hours.end)):
        raise BadInput("calling hours are written HH:MM, from 00:00 to 24:00")
    if hours.start >= hours.end:
        raise BadInput(f"calling hours must end after they begin, not at {hours.end}")
    if not hours.days or not set(hours.days) <= set(range(1, 8)):
        raise BadInput("calling days are numbers from 1 (Monday) to 7 (Sunday), at least one of them")
    return hours


def next_allowed(phone: str, hours: CallingHours | None, now: datetime) -> datetime:
    """The first moment, from now on, at which this E.164 number may be called; `now` where no hours are set.

    Many numbers say no more of their place than the country. Of such a country with several time zones it is a moment
    within the hours of all of them; where there is none, of as many as possible. A number of no known place is in UTC.
    """
    return now if hours is None else _first_within(hours, zones_of(phone, now), now)


# A country with many time zones costs tens of milliseconds, and a step of a campaign asks for hundreds of its numbers.
@lru_cache(maxsize=256)
def _first_within(hours: CallingHours, zones: tuple[ZoneInfo, ...], now: datetime) -> datetime:
    best, count = now, len([zone for zone in zones if is_within(hours, now, zone)])
    if count == len(zones):
        return now
    openings = chain.from_iterable(_openings(hours, now, zone) for zone in zones)
    for moment in sorted(set(openings)):
        within = len([zone for zone in zones if is_within(hours, moment, zone)])
        if within > count:
            best, count = moment, within
    return best


def is_within(hours: CallingHours, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock of a place shows a time within the hours."""
    local = moment.astimezone(zone)
    return local.isoweekday() in hours.days and hours.start <= f"{local:%H:%M}" < hours.end


def zones_of(phone: str, now: datetime) -> tuple[ZoneInfo, ...]:
    """The time zones in which a number may be; of those whose clocks show the same, one."""
    found = [ZoneInfo(name) for name in _names_of(phone) if name != _UNKNOWN]
    later = now + timedelta(days=_DAYS_AHEAD)
    alike = {(now.astimezone(zone).utcoffset(), later.astimezone(zone).utcoffset()): zone for zone in found}
    return tuple(alike.values()) or (ZoneInfo("UTC"),)


def _names_of(phone: str) -> tuple[str, ...]:
    try:
        return tuple(time_zones_for_number(phonenumbers.parse(phone)))
    except phonenumbers.NumberParseException:
        return ()


def _openings(hours: CallingHours, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """When the hours begin in a place, in UTC, after now; twice where a clock goes back over that moment."""
    start = time.fromisoformat(hours.start)
    first = now.astimezone(zone).date()
    days = [first + timedelta(days=day) for day in range(_DAYS_AHEAD)]
    moments = [
        datetime.combine(day, start.replace(fold=fold), tzinfo=zone).astimezone(UTC) for day in days for fold in (0, 1)
    ]
    return [moment for moment in moments if moment >= now]
