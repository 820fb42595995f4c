"""Parts of the day and days of the week: `between 9 and 12 o'clock`, `in the morning`, `on Mondays`, `at weekends`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from postcall.analyst.times.rules import compiled
from postcall.analyst.times.words import WEEKDAYS

DAY_MINUTES = 1440
PARTS = {
    **{"morning": (0, 719), "afternoon": (720, 1079), "evening": (1080, 1439), "night": (1320, 359)},
    "lunch": (720, 839),
}
"""First and last minute; the night goes over midnight."""

TIME = (
    r"(?:(?P<h{0}>2[0-4]|1\d|0?\d)(?::(?P<m{0}>[0-5]\d))?"
    r"(?: (?P<half{0}>am|pm|(?:oclock )?(?:in the (?:morning|afternoon|evening)|at night)|oclock))?"
    r"|(?P<named{0}>noon|midnight))"
)
"""A time of day; `{0}` tells several in one pattern apart."""


@dataclass(frozen=True, slots=True)
class NamedClock:
    """Some words, and the part of the day or the days of the week that they name."""

    start: int
    end: int
    weekdays: tuple[str, ...] = ()
    first_minute: int | None = None
    last_minute: int | None = None


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time as it was written."""

    minute: int
    half: str
    """`am`, `pm` or ``."""
    sure: bool
    """It can be nothing but a time; a bare number can."""


def time_of_day(match: re.Match[str], name: str) -> TimeOfDay | None:
    """The time that a pattern with `TIME` has found."""
    found = match.groupdict()
    if found[f"named{name}"]:
        return TimeOfDay(720 if found[f"named{name}"] == "noon" else 0, "pm", sure=True)
    half, hour, minute = found[f"half{name}"] or "", int(found[f"h{name}"]), int(found[f"m{name}"] or 0)
    side = "am" if half.endswith(("am", "morning")) else "pm" if half not in ("", "oclock") else ""
    if (hour > 12 and side) or hour * 60 + minute > DAY_MINUTES:
        return None if hour > 24 or side == "am" else TimeOfDay(hour * 60 + minute, "", sure=True)
    if side:
        hour = hour % 12 + (12 if side == "pm" else 0)
    return TimeOfDay(hour * 60 + minute, side, sure=bool(half or found[f"m{name}"]))


_AND = r"(?: (?:,|and|or|&)(?: on)?(?: (?:every|each|an?))? )"
_PART = r"(?: (?P<part>morning|afternoon|evening|night)s?)?"
_DAYS = (
    compiled(
        rf"(?:on )?(?:(?:every|each|any|all) )?"
        rf"(?P<days>(?:<WEEKDAY>{_AND})*<WEEKDAY>s(?:{_AND}<WEEKDAY>s?)*){_PART}(?! ago)"
    ),
    compiled(rf"(?:on )?(?P<days><WEEKDAY>(?:{_AND}<WEEKDAY>)*) (?P<part>morning|afternoon|evening|night)s"),
    compiled(rf"(?:(?:on )?(?:every|each|any)|on an?) (?P<days><WEEKDAY>(?:{_AND}<WEEKDAY>)*){_PART}"),
)
_WORKDAYS = (
    compiled(r"(?:from )?monday (?:-|to|through|until) friday"),
    compiled(
        r"(?<!which )(?<!what )(?:(?:on|during|over) )?(?:(?:the|all|every|each|any) )?"
        r"(?:weekdays|workdays|working days|business days)(?! (?:(?:is|are|were|get|do) )?(?:booked|people|they))"
    ),
    compiled(
        r"(?:(?:on|during) )?weekday(?= (?:(?:morning|afternoon|evening|night)s?|calls|chats|conversations)(?!\S))"
    ),
    compiled(r"(?:on|during|every|each)(?: (?:an?|every|each|any))? (?:weekday|workday|working day|business day)"),
)
_WEEKENDS = (
    compiled(r"(?:(?:at|on|over|during) )?(?:(?:the|all|every|each|any) )?weekends"),
    compiled(r"(?:on|at|during|every|each)(?: (?:a|every|each|any))? weekend"),
    compiled(r"weekend(?= (?:calls|chats|conversations|traffic|volume))"),
)
_ONE = compiled(
    r"(?P<how>after|past|later than|from|starting at|starting|before|earlier than|until|up to|at|around|about)"
    r"(?: (?:about|around))? " + TIME.format("1") + r"(?P<on> on| onwards?| and later)?"
)
_TWO = compiled(
    r"(?P<how>between |from )?"
    + TIME.format("1")
    + r" (?:-|to|and|until) "
    + TIME.format("2")
    + r"(?P<clock> oclock| hours| h)?"
)
_DAYPART = compiled(
    r"(?:(?:in|during|over|at|by) )?(?:(?:the|each|every|early|late) )*"
    r"(?:(?P<part>morning|afternoon|evening|night)s?(?: hours?)?"
    r"|lunchtime|lunch (?:time|break|hours?)|(?<=over )lunch|(?<=during )lunch)"
    r"(?P<range> \( (?:from )?"
    + TIME.format("1")
    + r" (?:-|to|until|and) "
    + TIME.format("2")
    + r" \))?|(?P<over>overnight)"
)
_ABOUT_CALLS = re.compile(
    r"(?:calls?|chats?|conversations?|in|started|start|arrived|came|called|ring|rang|happened|yesterday|today|~+|s)$"
)


