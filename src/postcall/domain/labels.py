"""What people say of an answer: that it is right, or what would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.values import Fit, coerce
from postcall.errors import BadInput, Conflict

MAX_WHO = 200
MAX_WHY = 2_000


class Verdict(StrEnum):
    """What a label says of the answer that stood there."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Label:
    """What one person holds to be the answer to a question about a call; never changed once stored."""

    identifier: str
    type: QuestionType
    value: AnswerValue
    """None says that there is none: then any value is wrong."""
    verdict: Verdict
    who: str | None
    """As they signed; nobody checks it."""
    why: str | None
    at: datetime
    revision: int
    """The revision of the transcript that it is about; it counts only while that is the call's own."""
    extraction_id: str | None
    """The extraction whose answer was looked at; None where the question had no answer."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody hands in about an answer, before it is checked."""

    identifier: str
    confirm: bool = False
    """The answer is right as it stands; `value` is then not looked at."""
    value: object = None
    """Any JSON value; null, "none" and the like say that there is no value."""
    who: str | None = None
    why: str | None = None


def decide_label(
    opinion: Opinion,
    question: DispositionMetric,
    answer: Answer | None,
    *,
    started_at: datetime,
    now: datetime,
    revision: int,
    extraction_id: str | None,
) -> Label:
    """Make the label of an opinion about an answer, or raise BadInput (Conflict where there is nothing to confirm).

    `started_at` is the call's, for values such as "next Tuesday". A correction to what the answer said already is a
    confirmation.
    """
    value = _confirmed(question, answer) if opinion.confirm else _corrected(opinion, question, started_at)
    return Label(
        identifier=question.identifier,
        type=question.type,
        value=value,
        verdict=Verdict.CONFIRMED if _stands(answer, question, value) else Verdict.CORRECTED,
        who=_signed(opinion.who, "who", MAX_WHO),
        why=_signed(opinion.why, "why", MAX_WHY),
        at=now,
        revision=revision,
        extraction_id=extraction_id if answer is not None else None,
    )


def latest_labels(labels: Sequence[Label], *, revision: int) -> tuple[Label, ...]:
    """Of labels in the order in which they were given, those that count: the last of each question on this revision."""
    latest = {label.identifier: label for label in labels if label.revision == revision}
    return tuple(latest.values())


def _confirmed(question: DispositionMetric, answer: Answer | None) -> AnswerValue:
    if answer is None or answer.status not in {AnswerStatus.OK, AnswerStatus.UNKNOWN} or not _fits(answer, question):
        raise Conflict(f"{question.identifier!r} has no answer to confirm; send the right value", field="confirm")
    return answer.value


def _corrected(opinion: Opinion, question: DispositionMetric, started_at: datetime) -> AnswerValue:
    coerced = coerce(opinion.value, question.type, question.choices, reference=started_at)
    if coerced.fit is Fit.MISFIT:
        raise BadInput(f"value: {coerced.reason}{_known_choices(question)}", field="value")
    return coerced.value


def _known_choices(question: DispositionMetric) -> str:
    if not question.choices:
        return f"; {question.identifier!r} is {question.type}"
    return f"; {question.identifier!r} has the choices {', '.join(map(repr, question.choices[:20]))}"


def _stands(answer: Answer | None, question: DispositionMetric, value: AnswerValue) -> bool:
    if answer is None or not _fits(answer, question):
        return False
    if value is None:
        return answer.status is AnswerStatus.UNKNOWN
    return answer.status is AnswerStatus.OK and type(answer.value) is type(value) and answer.value == value


def _fits(answer: Answer, question: DispositionMetric) -> bool:
    return answer.type is question.type and (not question.choices or answer.value in (None, *question.choices))


def _signed(text: str | None, field: str, longest: int) -> str | None:
    cleaned = (text or "").replace("\x00", "").strip()
    if len(cleaned) > longest:
        raise BadInput(f"{field}: at most {longest:,} characters", field=field)
    return cleaned or None
