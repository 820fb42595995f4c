"""The numbers in a sentence, as far as they can be read beyond doubt."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What stands behind a number."""

    NONE = ""
    PERCENT = "percent"
    POINTS = "points"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as somebody wrote it."""

    start: int
    end: int
    """Behind its unit."""
    value: float
    decimals: int
    """As many as were written: it is rounded to these."""
    unit: Unit = Unit.NONE


_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)|\d+(?:\.\d+)?")
_UNITS = (
    (re.compile(r"\s*(?:percentage points?|points?|pp)\b", re.I), Unit.POINTS),
    (re.compile(r"\s*(?:%|percent\b|per cent\b)", re.I), Unit.PERCENT),
    (re.compile(r"\s*(?:seconds?|secs?|s)\b", re.I), Unit.SECONDS),
    (re.compile(r"\s*(?:minutes?|mins?)\b", re.I), Unit.MINUTES),
    (re.compile(r"\s*(?:hours?|hrs?|h)\b", re.I), Unit.HOURS),
)
_MINUTES_AND = re.compile(r"(\d+)\s*(?:minutes?|mins?|m)\s*(?:and\s*)?(\d+)\s*(?:seconds?|secs?|s)\b", re.I)
_SCALED = re.compile(
    r"\s*-?(?:thousands?|millions?|billions?|hundreds?|dozens?|times|fold|quarters?|halves|in (?:\d+|every|each))\b",
    re.I,
)
_GLUED = re.compile(r"[\w/:^*]|[.,]\d|\s*[/×x*^]\s*\d")
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SPELLED = re.compile(
    rf"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:{_TENS})(?:-\w+)?|hundreds?|thousands?"
    r"|millions?|billions?|dozens?|half|halves|halved|thirds?|quarters?|fifths?|tenths?|twice|thrice|doubl\w+|tripl\w+"
    r"|quadrupl\w+|\w+fold|percent|percentage|per cent|couple|handful|pair|trio|single|both"
    r"|one (?:in|of every|out of|call|caller|customer|conversation|person|user)s?)\b",
    re.I,
)
_ROMAN = re.compile(
    r"\b(?!(?:CD|CI|CV|MD)\b)(?=[MDCLXVI]{2,}\b)M*(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b"
)
"""In capitals; confidence intervals (CI) and doctors (MD) are no numbers."""


def find_figures(text: str) -> tuple[Figure, ...] | str:
    """The numbers in digits, in their order; or, in words, why they cannot be checked.

    Refused are numbers in words, fractions, multiples and other people's digits: what they say exactly is a matter of
    taste, and the same can be said in digits.
    """
    for char in text:
        if not char.isascii() and unicodedata.numeric(char, None) is not None:
            return f"{char!r} is no digit that can be checked"
    spelled = _SPELLED.search(text) or _ROMAN.search(text)
    if spelled is not None:
        return f"{spelled.group()!r}: numbers must be written in digits, as the tools return them"
    found: list[Figure] = []
    at = 0
    while (number := _NUMBER.search(text, at)) is not None:
        together = _MINUTES_AND.match(text, number.start())
        if together is not None:
            seconds = 60 * int(together[1]) + int(together[2])
            found.append(Figure(number.start(), together.end(), float(seconds), 0, Unit.SECONDS))
            at = together.end()
            continue
        figure = _read(text, number)
        if isinstance(figure, str):
            return figure
        found.append(figure)
        at = figure.end
    return tuple(found)


def _read(text: str, number: re.Match[str]) -> Figure | str:
    written = number.group()
    before = text[number.start() - 1 : number.start()]
    if len(written) > 18:
        return f"{written[:18]}… is too long for a number"
    if before and (before.isalnum() or before in "_.,/:^"):
        return f"{before}{written} is no number that can be checked"
    unit, end = Unit.NONE, number.end()
    for pattern, meaning in _UNITS:
        if (behind := pattern.match(text, end)) is not None:
            unit, end = meaning, behind.end()
            break
    if (unit is Unit.NONE and _GLUED.match(text, end)) or _SCALED.match(text, end):
        return f"{text[number.start() : end + 8].strip()!r} is no plain number"
    value = float(written.replace(",", ""))
    return Figure(number.start(), end, value, len(written.partition(".")[2]), unit)
