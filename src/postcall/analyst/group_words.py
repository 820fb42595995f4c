"""A sentence about a number in each of several groups: the commonest, the way over time, or all of a few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from postcall.analyst.number_words import mark, unit_of, write_value
from postcall.analyst.query_words import group_in_words, query_in_words
from postcall.domain.analysis import Asked
from postcall.domain.queries import Bucket, Measure, Query, Row
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.periods import read_zone

SPELLED_OUT = 6
"""Groups that one sentence names; a table has them all."""
_FEW_BUCKETS = 3
_BUCKETS = frozenset(Bucket)


def grouped_sentence(asked: Asked, now: datetime) -> str:
    """`Conversations by INTENT since 9 April 2026: billing 412, scheduling 300 [q1].`"""
    query, rows = asked.query, known_rows(asked)
    about = f"{_measured(query)} by {_by(query)}{query_in_words(query, now)}"
    if not rows:
        return f"{about}: there is nothing to measure."
    if is_over_time(query) and len(rows) > _FEW_BUCKETS:
        return f"{about}: {_way(query, rows)} {mark(asked)}."
    shown = [_group(query, row) for row in rows[:SPELLED_OUT]]
    more = ", and more in the table" if len(rows) > SPELLED_OUT else ""
    return f"{about}: {'; '.join(shown)}{more} {mark(asked)}."


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


def _measured(query: Query) -> str:
    return " and ".join(measure_in_words(each) for each in query.measures)


def _by(query: Query) -> str:
    return " and ".join("call" if name == "field.id" else name_in_words(name) for name in query.group_by)


def _group(query: Query, row: Row) -> str:
    return f"{names_of(query, row)}: {_numbers(query.measures, row)}"


def _numbers(measures: Sequence[Measure], row: Row) -> str:
    said = []
    for measure, number in zip(measures, row.numbers, strict=True):
        share = f" ({number.count:,} of {number.n:,})" if number.count is not None else ""
        said.append(f"{write_value(number.value, unit_of(measure))}{share}")
    return ", ".join(said)


def _way(query: Query, rows: Sequence[Row]) -> str:
    """The highest, the lowest and the latest of the first measure."""
    measured = [row for row in rows if row.numbers[0].value is not None]
    if not measured:
        return "there is nothing to measure"
    highest = max(measured, key=lambda row: row.numbers[0].value or 0)
    lowest = min(measured, key=lambda row: row.numbers[0].value or 0)
    told = [("highest", highest), ("lowest", lowest), ("latest", measured[-1])]
    return "; ".join(f"{word}: {names_of(query, row)} with {_numbers(query.measures[:1], row)}" for word, row in told)
