"""Calls, questions, agents and findings in a line or two, and a desk at which to hand them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from postcall.configure.publishing import publish_questions
from postcall.domain.answers import (
    Answer,
    AnswerStatus,
    AnswerValue,
    Evidence,
    Extraction,
    ExtractionStatus,
    Findings,
)
from postcall.domain.builtin_metrics import SOURCE
from postcall.domain.calls import CallDetails, IncomingCall, MetricValue, MetricWrite, Role, StoredMetric, Turn
from postcall.domain.keys import Scope
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.views import CallFile, CallFilter, CallPage, Position
from postcall.intake.service import take_call
from postcall.storage.accounts import DEFAULT_ACCOUNT, ensure_account
from postcall.storage.call_views import list_calls, read_call
from postcall.storage.calls import Accepted
from postcall.storage.database import Record
from postcall.storage.extractions import store_extraction
from postcall.storage.jobs import EXTRACT, Job, claim_jobs, finish_job
from postcall.storage.keys import NewKey, create_key
from postcall.storage.schema import calls

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday."""
AGENT = "clinic"
SPOKEN = ("agent: Good morning, how can I help?", "user: I would like to book a check-up for Tuesday.")


@dataclass
class StepClock:
    """A clock that moves when it is told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


def a_turn(line: str, **more: Any) -> Turn:
    """`a_turn("user: Hello")`."""
    role, _, text = line.partition(": ")
    return Turn(Role(role), text, **more)


def some_turns(*lines: str) -> tuple[Turn, ...]:
    """One turn a line, each `role: text`."""
    return tuple(a_turn(line) for line in lines)


def a_call(
    call_id: str | None = "call-1",
    *lines: str,
    metrics: dict[str, MetricValue | list[MetricValue]] | None = None,
    **details: Any,
) -> IncomingCall:
    """A finished call to the clinic; every detail can be named, such as `status` or `started_at`."""
    spoken = lines or SPOKEN
    details = {"agent": AGENT, "started_at": NOON - timedelta(hours=1), **details}
    return IncomingCall(
        id=call_id, details=CallDetails(**details), turns=some_turns(*spoken), metrics=tuple(_writes(metrics or {}))
    )


def silent(call: IncomingCall) -> IncomingCall:
    """The same call, in which nobody speaks."""
    return replace(call, turns=())


def _writes(metrics: dict[str, MetricValue | list[MetricValue]]) -> list[MetricWrite]:
    return [
        MetricWrite(name, value)
        for name, given in metrics.items()
        for value in (given if isinstance(given, list) else [given])
    ]


def written(file: CallFile) -> list[StoredMetric]:
    """The metrics of a call that somebody wrote; the others postcall knows by itself."""
    return [metric for metric in file.metrics if metric.source != SOURCE]


def a_body(call_id: str | None = "call-1", *lines: str, **fields: Any) -> dict[str, Any]:
    """The JSON of a finished call, as a client sends it."""
    turns = [{"role": role, "text": text} for role, _, text in (line.partition(": ") for line in lines or SPOKEN)]
    body = {"agent": AGENT, "started_at": "2026-03-02T11:00:00Z", "status": "completed", "turns": turns, **fields}
    return body if call_id is None else {"id": call_id, **body}


def a_question(
    identifier: str = "booked",
    prompt: str = "Did the caller book an appointment?",
    type: str = "BOOLEAN",  # noqa: A002 - the word that everybody uses for it
    *,
    choices: Sequence[str] = (),
) -> DispositionMetric:
    """A question; by default whether something was booked."""
    return DispositionMetric(identifier, prompt, QuestionType(type), tuple(choices))


def an_answer(
    identifier: str = "booked",
    value: AnswerValue = True,
    *,
    status: str = "ok",
    type: str = "BOOLEAN",  # noqa: A002 - the word that everybody uses for it
    evidence: tuple[Evidence, ...] = (Evidence(1, "book a check-up"),),
) -> Answer:
    """An answer with its evidence; a status other than `ok` has neither value nor evidence."""
    fine = status == "ok"
    return Answer(
        identifier=identifier,
        type=QuestionType(type),
        value=value if fine else None,
        status=AnswerStatus(status),
        confidence=0.8 if fine else None,
        reasoning="It was said." if fine else "The model could not be asked.",
        evidence=evidence if fine else (),
    )


def findings(*answers: Answer, summary: str = "A check-up was booked.") -> Findings:
    """What an analyser found."""
    return Findings(summary=summary, answers=answers, analyser="model", model="scripted")


@dataclass
class Desk:
    """An account of a record, with a clock: hand calls in, run their jobs by hand, look at what became of them."""

    record: Record
    clock: StepClock = field(default_factory=StepClock)
    account: str = DEFAULT_ACCOUNT
    pk: int = 0

    def __post_init__(self) -> None:
        self.pk = self.record.write(lambda c: ensure_account(c, self.account, now=self.clock()))

    def hand_in(self, call: IncomingCall, *, replace: bool = False) -> Accepted:
        """Take a call in."""
        return self.record.write(take_call(self.pk, call, now=self.clock(), replace=replace))

    def read(self, call_id: str = "call-1") -> CallFile:
        """All that is known of a call."""
        return self.record.read(lambda c: read_call(c, self.pk, call_id))

    def page(
        self,
        *,
        metric: tuple[str, str] | None = None,
        after: Position | None = None,
        limit: int = 50,
        **wanted: Any,
    ) -> CallPage:
        """A page of calls."""
        conditions = CallFilter(metrics=(metric,) if metric else (), **wanted)
        return self.record.read(lambda c: list_calls(c, self.pk, conditions, after=after, limit=limit))

    def ids(self, **wanted: Any) -> list[str]:
        """The ids of the calls that match."""
        return [row.call.id for row in self.page(**wanted).rows]

    def ask(self, *questions: DispositionMetric, agent: str = AGENT) -> int:
        """Publish the questions; returns the number of the version."""
        return self.record.write(lambda c: publish_questions(c, self.pk, agent, questions, now=self.clock())).version

    def claim(self, *, limit: int = 100, lease_s: float = 15.0) -> list[Job]:
        """The extraction jobs that are due, as a worker would take them."""
        return self.record.write(lambda c: claim_jobs(c, EXTRACT, limit=limit, lease_s=lease_s, now=self.clock()))

    def finish(self, job: Job, found: Findings, *, failure: str | None = None) -> Extraction:
        """Store what a run of the questions found, as a worker would."""
        status = ExtractionStatus.FAILED if failure else ExtractionStatus.FINISHED
        extraction = Extraction(
            id=job.payload["extraction"],
            call_id="",
            version=job.payload["version"],
            revision=job.payload["revision"],
            status=status,
            failure_code="model_error" if failure else None,
            failure=failure,
            findings=found,
            started_at=self.clock(),
            finished_at=self.clock(),
        )
        assert job.call_pk is not None
        call_pk = job.call_pk

        def store(connection: sa.Connection) -> Extraction:
            assert finish_job(connection, job)
            return store_extraction(connection, call_pk, extraction)

        return self.record.write(store)

    def extract(self, *answers: Answer) -> Extraction:
        """Run the one job that is due, with these answers."""
        [job] = self.claim()
        return self.finish(job, findings(*answers))

    def key(self, *scopes: Scope, expires_at: datetime | None = None) -> NewKey:
        """A key of this account; it may read and write unless scopes are named."""
        granted = frozenset(scopes or (Scope.READ, Scope.WRITE))
        return self.record.write(
            lambda c: create_key(c, self.account, name="test", scopes=granted, expires_at=expires_at, now=self.clock())
        )

    def count(self) -> int:
        """How many calls are stored, whatever account."""
        return self.record.read(lambda c: int(c.execute(sa.select(sa.func.count()).select_from(calls)).scalar_one()))
