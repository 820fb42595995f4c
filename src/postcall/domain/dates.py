"""Calendar dates as they are written and said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_MONTH_NAMES: Final = (
    "january jan enero ene janvier januar janeiro gennaio stycznia januari",
    "february feb febrero fevrier februar fevereiro febbraio lutego februari",
    "march mar marzo mars marz marco marca maart",
    "april apr abril abr avril aprile kwietnia",
    "may mayo mai maio maggio maja mei",
    "june jun junio juin juni junho giugno czerwca",
    "july jul julio juillet juli julho luglio lipca",
    "august aug agosto aout sierpnia augustus",
    "september sept sep septiembre setiembre septembre setembro settembre wrzesnia",
    "october oct octubre octobre oktober outubro ottobre pazdziernika",
    "november nov noviembre novembre novembro listopada",
    "december dec diciembre dic decembre dezember dezembro dicembre grudnia",
)
MONTHS: Final[dict[str, int]] = {
    name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()
}
_WEEKDAY_NAMES: Final = (
    "monday mon lunes",
    "tuesday tue tues martes",
    "wednesday wed miercoles",
    "thursday thu thurs thur jueves",
    "friday fri viernes",
    "saturday sat sabado",
    "sunday sun domingo",
)
WEEKDAYS: Final[dict[str, int]] = {
    name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names.split()
}

_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})"
_DAY = r"(?<![\d:./-])(?P<day>\d{1,2})(?:st|nd|rd|th|er|[oa]\b)?"
_YEAR = r"(?:\s*,?\s*(?:of |in |de |del |del ano )?(?P<year>\d{4})(?!\d))"
_NEXT_EN, _NEXT_ES = "next|coming|following", "proximo|siguiente|que viene"
_WEEK_ES = "proxima semana|esta semana|semana que viene"

_YMD = re.compile(r"(?<![\d./-])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<![\d./-])(?P<year>19\d\d|20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)")
_CJK = re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日")
_NUMERIC = re.compile(r"(?<![\d./-])(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<year>\d{4}|\d{2})(?![\d/-]|\.\d)")
_SPACED = re.compile(r"(?<![\d./:-])(?<!\d )(?P<a>\d{1,2}) (?P<b>\d{1,2}) (?P<year>(?:19|20)\d\d)(?![\d/:-]| \d)")
_SLASH = re.compile(r"(?<![\d./-])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/-]|\.\d)")
_DAY_MONTH = re.compile(
    rf"(?:\bthe |\bel (?:dia )?)?{_DAY}\.?[\s-]*(?:of |de |del |d'|day of )?(?:the )?{_MONTH}(?:[-\s]*{_YEAR})?"
)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s*(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]|/\d| ?[ap]\.?m\b){_YEAR}?")
_ORDINALS = re.compile(
    rf"(?:\bthe )?(?P<day>\d{{1,2}})(?:st|nd|rd|th),? (?:of )?(?:the )?(?P<month>\d{{1,2}})(?:st|nd|rd|th)\b{_YEAR}?"
)
_OF_MONTH = re.compile(
    r"(?:\bthe |\bel (?:dia )?)?(?P<day>\d{1,2})(?:st|nd|rd|th)?"
    r" (?:of |de |del )(?P<which>this month|next month|este mes|mes que viene|proximo mes)\b"
)
_DAY_ALONE = re.compile(
    r"(?:\bthe )?(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)\b|\bel (?:dia )?(?P<dia>\d{1,2})(?![\d:/.])"
)
_WEEKDAY_SAID = re.compile(
    rf"\b(?:on |el )?(?:the )?(?:(?P<week>\d+|a) weeks? from )?(?:el )?"
    rf"(?P<before>{_NEXT_EN}|proximo|this|this coming|este|last|past|this past|pasado)?\s*\b{_WEEKDAY}\b\.?"
    rf"(?:[ ,]+(?:of |de )?(?:la )?(?P<after>next week|this week|last week|{_NEXT_ES}|{_WEEK_ES}|pasado))?"
)
_NAMED: Final = (
    (re.compile(r"\bthe day after tomorrow\b|\bday after tomorrow\b|\bpasado manana\b"), 2),
    (re.compile(r"\bthe day before yesterday\b|\bday before yesterday\b|\b(?:anteayer|antier)\b"), -2),
    (re.compile(r"\btomorrow\b|\bmanana\b"), 1),
    (re.compile(r"\byesterday\b|\bayer\b"), -1),
    (re.compile(r"\btoday\b|\bhoy\b"), 0),
)
_UNITS: Final = {
    "day": 1,
    "days": 1,
    "dia": 1,
    "dias": 1,
    "week": 7,
    "weeks": 7,
    "semana": 7,
    "semanas": 7,
    "fortnight": 14,
}
_UNIT = rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
_AHEAD = re.compile(
    rf"\b(?:in|en|dentro de) (?P<n>\d{{1,4}}|an?|una?) {_UNIT}(?:'?s'? time)?\b"
    rf"|\b(?P<m>\d{{1,4}}|an?) (?P<unit2>days?|weeks?) (?:from (?:now|today)|hence)\b"
)
_AGO = re.compile(
    r"\b(?P<n>\d{1,4}|an?) (?P<unit>days?|weeks?) ago\b|\bhace (?P<m>\d{1,4}|una?) (?P<unit2>dias?|semanas?)\b"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text."""

    options: tuple[date, ...]
    """The days that it may be, the likeliest first; none where there is no such day."""
    rank: int
    """How exactly it names the day, from 0 for a date in full to 3 for a weekday."""
    ambiguous: bool
    """The options are equally likely, as the two of 03/04."""
    may_be: Callable[[date], bool]
    """Whether a reader could take this day from it."""


