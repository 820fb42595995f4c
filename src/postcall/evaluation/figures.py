"""The figures of one question, from how often each outcome came; and how far chance could have moved them.

An outcome is all that the figures need to know of a case, so that a resample is a count of outcomes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from random import Random
from typing import Final

from postcall.domain.questions import QuestionType

RESAMPLES: Final = 1_000
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one label."""

    gold: str | None
    """Its class, for BOOLEAN and ENUM; for other types only whether there is a value; None where gold is null."""
    given: str | None
    """The same of the answer; None where no value was given."""
    right: bool
    evidenced: bool = False
    also: tuple[bool, ...] = ()
    """Whether it is right by the comparisons that are told beside."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares between 0 and 1; None where there is nothing to take a share of."""

    coverage: float | None
    accuracy: float | None
    accuracy_when_answered: float | None
    invented_rate: float | None
    evidence_share: float | None
    balanced_accuracy: float | None
    macro_f1: float | None
    also: tuple[float | None, ...] = ()


Interval = tuple[float, float]


def reckon(counted: Iterable[tuple[Outcome, int]], kind: QuestionType, *, beside: int = 0) -> Figures:
    """The figures of a question from its outcomes and how often each came; `beside` is the length of their `also`.

    - coverage: labels to which a value was given ÷ labels
    - accuracy: right ÷ labels. Without a value an answer is wrong where gold has one, and right where gold is null
      (unless the analyser failed)
    - accuracy when answered: right with a value ÷ values given
    - invented rate: values given where gold is null ÷ labels that are null
    - evidence share: values given whose quotes all stand in the transcript, at least one ÷ values given
    - balanced accuracy (BOOLEAN): the mean over the classes in gold of right ÷ labels of the class, an answer without
      a value being a miss (Brodersen et al. 2010)
    - macro-F1 (ENUM): the mean over the classes in gold or given of 2·TP ÷ (2·TP + FP + FN) (Sokolova & Lapalme 2009).
      No value is no class: it is a miss of gold's class, and a value where gold is null is a false positive of its own
    """
    total = given = right = right_given = null = invented = evidenced = 0
    also = [0] * beside
    golds: Counter[str] = Counter()
    givens: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for outcome, count in counted:
        total += count
        right += count * outcome.right
        for index, each in enumerate(outcome.also):
            also[index] += count * each
        if outcome.gold is None:
            null += count
        else:
            golds[outcome.gold] += count
        if outcome.given is None:
            continue
        given += count
        givens[outcome.given] += count
        evidenced += count * outcome.evidenced
        invented += count * (outcome.gold is None)
        right_given += count * outcome.right
        if outcome.right:
            hits[outcome.given] += count
    return Figures(
        coverage=_share(given, total),
        accuracy=_share(right, total),
        accuracy_when_answered=_share(right_given, given),
        invented_rate=_share(invented, null),
        evidence_share=_share(evidenced, given),
        balanced_accuracy=_balanced(hits, golds) if kind is QuestionType.BOOLEAN else None,
        macro_f1=_macro_f1(hits, golds, givens) if kind is QuestionType.ENUM else None,
        also=tuple(_share(each, total) for each in also),
    )


def resample(
    outcomes: Sequence[Outcome], kind: QuestionType, *, beside: int, seed: str, resamples: int = RESAMPLES
) -> list[Figures]:
    """The figures of so many samples of the same size, drawn with replacement; equal seeds draw equal samples."""
    numbers: dict[Outcome, int] = {}
    drawn_from = [numbers.setdefault(outcome, len(numbers)) for outcome in outcomes]
    known = list(numbers)
    random = Random(seed)
    size = len(drawn_from)
    return [
        reckon(
            ((known[number], count) for number, count in Counter(random.choices(drawn_from, k=size)).items()),
            kind,
            beside=beside,
        )
        for _ in range(resamples if size else 0)
    ]


def interval(samples: Sequence[Figures], figure: Callable[[Figures], float | None]) -> Interval | None:
    """The percentile bootstrap's 95 % interval of one figure (Efron & Tibshirani 1993, chapter 13).

    Samples in which there is nothing to take a share of are left out. Where every case has the same outcome the
    interval has no width, which says that the sample is uniform and not that the figure is certain.
    """
    values = sorted(value for sample in samples if (value := figure(sample)) is not None)
    if not values:
        return None
    tail = (1 - CONFIDENCE) / 2
    return _quantile(values, tail), _quantile(values, 1 - tail)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which that share of the values lies, between neighbours in proportion."""
    return _quantile(sorted(values), share) if values else None


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below, above = floor(place), ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _balanced(hits: Mapping[str, int], golds: Mapping[str, int]) -> float | None:
    recalls = [hits.get(each, 0) / count for each, count in golds.items()]
    return sum(recalls) / len(recalls) if recalls else None


def _macro_f1(hits: Mapping[str, int], golds: Mapping[str, int], givens: Mapping[str, int]) -> float | None:
    classes = golds.keys() | givens.keys()
    if not golds:
        return None
    scores = [2 * hits.get(each, 0) / (golds.get(each, 0) + givens.get(each, 0)) for each in sorted(classes)]
    return sum(scores) / len(scores)
