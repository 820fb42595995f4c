"""The two sets of calls that the questions in `questions/` are about, each put into a record of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.analyst.more_businesses import a_help_desk, a_hotel_chain
from tests.analyst.more_data import a_car_rental, an_insurer
from tests.analyst.other_data import OTHER_NOW, Business, a_bank, a_parcel_service
from tests.builders import Desk, StepClock, findings

from postcall.demo import CLINIC_QUESTIONS
from postcall.demo.generator import with_gold
from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Extraction, ExtractionStatus
from postcall.domain.calls import CallDetails, IncomingCall, MetricWrite, Role, Turn
from postcall.domain.metrics import MetricType
from postcall.intake.service import take_call
from postcall.samples import SAMPLE_COUNT, SEED, load_samples
from postcall.storage.agents import ensure_agent_row
from postcall.storage.database import Record
from postcall.storage.extractions import store_extraction
from postcall.storage.jobs import EXTRACT, Job, claim_jobs, finish_job
from postcall.storage.metric_definitions import NewMetric, define_missing_metrics
from postcall.storage.schema import calls

T = TypeVar("T")
NOW = {
    "clinic": datetime(2026, 4, 15, 19, 20, tzinfo=UTC),  # a Wednesday, 15:20 in New York
    "star": datetime(2020, 5, 26, 18, 0, tzinfo=UTC),  # a Tuesday, 11:00 in Los Angeles
    "bank": OTHER_NOW,
    "parcel": OTHER_NOW,
    "rental": OTHER_NOW,
    "claims": OTHER_NOW,
    "hotel": OTHER_NOW,
    "telecom": OTHER_NOW,
}
"""When the questions about each data set are asked."""
STAR_AGENT = "star"
_TYPES = {"BOOLEAN": MetricType.BOOLEAN, "INTEGER": MetricType.INTEGER}
_BATCH = 100
_BUSINESSES: dict[str, Callable[[], Business]] = {
    "bank": a_bank,
    "parcel": a_parcel_service,
    "rental": a_car_rental,
    "claims": an_insurer,
    "hotel": a_hotel_chain,
    "telecom": a_help_desk,
}


def read_questions(file: Path) -> list[dict[str, Any]]:
    """The entries of a file of questions."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def load_clinic(record: Record) -> None:
    """Store the sample calls, and of each the right answers as a finished extraction."""
    now = NOW["clinic"]
    load_samples(record, now=now)
    gold = {call.id: right for call, right in with_gold(seed=SEED, count=SAMPLE_COUNT, end=now)}
    desk = Desk(record, StepClock(now))
    ids = record.read(lambda c: {row.pk: row.id for row in c.execute(sa.select(calls.c.pk, calls.c.id))})
    jobs = [(job, gold[ids[job.call_pk]]) for job in desk.claim(limit=SAMPLE_COUNT, lease_s=600)]
    for batch in _batches(iter(jobs)):
        record.write(partial(_answer, batch=batch, now=now))


def load_star(record: Record, folder: Path) -> None:
    """Store the calls of `public.jsonl`, each with its gold as metrics that code wrote, defined as `metrics.json` says.

    A gold of null is left out. DATETIME and ENUM become strings; an ENUM's choices are its expected values.
    """
    now = NOW["star"]
    desk = Desk(record, StepClock(now))
    described = json.loads((folder / "metrics.json").read_text("utf-8"))
    defined = [_definition(each) for each in described]
    record.write(lambda c: ensure_agent_row(c, desk.pk, STAR_AGENT, now=now))
    record.write(lambda c: define_missing_metrics(c, desk.pk, STAR_AGENT, defined, now=now))
    given = (_star_call(each) for each in read_questions(folder / "public.jsonl"))
    for batch in _batches(given):
        record.write(partial(_take, account_pk=desk.pk, batch=batch, now=now))


def load_other(record: Record, name: str) -> None:
    """Store the calls of one of the invented businesses, and of each the right answers."""
    business = _BUSINESSES[name]()
    desk = Desk(record, StepClock(OTHER_NOW))
    desk.ask(*business.questions, agent=business.agent)
    record.write(lambda c: define_missing_metrics(c, desk.pk, business.agent, list(business.metrics), now=OTHER_NOW))
    record.write(partial(_take_answered, desk=desk, business=business))


def _take_answered(connection: Connection, *, desk: Desk, business: Business) -> None:
    for call, _ in business.calls:
        take_call(desk.pk, call, now=OTHER_NOW, replace=False)(connection)
    answers = {call.id: found for call, found in business.calls}
    ids = {row.pk: row.id for row in connection.execute(sa.select(calls.c.pk, calls.c.id))}
    for job in claim_jobs(connection, EXTRACT, limit=len(answers), lease_s=600, now=OTHER_NOW):
        assert job.call_pk is not None
        assert finish_job(connection, job)
        extraction = replace(_extraction(job, {}, OTHER_NOW), findings=findings(*answers[ids[job.call_pk]]))
        store_extraction(connection, job.call_pk, extraction)


def _answer(connection: Connection, *, batch: Sequence[tuple[Job, dict[str, AnswerValue]]], now: datetime) -> None:
    for job, gold in batch:
        assert job.call_pk is not None
        assert finish_job(connection, job)
        store_extraction(connection, job.call_pk, _extraction(job, gold, now))


def _extraction(job: Job, gold: dict[str, AnswerValue], now: datetime) -> Extraction:
    answers = [
        _right_answer(question.identifier, question.type, gold[question.identifier])
        for question in CLINIC_QUESTIONS
        if question.identifier in gold
    ]
    return Extraction(
        id=job.payload["extraction"],
        call_id="",
        version=job.payload["version"],
        revision=job.payload["revision"],
        status=ExtractionStatus.FINISHED,
        failure_code=None,
        failure=None,
        findings=findings(*answers, summary="The right answers."),
        started_at=now,
        finished_at=now,
    )


def _right_answer(identifier: str, type_: Any, value: AnswerValue) -> Answer:
    status = AnswerStatus.UNKNOWN if value is None else AnswerStatus.OK
    return Answer(identifier, type_, value, status, None if value is None else 0.9, "It is the right answer.")


def _definition(described: dict[str, Any]) -> NewMetric:
    return NewMetric(
        described["identifier"],
        _TYPES.get(described["dispositionMetricType"], MetricType.STRING),
        tuple(described.get("choices", ())),
        described["dispositionMetricPrompt"],
    )


def _star_call(given: dict[str, Any]) -> IncomingCall:
    start = datetime.fromisoformat(given["started_at"])
    return IncomingCall(
        id=given["id"],
        details=CallDetails(
            agent=STAR_AGENT,
            started_at=start,
            ended_at=start + timedelta(seconds=given["duration_s"]),
            duration_s=given["duration_s"],
        ),
        turns=tuple(Turn(Role(turn["role"]), turn["text"], turn["start_s"]) for turn in given["turns"]),
        metrics=tuple(MetricWrite(name, value) for name, value in given["gold"].items() if value is not None),
    )


def _take(connection: Connection, *, account_pk: int, batch: Sequence[IncomingCall], now: datetime) -> None:
    for call in batch:
        take_call(account_pk, call, now=now, replace=False)(connection)


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, _BATCH)):
        yield batch
