"""Guessing a metric's definition from what code wrote under a name that nobody has defined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from postcall.domain.calls import MetricValue
from postcall.domain.metrics import MAX_EXPECTED_TEXT, MetricDefinition, MetricType, fit

_FEW = 12
"""So many different texts may be a fixed set."""
_EACH = 3
"""How often a value of a fixed set comes on average, at least."""
_ORDER = (MetricType.BOOLEAN, MetricType.INTEGER, MetricType.FLOAT)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a metric seems to be."""

    type: MetricType
    expected_values: tuple[str, ...]
    """The commonest first; empty where the texts differ too much to be a fixed set."""
    seen: int
    """How many writes it was guessed from; with none it is a flag."""


def guess_metric(values: Sequence[MetricValue]) -> Guess:
    """The narrowest type that every write fits; only zeros and ones are a count unless somebody wrote them as words."""
    if not values:
        return Guess(MetricType.BOOLEAN, (), 0)
    for type_ in _ORDER:
        if all(_fits(value, type_) for value in values):
            return Guess(type_, (), len(values))
    return Guess(MetricType.STRING, _fixed_set(values), len(values))


def _fits(value: MetricValue, type_: MetricType) -> bool:
    if type_ is MetricType.BOOLEAN and not isinstance(value, bool | str):
        return False  # 0 and 1 would fit, but so begins every count
    if type_ is MetricType.BOOLEAN and isinstance(value, str) and value.strip().isdigit():
        return False
    return fit(value, _bare(type_)) is not None


def _bare(type_: MetricType) -> MetricDefinition:
    return MetricDefinition("", "", type_, (), "", True, True, _LONG_AGO, _LONG_AGO)


def _fixed_set(values: Sequence[MetricValue]) -> tuple[str, ...]:
    spelled = [text for value in values if isinstance(text := fit(value, _bare(MetricType.STRING)), str)]
    counts = Counter(spelled)
    by_case = {text.casefold(): text for text in sorted(counts, key=lambda text: counts[text])}  # the commonest stays
    fixed = [text for text in by_case.values() if len(text) <= MAX_EXPECTED_TEXT]
    if not 1 < len(fixed) <= _FEW or len(fixed) < len(by_case) or len(spelled) < _EACH * len(fixed):
        return ()
    return tuple(sorted(fixed, key=lambda text: (-counts[text], text)))