def find_dates(text: str, reference: datetime) -> tuple[list[DateMention], str]:
    """The dates in a text that is plain and digitised, and the text without them."""
    mentions: list[DateMention] = []
    for pattern, read in _READERS:

        def take(found: re.Match[str], read: Callable[[re.Match[str], date], DateMention | None] = read) -> str:
            mention = read(found, reference.date())
            if mention is None:
                return found.group()
            mentions.append(mention)
            return " "

        text = pattern.sub(take, text)
    return mentions, text


def _full(days: list[date], *, ambiguous: bool = False) -> DateMention:
    return DateMention(tuple(days), rank=0, ambiguous=ambiguous, may_be=lambda day: day in days)


def _read_ymd(found: re.Match[str], _: date) -> DateMention:
    return _full(_days([(int(found["year"]), int(found["month"]), int(found["day"]))]))


def _read_compact(found: re.Match[str], today: date) -> DateMention | None:
    mention = _read_ymd(found, today)
    return mention if mention.options else None


def _read_numeric(found: re.Match[str], today: date) -> DateMention:
    """Day first or month first; only one of the two is left where a number passes 12."""
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += today.year // 100 * 100
        year -= 100 if year > today.year + 10 else 0
    a, b = int(found["a"]), int(found["b"])
    days = _days([(year, b, a), (year, a, b)])
    return _full(days, ambiguous=len(days) > 1)


def _read_slash(found: re.Match[str], today: date) -> DateMention | None:
    a, b = int(found["a"]), int(found["b"])
    readings = [(month, day) for month, day in ((a, b), (b, a)) if _days([(2024, month, day)])]
    if not readings:
        return None
    days = [day for reading in dict.fromkeys(readings) for day in _yearless(*reading, today)]
    return DateMention(
        tuple(days),
        rank=1,
        ambiguous=len(set(readings)) > 1,
        may_be=lambda day: (day.month, day.day) in readings,
    )


def _read_named_month(found: re.Match[str], today: date) -> DateMention:
    named = found["month"]
    month, day = int(named) if named.isdigit() else MONTHS[named], int(found["day"])
    if found["year"]:
        return _full(_days([(int(found["year"]), month, day)]))
    return DateMention(
        tuple(_yearless(month, day, today)),
        rank=1,
        ambiguous=False,
        may_be=lambda other: (other.month, other.day) == (month, day),
    )


def _read_of_month(found: re.Match[str], today: date) -> DateMention:
    month = _months_from(today, 0 if found["which"] in {"this month", "este mes"} else 1)
    return _full(_days([(month.year, month.month, int(found["day"]))]))


