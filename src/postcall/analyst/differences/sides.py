"""Which calls are compared with which, where a question asks what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from postcall.analyst.asking import is_filtered, unfiltered
from postcall.analyst.differences.finding import Side
from postcall.analyst.telling.call_words import that_in_words
from postcall.analyst.telling.group_words import known_rows
from postcall.analyst.telling.query_words import goes_without_saying, scope_in_words
from postcall.domain.analysis import Asked
from postcall.domain.queries import All, Bucket, Condition, Filter, Not, Operator, Query, Row
from postcall.reporting.buckets import bucket_bounds
from postcall.reporting.periods import read_zone

_BUCKETS = frozenset(Bucket)


def sides_of(asked: tuple[Asked, ...], now: datetime, about: Query | None = None) -> tuple[Side, Side] | None:
    """The two sides whose sizes were asked for: two queries, or one by two groups, or the calls of one filtered query
    and all others; None where there are no two.

    First comes the side that is asked about: the calls of `about`; of a yes and a no the no; of two stretches of time
    or two versions the later one; of more than two groups the largest, against all calls with another value.
    """
    queries = _queries_of(asked, about)
    if queries is None:
        return None
    one, other = queries
    return Side(_called(one, other, now), one), Side(_called(other, one, now, again=True), other)


def _queries_of(asked: tuple[Asked, ...], about: Query | None) -> tuple[Query, Query] | None:
    if len(asked) == 2:
        one, other = (each.query for each in asked)
        return (other, one) if _is_before(one, other) else (one, other)
    if len(asked) != 1 or len(asked[0].query.group_by) > 1:
        return None
    query = asked[0].query
    if not query.group_by:
        return _and_others(query)
    [name] = query.group_by
    rows = [row for row in known_rows(asked[0]) if None not in row.group]
    if len(rows) == 1 and isinstance(rows[0].group[0], bool):
        return _with_it_and_without(query, _is(name, rows[0]), about)
    if len(rows) < 2:
        return None if about is None else _and_others(about)
    if name in _BUCKETS:
        return _in_bucket(query, rows[-1]), _in_bucket(query, rows[-2])
    if name == "field.version":
        *_, earlier, latest = sorted(rows, key=lambda row: float(str(row.group[0])))
        return _with(query, _is(name, latest)), _with(query, _is(name, earlier))
    meant = [row for row in rows if about is not None and _is(name, row) in about.filters.parts]
    if len(rows) == 2:
        first, second = sorted(rows, key=lambda row: (row not in meant, row.group[0] is not False))
        return _with(query, _is(name, first)), _with(query, _is(name, second))
    largest = _is(name, max(meant or rows, key=lambda row: row.numbers[0].n))
    return _with(query, largest), _with(query, Condition(name, Operator.EXISTS), Not(largest))


def _is_before(one: Query, other: Query) -> bool:
    return one.until is not None and other.since is not None and one.until <= other.since


def _with_it_and_without(query: Query, written: Condition, about: Query | None) -> tuple[Query, Query]:
    """Of a flag that is only ever written one way the calls without it are the other; they come first unless the
    flag itself is asked about."""
    known = Condition(written.field, Operator.EXISTS)
    every = replace(query, filters=All(tuple(part for part in query.filters.parts if part != known)))
    those, others = _with(every, written), _with(every, Not(written))
    return (those, others) if about is not None and written in about.filters.parts else (others, those)


def _and_others(query: Query) -> tuple[Query, Query] | None:
    """Words that are searched for have no opposite."""
    if query.text is not None or not is_filtered(query):
        return None
    kept = unfiltered(query).filters.parts
    wanted = tuple(part for part in query.filters.parts if part not in kept)
    return query, replace(query, filters=All((*kept, Not(All(wanted)))))


def _in_bucket(query: Query, row: Row) -> Query:
    zone = read_zone(query.time_zone)
    since, until = bucket_bounds(Bucket(query.group_by[0]), str(row.group[0]), zone)
    if query.since is not None:
        since = max(since, query.since)
    if query.until is not None:
        until = min(until, query.until)
    return replace(query, group_by=(), order=(), having=(), limit=None, since=since, until=until)


def _is(name: str, row: Row) -> Condition:
    return Condition(name, Operator.EQ, row.group[0])


def _with(query: Query, *parts: Filter) -> Query:
    return replace(query, filters=All((*query.filters.parts, *parts)))


def _called(query: Query, facing: Query, now: datetime, *, again: bool = False) -> str:
    """`calls since 9 April 2026 that had INTENT “billing”`; the second time without what both have in common."""
    mine = tuple(part for part in query.filters.parts if not again or part not in facing.filters.parts)
    told = tuple(part for part in mine if not goes_without_saying(part, (*query.filters.parts, *facing.filters.parts)))
    own = tuple(part for part in facing.filters.parts if part not in query.filters.parts)
    if again and len(told) == 1 and isinstance(told[0], Not) and told[0].part in {All(own), *own}:
        return "other calls"
    scope = scope_in_words(query, now)
    scoped = f" {scope}" if scope and not (again and scope == scope_in_words(facing, now)) else ""
    return f"calls{scoped}{that_in_words(replace(query, filters=All(told)))}"
