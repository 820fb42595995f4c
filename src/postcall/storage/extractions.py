"""Extractions: appended, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.answers import (
    Answer,
    AnswerStatus,
    Evidence,
    Extraction,
    ExtractionStatus,
    Findings,
    SecondAnswer,
    Usage,
)
from postcall.domain.calls import Transcript
from postcall.domain.questions import QuestionType
from postcall.domain.webhooks import CallMoment
from postcall.errors import CallNotFound
from postcall.storage.announcing import announce, set_off_actions
from postcall.storage.call_rows import read_transcript
from postcall.storage.changes import note_change
from postcall.storage.schema import answers, calls, extractions
from postcall.storage.statements import insert_new, lock_row


@dataclass(frozen=True, slots=True)
class Subject:
    """What an extraction reads."""

    call_pk: int
    call_id: str
    agent_pk: int
    started_at: datetime
    transcript: Transcript


def read_subject(connection: Connection, call_pk: int, *, revision: int) -> Subject:
    """One revision of a call's transcript."""
    call = connection.execute(_CALL, {"call_pk": call_pk}).one_or_none()
    if call is None:  # it was removed while its job ran
        raise CallNotFound(str(call_pk))
    return Subject(
        call_pk=call_pk,
        call_id=call.id,
        agent_pk=call.agent_pk,
        started_at=call.started_at,
        transcript=read_transcript(connection, call_pk, revision),
    )


_CALL = sa.select(calls.c.id, calls.c.agent_pk, calls.c.started_at).where(calls.c.pk == sa.bindparam("call_pk"))


def store_extraction(connection: Connection, call_pk: int, extraction: Extraction) -> Extraction:
    """Append an extraction, and make it the call's current one where it finished on the current transcript.

    A question that erred keeps the answer that the call's current extraction had, marked with where it is from.
    Storing the same id again changes nothing.
    """
    call = connection.execute(  # held, so that no new revision comes between this look and the end
        lock_row(connection, sa.select(calls.c.revision, calls.c.current_extraction_pk).where(calls.c.pk == call_pk))
    ).one()
    if call.current_extraction_pk is not None and call.revision == extraction.revision:
        earlier = read_extractions(connection, [call.current_extraction_pk])[call.current_extraction_pk]
        extraction = keep_earlier_answers(extraction, earlier)
    pk = _insert(connection, call_pk, extraction)
    finished = extraction.status is ExtractionStatus.FINISHED
    if pk is not None and finished and call.revision == extraction.revision:
        connection.execute(sa.update(calls).where(calls.c.pk == call_pk).values(current_extraction_pk=pk))
        note_change(connection, call_pk, now=extraction.finished_at)
    if pk is not None:
        moment = CallMoment.EXTRACTED if finished else CallMoment.EXTRACTION_FAILED
        announce(connection, call_pk, moment, now=extraction.finished_at)
        if call.current_extraction_pk is None:  # asked again later, old calls set off nothing
            set_off_actions(connection, call_pk, now=extraction.finished_at)
    return extraction


def keep_earlier_answers(extraction: Extraction, earlier: Extraction) -> Extraction:
    """Put the earlier answer in the place of each that erred, where there is one that did not."""
    if extraction.status is not ExtractionStatus.FINISHED:
        return extraction
    before = {answer.identifier: answer for answer in earlier.findings.answers}
    kept = tuple(
        _keep(answer, before.get(answer.identifier), earlier.id) if answer.status is AnswerStatus.ERROR else answer
        for answer in extraction.findings.answers
    )
    return replace(extraction, findings=replace(extraction.findings, answers=kept))


def _keep(erred: Answer, before: Answer | None, earlier_id: str) -> Answer:
    if before is None or before.status is AnswerStatus.ERROR or before.type is not erred.type:
        return erred
    return replace(before, kept_from=before.kept_from or earlier_id)


def list_extractions(connection: Connection, call_pk: int) -> list[Extraction]:
    """Every extraction of a call, the newest first."""
    pks = [
        row.pk
        for row in connection.execute(
            sa.select(extractions.c.pk).where(extractions.c.call_pk == call_pk).order_by(extractions.c.pk.desc())
        )
    ]
    found = read_extractions(connection, pks)
    return [found[pk] for pk in pks]


def read_extractions(connection: Connection, pks: Sequence[int]) -> dict[int, Extraction]:
    """The extractions of these keys, with their answers."""
    if not pks:
        return {}
    answered: dict[int, list[Answer]] = {pk: [] for pk in pks}
    for row in connection.execute(
        sa.select(answers).where(answers.c.extraction_pk.in_(pks)).order_by(answers.c.extraction_pk, answers.c.position)
    ):
        answered[row.extraction_pk].append(_read_answer(row))
    rows = connection.execute(
        sa.select(extractions, calls.c.id.label("call_id"))
        .join_from(extractions, calls)
        .where(extractions.c.pk.in_(pks))
    )
    return {row.pk: _read_extraction(row, tuple(answered[row.pk])) for row in rows}


def _insert(connection: Connection, call_pk: int, extraction: Extraction) -> int | None:
    findings = extraction.findings
    values = {
        "id": extraction.id,
        "call_pk": call_pk,
        "version": extraction.version,
        "revision": extraction.revision,
        "status": extraction.status,
        "failure_code": extraction.failure_code,
        "failure": extraction.failure,
        "analyser": findings.analyser,
        "model": findings.model,
        "summary": findings.summary,
        "usage": asdict(findings.usage),
        "notes": list(findings.notes),
        "started_at": extraction.started_at,
        "finished_at": extraction.finished_at,
    }
    pk = insert_new(connection, extractions, values, returning=extractions.c.pk)
    if pk is not None and findings.answers:
        rows = [_answer_row(pk, position, answer) for position, answer in enumerate(findings.answers)]
        connection.execute(sa.insert(answers), rows)
    return pk


def _answer_row(extraction_pk: int, position: int, answer: Answer) -> dict[str, Any]:
    return {
        "extraction_pk": extraction_pk,
        "position": position,
        "identifier": answer.identifier,
        "type": answer.type,
        "value": answer.value,
        "status": answer.status,
        "confidence": answer.confidence,
        "calibrated": answer.calibrated,
        "reasoning": answer.reasoning,
        "evidence": [msgspec.to_builtins(evidence) for evidence in answer.evidence],
        "kept_from": answer.kept_from,
        "answered_by": answer.by,
        "second": msgspec.to_builtins(answer.second),
    }


def _read_answer(row: Row[Any]) -> Answer:
    return Answer(
        identifier=row.identifier,
        type=QuestionType(row.type),
        value=row.value,
        status=AnswerStatus(row.status),
        confidence=row.confidence,
        reasoning=row.reasoning,
        evidence=tuple(Evidence(turn=each["turn"], quote=each["quote"]) for each in row.evidence),
        calibrated=row.calibrated,
        kept_from=row.kept_from,
        by=row.answered_by,
        second=_read_second(row.second),
    )


def _read_second(stored: dict[str, Any] | None) -> SecondAnswer | None:
    return msgspec.convert(stored, SecondAnswer) if stored is not None else None


def _read_extraction(row: Row[Any], found: tuple[Answer, ...]) -> Extraction:
    return Extraction(
        id=row.id,
        call_id=row.call_id,
        version=row.version,
        revision=row.revision,
        status=ExtractionStatus(row.status),
        failure_code=row.failure_code,
        failure=row.failure,
        findings=Findings(
            summary=row.summary,
            answers=found,
            analyser=row.analyser,
            model=row.model,
            usage=Usage(**row.usage),
            notes=tuple(row.notes),
        ),
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
