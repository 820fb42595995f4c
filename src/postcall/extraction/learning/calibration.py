"""Confidences that mean what they say: scaling by one temperature, and the error that is left."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from postcall.extraction.learning.card import Bin
from postcall.extraction.learning.head import softmax

Array: TypeAlias = npt.NDArray[np.float64]

BINS: Final = 10
_COLDEST, _HOTTEST = 0.02, 50.0


def find_temperature(scores: Array, classes: npt.NDArray[np.int64]) -> float:
    """The divisor of the scores under which the right values are likeliest. The scores are of calls not learned from.

    The loss has one minimum, found by golden section over the logarithm.
    """
    low, high = np.log(_COLDEST), np.log(_HOTTEST)
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _loss(scores / np.exp(left), classes) <= _loss(scores / np.exp(right), classes):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 4)


def _loss(scores: Array, classes: npt.NDArray[np.int64]) -> float:
    chances = softmax(scores)[np.arange(len(classes)), classes]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())


def calibration_curve(confidences: Array, right: npt.NDArray[np.bool_]) -> tuple[Bin, ...]:
    """How often answers were right, by how sure they were; bins without a call are left out."""
    places = np.clip(np.ceil(confidences * BINS).astype(int) - 1, 0, BINS - 1)
    return tuple(
        Bin(
            above=place / BINS,
            up_to=(place + 1) / BINS,
            calls=int(inside.sum()),
            confidence=round(float(confidences[inside].mean()), 4),
            accuracy=round(float(right[inside].mean()), 4),
        )
        for place in range(BINS)
        if (inside := places == place).any()
    )


def expected_error(curve: tuple[Bin, ...]) -> float:
    """Expected calibration error (Naeini et al. 2015): how far confidence and accuracy lie apart, on average."""
    calls = sum(each.calls for each in curve)
    return round(sum(each.calls * abs(each.confidence - each.accuracy) for each in curve) / calls, 4) if calls else 0.0
