"""Cross-validation: each call is answered once by a head that did not learn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from postcall.extraction.learning.calibration import Array, calibration_curve, find_temperature
from postcall.extraction.learning.card import Bin, Share
from postcall.extraction.learning.corpus import Corpus, Rows, weigh_corpus
from postcall.extraction.learning.features import CallFeatures
from postcall.extraction.learning.fitting import fit, score
from postcall.extraction.learning.head import known_share, softmax, surest

Flags: TypeAlias = npt.NDArray[np.bool_]

ROUNDS: Final = 5
UNLIKE_ALL: Final = 4.0
"""Per cent of the calls, those with the lowest best scores: where some choice had no labels, between 80 and 99 % of its
calls scored lower than the others, though their confidence was often high."""
_THRESHOLDS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True, eq=False, slots=True)
class Rounds:
    """What was found about every call, in the order of the calls."""

    scores: Array
    """Uncalibrated, a column a class."""
    known: Array
    """The share of its words that the learners' calls have."""
    right: Flags
    """Whether the head was."""
    commonest_right: Flags
    """Whether the learners' commonest value was."""
    answers: Flags
    """False where the head leaves the call alone: it looks like one of the seldom values, or like none."""
    least_score: float | None
    """Of the calls that it does not leave alone; None where there is no such bound."""
    confidences: Array
    """Calibrated by the calls of the other rounds."""

    def curve(self) -> tuple[Bin, ...]:
        """The calibration curve of its answers."""
        return calibration_curve(self.confidences[self.answers], self.right[self.answers])

    def shares(self) -> tuple[Share, ...]:
        """What several least confidences would bring about."""
        return tuple(self._share(least) for least in _THRESHOLDS)

    def _share(self, least: float) -> Share:
        sure = (self.confidences >= least) & self.answers
        accuracy = float(self.right[sure].mean()) if sure.any() else 0.0
        return Share(least, round(float(sure.mean()), 4), round(accuracy, 4))


def run_rounds(
    corpus: Corpus,
    features: Sequence[CallFeatures],
    classes: Rows,
    *,
    count: int,
    rest: int | None,
    unseen: float,
    is_open: bool,
) -> Rounds:
    """Five rounds over calls of `count` classes, of which `rest` is never answered.

    `is_open` says that there are choices which no call has, so that calls unlike all others must be left alone.
    Terms, weights and, for the confidences, the temperature come from other calls than the one that is answered.
    """
    rounds = assign_rounds(classes)
    scores, known = np.zeros((len(classes), count)), np.zeros(len(classes))
    commonest = np.zeros(len(classes), np.int64)
    for number in range(ROUNDS):
        tested, learners = np.flatnonzero(rounds == number), np.flatnonzero(rounds != number)
        weighed = weigh_corpus(corpus, learners)
        weights, intercepts = fit(weighed.matrix, learners, classes[learners], count=count)
        scores[tested] = score(weighed.matrix, tested, weights, intercepts)
        known[tested] = [known_share(features[int(row)], weighed.terms) for row in tested]
        commonest[tested] = np.argmax(np.bincount(classes[learners]))
    chances = _calibrate(scores, classes, rounds)
    best = scores.argmax(axis=1)
    least = round(float(np.percentile(scores.max(axis=1), UNLIKE_ALL)), 4) if is_open else None
    answers = (best != (-1 if rest is None else rest)) & (scores.max(axis=1) >= (-np.inf if least is None else least))
    return Rounds(
        scores=scores,
        known=known,
        right=(best == classes) & answers,
        commonest_right=(commonest == classes) & (commonest != (-1 if rest is None else rest)),
        answers=answers,
        least_score=least,
        confidences=np.minimum(chances.max(axis=1), surest(len(classes))) * (1 - unseen),
    )


def assign_rounds(classes: Rows) -> Rows:
    """The round in which each call is tested: the calls of a class are spread evenly, in the order of the calls."""
    rounds = np.zeros(len(classes), np.int64)
    rounds[np.argsort(classes, kind="stable")] = np.arange(len(classes)) % ROUNDS
    return rounds


def _calibrate(scores: Array, classes: Rows, rounds: Rows) -> Array:
    chances = np.zeros_like(scores)
    for number in range(ROUNDS):
        tested, others = np.flatnonzero(rounds == number), np.flatnonzero(rounds != number)
        chances[tested] = softmax(scores[tested] / find_temperature(scores[others], classes[others]))
    return chances
