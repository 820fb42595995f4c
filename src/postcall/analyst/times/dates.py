"""Dates as people write them: days, weeks, months, quarters and years that are named by the calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from postcall.analyst.times.calendar import (
    Stretch,
    Today,
    Unit,
    at,
    before,
    day_of,
    days,
    in_year,
    month_of,
    whole,
)
from postcall.analyst.times.rules import Meaning, NoSuchDay, Rule, rule
from postcall.analyst.times.words import WEEKDAYS

DATES: list[Rule] = []
_WHICH = {"1": 1, "first": 1, "2": 2, "second": 2, "3": 3, "third": 3, "4": 4, "fourth": 4}
_OF_YEAR = r"(?:(?: ,)?(?: of| in)? (?P<year><YEAR>)| (?:of |in )?(?P<near>this|last) year)?"
_NO_NUMBER = r"(?! (?:calls?|conversations|chats|callers|people|times|seconds|minutes|bookings|turns|words))"
"""What follows a number that is no year."""
_NO_TIME = r"(?! (?:oclock|am|pm|: ))"


def _year(match: re.Match[str], today: Today) -> int | None:
    """The year that the words name."""
    if match["year"]:
        return int(match["year"])
    return {"this": today.date.year, "last": today.date.year - 1}.get(match["near"] or "")


@rule(DATES, rf"(?:<WEEKDAY>(?: ,)? )?(?:the )?(?P<month><MONTH>) (?:the )?(?P<day><DAY>){_NO_TIME}{_OF_YEAR}")
@rule(DATES, rf"(?:<WEEKDAY>(?: ,)? )?(?:the )?(?P<day><DAY>|first|second|third) (?:of )?(?P<month><MONTH>){_OF_YEAR}")
def _day(match: re.Match[str], today: Today) -> Meaning:
    number = _WHICH.get(match["day"]) or int(match["day"])
    return day_of(match["month"], number, _year(match, today), today) or NoSuchDay()


_TO = r"(?:-|to|until|through|thru)"


@rule(
    DATES,
    rf"(?P<month><MONTH>) (?:the )?(?P<first><DAY>) {_TO} (?:the )?(?P<last><DAY>)(?! (?:of )?<MONTH>)"
    rf"{_NO_TIME}{_OF_YEAR}",
)
@rule(DATES, rf"(?:the )?(?P<first><DAY>) {_TO} (?:the )?(?P<last><DAY>) (?:of )?(?P<month><MONTH>){_OF_YEAR}")
@rule(DATES, rf"between (?P<month><MONTH>) (?P<first><DAY>) and (?:the )?(?P<last><DAY>)(?! (?:of )?<MONTH>){_OF_YEAR}")
@rule(DATES, rf"between (?:the )?(?P<first><DAY>) and (?:the )?(?P<last><DAY>) (?:of )?(?P<month><MONTH>){_OF_YEAR}")
def _days(match: re.Match[str], today: Today) -> Meaning:
    year = _year(match, today)
    first = day_of(match["month"], int(match["first"]), year, today)
    if first is None or first.since is None:
        return NoSuchDay()
    last = day_of(match["month"], int(match["last"]), first.since.year, today)
    if last is None or last.until is None or last.until <= first.since:
        return None
    return replace(first, until=last.until)


_BEFORE_DAYS = ("on", "since", "before", "after", "from", "to", "until", "vs", "versus", "and", "or", "against", "than")
_BEFORE_THE = "|".join(f"(?<={word} the )" for word in _BEFORE_DAYS)


@rule(
    DATES,
    rf"(?:{_BEFORE_THE})(?P<day><DAY>)(?: of (?P<near>this|last) month)?"
    r"(?=$| (?:[?.,!:]|to|by|per|in|at|since|until|after|before|and|vs)(?!\S))",
)
def _day_alone(match: re.Match[str], today: Today) -> Meaning:
    number, first = int(match["day"]), today.date.replace(day=1)
    if match["near"] == "last" or (match["near"] is None and number > today.date.day):
        first = before(Unit.MONTH, first, 1)
    day = first.replace(day=number)
    return days(day, day)


@rule(DATES, rf"(?:the month of )?(?P<month><MONTH>){_OF_YEAR}")
def _month(match: re.Match[str], today: Today) -> Meaning:
    return _up_to_now(month_of(match["month"], _year(match, today), today), today)


@rule(DATES, r"(?P<which>last|past|this|next) (?P<month><MONTH>)(?! <DAY>(?!\S))")
def _month_near(match: re.Match[str], today: Today) -> Meaning:
    named = month_of(match["month"], None, today)
    assert named.since is not None
    present = named.since.year == today.date.year and named.since.month == today.date.month
    if match["which"] in ("last", "past"):
        return in_year(named, named.since.year - 1) if present else named
    later = named.since.year + 1 if named.since.year < today.date.year or match["which"] == "next" else named.since.year
    return _up_to_now(in_year(named, later), today)


@rule(DATES, rf"(?:at|in|around|towards?) the (?P<part>beginning|start|middle|end) of (?P<month><MONTH>){_OF_YEAR}")
@rule(DATES, rf"(?P<part>early|mid|late)(?: -)? (?P<month><MONTH>){_OF_YEAR}")
def _part_of_month(match: re.Match[str], today: Today) -> Meaning:
    named = month_of(match["month"], _year(match, today), today)
    assert named.since is not None and named.until is not None
    first = named.since.date()
    begins = {"middle": 11, "mid": 11, "end": 21, "late": 21}.get(match["part"], 1)
    last = first.replace(day=begins + 9) if begins < 21 else named.until.date() - timedelta(days=1)
    return days(first.replace(day=begins), last)


@rule(DATES, rf"(?:the )?(?P<which>first|second|1|2) half of (?P<month><MONTH>){_OF_YEAR}")
def _half_of_month(match: re.Match[str], today: Today) -> Meaning:
    named = month_of(match["month"], _year(match, today), today)
    assert named.since is not None
    middle = at(named.since.date().replace(day=16))
    return replace(named, until=middle, unit=Unit.DAY) if _WHICH[match["which"]] == 1 else replace(named, since=middle)


@rule(DATES, rf"(?:the )?(?P<which>first|second|third|fourth|last|1|2|3|4) week (?:of|in) (?P<month><MONTH>){_OF_YEAR}")
def _week_of_month(match: re.Match[str], today: Today) -> Meaning:
    named = month_of(match["month"], _year(match, today), today)
    assert named.since is not None and named.until is not None
    if match["which"] == "last":
        return days((named.until - timedelta(days=7)).date(), (named.until - timedelta(days=1)).date(), Unit.WEEK)
    first = named.since.date() + timedelta(days=7 * (_WHICH[match["which"]] - 1))
    return days(first, first + timedelta(days=6), Unit.WEEK)


@rule(
    DATES,
    rf"(?:the )?(?P<which>first|second|third|fourth|last) (?P<weekday><WEEKDAY>) (?:of|in) (?P<month><MONTH>)"
    rf"{_OF_YEAR}",
)
def _weekday_of_month(match: re.Match[str], today: Today) -> Meaning:
    named = month_of(match["month"], _year(match, today), today)
    assert named.since is not None and named.until is not None
    wanted = WEEKDAYS.index(match["weekday"])
    if match["which"] == "last":
        day = named.until.date() - timedelta(days=1)
        day -= timedelta(days=(day.weekday() - wanted) % 7)
    else:
        first = named.since.date()
        day = first + timedelta(days=(wanted - first.weekday()) % 7 + 7 * (_WHICH[match["which"]] - 1))
    return days(day, day)


@rule(
    DATES,
    rf"(?:the )?(?P<which>first|last) (?P<number>\d{{1,2}}) (?P<unit>day|week)s (?:of|in) (?P<month><MONTH>){_OF_YEAR}",
)
def _days_of_month(match: re.Match[str], today: Today) -> Meaning:
    named = month_of(match["month"], _year(match, today), today)
    assert named.since is not None and named.until is not None
    length = timedelta(days=int(match["number"]) * (7 if match["unit"] == "week" else 1))
    if match["which"] == "last":
        return replace(named, since=max(named.until - length, named.since), unit=Unit.DAY)
    return replace(named, until=min(named.since + length, named.until), unit=Unit.DAY)


@rule(DATES, r"(?P<year><YEAR>)-(?P<month>0[1-9]|1[0-2])")
@rule(DATES, r"(?P<month>0?[1-9]|1[0-2])/(?P<year><YEAR>)")
def _numbered_month(match: re.Match[str], today: Today) -> Meaning:
    return _up_to_now(whole(Unit.MONTH, date(int(match["year"]), int(match["month"]), 1)), today)


@rule(DATES, r"(?P<month><MONTH>) (?:'|’) (?P<short>\d\d)")
def _short_year(match: re.Match[str], today: Today) -> Meaning:
    return _up_to_now(month_of(match["month"], 2000 + int(match["short"]), today), today)


@rule(DATES, r"(?P<year><YEAR>)-?w(?P<number>\d{1,2})")
def _iso_week(match: re.Match[str], today: Today) -> Meaning:
    return _up_to_now(whole(Unit.WEEK, date.fromisocalendar(int(match["year"]), int(match["number"]), 1)), today)


@rule(DATES, rf"(?:calendar )?week (?P<number><DAY>|[345]\d){_OF_YEAR}")
def _numbered_week(match: re.Match[str], today: Today) -> Meaning:
    year = _year(match, today) or today.date.year
    monday = date.fromisocalendar(year, int(match["number"]), 1)
    return _up_to_now(whole(Unit.WEEK, monday), today)


@rule(DATES, rf"(?:the )?(?P<which>first|second|third|fourth|[1-4]) quarter{_OF_YEAR}")
@rule(DATES, rf"q (?P<which>[1-4]){_OF_YEAR}")
def _quarter(match: re.Match[str], today: Today) -> Meaning:
    year = _year(match, today)
    month = 3 * _WHICH[match["which"]] - 2
    latest = today.date.year - (month > today.date.month)
    named = whole(Unit.QUARTER, date(year or latest, month, 1))
    return _up_to_now(replace(named, explicit_year=year is not None), today)


_CUES = (
    "in",
    "of",
    "since",
    "from",
    "before",
    "after",
    "during",
    "until",
    "vs",
    "with",
    "for",
    "to",
    "compare",
    "than",
)


@rule(DATES, rf"(?:{'|'.join(f'(?<={cue} )' for cue in _CUES)})<YEAR>{_NO_NUMBER}|<YEAR>(?= (?:vs|compared|against))")
def _calendar_year(match: re.Match[str], today: Today) -> Meaning:
    return _up_to_now(whole(Unit.YEAR, date(int(match[0]), 1, 1)), today)


@rule(DATES, r"<YEAR>-\d{1,2}-\d{1,2}")
def _iso_day(match: re.Match[str], _today_is: Today) -> Meaning:
    year, month, day = (int(part) for part in match[0].split("-"))
    return days(date(year, month, day), date(year, month, day))


@rule(DATES, r"<YEAR>-\d{1,2}-\d{1,2}[t ]\d{1,2}:\d{2}(?::\d{2})?")
def _iso_moment(match: re.Match[str], _today_is: Today) -> Meaning:
    # A moment that begins or ends a stretch: itself it has no length.
    moment = datetime.fromisoformat(match[0].upper())
    return Stretch(moment, moment, Unit.HOUR)


@rule(DATES, r"(?P<first>\d{1,2})\.(?P<second>\d{1,2})\.(?P<year><YEAR>)")
def _dotted_day(match: re.Match[str], _today_is: Today) -> Meaning:
    day = date(int(match["year"]), int(match["second"]), int(match["first"]))
    return days(day, day)


@rule(DATES, r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year><YEAR>)")
@rule(
    DATES,
    r"(?:(?<=on )|(?<=since )|(?<=from )|(?<=before )|(?<=after )|(?<=to )|(?<=between )|(?<=and )|(?<=until ))"
    r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?P<year>)",
)
@rule(DATES, r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?P<year>)(?= (?:-|to|until|through) \d{1,2}/\d)")
@rule(DATES, r"(?<=- )(?P<first>\d{1,2})/(?P<second>\d{1,2})(?P<year>)")
def _slashed_day(match: re.Match[str], today: Today) -> Meaning:
    """The month first, as those who write slashes mostly do, unless there is no such month."""
    first, second = int(match["first"]), int(match["second"])
    month, number = (second, first) if first > 12 else (first, second)
    year = int(match["year"]) if match["year"] else today.date.year
    day = date(year, month, number)
    if not match["year"] and day > today.date:
        day = before(Unit.YEAR, day, 1)
    return replace(days(day, day), explicit_year=bool(match["year"]))


def _up_to_now(stretch: Stretch, today: Today) -> Stretch:
    """Marked as going on, where `now` is in it."""
    now = today.now
    inside = stretch.since is not None and stretch.until is not None and stretch.since <= now < stretch.until
    return replace(stretch, going_on=inside)
