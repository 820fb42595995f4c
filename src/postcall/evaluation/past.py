"""Answers that were given when calls ended, with what people have said of them since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.agents import Version
from postcall.domain.answers import Extraction
from postcall.domain.labels import Label, Verdict
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.evaluation.running import Answered, answered_before
from postcall.storage.agents import find_agent_row, list_versions
from postcall.storage.labels import CallWithLabels, read_calls_with_labels


@dataclass(frozen=True, slots=True)
class PastAnswers:
    """The labelled calls of an agent, as they were answered."""

    answered: tuple[Answered, ...]
    questions: tuple[DispositionMetric, ...]
    analyser: str
    """`built-in`, `model`, or both where calls differ."""
    model: str | None
    notes: tuple[str, ...]


def gather_past_answers(
    connection: Connection, account_pk: int, agent: str, *, since: datetime | None = None
) -> PastAnswers:
    """The current extractions of an agent's labelled calls, the labels as gold; `since` is of the calls' start."""
    row = find_agent_row(connection, account_pk, agent)
    calls = list(read_calls_with_labels(connection, account_pk, agent, since=since))
    questions = questions_of(list_versions(connection, row.pk), active=row.active_version)
    known = {(question.identifier, question.type) for question in questions}
    extractions = [call.extraction for call in calls if call.extraction is not None]
    return PastAnswers(
        answered=tuple(
            answered_before(call.call_id, call.transcript, call.started_at, call.extraction, _about(known, call.labels))
            for call in calls
        ),
        questions=questions,
        analyser=", ".join(sorted({each.findings.analyser for each in extractions})) or "none",
        model=", ".join(sorted(_models(extractions))) or None,
        notes=tuple(_notes(calls)),
    )


def questions_of(versions: Sequence[Version], *, active: int) -> tuple[DispositionMetric, ...]:
    """Every question that was ever asked, as it was last; first those that are asked now, in their order."""
    newest_first = sorted(versions, key=lambda version: (version.number != active, -version.number))
    questions: dict[str, DispositionMetric] = {}
    for version in newest_first:
        for question in version.config.questions:
            questions.setdefault(question.identifier, question)
    return tuple(questions.values())


def _about(known: set[tuple[str, QuestionType]], labels: Sequence[Label]) -> list[Label]:
    """Without the labels of a question that has another type now."""
    return [label for label in labels if (label.identifier, label.type) in known]


def _models(extractions: Sequence[Extraction]) -> set[str]:
    return {each.findings.model for each in extractions if each.findings.model is not None}


def _notes(calls: Sequence[CallWithLabels]) -> list[str]:
    verdicts = Counter(label.verdict for call in calls for label in call.labels)
    confirmed, corrected = verdicts[Verdict.CONFIRMED], verdicts[Verdict.CORRECTED]
    told = f"labels by people: {confirmed:,} confirm an answer, {corrected:,} correct one"
    versions = {call.extraction.version for call in calls if call.extraction is not None}
    notes = [f"{told}; where only what looks wrong is labelled, less seems right than is"]
    if len(versions) > 1:
        notes.append(f"the answers are from {len(versions)} versions of the questions")
    return notes
