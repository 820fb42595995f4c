"""What analytics routes measure, in this interface's units and names.

Choices where nothing published decides. A call was answered if its status is `completed`; busy counts as not answered;
so the four outcomes of calls that are over add up. Every rate is a percentage from 0 to 100, as the vendor's console
shows it. A change from nothing to something is 100 percent. What there is nothing to measure of is 0, since the
published types have no null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from postcall.domain.calls import CallStatus
from postcall.domain.queries import Condition, Denominator, Measure, MeasureKind, Number, Operator, Query, Result, Row

SHORT_S, LONG_S = 30, 300
"""Calls under half a minute are short, those over five minutes long: the ends of the log's filter by duration."""

CALLS = Measure(MeasureKind.CONVERSATIONS, name="calls")
SECONDS = Measure(MeasureKind.SUM, "field.duration", name="seconds")
TIMED = Measure(MeasureKind.COUNT, "field.duration", name="timed")
AVERAGE = Measure(MeasureKind.AVERAGE, "field.duration", name="average")
MEDIAN = Measure(MeasureKind.P50, "field.duration", name="median")
P90 = Measure(MeasureKind.P90, "field.duration", name="p90")
P95 = Measure(MeasureKind.P95, "field.duration", name="p95")
COST = Measure(MeasureKind.SUM, "field.cost", name="cost")
PEOPLE = Measure(MeasureKind.DISTINCT, "field.user_number", name="people")

_ENDED = (CallStatus.COMPLETED, CallStatus.NO_ANSWER, CallStatus.BUSY, CallStatus.FAILED, CallStatus.CANCELLED)
STATUSES = tuple(
    Measure(MeasureKind.RATE, "field.status", status.value, Denominator.CALLS, name=status.value) for status in _ENDED
)
ANSWERED = STATUSES[0]

WAS_ANSWERED = Condition("field.status", Operator.EQ, CallStatus.COMPLETED.value)
IS_SHORT = Condition("field.duration", Operator.LT, SHORT_S)
IS_LONG = Condition("field.duration", Operator.GT, LONG_S)


class Numbers:
    """The numbers of one group, by the names of their measures; of a group without calls all are nothing."""

    def __init__(self, query: Query, row: Row | None) -> None:
        found: Sequence[Number] = row.numbers if row is not None else ()
        self._named = dict(zip((measure.name for measure in query.measures), found, strict=False))

    def value(self, measure: Measure) -> float:
        """What was measured; 0 where there was nothing to measure."""
        number = self._named.get(measure.name)
        return 0.0 if number is None else number.value or 0.0

    def before(self, measure: Measure) -> float:
        """The same in the period before."""
        number = self._named.get(measure.name)
        return 0.0 if number is None else number.previous or 0.0

    def count(self, measure: Measure) -> int:
        """How many calls: of a rate, those with its value."""
        number = self._named.get(measure.name)
        if number is None:
            return 0
        return number.count if number.count is not None else int(number.value or 0)


def numbers_of(result: Result) -> Numbers:
    """Those of a query without groups."""
    return Numbers(result.query, result.rows[0] if result.rows else None)


def by_group(result: Result) -> dict[Any, Numbers]:
    """Those of each group of a query with one grouping; calls without a value are left out."""
    return {row.group[0]: Numbers(result.query, row) for row in result.rows if row.group[0] is not None}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of calls that are over."""

    total: int
    answered: int
    no_answer: int
    failed: int
    cancelled: int

    @property
    def pickup_rate(self) -> float:
        """Percent of them that were answered."""
        return percent(self.answered, self.total)


def outcomes_of(numbers: Numbers) -> Outcomes:
    """From a query that measures CALLS and STATUSES."""
    completed, no_answer, busy, failed, cancelled = (numbers.count(each) for each in STATUSES)
    return Outcomes(numbers.count(CALLS), completed, no_answer + busy, failed, cancelled)


def percent(part: float, whole: float) -> float:
    """From 0 to 100; of nothing it is 0."""
    return rounded(100 * part / whole) if whole else 0.0


def percent_change(now: float, before: float) -> float:
    """By how many percent it rose; from nothing to something it is 100."""
    if before == 0:
        return 0.0 if now == 0 else 100.0
    return rounded(100 * (now - before) / before)


def trend(now: float, before: float) -> dict[str, float]:
    """A number beside that of the period before."""
    return {"current": now, "previous": before, "percentChange": percent_change(now, before)}


def ms(seconds: float) -> float:
    """Milliseconds."""
    return rounded(seconds * 1000, 3)


def rounded(number: float, digits: int = 6) -> float:
    """Without the noise of arithmetic; a whole number as such."""
    found = round(number, digits)
    return int(found) if found == int(found) else found
