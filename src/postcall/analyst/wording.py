"""The sentences of an answer. Each number in them was measured, and the mark behind it says by which query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from postcall.analyst.comparing_words import difference_sentence
from postcall.analyst.group_words import grouped_sentence
from postcall.analyst.number_words import (
    SHARES,
    counted_calls,
    mark,
    unit_of,
    write_basis,
    write_chance,
    write_change,
    write_value,
)
from postcall.analyst.query_words import filters_of, query_in_words, scope_in_words, told
from postcall.domain.analysis import Asked
from postcall.domain.queries import Measure, MeasureKind, Number
from postcall.reporting.filter_words import title_of
from postcall.reporting.measure_words import measure_in_words

FEW = "That is too few to rely on."


def answer_sentences(asked: Sequence[Asked], totals: Mapping[str, Asked], now: datetime) -> list[str]:
    """What the queries found; `totals` has, by the id of a query, how many calls there were before it filtered."""
    said = [sentence for each in asked for sentence in _sentences(each, totals.get(each.id), now)]
    difference = difference_sentence(asked)
    return [*said, difference] if difference else said


def count_sentence(asked: Asked, total: Asked | None, now: datetime) -> str:
    """`In 412 [q1] of all 12,431 [q2] calls from 1 to 31 March 2026, channel is webchat.`"""
    count = int(asked.result.rows[0].numbers[0].value or 0) if asked.result.rows else 0
    scope = _spaced(scope_in_words(asked.query, now))
    if total is None:
        were, calls = ("was", "call") if count == 1 else ("were", "calls")
        where = filters_of(asked.query)
        return f"There {were} {count:,} {mark(asked)} {calls}{scope}{f' where {where}' if where else ''}."
    of = int(total.result.rows[0].numbers[0].value or 0) if total.result.rows else 0
    return f"In {count:,} {mark(asked)} of all {of:,} {mark(total)} calls{scope}, {filters_of(asked.query)}."


def _sentences(asked: Asked, total: Asked | None, now: datetime) -> list[str]:
    if asked.query.group_by:
        return [grouped_sentence(asked, now)]
    if not asked.result.rows:
        return [f"There is nothing to measure: no calls{query_in_words(asked.query, now)}."]
    said = []
    for measure, number in zip(asked.query.measures, asked.result.rows[0].numbers, strict=True):
        said.append(_sentence(asked, measure, number, total, now))
        if number.small and number.n and measure.kind is not MeasureKind.CONVERSATIONS:
            said.append(FEW)
        said.extend(_before(asked, measure, number))
    return said


def _sentence(asked: Asked, measure: Measure, number: Number, total: Asked | None, now: datetime) -> str:
    about = query_in_words(asked.query, now)
    if measure.kind is MeasureKind.CONVERSATIONS:
        return count_sentence(asked, total, now)
    if number.value is None:
        return f"{measure_in_words(measure)} of calls{about}: there is nothing to measure."
    if measure.kind in SHARES:
        basis = write_basis(number, measure, counted_calls(asked, number))
        share = write_value(number.value, unit_of(measure))
        return f"{_has(measure)} in {share} ({basis}) {mark(asked)}{_aside(asked, now)}."
    basis = write_basis(number, measure)
    value = write_value(number.value, unit_of(measure))
    behind = f", from {basis}" if basis else ""
    return f"{measure_in_words(measure)} of calls{about}: {value}{behind} {mark(asked)}."


def _has(measure: Measure) -> str:
    name = title_of(measure.of or "")
    if measure.kind is MeasureKind.SHARE:
        return f"{name} has a value"
    return f"{name} is {told(measure.value)}"


def _before(asked: Asked, measure: Measure, number: Number) -> list[str]:
    """Of a query that compares with the period of the same length before."""
    if not asked.query.compare:
        return []
    unit = unit_of(measure)
    if number.previous is None or number.change is None:
        return [f"In the period before there was nothing to measure {mark(asked)}."]
    chance = "" if number.p_value is None else f", {write_chance(number.p_value)}"
    return [
        f"In the period before it was {write_value(number.previous, unit)}:"
        f" a change of {write_change(number.change, unit)}{chance} {mark(asked)}."
    ]


def _aside(asked: Asked, now: datetime) -> str:
    """Which calls these are, behind a sentence that is whole without it."""
    scope, filters = scope_in_words(asked.query, now), filters_of(asked.query)
    return _spaced(scope) + (f", where {filters}" if filters else "")


def _spaced(words: str) -> str:
    return f" {words}" if words else ""
