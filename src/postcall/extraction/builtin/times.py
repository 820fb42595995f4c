"""Times of day as people write and say them: `4 pm`, `16:30`, `quarter to one`, `half past six in the
evening`, `noon`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from postcall.extraction.builtin.numbers import digitise

_PART = (
    r"(?P<part>a\.?\s?m\b\.?|p\.?\s?m\b\.?|o'?\s?clock(?:\s+(?:in the|at)\s+(?:morning|afternoon|evening|night))?|"
    r"(?:in the |this |at |tomorrow |"
    r"today )?(?:morning|afternoon|evening|night)|tonight|de la (?:mañana|tarde|noche)|rano|wieczorem|po południu)"
)
_TIME = re.compile(
    rf"(?<![\d$€£#:.,/-])(?P<hour>[01]?\d|2[0-3])(?:\s?[:.h]\s?(?P<minute>[0-5]\d)|"
    rf"\s(?P<minute2>[0-5][05]))?(?:\s*-?\s*{_PART})?(?![\d:%]|[.,]\d|\s?(?:st|nd|rd|th)\b)",
    re.IGNORECASE,
)
_PAST = re.compile(
    rf"\b(?P<step>quarter|half|\d{{1,2}}|a quarter)(?:\s+minutes?)?\s+(?P<way>past|after|to|till|til|before|"
    rf"of)\s+(?:the\s+)?(?P<hour>1[0-2]|0?[1-9])"
    rf"(?!\d|th|st|nd|rd)(?:\s*,?\s*{_PART})?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?P<noon>(?:12\s+)?noon|midday|mediodía|południe)\b|\b(?P<midnight>(?:12\s+)?midnight|medianoche)\b",
    re.IGNORECASE,
)
_SPANISH = re.compile(
    r"\ba las? (?P<hour>una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|1[0-2]|[1-9])"
    r"(?:\s+(?P<way>y|menos)\s+(?P<step>media|cuarto|cinco|diez|veinte|veinticinco))?"
    r"(?:\s+(?:en punto\s+)?(?P<part>de la (?:mañana|tarde|noche)|del mediodía))?",
    re.IGNORECASE,
)
_SPANISH_HOURS = ("una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce")
_SPANISH_STEPS = {"media": 30, "cuarto": 15, "cinco": 5, "diez": 10, "veinte": 20, "veinticinco": 25}
_BEFORE = re.compile(
    r"\b(?P<part>morning|afternoon|evening|tonight|night)(?:\s*,?\s*(?:at|around|by|about|time))?\s*$", re.IGNORECASE
)
_ANCHOR = re.compile(
    r"\b(?:at|around|about|by|from|before|after|till|until|for|between|like|say|approximately|to|a las|o|hora)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TimeMention:
    """One time of day as it stands in a text."""

    value: time
    start: int
    end: int
    sure_half: bool
    """Whether morning or afternoon was said (or follows from the number); a bare `at 7` leaves it open."""

    @property
    def hhmm(self) -> str:
        return f"{self.value.hour:02d}:{self.value.minute:02d}"


def find_times(text: str, *, bare: bool = False) -> tuple[TimeMention, ...]:
    """The times of a text in order; with `bare`, a lone number also counts, as in the answer to "what time?"."""
    digits = digitise(text)
    found: list[TimeMention] = []
    for match in _NAMED.finditer(digits.text):
        _add(found, time(12 if match["noon"] else 0), digits.span(match.start(), match.end()), sure_half=True)
    for match in _SPANISH.finditer(text):
        _add_spanish(found, match)
    for match in _PAST.finditer(digits.text):
        _add_past(found, match, digits.span(match.start(), match.end()))
    for match in _TIME.finditer(digits.text):
        _add_plain(found, match, digits.span(match.start(), match.end()), digits.text, bare=bare)
    return tuple(sorted(found, key=lambda each: each.start))


def _add_past(found: list[TimeMention], match: re.Match[str], span: tuple[int, int]) -> None:
    step = match["step"].lower()
    minutes = 15 if "quarter" in step else 30 if step == "half" else int(step)
    if minutes > 59:
        return
    hour, sure = _hour(int(match["hour"]), match["part"])
    total = hour * 60 + (minutes if match["way"].lower() in ("past", "after") else -minutes)
    total %= 24 * 60
    _add(found, time(total // 60, total % 60), span, sure_half=sure)


def _add_spanish(found: list[TimeMention], match: re.Match[str]) -> None:
    said = match["hour"].lower()
    hour, sure = _hour(int(said) if said.isdigit() else _SPANISH_HOURS.index(said) + 1, match["part"])
    minutes = _SPANISH_STEPS[match["step"].lower()] if match["step"] else 0
    total = (hour * 60 + (minutes if (match["way"] or "").lower() != "menos" else -minutes)) % (24 * 60)
    _add(found, time(total // 60, total % 60), match.span(), sure_half=sure)


def _add_plain(found: list[TimeMention], match: re.Match[str], span: tuple[int, int], text: str, *, bare: bool) -> None:
    part = match["part"]
    lead = text[: match.start()]
    named_before = _BEFORE.search(lead[-30:])
    if not part and named_before:
        part = named_before["part"]
    minute = match["minute"] or match["minute2"]
    if match["minute2"] and not part:
        minute = None
        if not bare:
            return
    if not part and not minute and not (bare and (_ANCHOR.search(lead) or not lead.strip(" ,."))):
        return
    hour = int(match["hour"])
    if part and part.lower().startswith("p") and hour > 12 and not minute:
        return
    value, sure = _hour(hour, part)
    _add(
        found,
        time(value, int(minute or 0)),
        span,
        sure_half=sure or (len(match["hour"]) == 2 and match["hour"][0] == "0"),
    )


def _hour(hour: int, part: str | None) -> tuple[int, bool]:
    """The hour on the 24-hour clock, and whether the half of the day is certain."""
    words = (part or "").lower().replace(".", "").replace(" ", "")
    if hour > 12 or hour == 0:
        return hour, True
    if words.startswith(("pm", "po")) or any(
        each in words for each in ("afternoon", "evening", "tonight", "tarde", "noche", "wieczor")
    ):
        return (hour if hour == 12 else hour + 12), True
    if "night" in words:
        return (hour + 12 if 5 <= hour < 12 else hour % 12), True
    if words.startswith("am") or "morning" in words or "mañana" in words or words == "rano":
        return hour % 12, True
    return hour, False


def _add(found: list[TimeMention], value: time, span: tuple[int, int], *, sure_half: bool) -> None:
    start, end = span
    if all(end <= other.start or start >= other.end for other in found):
        found.append(TimeMention(value, start, end, sure_half))
