"""Learning a head and putting it to the test: it is published only where it wins against the rules and the commonest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from postcall.domain.answers import AnswerValue
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.learning.calibration import (
    Array,
    calibration_curve,
    expected_error,
    find_temperature,
)
from postcall.extraction.learning.card import (
    Card,
    Looks,
    Score,
    Share,
    ValueCount,
    chance_of_luck,
    make_score,
    show_value,
)
from postcall.extraction.learning.corpus import Corpus, Rows, Weighed, build_corpus, weigh_corpus
from postcall.extraction.learning.features import SPACES, CallFeatures
from postcall.extraction.learning.fitting import fit, score
from postcall.extraction.learning.head import Head, dump_head, known_share, load_head, question_digest, softmax

LEARNED_TYPES: Final = frozenset({QuestionType.BOOLEAN, QuestionType.ENUM})
MIN_LABELS: Final = 40
SELDOM: Final = 3
"""A value with fewer calls cannot be told apart from others."""
ROUNDS: Final = 5
LUCK: Final = 0.025
"""A win that chance alone would bring more often than this is none."""
_THRESHOLDS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_STRANGE: Final = 2.0
"""Per cent: of the calls not learned from, those with the fewest known words set what counts as familiar."""
_LOOKS: Final = 8
_ORIGINS: Final = {"label": "labelled calls", "metric": "calls with the metric", "model": "calls that a model answered"}


@dataclass(frozen=True, eq=False, slots=True)
class Lesson:
    """A call whose answer is known."""

    call_id: str
    features: CallFeatures
    value: AnswerValue
    origin: str
    """`label`, `metric` or `model`."""


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """What came of the attempt; the head is None where it is not published."""

    card: Card
    head: Head | None = None


@dataclass(frozen=True, eq=False, slots=True)
class _Rounds:
    """What was found out about each call while it was not among the learners."""

    chances: Array
    scores: Array
    commonest: Rows
    known: Array


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
        return f"every one of the {len(lessons)} known answers is {show_value(next(iter(counts)))}"
    if sum(count >= SELDOM for count in counts.values()) < 2:
        commonest = show_value(counts.most_common(1)[0][0])
        return f"nearly every known answer is {commonest}: no other value has {SELDOM} calls"
    return None


def refused(question: DispositionMetric, lessons: Sequence[Lesson], reason: str, *, now: datetime) -> Trial:
    """The card of a question from which nothing was learned."""
    return Trial(_blank_card(question, lessons, f"not learned: {reason}", now=now))


def try_head(
    question: DispositionMetric, lessons: Sequence[Lesson], rules: Mapping[str, AnswerValue], *, now: datetime
) -> Trial:
    """Learn from prepared lessons that `refuse` has nothing against, and hold the head against the rules.

    `rules` has the built-in analyser's value for each call by its id, None where it found none. The same lessons give
    the same head.
    """
    values = _sort_values({lesson.value for lesson in lessons})
    told, rest = _tell_apart(values, lessons)
    classes = np.array([told.get(lesson.value, len(told)) for lesson in lessons])
    count = len(told) + (1 if rest else 0)
    corpus = build_corpus([lesson.features for lesson in lessons])
    rounds = _run_rounds(corpus, lessons, classes, count=count)
    unseen = _unseen_share(question, lessons)
    card = replace(
        _blank_card(question, lessons, "", now=now),
        seldom=rest,
        unlabelled=tuple(choice for choice in question.choices if choice not in values),
        **_measure(rounds, classes, rest=len(told) if rest else None, unseen=unseen),
        rules=make_score(sum(_agree(rules.get(each.call_id), each.value) for each in lessons), len(lessons)),
    )
    card = _judge(card, rounds, classes, lessons, rules, rest=len(told) if rest else None)
    weighed = weigh_corpus(corpus, np.arange(len(classes)))
    head = _learn_from_all(weighed, classes, rounds, question, lessons, told, rest=bool(rest), unseen=unseen)
    card = replace(card, looks_at=_looks(head, weighed, classes))
    return Trial(card, head if card.published else None)


def _blank_card(question: DispositionMetric, lessons: Sequence[Lesson], verdict: str, *, now: datetime) -> Card:
    counts = Counter(lesson.value for lesson in lessons) if question.type in LEARNED_TYPES else Counter()
    return Card(
        identifier=question.identifier,
        type=question.type,
        digest=question_digest(question),
        published=False,
        verdict=verdict,
        learned_at=now,
        learned_from=len(lessons),
        origins=dict(sorted(Counter(lesson.origin for lesson in lessons).items())),
        values=tuple(ValueCount(_plain(value), counts[value]) for value in _sort_values(set(counts))),
    )


def _fingerprint(features: CallFeatures) -> str:
    spoken = "\n".join(f"{turn.role}: {' '.join(turn.words)}" for turn in features.turns)
    return hashlib.sha256(spoken.encode()).hexdigest()


def _sort_values(values: set[AnswerValue]) -> tuple[AnswerValue, ...]:
    return tuple(sorted(values, key=lambda value: (value is None, str(value))))


def _tell_apart(
    values: Sequence[AnswerValue], lessons: Sequence[Lesson]
) -> tuple[dict[AnswerValue, int], tuple[str | bool | None, ...]]:
    """The class of each value that has enough calls, and the values that share one more."""
    counts = Counter(lesson.value for lesson in lessons)
    told = [value for value in values if counts[value] >= SELDOM]
    return {value: index for index, value in enumerate(told)}, tuple(
        _plain(value) for value in values if value not in told
    )


def _plain(value: AnswerValue) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)


def _unseen_share(question: DispositionMetric, lessons: Sequence[Lesson]) -> float:
    """The share of calls that probably have a choice without labels: as many as have a value seen once (Good, 1953)."""
    counts = Counter(lesson.value for lesson in lessons)
    if all(choice in counts for choice in question.choices):
        return 0.0
    once = sum(count == 1 for count in counts.values())
    return round(max(1, once) / len(lessons), 4)


def _run_rounds(corpus: Corpus, lessons: Sequence[Lesson], classes: Rows, *, count: int) -> _Rounds:
    """Every call is scored once by a head that did not learn from it, and calibrated by calls of the other rounds."""
    rounds = _assign_rounds(classes)
    scores, known = np.zeros((len(classes), count)), np.zeros(len(classes))
    commonest = np.zeros(len(classes), np.int64)
    for number in range(ROUNDS):
        tested, learners = np.flatnonzero(rounds == number), np.flatnonzero(rounds != number)
        weighed = weigh_corpus(corpus, learners)
        weights, intercepts = fit(weighed.matrix, learners, classes[learners], count=count)
        scores[tested] = score(weighed.matrix, tested, weights, intercepts)
        known[tested] = [known_share(lessons[row].features, weighed.terms) for row in tested]
        commonest[tested] = np.argmax(np.bincount(classes[learners]))
    chances = np.zeros_like(scores)
    for number in range(ROUNDS):
        tested, others = np.flatnonzero(rounds == number), np.flatnonzero(rounds != number)
        chances[tested] = softmax(scores[tested] / find_temperature(scores[others], classes[others]))
    return _Rounds(chances, scores, commonest, known)


def _assign_rounds(classes: Rows) -> Rows:
    """Each value's calls spread evenly. The lessons' own order, by the digest of their words, is as good as chance."""
    rounds = np.zeros(len(classes), np.int64)
    rounds[np.argsort(classes, kind="stable")] = np.arange(len(classes)) % ROUNDS
    return rounds


def _right(rounds: _Rounds, classes: Rows, *, rest: int | None) -> npt.NDArray[np.bool_]:
    best = rounds.chances.argmax(axis=1)
    right: npt.NDArray[np.bool_] = (best == classes) & (best != rest)
    return right


def _measure(rounds: _Rounds, classes: Rows, *, rest: int | None, unseen: float) -> dict[str, object]:
    right = _right(rounds, classes, rest=rest)
    answers = rounds.chances.argmax(axis=1) != rest
    confidences = rounds.chances.max(axis=1) * (1 - unseen)
    curve = calibration_curve(confidences[answers], right[answers])
    majority = (rounds.commonest == classes) & (rounds.commonest != rest)
    return {
        "head": make_score(int(right.sum()), len(right)),
        "majority": make_score(int(majority.sum()), len(right)),
        "calibration": curve,
        "calibration_error": expected_error(curve),
        "shares": tuple(_share(least, confidences, right, answers) for least in _THRESHOLDS),
    }


def _share(least: float, confidences: Array, right: npt.NDArray[np.bool_], answers: npt.NDArray[np.bool_]) -> Share:
    sure = (confidences >= least) & answers
    accuracy = float(right[sure].mean()) if sure.any() else 0.0
    return Share(least, round(float(sure.mean()), 4), round(accuracy, 4))


def _judge(
    card: Card,
    rounds: _Rounds,
    classes: Rows,
    lessons: Sequence[Lesson],
    rules: Mapping[str, AnswerValue],
    *,
    rest: int | None,
) -> Card:
    right = _right(rounds, classes, rest=rest)
    ruled = np.array([_agree(rules.get(lesson.call_id), lesson.value) for lesson in lessons])
    commonest = (rounds.commonest == classes) & (rounds.commonest != rest)
    assert card.head and card.rules and card.majority
    rivals = ((card.rules, ruled, "the rules"), (card.majority, commonest, "always the commonest answer"))
    for rival, theirs, name in rivals:
        if chance_of_luck(int((right & ~theirs).sum()), int((theirs & ~right).sum())) > LUCK:
            return replace(card, verdict=f"not published: {_why_not(card.head, rival, name)}")
    return replace(
        card,
        published=True,
        verdict=f"published: {card.head.accuracy:.1%} right, the rules {card.rules.accuracy:.1%}, "
        f"always the commonest answer {card.majority.accuracy:.1%}",
    )


def _why_not(head: Score, rival: Score, name: str) -> str:
    compared = f"{head.accuracy:.1%} right, {name} {rival.accuracy:.1%}"
    if head.right > rival.right:
        return f"{compared}, which with {head.calls} calls may be luck"
    return compared


def _agree(answer: AnswerValue, label: AnswerValue) -> bool:
    return type(answer) is type(label) and answer == label


def _learn_from_all(
    weighed: Weighed,
    classes: Rows,
    rounds: _Rounds,
    question: DispositionMetric,
    lessons: Sequence[Lesson],
    told: Mapping[AnswerValue, int],
    *,
    rest: bool,
    unseen: float,
) -> Head:
    weights, intercepts = fit(weighed.matrix, np.arange(len(classes)), classes, count=len(told) + rest)
    head = Head(
        identifier=question.identifier,
        digest=question_digest(question),
        values=(*told, None) if rest else tuple(told),
        rest=len(told) if rest else None,
        learned_from=len(lessons),
        source=_source(lessons),
        temperature=find_temperature(rounds.scores, classes),
        unseen=unseen,
        familiar=round(float(np.percentile(rounds.known, _STRANGE)) / 2, 4),
        terms=weighed.terms,
        idf=weighed.idf,
        weights=weights.astype(np.float32),
        intercepts=intercepts.astype(np.float32),
    )
    return load_head(dump_head(head))


def _source(lessons: Sequence[Lesson]) -> str:
    return " and ".join(_ORIGINS[origin] for origin in sorted({lesson.origin for lesson in lessons}))


def _looks(head: Head, weighed: Weighed, classes: Rows) -> tuple[Looks, ...]:
    """For each value, the words that spoke most for it in the calls that have it."""
    named = [
        (row, f"{name}: {term}")
        for name, rows in zip(SPACES, head.terms[: len(SPACES)], strict=True)
        for term, row in rows.items()
    ]
    return tuple(
        Looks(_plain(value), _heaviest(named, _mean_of(weighed, classes == place) * head.weights[:, place]))
        for place, value in enumerate(head.values)
        if place != head.rest
    )


def _mean_of(weighed: Weighed, rows: npt.NDArray[np.bool_]) -> Array:
    return np.asarray(weighed.matrix[np.flatnonzero(rows)].mean(axis=0)).ravel()


def _heaviest(named: list[tuple[int, str]], weights: Array) -> tuple[str, ...]:
    ranked = sorted(named, key=lambda each: (-round(float(weights[each[0]]), 9), each[1]))
    return tuple(name for row, name in ranked[:_LOOKS] if weights[row] > 0)
