"""Numbers of the query itself, which a sentence repeats: `longer than 5 minutes`, `the top 3`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postcall.analyst.checking.figures import Figure, Unit
from postcall.analyst.checking.harmless_words import is_of_percentile
from postcall.domain.analysis import Asked
from postcall.domain.queries import All, AnyOf, Condition, Filter, Not, Operator

_MORE = re.compile(
    r"\b(?:over|above|beyond|exceed\w*|after|at least|no less than|(?:more|longer|greater|higher|larger) than)\s*$",
    re.I,
)
_LESS = re.compile(
    r"\b(?:under|below|within|up to|before|at most|no more than|(?:less|fewer|shorter|lower|smaller|faster) than)\s*$",
    re.I,
)
_EITHER = re.compile(r"\b(?:at|for|between|and|exactly|than)\s*$", re.I)
_FIRST = re.compile(r"\b(?:top|first|last)\s*$", re.I)
_CONFIDENCE = re.compile(r"\s*(?:confidence|interval|CI)\b", re.I)
_UP = frozenset({Operator.GT, Operator.GTE})
_DOWN = frozenset({Operator.LT, Operator.LTE})


def is_threshold(figure: Figure, text: str, asked: Asked) -> bool:
    """Whether the query asks for just this number, and for more or less of it as the sentence says."""
    before, behind = text[: figure.start], text[figure.end :]
    if figure.value == 95 and figure.unit is Unit.PERCENT and _CONFIDENCE.match(behind):
        return any(number.interval is not None for row in asked.result.rows for number in row.numbers)
    if figure.unit is Unit.PERCENT and is_of_percentile(figure.value, behind, asked):
        return True
    if figure.unit is Unit.NONE and _FIRST.search(before):
        return figure.value == asked.query.limit
    if figure.unit is Unit.NONE and re.match(r"\s*(?:\w+ )?turns\b", behind) is None:
        return False
    scale = {Unit.MINUTES: 60.0, Unit.HOURS: 3600.0, Unit.PERCENT: 0.01}.get(figure.unit, 1.0)
    wanted = figure.value * scale
    return any(abs(bound - wanted) < 1e-9 and _fits(op, before) for op, bound in _bounds(asked))


def conditions_of(part: Filter) -> Iterator[Condition]:
    """All comparisons in a filter."""
    for condition, _ in _conditions(part, opposite=False):
        yield condition


def _fits(op: Operator, before: str) -> bool:
    if _MORE.search(before):
        return op in _UP
    if _LESS.search(before):
        return op in _DOWN
    return _EITHER.search(before) is not None and op not in _UP | _DOWN


def _bounds(asked: Asked) -> Iterator[tuple[Operator, float]]:
    pairs = [
        (_turned(each.op) if opposite else each.op, value)
        for each, opposite in _conditions(asked.query.filters, opposite=False)
        for value in (each.value, *each.values)
    ]
    pairs += [(having.op, value) for having in asked.query.having for value in (having.value, *having.values)]
    for op, value in pairs:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield op, value


def _turned(op: Operator) -> Operator:
    turned = {
        Operator.GT: Operator.LTE, Operator.GTE: Operator.LT, Operator.LT: Operator.GTE, Operator.LTE: Operator.GT,
    }  # fmt: skip
    return turned.get(op, op)


def _conditions(part: Filter, *, opposite: bool) -> Iterator[tuple[Condition, bool]]:
    match part:
        case Condition():
            yield part, opposite
        case Not(part=inner):
            yield from _conditions(inner, opposite=not opposite)
        case All(parts=parts) | AnyOf(parts=parts):
            for each in parts:
                yield from _conditions(each, opposite=opposite)