def _read_day_alone(found: re.Match[str], today: date) -> DateMention | None:
    number = int(found["day"] or found["dia"])
    if not 1 <= number <= 31:
        return None
    months = [_months_from(today, ahead) for ahead in range(13)]
    days = _days([(month.year, month.month, number) for month in months])
    coming = [day for day in days if day >= today]
    return DateMention(
        tuple(coming),
        rank=2,
        ambiguous=False,
        may_be=lambda day: day.day == number and -62 <= (day - today).days <= 366,
    )


def _read_weekday(found: re.Match[str], today: date) -> DateMention:
    weekday = WEEKDAYS[found["weekday"]]
    before, after = found["before"] or "", found["after"] or ""
    monday = today.toordinal() - today.weekday()
    coming = today.toordinal() + ((weekday - today.weekday() - 1) % 7 + 1)
    if after in {"next week", "proxima semana", "semana que viene"}:
        options = [monday + 7 + weekday]
    elif after in {"this week", "esta semana"}:
        options = [monday + weekday]
    elif before in {"last", "past", "this past", "pasado"} or after in {"last week", "pasado"}:
        options = [coming - 7 if coming - 7 < today.toordinal() else coming - 14]
    elif before in {"this", "este", "this coming"} and weekday == today.weekday():
        options = [today.toordinal()]
    else:
        options = [coming]
    weeks = found["week"]
    if weeks:
        options = [options[0] + 7 * (1 if weeks == "a" else int(weeks[:3]))]
    days = [date.fromordinal(each) for each in options if 1 <= each <= date.max.toordinal()]
    return DateMention(
        tuple(days),
        rank=3,
        ambiguous=False,
        may_be=lambda day: day.weekday() == weekday,
    )


def _read_relative(days_ahead: int) -> Callable[[re.Match[str], date], DateMention]:
    def read(_: re.Match[str], today: date) -> DateMention:
        return _full(_shifted(today, days_ahead))

    return read


def _read_ahead(found: re.Match[str], today: date) -> DateMention:
    return _full(_shifted(today, _amount(found)))


def _read_ago(found: re.Match[str], today: date) -> DateMention:
    return _full(_shifted(today, -_amount(found)))


def _amount(found: re.Match[str]) -> int:
    number, unit = found["n"] or found["m"], found["unit"] or found["unit2"]
    return (int(number) if number.isdigit() else 1) * _UNITS[unit]


def _shifted(today: date, days: int) -> list[date]:
    try:
        return [today + timedelta(days=days)]
    except OverflowError:
        return []


def _days(candidates: list[tuple[int, int, int]]) -> list[date]:
    """Those of (year, month, day) that exist, each once."""
    return list(dict.fromkeys(_existing(candidates)))


def _existing(candidates: list[tuple[int, int, int]]) -> Iterator[date]:
    for year, month, day in candidates:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _yearless(month: int, day: int, today: date) -> list[date]:
    """The day in the years around, first the one from two months back to ten months ahead."""
    days = _days([(year, month, day) for year in _years_around(month, day, today)])
    return sorted(days, key=lambda each: (not -60 <= (each - today).days <= 305, abs((each - today).days)))


def _years_around(month: int, day: int, today: date) -> range:
    reach = 4 if (month, day) == (2, 29) else 1
    return range(max(1, today.year - reach), min(9999, today.year + reach) + 1)


def _months_from(today: date, ahead: int) -> date:
    months = today.year * 12 + today.month - 1 + ahead
    return date(min(months // 12, 9999), months % 12 + 1, 1)


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], DateMention | None]], ...]] = (
    (_YMD, _read_ymd),
    (_COMPACT, _read_compact),
    (_CJK, _read_ymd),
    (_NUMERIC, _read_numeric),
    (_SPACED, _read_numeric),
    (_DAY_MONTH, _read_named_month),
    (_MONTH_DAY, _read_named_month),
    (_ORDINALS, _read_named_month),
    (_OF_MONTH, _read_of_month),
    (_SLASH, _read_slash),
    (_AHEAD, _read_ahead),
    (_AGO, _read_ago),
    (_WEEKDAY_SAID, _read_weekday),
    *((pattern, _read_relative(days)) for pattern, days in _NAMED),
    (_DAY_ALONE, _read_day_alone),
)
"""From the fullest form to the barest, since each takes its words out of the text."""
