"""When two results say the same, as the README beside the questions tells."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

from postcall.domain.queries import Bucket, Number, Query, Result

Key: TypeAlias = tuple[str, ...]
Rows: TypeAlias = list[tuple[Key, tuple[float | None, ...]]]
_BUCKETS = frozenset(bucket.value for bucket in Bucket)
_CUT = 3
"""So many rows of a ranking without a limit must be there."""


def calls_are_right(entry: dict[str, Any], expected: Sequence[list[str]], found: list[str]) -> bool:
    """Whether these are the calls; of those to be read for themes the order is nothing."""
    if entry["kind"] == "themes":
        return any(set(found) == set(each) for each in expected)
    return any(found == each for each in expected)


def numbers_are_right(entry: dict[str, Any], expected: Result, found: Sequence[Result]) -> bool:
    """Whether the results say what is expected: several queries are the rows of one."""
    if len(found) > 1 or any(each.query.compare for each in (expected, *found)):
        return _same_sides(expected, found)
    wanted, given = _rows(expected), _rows(found[0])
    if len({len(key) for key, _ in [*wanted, *given]}) > 1:
        return False
    return any(
        _same_column(wanted, given, place, other, entry, expected.query, found[0].query)
        for place in range(1)
        for other in range(len(found[0].query.measures))
    )


def _same_column(
    wanted: Rows, given: Rows, place: int, other: int, entry: dict[str, Any], asked: Query, own: Query
) -> bool:
    left = [(key, values[place]) for key, values in wanted]
    right = [(key, values[other]) for key, values in given]
    if asked.limit is not None:
        right = right[: len(left)]
    elif own.limit is not None and len(right) < len(left):
        if len(right) < _CUT:
            return False
        left = left[: len(right)]
    if len(left) != len(right):
        return False
    if not (entry["kind"] == "top" or asked.order):
        return all(key in dict(right) and _same(dict(right)[key], value) for key, value in left)
    # Rows that are equal may stand in any order, and at the end either may have been cut off.
    values = {key: values[place] for key, values in wanted}
    return all(_same(a, b) for (_, a), (_, b) in zip(left, right, strict=True)) and all(
        _same(values[key], value) if key in values else _same(left[-1][1], value) for key, value in right
    )


def _same_sides(expected: Result, found: Sequence[Result]) -> bool:
    """The same numbers on each side, whether the sides are rows, queries or compared with the period before."""
    return _sides([expected]) == _sides(found)


def _sides(results: Sequence[Result]) -> Counter[tuple[Key, float | None]]:
    sides: Counter[tuple[Key, float | None]] = Counter()
    for result in results:
        plain = [index for index, name in enumerate(result.query.group_by) if name not in _BUCKETS]
        for row in result.rows:
            key = tuple(sorted(str(row.group[index]) for index in plain if row.group[index] is not None))
            number: Number = row.numbers[0]
            sides[key, _rounded(number.value)] += 1
            if result.query.compare:
                sides[key, _rounded(number.previous)] += 1
    return sides


def _rows(result: Result) -> Rows:
    """Without the groups that have no value."""
    return [
        (tuple(sorted(str(value) for value in row.group)), tuple(number.value for number in row.numbers))
        for row in result.rows
        if None not in row.group
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def _same(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12)
