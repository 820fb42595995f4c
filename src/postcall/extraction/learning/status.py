"""What an agent has learned, who answers its questions, and how far heads and model agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.answers import AnswerStatus
from postcall.domain.questions import DispositionMetric
from postcall.extraction.cascade import choose_analyser, least_confidence
from postcall.extraction.learning.card import Card
from postcall.extraction.learning.digest import question_digest
from postcall.extraction.learning.features import FEATURES
from postcall.extraction.learning.lessons import LEARNED_TYPES
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.answerers import AnswererCount, Pair, count_answerers, list_pairs
from postcall.storage.heads import Attempt, latest_attempts

_COMPARABLE: Final = frozenset({AnswerStatus.OK, AnswerStatus.UNKNOWN})
_SHOWN_CALLS: Final = 5


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often head and model said the same where both answered."""

    compared: int
    agreed: int
    share: float | None
    """None where nothing was compared."""
    differing: tuple[str, ...]
    """Some calls on which they differ, the newest first."""


@dataclass(frozen=True, slots=True)
class QuestionStatus:
    """One question."""

    identifier: str
    type: str
    learns: bool
    """Whether questions of this type are learned at all."""
    answers: bool
    """Whether a head answers now."""
    from_version: int | None
    """The version that was active when it was learned."""
    card: Card | None
    """Of the last attempt at this exact question, published or not; None where there was none."""
    answered: Mapping[str, int]
    """How many answers came from `learned`, `rules` and `model`, over the newest calls."""
    unknown: int
    """How many of the learned ones were `unknown`: not sure enough, or no value."""
    free_share: float | None
    """The share of answers that took no model; None where there is none yet."""
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class LearningStatus:
    """All questions of an agent's active version."""

    agent: str
    version: int
    analyser: str
    """Who answers now: `built-in`, `model` or `auto`."""
    heads_answer: bool
    """Whether learned heads are asked at all."""
    min_confidence: float
    audit_share: float
    questions: tuple[QuestionStatus, ...]


def read_learning_status(connection: Connection, account_pk: int, agent: str, *, has_model: bool) -> LearningStatus:
    """How things stand; `has_model` is whether a model is configured here."""
    row = find_agent_row(connection, account_pk, agent)
    config = find_version(connection, row.pk, row.active_version).config
    choice = choose_analyser(config.analyser, has_model=has_model)
    return LearningStatus(
        agent=row.slug,
        version=row.active_version,
        analyser=choice.value,
        heads_answer=choice is not AnalyserChoice.MODEL,
        min_confidence=least_confidence(config, has_model=choice is AnalyserChoice.AUTO),
        audit_share=config.audit_share,
        questions=describe_questions(
            config,
            latest_attempts(connection, row.pk),
            count_answerers(connection, row.pk),
            list_pairs(connection, row.pk),
        ),
    )


def describe_questions(
    config: VersionConfig, attempts: Mapping[str, Attempt], counts: Sequence[AnswererCount], pairs: Sequence[Pair]
) -> tuple[QuestionStatus, ...]:
    """The questions of a version, in their order. `attempts` are by the digest of the question."""
    return tuple(
        _describe(
            question,
            attempts.get(question_digest(question)),
            [each for each in counts if each.identifier == question.identifier],
            [each for each in pairs if each.identifier == question.identifier],
        )
        for question in config.questions
    )


def status_json(status: LearningStatus) -> dict[str, Any]:
    """As the API and the command line show it."""
    shown: dict[str, Any] = msgspec.to_builtins(status)
    return shown


def _describe(
    question: DispositionMetric, attempt: Attempt | None, counts: Sequence[AnswererCount], pairs: Sequence[Pair]
) -> QuestionStatus:
    card = msgspec.convert(attempt.card, Card) if attempt else None
    answered: Counter[str] = Counter()
    for each in counts:
        answered[each.by] += each.count
    total = sum(answered.values())
    return QuestionStatus(
        identifier=question.identifier,
        type=question.type.value,
        learns=question.type in LEARNED_TYPES,
        answers=attempt is not None and attempt.active and card is not None and card.features == FEATURES,
        from_version=attempt.version if attempt else None,
        card=card,
        answered=dict(sorted(answered.items())),
        unknown=sum(each.count for each in counts if each.by == "learned" and each.status == AnswerStatus.UNKNOWN),
        free_share=round((total - answered["model"]) / total, 4) if total else None,
        agreement=_agree(pairs),
    )


def _agree(pairs: Sequence[Pair]) -> Agreement:
    compared = [pair for pair in pairs if pair.model_status in _COMPARABLE]
    differing = [
        pair.call_id for pair in compared if (type(pair.learned), pair.learned) != (type(pair.model), pair.model)
    ]
    agreed = len(compared) - len(differing)
    return Agreement(
        compared=len(compared),
        agreed=agreed,
        share=round(agreed / len(compared), 4) if compared else None,
        differing=tuple(differing[:_SHOWN_CALLS]),
    )
