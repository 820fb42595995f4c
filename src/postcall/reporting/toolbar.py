"""What stands above a dashboard and holds for all its tiles: which calls, of which time. Kept in the address alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from postcall.domain.calls import Channel, Environment
from postcall.domain.queries import Condition, Operator
from postcall.errors import BadInput
from postcall.reporting.nearest import did_you_mean
from postcall.reporting.periods import PERIODS as ALL_PERIODS
from postcall.reporting.periods import period, read_moment, read_zone

Kind = TypeVar("Kind", bound=StrEnum)


CUSTOM = "custom"
"""From `since` until before `until`."""
DEFAULT_PERIOD = "last_7_days"
PERIODS: dict[str, str] = {**{name: label for name, label in ALL_PERIODS.items() if name != "all"}, CUSTOM: "Custom"}
"""By name, with their labels. Not all time: that has no period before it, and no end of points along an axis."""


@dataclass(frozen=True, slots=True)
class Toolbar:
    """Which calls all tiles look at."""

    period: str
    """One of `PERIODS`."""
    since: datetime
    until: datetime
    """Calls that started before this time."""
    time_zone: str
    agent: str | None = None
    channels: tuple[str, ...] = ()
    """All where there is none, as below."""
    environments: tuple[str, ...] = (Environment.LIVE.value,)
    variants: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()


PARAMETERS = ("agent", "period", "since", "until", "time_zone", "channel", "environment", "variant", "version")
ALL = "all"
"""As an environment: every one of them."""


def read_toolbar(given: Iterable[tuple[str, str]], *, now: datetime, time_zone: str = "UTC") -> Toolbar:
    """The toolbar that an address describes; `time_zone` holds where it names none. Raises BadInput."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name in PARAMETERS and value.strip():
            values.setdefault(name, []).append(value.strip())
    zone = read_zone(values.get("time_zone", [time_zone])[-1]).key
    since, until = values.get("since", [None])[-1], values.get("until", [None])[-1]
    name = values.get("period", [CUSTOM if since or until else DEFAULT_PERIOD])[-1]
    begin, end = _stretch(name, since, until, now=now, time_zone=zone)
    environments = tuple(values.get("environment", [Environment.LIVE.value]))
    return Toolbar(
        period=name,
        since=begin,
        until=end,
        time_zone=zone,
        agent=values.get("agent", [None])[-1],
        channels=tuple(_one_of(Channel, each, "channel").value for each in values.get("channel", ())),
        environments=()
        if ALL in environments
        else tuple(_one_of(Environment, each, "environment").value for each in environments),
        variants=tuple(values.get("variant", ())),
        versions=tuple(_whole(each) for each in values.get("version", ())),
    )


def write_toolbar(toolbar: Toolbar) -> list[tuple[str, str]]:
    """The address's parameters, without those that say what holds anyway."""
    named: list[tuple[str, str]] = []
    if toolbar.agent:
        named.append(("agent", toolbar.agent))
    if toolbar.period == CUSTOM:
        named += [("since", write_date(toolbar.since, toolbar)), ("until", write_date(toolbar.until, toolbar))]
    elif toolbar.period != DEFAULT_PERIOD:
        named.append(("period", toolbar.period))
    if toolbar.time_zone != "UTC":
        named.append(("time_zone", toolbar.time_zone))
    named += [("channel", each) for each in toolbar.channels]
    if toolbar.environments != (Environment.LIVE.value,):
        named += [("environment", each) for each in toolbar.environments or (ALL,)]
    named += [("variant", each) for each in toolbar.variants]
    return [*named, *(("version", str(each)) for each in toolbar.versions)]


def toolbar_conditions(toolbar: Toolbar) -> tuple[Condition, ...]:
    """The toolbar as filters. All environments are named one by one, since by itself a report counts live calls."""
    environments = toolbar.environments or tuple(each.value for each in Environment)
    sets: tuple[tuple[str, Sequence[str | int]], ...] = (
        ("field.environment", environments),
        ("field.channel", toolbar.channels),
        ("field.variant", toolbar.variants),
        ("field.version", toolbar.versions),
    )
    return tuple(_one_or_in(name, values) for name, values in sets if values)


def write_date(moment: datetime, toolbar: Toolbar) -> str:
    """`2026-03-01` where that is when the day begins in the toolbar's time zone, else the moment."""
    local = moment.astimezone(read_zone(toolbar.time_zone))
    midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    return local.date().isoformat() if midnight else write_moment(moment)


def write_moment(moment: datetime) -> str:
    """`2026-03-01T00:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _stretch(
    name: str, since: str | None, until: str | None, *, now: datetime, time_zone: str
) -> tuple[datetime, datetime]:
    if name not in PERIODS:
        raise BadInput(f"period: there is none named {name[:100]!r}{did_you_mean(name, PERIODS)}", field="period")
    if name != CUSTOM:
        begin, end = period(name, now, time_zone)
        assert begin is not None and end is not None  # only all time has no ends
        return begin, end
    zone = read_zone(time_zone)
    end = read_moment(until, zone, field="until") if until else period("today", now, time_zone)[1] or now
    begin = read_moment(since, zone, field="since") if since else end - timedelta(days=7)
    if begin >= end:
        raise BadInput("until: must be later than since; the calls before it are meant", field="until")
    return begin, end


def _one_of(kind: type[Kind], text: str, name: str) -> Kind:
    try:
        return kind(text)
    except ValueError:
        raise BadInput(f"{name}: {text!r} is none of {', '.join(kind)}", field=name) from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"version: must be a whole number, not {text!r}", field="version")
    return int(text)


def _one_or_in(name: str, values: Sequence[str | int]) -> Condition:
    if len(values) == 1:
        return Condition(name, Operator.EQ, values[0])
    return Condition(name, Operator.IN, values=tuple(values))
