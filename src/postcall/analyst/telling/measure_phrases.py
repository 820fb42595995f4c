"""What a measure measures, as the subject of a sentence: `the average duration`, `the share of calls that ...`."""

from __future__ import annotations

from postcall.analyst.telling.call_words import part_said
from postcall.analyst.telling.number_words import SHARES
from postcall.domain.queries import Condition, Measure, MeasureKind, Operator
from postcall.reporting.filter_words import name_in_words

_NOUNS = {
    MeasureKind.COUNT: "number of values of {}",
    MeasureKind.SUM: "total {}",
    MeasureKind.AVERAGE: "average {}",
    MeasureKind.MIN: "smallest {}",
    MeasureKind.MAX: "largest {}",
    MeasureKind.P50: "median {}",
    MeasureKind.P90: "90th percentile of {}",
    MeasureKind.P95: "95th percentile of {}",
    MeasureKind.P99: "99th percentile of {}",
    MeasureKind.DISTINCT: "number of different values of {}",
}
_LONG = {MeasureKind.MAX: "longest {}", MeasureKind.MIN: "shortest {}"}
"""Of what lasts."""


def subject_of(measure: Measure) -> str:
    """`the number of calls`, `the average duration`, `the share of calls that had BOOKED “yes”`."""
    if measure.of is None:
        return "the number of calls"
    if measure.kind in SHARES:
        return f"the share of calls that {did_what(measure)}"
    nouns = _LONG if measure.of == "field.duration" and measure.kind in _LONG else _NOUNS
    return f"the {nouns[measure.kind].format(name_in_words(measure.of))}"


def did_what(measure: Measure, *, one: bool = False) -> str:
    """What a share is the share of: `were handed off`, `had BOOKED “yes”`, `had a value for INTENT`."""
    assert measure.of is not None
    if measure.kind is MeasureKind.SHARE:
        return part_said(Condition(measure.of, Operator.EXISTS), one=one)
    return part_said(Condition(measure.of, Operator.EQ, measure.value), one=one)


def is_of_times(measure: Measure) -> bool:
    """Whether more of it is longer, and not higher."""
    return measure.of == "field.duration" and measure.kind not in {MeasureKind.COUNT, MeasureKind.DISTINCT, *SHARES}


def more_or_less(measure: Measure, change: float) -> str:
    """`higher` or `lower`; of durations `longer` or `shorter`, of calls `more` or `fewer`."""
    if is_of_times(measure):
        return "longer" if change > 0 else "shorter"
    if measure.kind is MeasureKind.CONVERSATIONS:
        return "more" if change > 0 else "fewer"
    return "higher" if change > 0 else "lower"
