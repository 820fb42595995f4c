"""Sentences about a number in each of several groups: which has the most, then the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from postcall.analyst.telling.call_words import group_name, group_said, that_in_words
from postcall.analyst.telling.measure_phrases import is_of_times, subject_of
from postcall.analyst.telling.number_words import SHARES, Unit, mark, tell_value, unit_of
from postcall.analyst.telling.query_words import group_in_words, scope_in_words
from postcall.analyst.telling.trend_words import trend_sentences
from postcall.domain.analysis import Asked
from postcall.domain.queries import Bucket, Condition, Measure, MeasureKind, Number, Operator, Query, Row
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.periods import read_zone
from postcall.reporting.statistics import SMALL

SPELLED_OUT = 6
"""Groups that one sentence names; a table has them all."""
_FEW_BUCKETS = 3
_BUCKETS = frozenset(Bucket)
_HAD = frozenset({"field.handoff_reason", "field.handoff_destination", "field.variant"})


def grouped_sentences(asked: Asked, now: datetime, first_call: datetime | None = None) -> list[str]:
    """`The most calls since 9 April 2026 had INTENT “billing”: 412 of the 514 in which it is known; then ... [q1].`"""
    query, rows = asked.query, known_rows(asked)
    scope = f"{_spaced(scope_in_words(query, now))}{that_in_words(query, without=_known(query, Operator.EQ))}"
    measured = [row for row in rows if row.numbers[0].value is not None]
    if not measured:
        return [f"There is nothing to measure: there were no calls{scope} of which that is known {mark(asked)}."]
    if is_over_time(query):
        if len(measured) > _FEW_BUCKETS:
            return trend_sentences(asked, measured, scope, now, first_call)
        told = "; ".join(f"{_name(query, row)}: {_numbers(query.measures, row)}" for row in measured)
        subject = subject_of(query.measures[0])
        return [f"{subject[0].upper()}{subject[1:]}{scope}, by {_by(query)}: {told} {mark(asked)}."]
    ordered = measured if query.order else sorted(measured, key=_size, reverse=True)
    first, others = ordered[0], ordered[1:SPELLED_OUT]
    then = "".join(f"; {'then ' if not at else ''}{_other(query, row)}" for at, row in enumerate(others))
    more = ", and more in the table" if len(ordered) > SPELLED_OUT else ""
    few = asked.result.calls < SMALL and query.measures[0].kind is MeasureKind.CONVERSATIONS
    said = f"With only {asked.result.calls:,}, the shares say little {mark(asked)}."
    return [f"{_first(asked, first, scope)}{then}{more} {mark(asked)}.", *([said] if few else [])]


def known_rows(asked: Asked) -> tuple[Row, ...]:
    """Those of groups that have a value; where there are no others, all."""
    return tuple(row for row in asked.result.rows if None not in row.group) or asked.result.rows


def is_over_time(query: Query) -> bool:
    """Whether its rows are stretches of time in their order, and nothing else."""
    return len(query.group_by) == 1 and query.group_by[0] in _BUCKETS and not query.order


def names_of(query: Query, row: Row) -> str:
    """The groups of a row in words: `billing, 14 April 2026`."""
    zone = read_zone(query.time_zone)
    return ", ".join(group_in_words(name, value, zone) for name, value in zip(query.group_by, row.group, strict=True))


def _first(asked: Asked, row: Row, scope: str) -> str:
    """The group that comes first, with its number."""
    query, measure = asked.query, asked.query.measures[0]
    if measure.kind is MeasureKind.CONVERSATIONS and row.numbers[0].value == asked.result.calls > 1:
        return _all_of_one(asked, row, scope)
    rising = bool(query.order) and not query.order[0].descending
    if query.group_by == ("field.id",):
        subject = name_in_words(measure.of) if measure.of is not None else "number of calls"
        most = f"The {_most(measure, rising=rising)} {subject}{scope}"
        return f"{most} was {_numbers(query.measures, row)}, in {_name(query, row)}"
    if measure.kind is MeasureKind.CONVERSATIONS and _is_named(query):
        name, common = name_in_words(query.group_by[0]), "least" if rising else "most"
        of = f" of calls{scope}" if scope else ""
        value = f"{_quoted(query, row)}: {_numbers(query.measures, row)}{_of_how_many(asked, row)}"
        return f"The {common} common {name}{of} is {value}"
    if measure.kind is MeasureKind.CONVERSATIONS:
        did = " and ".join(
            group_said(query, name, value) for name, value in zip(query.group_by, row.group, strict=True)
        )
        of = _of_how_many(asked, row)
        return f"The {'fewest' if rising else 'most'} calls{scope} {did}: {_numbers(query.measures, row)}{of}"
    subject = subject_of(measure)
    if measure.kind in {MeasureKind.MAX, MeasureKind.MIN}:
        told = f"{_numbers(query.measures, row)}, for {_name(query, row)}"
        return f"{subject[0].upper()}{subject[1:]}{scope} was {told}"
    was = f"was {_most(measure, rising=rising)} for {_name(query, row)}"
    return f"{subject[0].upper()}{subject[1:]}{scope} {was}: {_numbers(query.measures, row)}"


def _all_of_one(asked: Asked, row: Row, scope: str) -> str:
    """Where there is only one group: nothing is the most of one."""
    query, calls = asked.query, asked.result.calls
    if _is_named(query):
        known = " in which it is known" if _known(query) else ""
        return f"{name_in_words(query.group_by[0])} is {_quoted(query, row)} in all {calls:,} calls{scope}{known}"
    did = " and ".join(group_said(query, name, value) for name, value in zip(query.group_by, row.group, strict=True))
    return f"All {calls:,} calls{scope} {did}"


def _is_named(query: Query) -> bool:
    """Whether it is grouped by one thing that calls have, and not by what they are: a reason, and not a weekday."""
    name = query.group_by[0]
    return len(query.group_by) == 1 and (name.startswith("metric.") or name in _HAD)


def _most(measure: Measure, *, rising: bool) -> str:
    if is_of_times(measure):
        return "shortest" if rising else "longest"
    return "lowest" if rising else "highest"


def _of_how_many(asked: Asked, first: Row) -> str:
    """What the first of the groups is a part of, and how large a part."""
    known = [part.field for part in _known(asked.query)]
    of = f" of the {asked.result.calls:,} calls in which it is known" if known else f" of all {asked.result.calls:,}"
    return f"{of} ({tell_value((first.numbers[0].value or 0) / asked.result.calls, Unit.SHARE)})"


def _known(query: Query, *ops: Operator) -> list[Condition]:
    """What only keeps the groups that have a value, or one of them: the groups themselves tell it."""
    return [
        part
        for part in query.filters.parts
        if isinstance(part, Condition) and part.op in {Operator.EXISTS, *ops} and part.field in query.group_by
    ]


def _size(row: Row) -> float:
    return row.numbers[0].value or 0.0


def _by(query: Query) -> str:
    return " and ".join(name_in_words(name) for name in query.group_by)


def _name(query: Query, row: Row) -> str:
    return ", ".join(group_name(query, name, value) for name, value in zip(query.group_by, row.group, strict=True))


def _other(query: Query, row: Row) -> str:
    name = _quoted(query, row)
    return f"{name}{' ' if name.endswith('”') else ': '}{_numbers(query.measures, row)}"


def _quoted(query: Query, row: Row) -> str:
    """A text that a metric has, in quotation marks: one sees where it ends and its number begins."""
    return f"“{_name(query, row)}”" if _is_named(query) and isinstance(row.group[0], str) else _name(query, row)


def _numbers(measures: Sequence[Measure], row: Row) -> str:
    return ", ".join(_number(measure, number) for measure, number in zip(measures, row.numbers, strict=True))


def _number(measure: Measure, number: Number) -> str:
    if number.count is None:
        return tell_value(number.value, unit_of(measure))
    few = ", few" if number.small and measure.kind in SHARES else ""
    return f"{tell_value(number.value, unit_of(measure))} ({number.count:,} of {number.n:,}{few})"


def _spaced(words: str) -> str:
    return f" {words}" if words else ""
