"""Whether a confidence of 0.8 is right four times in five."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies in one stretch."""

    above: float
    upto: float
    n: int
    confidence: float
    """Their mean confidence."""
    accuracy: float
    """The share of them that is right."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How confidence and truth go together, over the answers with a value and a confidence."""

    n: int
    expected_error: float
    brier: float
    bins: tuple[Bin, ...]
    """Those that hold an answer."""


def calibrate(rated: Sequence[tuple[float, bool]]) -> Calibration | None:
    """From pairs of confidence (0 to 1) and whether the answer was right; None without any.

    Expected calibration error (Naeini, Cooper & Hauskrecht 2015) over ten bins of equal width, each open below and
    closed above, the first closed on both sides: Σ n_b/n · |accuracy_b − confidence_b|. Brier score (Brier 1950) of the
    binary outcome: the mean of (confidence − right)². Both are 0 at best and 1 at worst.
    """
    if not rated:
        return None
    filled: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in rated:
        filled.setdefault(_bin_of(confidence), []).append((confidence, right))
    bins = tuple(_describe(number, filled[number]) for number in sorted(filled))
    total = len(rated)
    return Calibration(
        n=total,
        expected_error=sum(each.n / total * abs(each.accuracy - each.confidence) for each in bins),
        brier=sum((confidence - right) ** 2 for confidence, right in rated) / total,
        bins=bins,
    )


def _bin_of(confidence: float) -> int:
    # The edges as floats of the same division, so that 0.3 falls into the bin that ends at 0.3.
    return next((number for number in range(BINS) if confidence <= (number + 1) / BINS), BINS - 1)


def _describe(number: int, rated: Sequence[tuple[float, bool]]) -> Bin:
    return Bin(
        above=number / BINS,
        upto=(number + 1) / BINS,
        n=len(rated),
        confidence=sum(confidence for confidence, _ in rated) / len(rated),
        accuracy=sum(right for _, right in rated) / len(rated),
    )
