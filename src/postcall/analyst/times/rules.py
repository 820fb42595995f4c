"""Rules that read a stretch of time from a few words: each a pattern, and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from postcall.analyst.times.calendar import Stretch, Today, Unit
from postcall.analyst.times.words import MONTHS, WEEKDAYS


@dataclass(frozen=True, slots=True)
class AsFarBack:
    """A stretch that is named by an earlier one: `the week before`."""

    unit: Unit
    number: int = 1
    """How many of them; 0: as long as the earlier one, and right before it."""
    own: bool = False
    """`the same period last year`: the earlier one, moved by `unit`."""
    days: bool = False
    """Whole days of it, where the earlier one is not over yet: `the same days last week`."""


@dataclass(frozen=True, slots=True)
class Named:
    """Some words, and the stretch that they name."""

    start: int
    """In the words as they read, see `Words.text`."""
    end: int
    means: Stretch | AsFarBack


@dataclass(frozen=True, slots=True)
class NoSuchDay:
    """Words that name a day that no calendar has: `31 April` is not `April`."""


Meaning = Stretch | AsFarBack | NoSuchDay | None
Reader = Callable[[re.Match[str], Today], Meaning]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and what words that fit it mean."""

    pattern: re.Pattern[str]
    read: Reader


PIECES = {
    "MONTH": f"(?:{'|'.join(MONTHS)})",
    "WEEKDAY": f"(?:{'|'.join(WEEKDAYS)})",
    "YEAR": r"(?:(?:19|20)\d\d)",
    "DAY": r"(?:3[01]|[12]\d|0?[1-9])",
    "UNIT": r"(?:hour|day|week|month|quarter|year)",
    "LONG": r"(?:day|week|month|quarter|year)",
    "LAST": r"(?:last|previous|preceding)",
}


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern over whole words, in which `<MONTH>` and the like stand for what they name."""
    for name, piece in PIECES.items():
        pattern = pattern.replace(f"<{name}>", piece)
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


def rule(into: list[Rule], pattern: str) -> Callable[[Reader], Reader]:
    """Adds what it decorates to the rules."""

    def add(read: Reader) -> Reader:
        into.append(Rule(compiled(pattern), read))
        return read

    return add


def name_stretches(text: str, today: Today, rules: Iterable[Rule]) -> list[Named]:
    """What the words name, in their order: of rules that share words, the one that takes more."""
    found: list[tuple[int, int, Stretch | AsFarBack | NoSuchDay]] = [
        (match.start(), match.end(), means)
        for each in rules
        for match in each.pattern.finditer(text)
        if (means := _means(each, match, today)) is not None
    ]
    kept: list[tuple[int, int, Stretch | AsFarBack | NoSuchDay]] = []
    for start, end, means in sorted(found, key=lambda each: (each[0] - each[1], each[0])):
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, means))
    kept.sort(key=lambda each: each[0])
    return [Named(start, end, means) for start, end, means in kept if not isinstance(means, NoSuchDay)]


def _means(rule: Rule, match: re.Match[str], today: Today) -> Meaning:
    """What it means; None also where the calendar does not reach so far."""
    try:
        return rule.read(match, today)
    except (ValueError, OverflowError):
        return None