def weekday_clocks(text: str) -> list[NamedClock]:
    """Days of the week that calls are asked about, whenever they were: not `on Monday`, which is one day."""
    named = [_of_days(match) for rule in _DAYS for match in rule.finditer(text)]
    work = [_of_week(match, WEEKDAYS[:5]) for rule in _WORKDAYS for match in rule.finditer(text)]
    ends = [_of_week(match, WEEKDAYS[5:]) for rule in _WEEKENDS for match in rule.finditer(text)]
    return _apart([*named, *work, *ends])


def _of_days(match: re.Match[str]) -> NamedClock:
    clock = _of_week(match, tuple(day for day in WEEKDAYS if day in match["days"]))
    if not match["part"]:
        return clock
    first, last = PARTS[match["part"]]
    return replace(clock, first_minute=first, last_minute=last)


def _of_week(match: re.Match[str], days: tuple[str, ...]) -> NamedClock:
    return NamedClock(match.start(), match.end(), tuple(day.capitalize() for day in days))


def day_clocks(text: str) -> list[NamedClock]:
    """Parts of the day, in the order of the words."""
    return _apart([*_parts(text), *_between(text), *_one_sided(text)])


def _apart(clocks: list[NamedClock]) -> list[NamedClock]:
    """Those that share no words, the earlier ones of the list first; in the order of the words."""
    kept: list[NamedClock] = []
    for clock in clocks:
        if all(clock.end <= other.start or other.end <= clock.start for other in kept):
            kept.append(clock)
    return sorted(kept, key=lambda clock: clock.start)


def _parts(text: str) -> Iterator[NamedClock]:
    for match in _DAYPART.finditer(text):
        # `good morning` is a greeting, and `6 in the evening` a time.
        if re.search(r"(?:good|\d|oclock)$", text[: match.start()].rstrip()):
            continue
        first, last = PARTS[match["part"] or ("night" if match["over"] else "lunch")]
        if match["range"]:
            given = _both(time_of_day(match, "1"), time_of_day(match, "2"), match["part"] or "")
            if given is None:
                continue
            first, last = given
        yield NamedClock(match.start(), match.end(), (), first, last)


def _between(text: str) -> Iterator[NamedClock]:
    for match in _TWO.finditer(text):
        first, last = time_of_day(match, "1"), time_of_day(match, "2")
        if first is None or last is None:
            continue
        asked = (
            match["how"] and _ABOUT_CALLS.search(text[: match.start()].rstrip()) and not _measured(text, match.end())
        )
        if first.sure or last.sure or match["clock"] or asked:
            given = _both(first, last, "")
            if given is not None:
                yield NamedClock(match.start(), match.end(), (), *given)


def _measured(text: str, at: int) -> bool:
    """Whether a noun follows that the numbers are of: `between 5 and 10 turns`."""
    after = text[at:].split()[:1]
    return (
        bool(after)
        and after[0] not in {"in", "on", "at", "of", "last", "this", "yesterday", "today", "?", ".", ",", "by", "per"}
        and "~" not in after[0]
    )


def _both(first: TimeOfDay | None, last: TimeOfDay | None, part: str) -> tuple[int, int] | None:
    """From the one to before the other; what is said of one half of the day holds for both."""
    if first is None or last is None:
        return None
    begin, end = first.minute, last.minute
    if last.half == "pm" and not first.half and begin + 720 < end:
        begin += 720
    if part in ("afternoon", "evening") and not first.half and not last.half and end <= 720 and begin < 720:
        begin, end = begin + 720, end + 720
    if end <= begin and not last.half and end + 720 <= DAY_MINUTES and end + 720 > begin:
        end += 720
    if end == begin or begin >= DAY_MINUTES:
        return None
    return begin, (end - 1) % DAY_MINUTES


def _one_sided(text: str) -> Iterator[NamedClock]:
    for match in _ONE.finditer(text):
        time = time_of_day(match, "1")
        if time is None or not time.sure or time.minute >= DAY_MINUTES:
            continue
        minute, how = time.minute, match["how"]
        if how in ("before", "earlier than", "until", "up to"):
            if minute or match["named1"]:
                yield NamedClock(match.start(), match.end(), (), 0, (minute or DAY_MINUTES) - 1)
        elif how in ("at", "around", "about"):
            hour = minute - minute % 60
            yield NamedClock(match.start(), match.end(), (), hour, hour + 59)
        else:
            yield NamedClock(match.start(), match.end(), (), minute, DAY_MINUTES - 1)
