"""Which calls are compared with which, where a question asks what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from postcall.analyst.differences import Side
from postcall.analyst.group_words import known_rows, names_of
from postcall.analyst.query_words import query_in_words
from postcall.domain.analysis import Asked
from postcall.domain.queries import All, Bucket, Condition, Not, Operator, Query, Row
from postcall.reporting.buckets import bucket_bounds
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.periods import read_zone

_BUCKETS = frozenset(Bucket)


def sides_of(asked: tuple[Asked, ...], now: datetime) -> tuple[Side, Side] | None:
    """The two sides whose sizes were asked for: two queries, or one by two groups; None where there are no two.

    Of a yes and a no, the no comes first, since it is what one asks about; of two stretches of time the later one; of
    more than two groups the largest, against all calls with another value.
    """
    if len(asked) == 2:
        one, other = (Side(f"calls{query_in_words(each.query, now)}", each.query) for each in asked)
        return one, other
    if len(asked) != 1 or len(asked[0].query.group_by) != 1:
        return None
    query, rows = asked[0].query, [row for row in known_rows(asked[0]) if None not in row.group]
    if len(rows) < 2:
        return None
    if query.group_by[0] in _BUCKETS:
        return _in_bucket(query, rows[-1]), _in_bucket(query, rows[-2])
    if len(rows) == 2:
        one_row, other_row = sorted(rows, key=lambda row: row.group[0] is not False)
        return _with(query, one_row), _with(query, other_row)
    largest = max(rows, key=lambda row: row.numbers[0].n)
    return _with(query, largest), _without(query, largest)


def _in_bucket(query: Query, row: Row) -> Side:
    zone = read_zone(query.time_zone)
    since, until = bucket_bounds(Bucket(query.group_by[0]), str(row.group[0]), zone)
    if query.since is not None:
        since = max(since, query.since)
    if query.until is not None:
        until = min(until, query.until)
    return Side(f"calls of {names_of(query, row)}", replace(query, since=since, until=until))


def _with(query: Query, row: Row) -> Side:
    name = query.group_by[0]
    return Side(
        f"calls where {name_in_words(name)} is {names_of(query, row)}",
        _filtered(query, Condition(name, Operator.EQ, row.group[0])),
    )


def _without(query: Query, row: Row) -> Side:
    name = query.group_by[0]
    condition = Condition(name, Operator.EQ, row.group[0])
    return Side(
        f"calls where {name_in_words(name)} is not {names_of(query, row)}",
        _filtered(query, Condition(name, Operator.EXISTS), Not(condition)),
    )


def _filtered(query: Query, *parts: Condition | Not) -> Query:
    return replace(query, filters=All((*query.filters.parts, *parts)))
