"""Calls whose answer is known, and whether a head can be learned from them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from postcall.domain.answers import AnswerValue
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.learning.card import show_value
from postcall.extraction.learning.features import CallFeatures

LEARNED_TYPES: Final = frozenset({QuestionType.BOOLEAN, QuestionType.ENUM})
MIN_LABELS: Final = 40
SELDOM: Final = 3
"""A value with fewer calls cannot be told apart from others."""
_ORIGINS: Final = {"label": "labelled calls", "metric": "calls with the metric", "model": "calls that a model answered"}


@dataclass(frozen=True, eq=False, slots=True)
class Lesson:
    """A call whose answer is known."""

    call_id: str
    features: CallFeatures
    value: AnswerValue
    """None says that there is no value."""
    origin: str
    """`label`, `metric` or `model`."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values that a question's lessons have."""

    told: tuple[AnswerValue, ...]
    """Those with enough calls to be told apart, sorted."""
    seldom: tuple[AnswerValue, ...]
    """The others: together they are one more class, which is never answered."""

    @property
    def count(self) -> int:
        """Of classes."""
        return len(self.told) + (1 if self.seldom else 0)

    @property
    def rest(self) -> int | None:
        """The class of the seldom values."""
        return len(self.told) if self.seldom else None

    def class_of(self, value: AnswerValue) -> int:
        """The class of a value."""
        return self.told.index(value) if value in self.told else len(self.told)


def prepare_lessons(lessons: Sequence[Lesson]) -> tuple[Lesson, ...]:
    """Those that can be learned from, in a fixed order: something was said, and each conversation stands once.

    Copies of a conversation would be learned from and tested on at once; of several the last given counts.
    """
    by_words = {_fingerprint(lesson.features): lesson for lesson in lessons if lesson.features.turns}
    return tuple(by_words[key] for key in sorted(by_words))


def refuse(question: DispositionMetric, lessons: Sequence[Lesson], *, min_labels: int) -> str | None:
    """Why nothing can be learned from prepared lessons, in a sentence; None where something can."""
    if question.type not in LEARNED_TYPES:
        return f"{question.type} questions are not learned: only BOOLEAN and ENUM have a closed set of answers"
    if len(lessons) < min_labels:
        return f"{len(lessons)} different calls have a known answer, and {min_labels} are needed"
    counts = Counter(lesson.value for lesson in lessons)
    if len(counts) == 1:
        return f"every one of the {len(lessons)} known answers is {show_value(lessons[0].value)}"
    if sum(count >= SELDOM for count in counts.values()) < 2:
        commonest = show_value(counts.most_common(1)[0][0])
        return f"nearly every known answer is {commonest}: no other value has {SELDOM} calls"
    return None


def sort_values(lessons: Sequence[Lesson]) -> Values:
    """Which values can be told apart."""
    counts = Counter(lesson.value for lesson in lessons)
    ordered = sorted(counts, key=lambda value: (value is None, str(value)))
    return Values(
        told=tuple(value for value in ordered if counts[value] >= SELDOM),
        seldom=tuple(value for value in ordered if counts[value] < SELDOM),
    )


def unlabelled_choices(question: DispositionMetric, lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """The choices that no lesson has."""
    known = {lesson.value for lesson in lessons}
    return tuple(choice for choice in question.choices if choice not in known)


def unseen_share(question: DispositionMetric, lessons: Sequence[Lesson]) -> float:
    """The share of calls that probably have a choice without lessons: as many as have a value seen once (Good 1953)."""
    if not unlabelled_choices(question, lessons):
        return 0.0
    counts = Counter(lesson.value for lesson in lessons)
    return round(max(1, sum(count == 1 for count in counts.values())) / len(lessons), 4)


def describe_source(lessons: Sequence[Lesson]) -> str:
    """Whose answers they are: "labelled calls"."""
    return " and ".join(_ORIGINS[origin] for origin in sorted({lesson.origin for lesson in lessons}))


def _fingerprint(features: CallFeatures) -> str:
    spoken = "\n".join(f"{turn.role}: {' '.join(turn.words)}" for turn in features.turns)
    return hashlib.sha256(spoken.encode()).hexdigest()
