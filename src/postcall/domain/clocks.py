"""Times of day as they are written and said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_MORNING = r"(?:in the |de la |por la )?morning|(?:de|por|en) la manana|(?:de la )?madrugada"
_LATER = r"(?:in the |this |de la |por la |en la )?(?:afternoon|evening|tarde)|(?:at |de la |por la )?(?:night|noche)"
_DAYPART = re.compile(rf"\b(?:(?P<am>{_MORNING})|(?P<pm>{_LATER}|tonight))\b")
_HALF = r"(?:\s?(?P<half>a\.?\s?m\b\.?|p\.?\s?m\b\.?))"

_CLOCK = re.compile(rf"(?<![\d:.])(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::(?P<second>\d{{2}}))?(?![\d:]){_HALF}?")
_TWELVE = re.compile(rf"(?<![\d:./-])(?P<hour>\d{{1,2}})(?:[ .](?P<minute>\d{{2}}))?{_HALF}")
_PAST = re.compile(
    r"\b(?:(?P<part>half|quarter|\d{1,2})(?: minutes?)? (?P<way>past|after|to|before|till)) (?P<hour>\d{1,2})\b(?!:)"
)
_Y = re.compile(r"\b(?P<hour>\d{1,2}) (?P<way>y|menos) (?P<part>media|cuarto|\d{1,2})\b")
_O_CLOCK = re.compile(r"(?<![\d:./-])(?P<hour>\d{1,2})(?: ?o ?['’]? ?clock| ?uhr| ?h(?P<minute>\d{2})?)\b")
_AT = re.compile(r"\b(?:at|@|a las?|las|around|by) ?(?P<hour>\d{1,2})(?: (?P<minute>\d{2}))?(?![\d:./-]|th|st|nd|rd)\b")
_BESIDE = re.compile(
    r"(?<![\d:./-])(?P<hour>\d{1,2})(?: (?P<minute>\d{2}))?(?= \x01)|(?<=\x01 )(?P<late>\d{1,2})(?![\d:./]|th)\b"
)
_NAMED = re.compile(
    r"\b(?:at )?(?:12 )?(?:(?P<noon>noon|midday|(?:al? )?mediodia)|(?P<midnight>midnight|(?:a )?medianoche))\b"
)


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time of day in a text."""

    options: tuple[time, ...]
    """One where it is clear, two where it could be morning or afternoon, none where there is no such time."""


def find_times(text: str) -> tuple[list[TimeMention], str]:
    """The times in a text that is plain and digitised, and the text without them.

    A part of the day said anywhere ("tomorrow afternoon at 3") settles every hour of the text.
    """
    dayparts: set[str] = set()

    def note_daypart(found: re.Match[str]) -> str:
        dayparts.add("am" if found["am"] else "pm")
        if found.group() == "tonight":
            return " today \x01"
        return "\x01"  # a mark, so that "3 in the afternoon" is seen to be a time

    text = _DAYPART.sub(note_daypart, text)
    part = dayparts.pop() if len(dayparts) == 1 else None
    mentions: list[TimeMention] = []

    def take(found: re.Match[str]) -> str:
        mentions.append(TimeMention(_options(found, part)))
        return " "

    def take_named(found: re.Match[str]) -> str:
        mentions.append(TimeMention((time(12) if found["noon"] else time(0),)))
        return " "

    text = _NAMED.sub(take_named, text)
    for pattern in (_PAST, _Y, _CLOCK, _TWELVE, _O_CLOCK, _AT, _BESIDE):
        text = pattern.sub(take, text)
    return mentions, text.replace("\x01", " ")


def _options(found: re.Match[str], daypart: str | None) -> tuple[time, ...]:
    named = found.groupdict()
    hour = int(named["hour"] or named.get("late") or 0)
    minute = _minutes(named)
    second = int(named.get("second") or 0)
    if named.get("way") in {"to", "before", "till", "menos"}:
        hour, minute = (hour - 1) or 12, 60 - minute
    half = (named.get("half") or "")[:1]
    half = half + "m" if half else daypart or ""
    if not (0 <= hour <= 24 and 0 <= minute < 60 and second < 60) or (
        half and named.get("half") and not 1 <= hour <= 12
    ):
        return ()
    return tuple(
        time(each, minute, second) for each in _hours(hour, half, digits=named["hour"], clock=bool(named.get("minute")))
    )


def _minutes(named: dict[str, str | None]) -> int:
    part = named.get("part")
    if part:
        return {"half": 30, "media": 30, "quarter": 15, "cuarto": 15}.get(part) or int(part)
    return int(named.get("minute") or 0)


def _hours(hour: int, half: str, *, digits: str | None, clock: bool) -> tuple[int, ...]:
    """The hours of the day that a spoken or written hour may mean."""
    if hour > 12 or hour == 0:
        return (hour,) if hour < 24 else ()
    if half:
        return (hour % 12 + (12 if half == "pm" else 0),)
    if clock and (len(digits or "") == 2):  # 09:30 and 10:30 are written as on a 24-hour clock
        return (hour,)
    return (hour % 12, hour % 12 + 12)
