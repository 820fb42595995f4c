"""Confidences, and how far they are from the truth."""

from __future__ import annotations

import numpy as np
import pytest

from postcall.extraction.learning.calibration import calibration_curve, expected_error, find_temperature
from postcall.extraction.learning.head import softmax


@pytest.mark.parametrize("heat", [0.3, 1.0, 4.0])
def test_scores_that_exaggerate_are_brought_back(heat: float) -> None:
    random = np.random.default_rng(1)
    true_scores = random.normal(size=(4_000, 3)) * 2
    classes = np.array([random.choice(3, p=chances) for chances in softmax(true_scores)])
    found = find_temperature(true_scores * heat, classes)
    assert found == pytest.approx(heat, rel=0.15)
    chances = softmax(true_scores * heat / found)
    curve = calibration_curve(chances.max(axis=1), chances.argmax(axis=1) == classes)
    assert expected_error(curve) < 0.03


def test_the_error_is_the_distance_of_confidence_and_accuracy() -> None:
    sure = np.array([0.95] * 10 + [0.65] * 10)
    right = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    curve = calibration_curve(sure, right)
    assert [(each.up_to, each.calls, each.confidence, each.accuracy) for each in curve] == [
        (0.7, 10, 0.65, 0.3),
        (1.0, 10, 0.95, 0.9),
    ]
    assert expected_error(curve) == pytest.approx((0.35 + 0.05) / 2)


def test_nothing_answered_has_no_error() -> None:
    empty = calibration_curve(np.array([]), np.array([], dtype=bool))
    assert (empty, expected_error(empty)) == ((), 0.0)


def test_the_edges_belong_to_the_first_and_the_last_bin() -> None:
    curve = calibration_curve(np.array([0.0, 1.0]), np.array([False, True]))
    assert [(each.above, each.up_to) for each in curve] == [(0.0, 0.1), (0.9, 1.0)]
