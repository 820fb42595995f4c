"""Dates and times as people write and say them, in English and Spanish, and month names of a few more languages.

Nothing here guesses: a form that two readers could take differently gives both readings, and the callers decide. The
text is read twice: `read_moment` takes a text that is a moment and nothing else, `says` asks whether a longer text
names a given moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from postcall.domain.clocks import TimeMention, find_times
from postcall.domain.dates import DateMention, find_dates
from postcall.domain.folding import plain
from postcall.domain.numbers import digitised, digits_in, numbers_in

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s?(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?"
)
_FILLER_WORDS = "at on the of for el la las los a al de del dia date time h hrs hours o clock in en es is it"
_FILLER = frozenset(_FILLER_WORDS.split())
_WORD = re.compile(r"[^\W_]+")
_OFFSET = re.compile(r"\b(?:utc|gmt)\b|(?<=\d)z\b")
_EXPLICIT = re.compile(
    r"\W*(?:[^\W\d_]+\W+)?(?:\d{1,2}\W{0,3}(?:[^\W\d_]{2,4}\W+)?[^\W\d_]{3,}|[^\W\d_]{3,}\W{1,3}\d{1,2})\W{1,3}"
    r"(?:[^\W\d_]{1,4}\W+)?\d{4}(?:\W*[^\W\d_]{1,5})?\W*"
)
"""A day, the name of a month and a year; anything less is not put to dateparser, which is slow and likes to guess."""
_LANGUAGES = (
    "fr de pt it nl pl ru uk cs sk sv da nb fi tr el ro hu bg hr sr sl lt lv et ca eu ar he fa hi bn ur id vi th ko"
)

_REACH = (10**7, 400, 400, 28)
"""How many days from the reference a mention may lie, by its rank: a date in full, without its year, a weekday."""


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a text is not one clear moment."""

    reason: str


def read_moment(text: str, reference: datetime) -> str | Misread:
    """The moment in ISO 8601, as exact as it was given: `2026-03-05`, or `2026-03-05T15:00:00` and an offset if any.

    `reference` is the moment of speaking, for "next Tuesday"; a date without a year is the one from two months before
    it to ten months after.
    """
    trimmed = text.strip().rstrip(".")
    written = _ISO.fullmatch(trimmed) if trimmed.isascii() else None
    if written:
        return _read_iso(written)
    if len(trimmed) > 200:
        return Misread("the text is too long for a date")
    spelled = digitised(" ".join(plain(trimmed).split()))
    times, rest = find_times(spelled)
    dates, rest = find_dates(rest, reference)
    zone = _OFFSET.search(rest)
    left = [word for word in _WORD.findall(_OFFSET.sub(" ", rest)) if word not in _FILLER]
    if left or not dates:
        foreign = _read_foreign(trimmed)
        if foreign is not None:
            return foreign
    if not dates:
        return Misread(f"{text!r} names a time but no date" if times else f"{text!r} is no clear date")
    if left:
        return Misread(f"{text!r} is no clear date: {' '.join(left)[:40]!r} cannot be read")
    day = _one_day(dates, text)
    if isinstance(day, Misread):
        return day
    clock = _one_time(times, text)
    if isinstance(clock, Misread):
        return clock
    if clock is None:
        return day.isoformat()
    return f"{day.isoformat()}T{clock.isoformat()}" + ("+00:00" if zone else "")


def says(text: str, moment: str, reference: datetime) -> tuple[bool, bool]:
    """Whether the text names the date, and whether it names the time, of a moment as `read_moment` returns it.

    Lenient where `read_moment` is strict: of two readings ("03/04", "at three") either will do; a weekday stands for
    the dates some weeks around the reference, a date without a year for those of about a year around it, unless the
    text names the year elsewhere.
    """
    day = date.fromisoformat(moment[:10])
    spelled = digitised(" ".join(plain(text).split()))
    times, rest = find_times(spelled)
    dates = find_dates(rest, reference)[0] + find_dates(spelled, reference)[0]  # "by 5 March" is no time
    distance = abs((day - reference.date()).days)
    near = [mention for mention in dates if distance <= _REACH[mention.rank] or day.year in numbers_in(text)]
    named = any(mention.may_be(day) for mention in near) or _dictated(text, day) or _framed(spelled, day)
    if len(moment) == 10:
        return named, True
    clock = time.fromisoformat(moment[11:19])
    return named, any(clock in mention.options for mention in times)


def _dictated(text: str, day: date) -> bool:
    """Whether the date was said in digits alone, in whatever groups: `2508 1922`, `zero five, zero eight 2001`."""
    forms = {f"{day:%d%m%Y}", f"{day:%m%d%Y}", f"{day.day}{day.month}{day.year}"}
    runs = digits_in(text)
    return not forms.isdisjoint([*runs, "".join(runs)])


def _framed(text: str, day: date) -> bool:
    """Whether the day and the year stand around a word or two, as with the month in a language that we do not read."""
    return bool(re.search(rf"(?<!\d)0?{day.day}(?!\d)\W+(?:[^\W\d_]+\W+){{1,2}}{day.year}(?!\d)", text))


def _read_iso(written: re.Match[str]) -> str | Misread:
    try:
        day = date.fromisoformat(written["date"])
    except ValueError:
        return Misread(f"there is no day {written['date']}")
    if written["hour"] is None:
        return day.isoformat()
    offset = written["offset"] or ""
    if offset:
        digits = re.sub(r"\D", "", offset).ljust(4, "0")
        if int(digits[:2]) > 23 or int(digits[2:]) > 59:
            return Misread(f"there is no offset {offset}")
        offset = f"{'-' if offset[0] == '-' else '+'}{digits[:2]}:{digits[2:]}"
    try:
        clock = time(int(written["hour"]), int(written["minute"]), int(written["second"] or 0))
    except ValueError:
        return Misread(f"there is no time {written.string[11:]}")
    return f"{day.isoformat()}T{clock.isoformat()}{offset}"


def _one_day(mentions: list[DateMention], text: str) -> date | Misread:
    """The day that all mentions agree on, such as a weekday and a date."""
    leading = min(mentions, key=lambda mention: mention.rank)
    others = [mention for mention in mentions if mention is not leading]
    if not leading.options:
        return Misread(f"{text!r} names a day that does not exist")
    fitting = [day for day in leading.options if all(other.may_be(day) for other in others)]
    if not fitting:
        return Misread(f"the parts of {text!r} contradict one another")
    if leading.ambiguous and len(fitting) > 1:
        return Misread(f"{text!r} could be {' or '.join(day.isoformat() for day in fitting[:2])}")
    return fitting[0]


def _one_time(mentions: list[TimeMention], text: str) -> time | Misread | None:
    if not mentions:
        return None
    options = set(mentions[0].options)
    for mention in mentions[1:]:
        options &= set(mention.options)
    if not options:
        return Misread(f"{text!r} names a time that does not exist, or more than one")
    if len(options) > 1:
        return Misread(f"{text!r} could be {' or '.join(str(option)[:5] for option in sorted(options))}")
    return options.pop()


def _read_foreign(text: str) -> str | None:
    """A date in full in another language; only what dateparser reads with the year and the day as they are written."""
    if not _EXPLICIT.fullmatch(text) or any(mark in text for mark in ":/"):
        return None
    import dateparser  # slow to import, and rarely needed

    found = dateparser.parse(
        text,
        languages=_LANGUAGES.split(),
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]},
    )
    if found is None or found.time() != time(0) or numbers_in(text) - {found.year, found.day} or found.year < 1000:
        return None
    if not {found.year, found.day} <= numbers_in(text):
        return None
    return str(found.date())
