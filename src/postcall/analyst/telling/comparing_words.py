"""How far apart two numbers are, where an answer has just two to be compared: the difference first, then both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from postcall.analyst.telling.call_words import doing_in_words, group_said, when_said
from postcall.analyst.telling.group_words import known_rows
from postcall.analyst.telling.measure_phrases import more_or_less, subject_of
from postcall.analyst.telling.number_words import SHARES, Unit, mark, tell_chance, tell_size, tell_value, unit_of
from postcall.analyst.telling.query_words import period_in_words
from postcall.domain.analysis import Asked
from postcall.domain.queries import Bucket, Measure, MeasureKind, Number, Query, Row
from postcall.reporting.periods import read_zone
from postcall.reporting.statistics import compare_counts, compare_means, compare_rates, deviation_of

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Side:
    """One of two numbers."""

    says: str
    """Behind the number of calls: `from 1 to 7 March 2026`, `that were by web chat`."""
    number: Number
    mark: str
    """Empty where the mark stands at the end, as both have the same."""
    days: float | None = None
    """How long its period is, where that is another than that of the other side."""


def difference_sentence(asked: Sequence[Asked], now: datetime) -> str:
    """Between two queries of one number, or the two groups of one; empty where there are not just two to compare.

    A query that orders its groups asks which is first, and not how far it is from the next.
    """
    if len(asked) == 2:
        return _of_queries(asked[0], asked[1], now)
    if len(asked) != 1 or len(asked[0].query.group_by) != 1 or len(asked[0].query.measures) != 1:
        return ""
    rows, query = known_rows(asked[0]), asked[0].query
    if len(rows) != 2 or query.order or any(None in row.group for row in rows):
        return ""
    if query.measures[0].kind is MeasureKind.CONVERSATIONS and query.group_by[0] not in set(Bucket):
        return ""  # how the calls fall on the two is told as of any number of groups
    rows = tuple(sorted(rows, key=lambda row: row.numbers[0].value or 0.0, reverse=True))
    if query.group_by[0] in set(Bucket):
        rows = tuple(sorted(rows, key=lambda row: str(row.group[0]), reverse=True))
    sides = [_Side(_of_group(query, row), row.numbers[0], "") for row in rows]
    told = _sentence(query.measures[0], sides[0], sides[1], alike=False)
    return f"{told} {mark(asked[0])}." if told else ""


def _of_group(query: Query, row: Row) -> str:
    name, value = query.group_by[0], row.group[0]
    return when_said(query, str(value)) if name in set(Bucket) else f"calls that {group_said(query, name, value)}"


def before_sentence(asked: Asked, measure: Measure, number: Number) -> str:
    """Of a query that compares with the period of the same length before."""
    if number.previous is None or number.change is None:
        return f"In the period before there was nothing to measure {mark(asked)}."
    unit = unit_of(measure)
    was = tell_value(number.previous, unit)
    if not number.change:
        return f"It was just the same in the period before {mark(asked)}."
    change = f"{tell_size(number.change, unit)} {more_or_less(measure, number.change)}"
    return f"That is {change} than in the period before ({was}){tell_chance(number.p_value)} {mark(asked)}."


def _of_queries(first: Asked, second: Asked, now: datetime) -> str:
    if not (_is_single(first) and _is_single(second)) or first.query.measures != second.query.measures:
        return ""
    if first.query.since is not None and second.query.since is not None and first.query.since < second.query.since:
        first, second = second, first  # the later one is what is asked about
    one, other = (
        _Side(_apart(mine.query, others.query, now), _number(mine), f" {mark(mine)}", _days(mine, others, now))
        for mine, others in ((first, second), (second, first))
    )
    told = _sentence(first.query.measures[0], one, other, alike=_as_long(first, second))
    return f"{told}." if told else ""


def _sentence(measure: Measure, one: _Side, other: _Side, *, alike: bool) -> str:
    """The one that has more, less or as much, without the full stop."""
    if one.number.value is None or other.number.value is None:
        return ""
    chance = tell_chance(_chance(measure, one.number, other.number, alike=alike))
    unit = unit_of(measure)
    change = one.number.value - other.number.value
    if measure.kind is MeasureKind.CONVERSATIONS:
        return f"{_counts(one, other)}{chance}"
    subject = subject_of(measure)
    subject = subject[0].upper() + subject[1:]
    one, other = (
        replace(side, says=f"for {side.says}" if side.says.startswith("calls") else side.says) for side in (one, other)
    )
    mine = f"{one.says} ({_value(one, unit)}){one.mark}"
    others = f"{other.says} ({_value(other, unit)}){other.mark}"
    if tell_value(one.number.value, unit) == tell_value(other.number.value, unit):
        return f"{subject} was the same {mine} and {others}{chance}"
    more = f"{tell_size(change, unit)} {more_or_less(measure, change)}"
    return f"{subject} was {more} {mine} than {others}{chance}"


def _counts(one: _Side, other: _Side) -> str:
    mine, others = int(one.number.value or 0), int(other.number.value or 0)
    change = mine - others
    numbers = f"{mine:,}{_a_day(one)}{one.mark} against {others:,}{_a_day(other)}{other.mark}"
    calls = one.says if one.says.startswith("calls") else f"calls {one.says}"
    if not change:
        return f"There were as many {calls} as {other.says}: {numbers}"
    more = f"{abs(change):,} {'more' if change > 0 else 'fewer'}"
    return f"There were {more} {calls} than {other.says}: {numbers}"


def _a_day(side: _Side) -> str:
    return f" ({(side.number.value or 0) / side.days:,.1f} a day)" if side.days else ""


def _value(side: _Side, unit: Unit) -> str:
    number = side.number
    of = f", {number.count:,} of {number.n:,}" if number.count is not None else ""
    return f"{tell_value(number.value, unit)}{of}"


def _apart(mine: Query, others: Query, now: datetime) -> str:
    """What tells a side from the other."""
    said = []
    if (mine.since, mine.until) != (others.since, others.until):
        said.append(period_in_words(mine, now) or "of all time")
    if mine.agent != others.agent:
        said.append("of every agent" if mine.agent is None else f"of {mine.agent}")
    shared = [part for part in mine.filters.parts if part in others.filters.parts]
    doing = doing_in_words(mine, without=shared) if mine.text != others.text or mine.filters != others.filters else ""
    if doing:
        said.insert(0, f"calls that {doing}")
    return " ".join(said) or "in all"


def _is_single(asked: Asked) -> bool:
    return not asked.query.group_by and len(asked.query.measures) == 1 and bool(asked.result.rows)


def _as_long(one: Asked, other: Asked) -> bool:
    """Whether both count the same calls of two different periods of one length."""
    mine, others = one.query, other.query
    if mine.since is None or mine.until is None or others.since is None or others.until is None:
        return False
    same = replace(mine, since=others.since, until=others.until) == others
    return same and mine.since != others.since and _length(mine) == _length(others)


def _days(mine: Asked, others: Asked, now: datetime) -> float | None:
    one, other = (replace(each.query, until=min(each.query.until or now, now)) for each in (mine, others))
    if one.since is None or other.since is None or _length(one) == _length(other):
        return None
    days = _length(one) / _DAY
    return days if min(days, _length(other) / _DAY) >= 1 else None


def _length(query: Query) -> float:
    """In seconds of the clock on the wall: seven days are seven days, also where it was changed in one of them."""
    assert query.since is not None and query.until is not None
    zone = read_zone(query.time_zone)
    since, until = (each.astimezone(zone).replace(tzinfo=None) for each in (query.since, query.until))
    return (until - since).total_seconds()


def _number(asked: Asked) -> Number:
    return asked.result.rows[0].numbers[0]


def _chance(measure: Measure, one: Number, other: Number, *, alike: bool) -> float | None:
    """Of rates, averages, and counts over times of one length."""
    if measure.kind in SHARES and one.count is not None and other.count is not None:
        return compare_rates(one.count, one.n, other.count, other.n)
    if alike and measure.kind is MeasureKind.CONVERSATIONS:
        return compare_counts(int(one.value or 0), int(other.value or 0))
    if measure.kind is MeasureKind.AVERAGE and one.interval and other.interval and min(one.n, other.n) > 1:
        mine, others = deviation_of(one.interval, one.n), deviation_of(other.interval, other.n)
        return compare_means(one.value or 0.0, mine, one.n, other.value or 0.0, others, other.n)
    return None
