"""Stretches of time on a calendar: whole days, weeks, months, quarters and years, and parts of a day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from postcall.analyst.times.words import MONTHS, WEEKDAYS

DAY = timedelta(days=1)


class Unit(StrEnum):
    """How long a stretch is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a moment of the clock on the wall to before another; neither knows of a time zone."""

    since: datetime | None
    until: datetime | None
    unit: Unit = Unit.DAY
    going_on: bool = False
    """It has not ended yet: it is asked about up to now."""
    explicit_year: bool = True
    """Its year was named, or follows from `now`: it is not the latest one past of several."""
    weekly: bool = False
    """A day of the week, and so the latest one past of several."""


@dataclass(frozen=True, slots=True)
class Today:
    """When it is asked, on the wall of whoever asks."""

    now: datetime
    """Without a time zone."""

    @property
    def date(self) -> date:
        return self.now.date()


def today_in(now: datetime, zone: ZoneInfo) -> Today:
    """When it is, there."""
    return Today(now.astimezone(zone).replace(tzinfo=None))


def days(first: date, last: date, unit: Unit = Unit.DAY) -> Stretch:
    """From the one day to the other, both included."""
    return Stretch(at(first), at(last + DAY), unit)


def at(day: date, minute: int = 0) -> datetime:
    """A minute of a day; 1440 is the next midnight."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def whole(unit: Unit, day: date) -> Stretch:
    """The week, month, quarter or year that a day is in."""
    if unit in (Unit.DAY, Unit.HOUR):
        return days(day, day)
    if unit is Unit.WEEK:
        monday = day - timedelta(days=day.weekday())
        return days(monday, monday + timedelta(days=6), unit)
    first = day.replace(day=1)
    if unit is Unit.MONTH:
        return days(first, _last_of(first), unit)
    if unit is Unit.QUARTER:
        begins = first.replace(month=first.month - (first.month - 1) % 3)
        return days(begins, _last_of(plus_months(begins, 2)), unit)
    return days(first.replace(month=1), first.replace(month=12, day=31), unit)


def before(unit: Unit, day: date, number: int) -> date:
    """The day that many units before; of a shorter month the last one."""
    if unit is Unit.DAY:
        return day - timedelta(days=number)
    if unit is Unit.WEEK:
        return day - timedelta(weeks=number)
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}[unit]
    return plus_months(day, -number * months)


def plus_months(day: date, number: int) -> date:
    """The same day of a later month, or its last one."""
    month = day.year * 12 + day.month - 1 + number
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def current(unit: Unit, today: Today) -> Stretch:
    """This day, week, month, quarter or year, which goes on."""
    return replace(whole(unit, today.date), going_on=True)


def trailing(unit: Unit, number: int, today: Today) -> Stretch:
    """The last so many days and the like, the present day included; of hours exactly so many."""
    if unit is Unit.HOUR:
        return Stretch(today.now - timedelta(hours=number), today.now, unit, going_on=True)
    return Stretch(at(before(unit, today.date, number) + DAY), at(today.date + DAY), unit, going_on=True)


def completed(unit: Unit, number: int, today: Today) -> Stretch:
    """The last so many whole weeks and the like, without the present one."""
    present = whole(unit, today.date).since
    assert present is not None
    first = before(unit, present.date(), number)
    return Stretch(at(first), present, unit)


def latest_weekday(name: str, today: Today, *, not_today: bool = False) -> date:
    """The latest such day; today, where it is one and that may be meant."""
    back = (today.date.weekday() - WEEKDAYS.index(name)) % 7
    return today.date - timedelta(days=7 if back == 0 and not_today else back)


def weekday_in(week: Stretch, name: str) -> Stretch:
    """One day of a week."""
    assert week.since is not None
    day = week.since.date() + timedelta(days=WEEKDAYS.index(name))
    return days(day, day)


def month_of(name: str, year: int | None, today: Today) -> Stretch:
    """A month; without a year the latest that has begun."""
    number = MONTHS.index(name) + 1
    named = year if year is not None else today.date.year - (number > today.date.month)
    stretch = whole(Unit.MONTH, date(named, number, 1))
    return replace(stretch, explicit_year=year is not None)


def day_of(name: str, number: int, year: int | None, today: Today) -> Stretch | None:
    """A day of a month; without a year the latest that has begun. None: there is no such day."""
    month = MONTHS.index(name) + 1
    for tried in (year,) if year is not None else range(today.date.year, today.date.year - 5, -1):
        if 1 <= number <= monthrange(tried, month)[1] and (
            year is not None or date(tried, month, number) <= today.date
        ):
            day = date(tried, month, number)
            return replace(days(day, day), explicit_year=year is not None)
    return None


