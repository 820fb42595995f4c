"""Whether a sentence calls a number what it is: an average no median, callers no calls, this week not the last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postcall.analyst.cells import Role, cells_of, fits
from postcall.analyst.figures import Figure
from postcall.analyst.row_labels import Place
from postcall.domain.analysis import Asked
from postcall.domain.queries import MeasureKind

_CALLED = (
    (re.compile(r"\b(?:average|averages|averaged|averaging|mean)\b", re.I), frozenset({MeasureKind.AVERAGE})),
    (re.compile(r"\bmedian\b", re.I), frozenset({MeasureKind.P50})),
)
_CALLS = re.compile(r"\s*(?:[a-z]+ )?(?:calls?|conversations?)\b", re.I)
_VALUES = frozenset({MeasureKind.DISTINCT, MeasureKind.COUNT})
_COMPARES = re.compile(r"\b(?:compar\w+ (?:to|with)|than|against|versus|vs\.?|over|on|from|since)\s*$", re.I)


def measure_refused(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why a word for what was measured is not what the results measure; None where it is."""
    kinds = {measure.kind for each in asked for measure in each.query.measures}
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
