"""The job that extracts one call: read it, ask, store what was found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, AnswerStatus, Extraction, ExtractionStatus, Findings
from postcall.errors import PostcallError
from postcall.extraction.analysers import AgentAnalyser
from postcall.jobs.worker import Store
from postcall.storage.agents import find_version
from postcall.storage.database import Record
from postcall.storage.extractions import Subject, read_subject, store_extraction
from postcall.storage.jobs import EXTRACT, Job


class ExtractCall:
    """The handler of extraction jobs."""

    kind = EXTRACT

    def __init__(self, record: Record, analyser: AgentAnalyser, *, clock: Callable[[], datetime]) -> None:
        self._record = record
        self._analyser = analyser
        self._clock = clock
        self.limit = analyser.limit
        self._configs: dict[tuple[int, int], VersionConfig] = {}

    async def run(self, job: Job) -> Store:
        """Ask the job's version of the questions about the job's revision of the transcript."""
        started_at = self._clock()
        subject, config = await self._record.read_briefly(lambda c: self._read(c, job))
        findings = await self._analyser.analyse(
            subject.transcript, config, reference=subject.started_at, agent_pk=subject.agent_pk
        )
        extraction = self._extraction(job, subject.call_id, findings, started_at=started_at, failure=None)
        return lambda c: _store(c, subject.call_pk, extraction)

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """A failed extraction: every question erred, and says why."""
        now = self._clock()

        def store(connection: Connection) -> None:
            subject, config = self._read(connection, job)
            erred = tuple(
                Answer(
                    identifier=question.identifier,
                    type=question.type,
                    value=None,
                    status=AnswerStatus.ERROR,
                    confidence=None,
                    reasoning=failure.message,
                )
                for question in config.questions
            )
            findings = Findings(summary="", answers=erred, analyser=self._analyser.name, model=self._analyser.model)
            extraction = self._extraction(job, subject.call_id, findings, started_at=now, failure=failure)
            _store(connection, subject.call_pk, extraction)

        return store

    def _read(self, connection: Connection, job: Job) -> tuple[Subject, VersionConfig]:
        if job.call_pk is None:
            raise ValueError("an extraction job names a call")
        subject = read_subject(connection, job.call_pk, revision=job.payload["revision"])
        key = (subject.agent_pk, job.payload["version"])
        if key not in self._configs:  # a version never changes
            self._configs[key] = find_version(connection, *key).config
        return subject, self._configs[key]

    def _extraction(
        self,
        job: Job,
        call_id: str,
        findings: Findings,
        *,
        started_at: datetime,
        failure: PostcallError | None,
    ) -> Extraction:
        return Extraction(
            id=job.payload["extraction"],
            call_id=call_id,
            version=job.payload["version"],
            revision=job.payload["revision"],
            status=ExtractionStatus.FAILED if failure else ExtractionStatus.FINISHED,
            failure_code=failure.code if failure else None,
            failure=failure.message if failure else None,
            findings=findings,
            started_at=started_at,
            finished_at=self._clock(),
        )


def _store(connection: Connection, call_pk: int, extraction: Extraction) -> None:
    store_extraction(connection, call_pk, extraction)
