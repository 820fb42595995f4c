"""Numbers in a question: `longer than 5 minutes`, `3 or more`, `top five`, and what they are compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from postcall.analyst.reading.words import Place, Wording
from postcall.domain.queries import Operator

_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_SMALL = _SMALL_WORDS.split()
_WORDS = {word: float(number) for number, word in enumerate(_SMALL)} | {
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0, "hundred": 100.0,
    "a hundred": 100.0, "half an": 0.5, "half a": 0.5, "an": 1.0, "a": 1.0, "a dozen": 12.0, "dozen": 12.0,
}  # fmt: skip
_N = r"(\d+(?:[.,]\d+)*|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")(?= |$)"
_WHOLE = r"(\d+|" + "|".join(_SMALL[1:]) + "|twenty|thirty|fifty|hundred)"
_OVER = (
    "more than|over|above|longer than|greater than|higher than|larger than|bigger than|exceeding|>|beyond|slower than|"
    "heavier than|older than|later than|farther than|further than|deeper than|worse than|louder than"
)
_LEAST = "at least|no fewer than|no less than|not less than|minimum of|from|>="
_UNDER = "less than|fewer than|under|below|shorter than|lower than|smaller than|<|faster than|lighter than|younger than"
_MOST = "at most|up to|no more than|not more than|maximum of|within|in under|<="
_UNIT = r"(?: (seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|h)\b)?"
_COMPARED = re.compile(
    rf"(?:^|(?<= ))(?:({_LEAST})|({_MOST})|({_OVER})|({_UNDER})) (?:a |the )?{_N}{_UNIT}(?: ([^\W\d]+))?"
)
_BETWEEN = re.compile(rf"\bbetween {_N}{_UNIT} and {_N}{_UNIT}(?: ([^\W\d]+))?")
_OR_MORE = re.compile(
    rf"(?:^|(?<= )){_N}{_UNIT} (or|and) (more|over|above|longer|higher|greater|fewer|less|under|below|shorter|"
    rf"lower){_UNIT}(?: ([^\W\d]+))?"
)
_EXACT = re.compile(rf"\b(?:exactly|equal to|of exactly) {_N}{_UNIT}(?: ([^\W\d]+))?")
_UNITS_OF_TIME = r"(?:days?|weeks?|months?|years?|hours?|minutes?|quarters?)"
_MOST_OF = r"(?:most|fewest|least|longest|shortest|slowest|fastest|highest|lowest|largest|smallest|biggest|best|worst)"
_TOP = re.compile(
    rf"\b(?:top|best|worst|bottom|first|last|latest|newest) {_WHOLE}\b(?! {_UNITS_OF_TIME})"
    rf"|\b(?:longest|shortest|slowest|fastest|quickest|highest|lowest|largest|smallest|biggest) {_WHOLE}\b(?= |$)"
    rf"|^(?:in )?(?:which|what)(?: are| were)?(?: the)? {_WHOLE} (?!{_UNITS_OF_TIME}\b)"
    rf"|\b(?:the|name|list) {_WHOLE} (?!{_UNITS_OF_TIME}\b)(?:[^ ]+ ){{1,3}}(?:with|that have|having) (?:the )?"
    rf"{_MOST_OF}\b"
    rf"|\b{_WHOLE} (?:calls|conversations|chats) with (?:the )?(?:most|fewest|longest|"
    r"shortest|highest|lowest|largest|smallest)\b"
    rf"|\b{_WHOLE} (?:most|longest|shortest|latest|newest|oldest|biggest|largest|highest|lowest|slowest|fastest|"
    r"commonest|top|main|best|worst|busiest|random|least|earliest|costliest|recent)\b"
    rf"|\b{_WHOLE} (?:examples?|samples?)\b"
    rf"|^(?:please )?(?:list|show|give|pull|get|find|bring|open|fetch|display|see)(?: (?:me|us|up|out|any))* {_WHOLE}"
    r"(?= (?:[^ ]+ ){0,2}[^ ]*(?:calls|conversations|chats)\b)"
    r"(?!(?: |-)(?:secs?|seconds?|mins?|minutes?|hours?|or|to|of))"
)
_DOWN = {"fewer", "less", "under", "below", "shorter", "lower"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with a number, of something that is named beside it."""

    start: int
    end: int
    op: Operator
    values: tuple[float, ...]
    """In seconds where a unit of time was named."""
    timed: bool
    """A unit of time stands with it."""
    noun: str
    """The word after it: `turns`, `calls`; empty where there is none."""
    slow: bool = False
    """`slower than`: of the agent's latency, not of the call's length."""


def find_compared(wording: Wording, *, skip: Sequence[tuple[int, int]] = ()) -> tuple[Compared, ...]:
    """Every comparison with a number that lies in none of the parts to skip."""
    found: list[Compared] = []
    for place in wording.each(_BETWEEN):
        low, unit_low, high, unit_high, noun = place.groups
        unit = unit_high or unit_low
        pair = (_number(low, unit_low or unit), _number(high, unit))
        found.append(_compared(place, Operator.BETWEEN, pair, unit, noun, 4))
    for place in wording.each(_COMPARED):
        ops = (Operator.GTE, Operator.LTE, Operator.GT, Operator.LT)
        op = next(op for op, group in zip(ops, place.groups, strict=False) if group)
        number, unit, noun = place.groups[4:]
        slow = (place.groups[2] or place.groups[3] or "") in {"slower than", "faster than"}
        found.append(_compared(place, op, (_number(number, unit),), unit, noun, 6, slow=slow))
    for place in wording.each(_OR_MORE):
        number, unit, _, way, later, noun = place.groups
        op = Operator.LTE if way in _DOWN else Operator.GTE
        found.append(_compared(place, op, (_number(number, unit or later),), unit or later, noun, 5))
    for place in wording.each(_EXACT):
        number, unit, noun = place.groups
        found.append(_compared(place, Operator.EQ, (_number(number, unit),), unit, noun, 2))
    kept: list[Compared] = []
    for each in sorted(found, key=lambda it: (it.start, -it.end)):
        apart = all(each.end <= start or end <= each.start for start, end in skip)
        if apart and all(each.start >= other.end for other in kept):
            kept.append(each)
    return tuple(kept)


def find_limit(wording: Wording) -> tuple[int, Place] | None:
    """How many are wanted: 5 of `top 5`, 3 of `the three most frequent`."""
    place = wording.find(_TOP)
    if place is None:
        return None
    word = next(group for group in place.groups if group)
    wanted = int(_number(word, None))
    return (wanted, place) if 1 <= wanted <= 10_000 else None


def _compared(
    place: Place,
    op: Operator,
    values: tuple[float, ...],
    unit: str | None,
    noun: str | None,
    noun_at: int,
    *,
    slow: bool = False,
) -> Compared:
    end = place.end if noun is None else max(end for _, end in place.spans[:noun_at])
    return Compared(place.start, end, op, values, unit is not None, noun or "", slow)


def _number(word: str | None, unit: str | None) -> float:
    word = word or "0"
    plain = _WORDS.get(word)
    if plain is None:
        plain = float(re.sub(r",(?=\d{3}\b)", "", word).replace(",", ".").rstrip(".")) if word.count(".") < 2 else 0.0
    first = (unit or "s")[0]
    value = plain * {"s": 1, "m": 60, "h": 3600}[first]
    return int(value) if value == int(value) else value
