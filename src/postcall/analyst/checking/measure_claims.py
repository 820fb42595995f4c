"""Whether a sentence calls a number what it is: an average no median, callers no calls, this week not the last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postcall.analyst.checking.cells import Cell, Role, cells_of, fits, kind_of
from postcall.analyst.checking.figures import Figure
from postcall.analyst.checking.row_labels import Place
from postcall.domain.analysis import Asked
from postcall.domain.queries import MeasureKind

_TOTALS = frozenset({MeasureKind.SUM, MeasureKind.CONVERSATIONS, MeasureKind.COUNT, MeasureKind.DISTINCT})
_CALLED = (
    (re.compile(r"\b(?:average|averages|averaged|averaging|mean)\b", re.I), frozenset({MeasureKind.AVERAGE})),
    (re.compile(r"\bmedian\b", re.I), frozenset({MeasureKind.P50})),
    (re.compile(r"\b(?:different|distinct|unique) (?!from\b)", re.I), frozenset({MeasureKind.DISTINCT})),
    (re.compile(r"\b(?:total|totals|totalled|altogether|sum|together)\b", re.I), _TOTALS),
)
_EXTREMES = (
    (re.compile(r"\b(?:shortest|smallest|lowest|quickest|fastest|minimum|(?<!at )least)\b", re.I), MeasureKind.MIN),
    (re.compile(r"\b(?:longest|largest|biggest|highest|slowest(?! \d)|maximum|greatest)\b", re.I), MeasureKind.MAX),
)
_CALLS = re.compile(r"\s*(?:[a-z]+ )?(?:calls?|conversations?)\b", re.I)
_FROM_CALLERS = re.compile(
    r"\b(?:calls?|conversations?) (?:from|by|of) [\d,]+ (?:callers?|people|customers?|users?)\b", re.I
)
_VALUES = frozenset({MeasureKind.DISTINCT, MeasureKind.COUNT})
_COMPARES = re.compile(r"\b(?:compar\w+ (?:to|with)|than|against|versus|vs\.?|over|on|from|since)\s*$", re.I)


def measure_refused(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why a word for what was measured is not what the results measure; None where it is."""
    kinds = {measure.kind for each in asked for measure in each.query.measures}
    if MeasureKind.DISTINCT not in kinds and _FROM_CALLERS.search(text):
        return "calls were counted, and not who called"
    for pattern, fitting in _CALLED:
        found = pattern.search(text)
        if found is not None and kinds and not kinds & fitting:
            return f"{found.group()!r} is not what the result measures"
    if all(measure.of is not None and measure.kind in _VALUES for each in asked for measure in each.query.measures):
        totals = {each.result.calls for each in asked}
        for figure in figures:
            if asked and _CALLS.match(text[figure.end :]) and figure.value not in totals:
                return f"{text[figure.start : figure.end]!r} counts values, and no calls"
    return None


def extreme_refused(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why a number beside `longest` is not the largest value, nor one beside `shortest` the smallest.

    Of several rows the longest is the row with the most, which is held against the rows.
    """
    measured = [
        (measure.kind, Cell(number.value, kind_of(measure), index))
        for each in asked
        for index, row in enumerate(each.result.rows)
        for measure, number in zip(each.query.measures, row.numbers, strict=True)
        if number.value is not None
    ]
    kinds = {kind for kind, _ in measured}
    if any(each.query.group_by for each in asked) and not kinds & {MeasureKind.MIN, MeasureKind.MAX}:
        return None
    for pattern, kind in _EXTREMES:
        for found in pattern.finditer(text):
            figure = min(figures, key=lambda each: _away(each, *found.span()), default=None)
            if figure is None or not any(one is kind and fits(figure, cell, text) for one, cell in measured):
                return f"{found.group()!r} is not what the result measures"
    return None


def before_refused(text: str, before: Sequence[Place], figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why a number beside `the week before` is not of that week. `before`: where such words stand."""
    cells = [cell for each in asked for cell in cells_of(each)]
    for start, end in before:
        if _COMPARES.search(text[:start]) or not figures:
            continue
        figure = min(figures, key=lambda each: _away(each, start, end))
        roles = {cell.role for cell in cells if fits(figure, cell, text)}
        if not roles & {Role.BEFORE, Role.CHANGE, Role.CHANCE}:
            return f"{text[figure.start : figure.end]!r} is not the number of the period before"
    return None


def _away(figure: Figure, start: int, end: int) -> int:
    """Characters between a number and some words."""
    return figure.start - end if figure.start >= end else start - figure.end
