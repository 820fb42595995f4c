"""Measures as people say them: `Average of duration`, `Share of calls with BOOKED = Yes`."""

from __future__ import annotations

from postcall.domain.queries import Measure, MeasureKind
from postcall.reporting.filter_words import name_in_words, value_in_words

MEASURES: dict[MeasureKind, str] = {
    MeasureKind.CONVERSATIONS: "Conversations",
    MeasureKind.COUNT: "Count of values",
    MeasureKind.SUM: "Sum",
    MeasureKind.AVERAGE: "Average",
    MeasureKind.MIN: "Smallest",
    MeasureKind.MAX: "Largest",
    MeasureKind.P50: "Median (P50)",
    MeasureKind.P90: "P90",
    MeasureKind.P95: "P95",
    MeasureKind.P99: "P99",
    MeasureKind.DISTINCT: "Different values",
    MeasureKind.RATE: "Rate of a value",
    MeasureKind.SHARE: "Share that has a value",
}
"""As pages offer them."""
_OF = {
    MeasureKind.COUNT: "Values of {}",
    MeasureKind.SUM: "Sum of {}",
    MeasureKind.AVERAGE: "Average {}",
    MeasureKind.MIN: "Smallest {}",
    MeasureKind.MAX: "Largest {}",
    MeasureKind.P50: "Median {}",
    MeasureKind.P90: "P90 of {}",
    MeasureKind.P95: "P95 of {}",
    MeasureKind.P99: "P99 of {}",
    MeasureKind.DISTINCT: "Different values of {}",
    MeasureKind.SHARE: "Share with {}",
}


def measure_in_words(measure: Measure) -> str:
    """The head of a column or the name of a line."""
    if measure.of is None:
        return MEASURES[MeasureKind.CONVERSATIONS]
    name = name_in_words(measure.of)
    if measure.kind is MeasureKind.RATE:
        if measure.value is True:
            return f"Rate of {name}"
        return f"Rate of {name} = {value_in_words(measure.value)}"
    return _OF[measure.kind].format(name)
