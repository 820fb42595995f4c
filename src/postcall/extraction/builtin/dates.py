"""Dates as people write and say them: absolute, spoken, relative and by weekday, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from postcall.extraction.builtin.numbers import digitise

_MONTH_NAMES = {
    1: "january jan enero stycznia styczeń", 2: "february feb febrero lutego luty", 3: "march mar marzo marca marzec",
    4: "april apr abril kwietnia kwiecień", 5: "may mayo maja maj", 6: "june jun junio czerwca czerwiec",
    7: "july jul julio lipca lipiec", 8: "august aug agosto sierpnia sierpień",
    9: "september sept sep septiembre setiembre września wrzesień", 10: "october oct octubre października październik",
    11: "november nov noviembre listopada listopad", 12: "december dec diciembre grudnia grudzień",
}  # fmt: skip
MONTHS = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_DAY_NAMES = {
    0: "monday mon lunes poniedziałek poniedzialek", 1: "tuesday tue tues martes wtorek",
    2: "wednesday wed miércoles miercoles środa środę",
    3: "thursday thu thur thurs jueves czwartek", 4: "friday fri viernes piątek",
    5: "saturday sat sábado sabado sobota sobotę",
    6: "sunday sun domingo niedziela niedzielę",
}  # fmt: skip
WEEKDAYS = {name: number for number, names in _DAY_NAMES.items() for name in names.split()}
_SHORT_DAYS = frozenset({"mon", "tue", "wed", "sat", "sun", "thu", "fri"})

_M = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_D = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_Y = r"(?P<year>2000\s+and\s+\d{1,2}(?!\d)|(?:1[89]|20)\d\d|['’]\d\d)"
_W = (
    r"(?P<weekday>"
    + "|".join(sorted((day for day in WEEKDAYS if day not in _SHORT_DAYS), key=len, reverse=True))
    + r")s?\b"
)
_SEP = r"\s*,?\s*(?:of\s+|de\s+|del\s+|in\s+)*"
_I = re.IGNORECASE

_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)")
_DAY_MONTH = re.compile(rf"\b(?:the\s+)?{_D}{_SEP}(?:the\s+)?{_M}(?:{_SEP}{_Y}\b(?!:))?", _I)
_MONTH_DAY = re.compile(rf"\b{_M}\s*(?:the\s+)?{_D}\b(?!:|\s*(?:am|pm|[ap]\.m)\b)(?:{_SEP}{_Y}\b(?!:))?", _I)
_SLASHED = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})\s?[/.-]\s?(?P<b>\d{1,2})\s?[/.-]\s?(?P<year>\d{4}|\d{2})(?![\d/-])")
_SHORT = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/-])")
_TWO_ORDINALS = re.compile(
    rf"\b{_D}{_SEP}(?:the\s+)(?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?:{_SEP}{_Y}\b)?|\b(?P<day2>\d{{1,2}})(?:st|nd|"
    rf"rd|th)\s+(?:of\s+)?"
    rf"(?P<number2>\d{{1,2}})(?:st|nd|rd|th){_SEP}(?P<year2>(?:1[89]|20)\d\d)\b",
    _I,
)
_NTH_ONLY = re.compile(
    r"\b(?:on\s+|the\s+|until\s+|till\s+|from\s+|to\s+|and\s+)*(?P<day>\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:floor|"
    r"street|st\b|ave|avenue|time|and\b|grade|"
    r"row|place|one|attempt|person|class|birthday|anniversary|of\s+the\s+\d))(?P<month>\s+of\s+(?:this|the|"
    r"next)\s+month)?",
    _I,
)
_WEEKDAY = re.compile(
    rf"\b(?:(?P<which>this\s+coming|this\s+past|the\s+coming|coming|upcoming|next|this|last|past|el\s+próximo|"
    rf"próximo|w\s+następn\w+|"
    rf"następn\w+)\s+)?{_W}(?P<week>\s+(?:of\s+)?(?:next|the\s+following)\s+week|\s+after\s+next)?|"
    rf"\bnext\s+week(?:\s+on|,)?\s+{_W.replace('weekday', 'weekday2')}",
    _I,
)
_RELATIVE = re.compile(
    r"\b(?:(?P<day_after>(?:the\s+)?day\s+after\s+tomorrow|pasado\s+mañana|pojutrze)|"
    r"(?P<day_before>(?:the\s+)?day\s+before\s+yesterday)|"
    r"(?P<tomorrow>tomorrow|tmrw|tomorow|jutro)|(?P<today>today|tonight|this\s+(?:morning|afternoon|evening)|"
    r"later\s+today|hoy|dzisiaj|dziś)|"
    r"(?P<yesterday>yesterday|last\s+night|ayer|wczoraj)|"
    r"(?:in|within)\s+(?P<in>\d{1,3}|a|an)\s+(?P<in_unit>days?|weeks?|months?)(?:'?s?\s+time)?|"
    r"(?P<from>\d{1,3}|a|an)\s+(?P<from_unit>days?|weeks?)\s+from\s+(?:now|today|tomorrow)|"
    r"(?P<ago>\d{1,3}|a|an|a\s+couple\s+of)\s+(?P<ago_unit>days?|weeks?|months?)\s+ago)\b",
    _I,
)
_MANANA = re.compile(r"\bmañana\b(?!\s+por)", _I)
_LOOSE = re.compile(r"(?<![\w/:.-])(?P<run>\d(?:[\s,.-]{0,2}\d){4,9})(?![\w/:-])")
"""Digits that speech recognition strings together from a date said digit by digit: `0909 2006`, `2 3 0 3 1961`."""


@dataclass(frozen=True, slots=True)
class DateMention:
    """One date as it stands in a text."""

    value: date
    start: int
    end: int
    certain: float
    """How clearly the words name this day, 0 to 1: a full date 1, a bare `the 7th` less."""
    has_year: bool


def find_dates(text: str, *, today: date, day_first: bool | None = None, past: bool = False) -> tuple[DateMention, ...]:
    """The dates of a text in order, none overlapping another.

    `today` is the day that relative dates count from. `day_first` orders `3/4/2020` (None: month first, unless the
    first
    is above 12). `past` is for birthdays and the like: two-digit years and digit runs are read as past, and a date
    without a year is not moved to the future.
    """
    digits = digitise(text)
    taken: list[DateMention] = []
    for finder in (_absolute, _by_weekday, _relative, _bare):
        for mention in finder(digits.text, today, day_first, past):
            start, end = digits.span(mention.start, mention.end)
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(DateMention(mention.value, start, end, mention.certain, mention.has_year))
    return tuple(sorted(taken, key=lambda each: each.start))


def find_loose_dates(text: str, *, today: date, day_first: bool) -> tuple[DateMention, ...]:
    """Dates from runs of digits without a separator, for questions that certainly ask for one, such as a birthday."""
    digits = digitise(text)
    found = []
    for match in _LOOSE.finditer(digits.text):
        value = _from_run(re.sub(r"\D", "", match["run"]), today, day_first=day_first)
        if value:
            found.append(DateMention(value, *digits.span(match.start(), match.end()), 0.6, True))
    return tuple(found)


def _from_run(run: str, today: date, *, day_first: bool) -> date | None:
    head, tail = run[:-4], run[-4:]
    if 1 <= len(head) <= 4 and 1900 <= int(tail) <= today.year:
        splits = {2: ((1, 1),), 3: ((2, 1), (1, 2)), 4: ((2, 2),)}.get(len(head), ())
        for first, second in splits:
            one, two = int(head[:first]), int(head[first : first + second])
            value = _date(int(tail), two, one) if day_first else _date(int(tail), one, two)
            value = value or (_date(int(tail), one, two) if day_first else _date(int(tail), two, one))
            if value:
                return value
    if len(run) == 8 and 1900 <= int(run[:4]) <= today.year:
        return _date(int(run[:4]), int(run[4:6]), int(run[6:]))
    if len(run) == 6:
        one, two, year = int(run[:2]), int(run[2:4]), _past_year(int(run[4:]), today)
        return _date(year, two, one) if day_first else _date(year, one, two)
    return None


def _absolute(text: str, today: date, day_first: bool | None, past: bool) -> Iterator[DateMention]:
    for match in _ISO.finditer(text):
        yield from _mention(match, _date(int(match["year"]), int(match["month"]), int(match["day"])), has_year=True)
    for match in _SLASHED.finditer(text):
        year = int(match["year"])
        if len(match["year"]) == 2:
            year = _past_year(year, today) if past else 2000 + year
        yield from _mention(match, _ordered(int(match["a"]), int(match["b"]), year, day_first), has_year=True)
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(text):
            if match["month"].lower() in ("may", "mar", "maj", "sep", "jun", "jan", "dec") and _not_a_month(match):
                continue
            yield from _named(match, MONTHS[match["month"].lower()], int(match["day"]), match["year"], today, past)
    for match in _TWO_ORDINALS.finditer(text):
        day, month = int(match["day"] or match["day2"]), int(match["number"] or match["number2"])
        if month > 12:
            day, month = month, day
        yield from _named(match, month, day, match["year"] or match["year2"], today, past)
    for match in _SHORT.finditer(text):
        value = _ordered(int(match["a"]), int(match["b"]), today.year, day_first)
        yield from _mention(match, _coming(value, today, past=past), has_year=False, certain=0.6)


def _not_a_month(match: re.Match[str]) -> bool:
    """`may` before a number without `th` and without a year is the verb more often than the month."""
    return (
        match["month"].islower()
        and match["month"] == "may"
        and not match["year"]
        and not re.search(r"\d(?:st|nd|rd|th)", match.group())
        and not match.group().lstrip("the ").startswith(match["day"])
    )


def _named(
    match: re.Match[str], month: int, day: int, year: str | None, today: date, past: bool
) -> Iterator[DateMention]:
    if year:
        number = sum(int(part) for part in re.findall(r"\d+", year))  # `2000 and 4` is how some say 2004
        number = number if number > 99 else (_past_year(number, today) if past else 2000 + number)
        yield from _mention(match, _date(number, month, day), has_year=True)
    else:
        yield from _mention(
            match, _coming(_date(today.year, month, day), today, past=past), has_year=False, certain=0.9
        )


def _by_weekday(text: str, today: date, day_first: bool | None, past: bool) -> Iterator[DateMention]:
    del day_first, past
    for match in _WEEKDAY.finditer(text):
        weekday = WEEKDAYS[(match["weekday"] or match["weekday2"]).lower()]
        which = " ".join((match["which"] or "").lower().split())
        ahead = (weekday - today.weekday()) % 7
        if which in ("last", "past", "this past"):
            value = today - timedelta((today.weekday() - weekday) % 7 or 7)
        elif match["week"] or match["weekday2"]:
            value = today + timedelta(7 - today.weekday() + weekday)
        else:
            value = today + timedelta(ahead or (7 if which in ("next", "coming", "upcoming") else 0))
        yield DateMention(value, match.start(), match.end(), 0.8, False)


def _relative(text: str, today: date, day_first: bool | None, past: bool) -> Iterator[DateMention]:
    del day_first, past
    for match in _RELATIVE.finditer(text):
        yield DateMention(today + _shift(match), match.start(), match.end(), 0.8, False)
    for match in _MANANA.finditer(text):
        if not re.search(r"\b(?:la|de la|por la)\s*$", text[: match.start()], _I):
            yield DateMention(today + timedelta(1), match.start(), match.end(), 0.7, False)


def _shift(match: re.Match[str]) -> timedelta:
    for name, days in (("day_after", 2), ("day_before", -2), ("tomorrow", 1), ("today", 0), ("yesterday", -1)):
        if match[name]:
            return timedelta(days)
    for name, sign in (("in", 1), ("from", 1), ("ago", -1)):
        if match[name]:
            amount = int(match[name]) if match[name].isdigit() else 2 if "couple" in match[name] else 1
            unit = match[f"{name}_unit"].lower()
            return timedelta(sign * amount * (7 if unit.startswith("week") else 30 if unit.startswith("month") else 1))
    raise AssertionError(match.group())


def _bare(text: str, today: date, day_first: bool | None, past: bool) -> Iterator[DateMention]:
    """`the 7th`: in this month, or the next where that day has passed."""
    del day_first
    for match in _NTH_ONLY.finditer(text):
        value = _date(today.year, today.month, int(match["day"]))
        if value is None or (value < today and not past) or "next" in (match["month"] or "").lower():
            following = today.replace(day=1) + timedelta(32)
            value = _date(following.year, following.month, int(match["day"]))
        yield from _mention(match, value, has_year=False, certain=0.6)


def _mention(
    match: re.Match[str], value: date | None, *, has_year: bool, certain: float = 1.0
) -> Iterator[DateMention]:
    if value is not None:
        yield DateMention(value, match.start(), match.end(), certain, has_year)


def _ordered(first: int, second: int, year: int, day_first: bool | None) -> date | None:
    if day_first or (day_first is None and first > 12):
        return _date(year, second, first) or _date(year, first, second)
    return _date(year, first, second) or _date(year, second, first)


def _coming(value: date | None, today: date, *, past: bool) -> date | None:
    """A date said without its year is the coming one, unless it has just passed or is known to lie in the past."""
    if value is None:
        return None
    if past:
        return value if value <= today else _date(value.year - 1, value.month, value.day)
    if (today - value).days > 60:
        return _date(value.year + 1, value.month, value.day)
    return value


def _past_year(two_digits: int, today: date) -> int:
    return 2000 + two_digits if 2000 + two_digits <= today.year else 1900 + two_digits


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