def in_year(stretch: Stretch, year: int) -> Stretch:
    """The same days in another year, where it has them."""
    if stretch.since is None or stretch.until is None:
        return stretch
    by = (year - stretch.since.year) * 12
    last = stretch.until - DAY
    since, until = plus_months(stretch.since.date(), by), plus_months(last.date(), by) + DAY
    return replace(stretch, since=at(since), until=at(until), explicit_year=True)


def shifted(stretch: Stretch, unit: Unit) -> Stretch:
    """The same stretch a week, a month or a year before; of weeks with the same days of the week."""
    if stretch.since is None or stretch.until is None:
        return stretch
    if stretch.unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR) and unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR):
        return whole(stretch.unit, before(unit, stretch.since.date(), 1))
    if stretch.unit is Unit.WEEK and unit in (Unit.MONTH, Unit.YEAR):
        weeks = timedelta(weeks=4 if unit is Unit.MONTH else 52)
        return Stretch(stretch.since - weeks, stretch.until - weeks, stretch.unit)
    since, until = (at(before(unit, each.date(), 1), _minute(each)) for each in (stretch.since, stretch.until))
    return Stretch(since, until, stretch.unit)


def so_far(stretch: Stretch, unit: Unit, today: Today, *, days_only: bool) -> Stretch:
    """The same part of an earlier stretch as has passed of one that goes on: up to that day, or that time of it."""
    moved = shifted(stretch, unit)
    if not stretch.going_on or stretch.since is None or moved.since is None or moved.until is None:
        return moved
    passed = (at(today.date + DAY) if days_only else today.now) - stretch.since
    return replace(moved, until=min(moved.since + passed, moved.until), unit=Unit.DAY)


def stretch_of(since: datetime | None, until: datetime | None) -> Stretch:
    """A stretch that was named elsewhere, by its bounds on the wall clock: of a whole month it is one."""
    if since is not None and until is not None:
        for unit in (Unit.YEAR, Unit.QUARTER, Unit.MONTH, Unit.WEEK):
            each = whole(unit, since.date())
            if (each.since, each.until) == (since, until):
                return each
    return Stretch(since, until)


def just_before(stretch: Stretch) -> Stretch:
    """As long a stretch that ends where this one begins; before a month, the month."""
    assert stretch.since is not None and stretch.until is not None
    if whole(stretch.unit, stretch.since.date()).until == stretch.until and stretch.unit is not Unit.DAY:
        return whole(stretch.unit, before(stretch.unit, stretch.since.date(), 1))
    return Stretch(stretch.since - (stretch.until - stretch.since), stretch.since, stretch.unit)


def part_of_day(stretch: Stretch, first_minute: int, after_minute: int) -> Stretch:
    """Some hours of a single day."""
    assert stretch.since is not None
    day = stretch.since.date()
    return replace(stretch, since=at(day, first_minute), until=at(day, after_minute))


def in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the wall clock there shows this; the first time, where it does so twice."""
    return moment.replace(tzinfo=zone).astimezone(UTC)


def says(since: datetime | None, until: datetime | None, *, going_on: bool) -> str:
    """A stretch in words: `8 to 14 June 2026`."""
    if since is None:
        return "all time" if until is None or going_on else f"before {_moment(until)}"
    if until is None or going_on:
        return f"since {_moment(since)}"
    if _minute(since) or _minute(until):
        same = since.date() == (until - timedelta(minutes=1)).date()
        ends = f"{until:%H:%M}" if same and _minute(until) else "24:00" if same else _moment(until)
        return f"{_day(since)}, {since:%H:%M} to {ends}" if same else f"{_moment(since)} to {ends}"
    return _days_in_words(since.date(), (until - DAY).date())


def _days_in_words(first: date, last: date) -> str:
    if last <= first:
        return _day(first)
    if first.day == 1 and last == _last_of(last):
        if (first.year, first.month) == (last.year, last.month):
            return f"{first:%B} {first.year}"
        if first.year == last.year:
            return str(first.year) if (first.month, last.month) == (1, 12) else f"{first:%B} to {last:%B} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {_day(last)}"
    begins = f"{first.day} {first:%B}" if first.year == last.year else _day(first)
    return f"{begins} to {_day(last)}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment)}, {moment:%H:%M}" if _minute(moment) else _day(moment)


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _last_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
