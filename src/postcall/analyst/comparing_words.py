"""How far apart two numbers are, where an answer has just two to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from postcall.analyst.group_words import known_rows, names_of
from postcall.analyst.number_words import mark, unit_of, write_chance, write_change
from postcall.domain.analysis import Asked
from postcall.domain.queries import Measure, MeasureKind, Number
from postcall.reporting.statistics import compare_counts, compare_rates


def difference_sentence(asked: Sequence[Asked]) -> str:
    """Between two queries of one number, or the two groups of one; empty where there are not just two to compare.

    A query that orders its groups asks which is first, and not how far it is from the next.
    """
    if len(asked) == 2:
        first, second = asked
        if _is_single(first) and _is_single(second) and first.query.measures == second.query.measures:
            between = "From the first to the second"
            if first.query.since is not None and second.query.since is not None:
                first, second = sorted(asked, key=_began)
                between = "From the earlier to the later period"
            of = first.query.measures[0]
            return _sentence(between, of, _number(first), _number(second), asked, alike=_as_long(first, second))
        return ""
    if len(asked) != 1 or len(asked[0].query.group_by) != 1:
        return ""
    rows = known_rows(asked[0])
    if len(rows) != 2 or asked[0].query.order:
        return ""
    one, other = rows
    query = asked[0].query
    between = f"From {names_of(query, one)} to {names_of(query, other)}"
    return _sentence(between, query.measures[0], one.numbers[0], other.numbers[0], asked)


def _is_single(asked: Asked) -> bool:
    return not asked.query.group_by and len(asked.query.measures) == 1 and bool(asked.result.rows)


def _began(asked: Asked) -> datetime:
    assert asked.query.since is not None
    return asked.query.since


def _as_long(one: Asked, other: Asked) -> bool:
    """Whether both count the same calls of two different periods of one length."""
    mine, others = one.query, other.query
    if mine.since is None or mine.until is None or others.since is None or others.until is None:
        return False
    same = replace(mine, since=others.since, until=others.until) == others
    return same and mine.since != others.since and mine.until - mine.since == others.until - others.since


def _number(asked: Asked) -> Number:
    return asked.result.rows[0].numbers[0]


def _sentence(
    between: str, measure: Measure, one: Number, other: Number, asked: Sequence[Asked], *, alike: bool = False
) -> str:
    """With the chance that so large a difference is chance: of rates, and of counts over times of one length."""
    if one.value is None or other.value is None:
        return ""
    chance = None
    if measure.kind in {MeasureKind.RATE, MeasureKind.SHARE} and one.count is not None and other.count is not None:
        chance = compare_rates(one.count, one.n, other.count, other.n)
    elif alike and measure.kind is MeasureKind.CONVERSATIONS:
        chance = compare_counts(int(one.value), int(other.value))
    change = write_change(other.value - one.value, unit_of(measure))
    tested = "" if chance is None else f", {write_chance(chance)}"
    return f"{between} that is a change of {change}{tested} {' '.join(mark(each) for each in asked)}."
