"""Learning a head and putting it to the test: only one that beats the rules and the commonest answer is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from postcall.domain.answers import AnswerValue
from postcall.domain.questions import DispositionMetric
from postcall.extraction.learning.calibration import Array, expected_error, find_temperature
from postcall.extraction.learning.card import Card, Looks, Score, ValueCount, chance_of_luck, make_score
from postcall.extraction.learning.corpus import Rows, Weighed, build_corpus, weigh_corpus
from postcall.extraction.learning.digest import question_digest
from postcall.extraction.learning.features import SPACES
from postcall.extraction.learning.fitting import fit
from postcall.extraction.learning.head import Head, dump_head, load_head
from postcall.extraction.learning.lessons import (
    LEARNED_TYPES,
    Lesson,
    Values,
    describe_source,
    sort_values,
    unlabelled_choices,
    unseen_share,
)
from postcall.extraction.learning.rounds import Flags, Rounds, run_rounds

LUCK: Final = 0.025
"""A win against the commonest answer that chance alone would bring more often than this shows nothing learned."""
_STRANGE: Final = 2.0
"""Per cent: of the calls not learned from, those with the fewest known words set what counts as familiar."""
_LOOKS: Final = 8


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """What came of the attempt; the head is None where it is not published."""

    card: Card
    head: Head | None = None


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
    values, unseen = sort_values(lessons), unseen_share(question, lessons)
    classes = np.array([values.class_of(lesson.value) for lesson in lessons])
    corpus = build_corpus([lesson.features for lesson in lessons])
    features = [lesson.features for lesson in lessons]
    unlabelled = unlabelled_choices(question, lessons)
    rounds = run_rounds(
        corpus, features, classes, count=values.count, rest=values.rest, unseen=unseen, is_open=bool(unlabelled)
    )
    weighed = weigh_corpus(corpus, np.arange(len(classes)))
    head = _learn_from_all(question, lessons, values, rounds, weighed, classes, unseen=unseen)
    ruled = np.array([_agree(rules.get(lesson.call_id), lesson.value) for lesson in lessons])
    card = replace(
        _blank_card(question, lessons, "", now=now),
        seldom=tuple(map(_plain, values.seldom)),
        unlabelled=unlabelled,
        head=_score(rounds.right),
        rules=_score(ruled),
        majority=_score(rounds.commonest_right),
        calibration_error=expected_error(rounds.curve()),
        calibration=rounds.curve(),
        shares=rounds.shares(),
        looks_at=_looks(head, weighed, classes),
    )
    defeat = _find_defeat(rounds.right, ruled, rounds.commonest_right)
    if defeat is not None:
        return Trial(replace(card, verdict=f"not published: {defeat}"))
    return Trial(replace(card, published=True, verdict=f"published: {_compare(rounds, ruled)}"), head)


def _blank_card(question: DispositionMetric, lessons: Sequence[Lesson], verdict: str, *, now: datetime) -> Card:
    counts = Counter(_plain(lesson.value) for lesson in lessons) if question.type in LEARNED_TYPES else Counter()
    return Card(
        identifier=question.identifier,
        type=question.type,
        digest=question_digest(question),
        published=False,
        verdict=verdict,
        learned_at=now,
        learned_from=len(lessons),
        origins=dict(sorted(Counter(lesson.origin for lesson in lessons).items())),
        values=tuple(
            ValueCount(value, counts[value]) for value in sorted(counts, key=lambda each: (each is None, str(each)))
        ),
    )


def _plain(value: AnswerValue) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)


def _agree(answer: AnswerValue, label: AnswerValue) -> bool:
    return type(answer) is type(label) and answer == label


def _score(right: Flags) -> Score:
    return make_score(int(right.sum()), len(right))


def _find_defeat(head: Flags, rules: Flags, commonest: Flags) -> str | None:
    """Who the head does not win against, in words.

    Against the rules, which know no label, more right answers suffice. Against the commonest answer the win must be
    clear: with labels that nothing in the calls explains, half of all heads would come out a little ahead of it.
    """
    if rules.sum() >= head.sum():
        return f"{head.mean():.1%} right, the rules {rules.mean():.1%}"
    if chance_of_luck(int((head & ~commonest).sum()), int((commonest & ~head).sum())) > LUCK:
        compared = f"{head.mean():.1%} right, always the commonest answer {commonest.mean():.1%}"
        ahead = head.sum() > commonest.sum()
        return f"{compared}, which with {len(head)} calls may be luck" if ahead else compared
    return None


def _compare(rounds: Rounds, ruled: Flags) -> str:
    commonest = rounds.commonest_right.mean()
    return f"{rounds.right.mean():.1%} right, the rules {ruled.mean():.1%}, always the commonest answer {commonest:.1%}"


def _learn_from_all(
    question: DispositionMetric,
    lessons: Sequence[Lesson],
    values: Values,
    rounds: Rounds,
    weighed: Weighed,
    classes: Rows,
    *,
    unseen: float,
) -> Head:
    """The head that is kept: of all calls, calibrated by what it scored where it had not learned."""
    weights, intercepts = fit(weighed.matrix, np.arange(len(classes)), classes, count=values.count)
    head = Head(
        identifier=question.identifier,
        digest=question_digest(question),
        values=values.told if values.rest is None else (*values.told, None),
        rest=values.rest,
        learned_from=len(lessons),
        source=describe_source(lessons),
        temperature=find_temperature(rounds.scores, classes),
        unseen=unseen,
        least_score=rounds.least_score,
        familiar=round(float(np.percentile(rounds.known, _STRANGE)) / 2, 4),
        terms=weighed.terms,
        idf=weighed.idf,
        weights=weights.astype(np.float32),
        intercepts=intercepts.astype(np.float32),
    )
    return load_head(dump_head(head))


def _looks(head: Head, weighed: Weighed, classes: Rows) -> tuple[Looks, ...]:
    """For each value, the words that spoke most for it in the calls that have it."""
    named = [
        (row, f"{name}: {term}")
        for name, rows in zip(SPACES, head.terms[: len(SPACES)], strict=True)
        for term, row in rows.items()
    ]
    found = []
    for place, value in enumerate(head.values):
        if place != head.rest:
            mean = np.asarray(weighed.matrix[np.flatnonzero(classes == place)].mean(axis=0)).ravel()
            found.append(Looks(_plain(value), _heaviest(named, mean * head.weights[:, place])))
    return tuple(found)


def _heaviest(named: list[tuple[int, str]], weights: Array) -> tuple[str, ...]:
    ranked = sorted(named, key=lambda each: (-round(float(weights[each[0]]), 9), each[1]))
    return tuple(name for row, name in ranked[:_LOOKS] if weights[row] > 0)
