"""Which answers are known of an agent's past calls, held against the questions as they are asked now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.engine import Connection

from postcall.domain.agents import Version
from postcall.domain.answers import AnswerValue
from postcall.domain.questions import DispositionMetric
from postcall.domain.values import Fit, coerce
from postcall.extraction.learning.digest import question_digest
from postcall.storage.known_answers import (
    KnownAnswer,
    read_label_answers,
    read_metric_answers,
    read_model_answers,
)

OTHER_WORDING: Final = "given to another wording of the question"
MISFIT: Final = "no value that the question may have"


class Source(StrEnum):
    """Whose answers to learn from."""

    LABELS = "labels"
    """Confirmations and corrections by people."""
    METRICS = "metrics"
    """Real-time metrics that are named as the question is."""
    MODEL = "model"
    """What a model answered."""
    AUTO = "auto"
    """The first of these that a call has: a label, a metric, a model's answer."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one question."""

    answers: Mapping[int, tuple[AnswerValue, str]]
    """Value and origin, by the key of the call."""
    set_aside: Mapping[str, int]
    """How many answers could not be used, by reason."""


def gather_known(
    connection: Connection,
    agent_pk: int,
    questions: Sequence[DispositionMetric],
    versions: Sequence[Version],
    source: Source,
    *,
    now: datetime,
) -> dict[str, Known]:
    """What is known of each question, by its identifier; the answers to another wording of it are set aside."""
    asked = {
        (version.number, question.identifier): question_digest(question)
        for version in versions
        for question in version.config.questions
    }
    given = _read(connection, agent_pk, [question.identifier for question in questions], source)
    return {
        question.identifier: _hold_against(
            question, (each for each in given if each.identifier == question.identifier), asked, now=now
        )
        for question in questions
    }


def _read(connection: Connection, agent_pk: int, identifiers: Sequence[str], source: Source) -> list[KnownAnswer]:
    """The answers, those that count more first."""
    match source:
        case Source.LABELS:
            return read_label_answers(connection, agent_pk, identifiers)
        case Source.METRICS:
            return read_metric_answers(connection, agent_pk, identifiers)
        case Source.MODEL:
            return read_model_answers(connection, agent_pk, identifiers)
        case Source.AUTO:
            return [
                *read_label_answers(connection, agent_pk, identifiers),
                *read_metric_answers(connection, agent_pk, identifiers),
                *read_model_answers(connection, agent_pk, identifiers),
            ]


def _hold_against(
    question: DispositionMetric,
    given: Iterable[KnownAnswer],
    asked: Mapping[tuple[int, str], str],
    *,
    now: datetime,
) -> Known:
    digest = question_digest(question)
    answers: dict[int, tuple[AnswerValue, str]] = {}
    aside: Counter[str] = Counter()
    for each in given:
        if each.call_pk in answers:
            continue
        if each.version is not None and asked.get((each.version, question.identifier), digest) != digest:
            aside[OTHER_WORDING] += 1
            continue
        coerced = coerce(each.value, question.type, question.choices, reference=now)
        if coerced.fit is Fit.MISFIT:
            aside[MISFIT] += 1
        else:
            answers[each.call_pk] = (coerced.value, each.origin)
    return Known(answers, dict(sorted(aside.items())))
