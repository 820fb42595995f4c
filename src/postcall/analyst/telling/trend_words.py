"""What happens to a number over time: whether it rises or falls by more than chance, and where it was highest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from postcall.analyst.telling.call_words import when_said
from postcall.analyst.telling.measure_phrases import is_of_times, subject_of
from postcall.analyst.telling.number_words import SHARES, SURE, mark, plain, tell_chance, tell_value, unit_of
from postcall.analyst.telling.query_words import group_in_words
from postcall.analyst.telling.time_steps import whole_steps
from postcall.domain.analysis import Asked
from postcall.domain.queries import Bucket, Measure, MeasureKind, Number, Row
from postcall.reporting.periods import read_zone
from postcall.reporting.statistics import compare_counts, compare_means, compare_rates, deviation_of

_WEEK = 7
_FEWEST = 2
"""Stretches that each half must have: weeks of days, or weeks, or months."""
_A = {Bucket.HOUR: "an hour", Bucket.DAY: "a day", Bucket.WEEK: "a week", Bucket.MONTH: "a month"}


@dataclass(frozen=True, slots=True)
class _Half:
    """What several stretches of time come to."""

    value: float
    n: int
    count: int | None = None
    deviation: float | None = None


def trend_sentences(
    asked: Asked, rows: Sequence[Row], scope: str, now: datetime, first_call: datetime | None = None
) -> list[str]:
    """The way that the first measure takes over the whole stretches of the period, then its extremes.

    A stretch that the period cuts off, or that is not over yet, is left out: it would look like a fall. So is what
    lies before the `first_call` that there is: nobody counted then.
    """
    measure = asked.query.measures[0]
    counted = measure.kind is MeasureKind.CONVERSATIONS
    whole = whole_steps(asked.query, [str(row.group[0]) for row in rows], now, first_call)
    by_label = {str(row.group[0]): row for row in rows}
    if counted:
        steps = [(label, _number_of(by_label.get(label))) for label in whole]
    else:
        steps = [(label, by_label[label].numbers[0]) for label in whole if label in by_label]
    if len(steps) < 2:
        steps = [(str(row.group[0]), row.numbers[0]) for row in rows]
    return [_way(asked, measure, steps, scope), _extremes(asked, measure, steps)]


def _way(asked: Asked, measure: Measure, steps: Sequence[tuple[str, Number]], scope: str) -> str:
    subject = subject_of(measure)
    subject = f"{subject[0].upper()}{subject[1:]}{scope}"
    bucket, unit = Bucket(asked.query.group_by[0]), unit_of(measure)
    halves = _halves(bucket, [number for _, number in steps], measure)
    if halves is None:
        if measure.kind is MeasureKind.CONVERSATIONS:
            average = sum(number.value or 0 for _, number in steps) / len(steps)
            return f"There were about {_average(average)} calls {_A[bucket]}{scope} {mark(asked)}."
        first, last = steps[0], steps[-1]
        return (
            f"{subject} went from {tell_value(first[1].value, unit)} ({_label(asked, first[0])})"
            f" to {tell_value(last[1].value, unit)} ({_label(asked, last[0])}) {mark(asked)}."
        )
    one, other, chance = halves
    before, after = _told(one, measure, bucket), _told(other, measure, bucket)
    if chance is not None and chance < SURE and before != after:
        rose = _verb(measure, other.value - one.value)
        way = f"{rose}: from {before} in the first half to {after} in the second"
    else:
        way = f"stayed about the same: {before} in the first half and {after} in the second"
    return f"{subject} {way}{tell_chance(chance) if before != after else ''} {mark(asked)}."


def _verb(measure: Measure, change: float) -> str:
    if is_of_times(measure):
        return "grew longer" if change > 0 else "grew shorter"
    return "rose" if change > 0 else "fell"


def _told(half: _Half, measure: Measure, bucket: Bucket) -> str:
    if measure.kind is MeasureKind.CONVERSATIONS:
        return f"{_average(half.value)} {_A[bucket]}"
    return tell_value(half.value, unit_of(measure))


def _average(value: float) -> str:
    return plain(round(value)) if value >= 100 else f"{value:.1f}".removesuffix(".0")


def _halves(bucket: Bucket, numbers: Sequence[Number], measure: Measure) -> tuple[_Half, _Half, float | None] | None:
    """Both halves and the chance that they are alike; None where the time is too short to tell.

    Days are taken by whole weeks: a Sunday says nothing of a trend. What lies between the halves is left out.
    """
    if bucket is Bucket.HOUR:
        return None
    size = _WEEK if bucket is Bucket.DAY else 1
    each = len(numbers) // size // 2 * size
    if each < (_WEEK if bucket is Bucket.DAY else _FEWEST):
        return None
    one, other = _half(numbers[:each], measure), _half(numbers[-each:], measure)
    if one is None or other is None:
        return None
    return one, other, _chance(bucket, measure, one, other, each)


def _half(numbers: Sequence[Number], measure: Measure) -> _Half | None:
    if measure.kind is MeasureKind.CONVERSATIONS:
        return _Half(sum(number.value or 0 for number in numbers) / len(numbers), len(numbers))
    n = sum(number.n for number in numbers)
    if not n:
        return None
    if measure.kind in SHARES:
        count = sum(number.count or 0 for number in numbers)
        return _Half(count / n, n, count)
    if measure.kind is not MeasureKind.AVERAGE:
        return None
    mean = sum((number.value or 0.0) * number.n for number in numbers) / n
    return _Half(mean, n, deviation=_deviation(numbers, mean, n))


def _deviation(numbers: Sequence[Number], mean: float, n: int) -> float | None:
    """Of all values together, from the intervals of the parts; None where one has too few values to have any."""
    if n < 2:
        return None
    spread = 0.0
    for number in numbers:
        within = deviation_of(number.interval, number.n) if number.interval and number.n > 1 else 0.0
        spread += (number.n - 1) * within**2 + number.n * ((number.value or 0.0) - mean) ** 2 if number.n else 0.0
    return math.sqrt(spread / (n - 1))


def _chance(bucket: Bucket, measure: Measure, one: _Half, other: _Half, each: int) -> float | None:
    if measure.kind is MeasureKind.CONVERSATIONS:
        # Months are of several lengths, and so their counts are.
        counts = round(one.value * each), round(other.value * each)
        return None if bucket is Bucket.MONTH else compare_counts(counts[1], counts[0])
    if one.count is not None and other.count is not None:
        return compare_rates(other.count, other.n, one.count, one.n)
    if one.deviation is None or other.deviation is None:
        return None
    return compare_means(other.value, other.deviation, other.n, one.value, one.deviation, one.n)


def _extremes(asked: Asked, measure: Measure, steps: Sequence[tuple[str, Number]]) -> str:
    unit = unit_of(measure)
    highest = max(steps, key=lambda step: step[1].value or 0)
    lowest = min(steps, key=lambda step: math.inf if step[1].value is None else step[1].value)
    most, least = (
        f"{when_said(asked.query, label)} ({tell_value(number.value, unit)})" for label, number in (highest, lowest)
    )
    if highest[1].value == lowest[1].value:
        return f"It was the same all the time {mark(asked)}."
    if measure.kind is MeasureKind.CONVERSATIONS:
        return f"The most were {most}, the fewest {least} {mark(asked)}."
    return f"It was highest {most} and lowest {least} {mark(asked)}."


def _label(asked: Asked, label: str) -> str:
    return group_in_words(asked.query.group_by[0], label, read_zone(asked.query.time_zone))


def _number_of(row: Row | None) -> Number:
    return row.numbers[0] if row is not None else Number(0.0, 0)
