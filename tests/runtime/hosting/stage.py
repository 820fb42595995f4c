"""A hosted agent over a real record, with real processes and a scripted model, in a line or two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from tests.builders import Desk
from tests.runtime.project_builder import a_project

from postcall.configure.sealing import Sealer
from postcall.configure.secrets import set_secret
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.secrets import SecretValue
from postcall.hosts import open_hosting
from postcall.jobs.worker import Worker
from postcall.runtime.hosting import HostedCall, Hosting, OpenCall
from postcall.runtime.hosting.end_job import EndCall
from postcall.runtime.publishing import push_project
from postcall.runtime.session.outputs import Output, Said
from postcall.services import Services
from postcall.settings import ModelSettings, Settings
from postcall.storage.agents import find_agent_row
from postcall.storage.call_events import events_of_call
from postcall.storage.calls import find_call_row
from postcall.storage.database import Record
from postcall.storage.hosted_schema import conversations
from postcall.storage.schema import jobs

AGENT = "bakery"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Stage:
    """The agent `bakery`, as the test's files make it."""

    record: Record
    folder: Path
    model: str | None = None
    """The scripted model's address."""
    end_limit_s: float = 10.0

    @property
    def desk(self) -> Desk:
        return Desk(self.record, now)  # type: ignore[arg-type]

    @property
    def services(self) -> Services:
        settings = Settings(
            self.folder, self.record.url, None, None, function_timeout_s=3.0, end_function_timeout_s=self.end_limit_s
        )
        if self.model is not None:
            settings = replace(settings, model=ModelSettings(base_url=self.model, model="scripted", api_key="none"))
        return Services(record=self.record, settings=settings, clock=now)

    def push(self, files: Mapping[str, str | bytes | None] | None = None) -> int:
        """A new version of the agent; its number."""
        account_pk = self.desk.pk
        pushed = self.record.write(lambda c: push_project(c, account_pk, a_project(files), (), now=now()))
        return pushed.version

    def keep_secret(self, name: str, value: SecretValue) -> None:
        settings = self.services.settings
        sealer = Sealer(settings.secrets_key, settings.secrets_file)
        account_pk = self.desk.pk
        pk = self.record.read(lambda c: find_agent_row(c, account_pk, AGENT).pk)
        self.record.write(lambda c: set_secret(c, sealer, pk, name, value, now=now()))

    def new_hosting(self) -> Hosting:
        """One process's hosting, to be closed."""
        return open_hosting(self.services)

    def opening(self, **fields: Any) -> OpenCall:
        return OpenCall(**fields)

    def let_leases_end(self) -> None:
        """As if half a minute went by after a process ended."""
        past = now() - timedelta(minutes=1)
        self.record.write(lambda c: c.execute(sa.update(conversations).values(leased_until=past)))

    @asynccontextmanager
    async def hosting(self) -> AsyncIterator[Hosting]:
        """One process's hosting."""
        hosting = self.new_hosting()
        try:
            yield hosting
        finally:
            await hosting.close()

    async def open(self, hosting: Hosting, **opening: Any) -> HostedCall:
        """A call, after its greeting."""
        call = await hosting.open(self.desk.pk, AGENT, OpenCall(**opening))
        await take(call.start())
        return call

    def events(self, call_id: str, kind: EventKind | None = None, *, with_pii: bool = True) -> list[CallEvent]:
        """What happened in a call."""

        account_pk = self.desk.pk

        def read(connection: Any) -> tuple[CallEvent, ...]:
            return events_of_call(connection, find_call_row(connection, account_pk, call_id).pk, with_pii=with_pii)

        return [event for event in self.record.read(read) if kind is None or event.kind is kind]

    async def work(self, hosting: Hosting, *, seconds: float = 20.0) -> None:
        """Run `end_function` jobs until none is left."""
        worker = Worker(self.record, [EndCall(hosting.workplace)], clock=now, random=Random(1))
        running = asyncio.create_task(worker.run())
        for _ in range(int(seconds / 0.02)):
            if not self.record.read(_has_end_jobs):
                break
            await asyncio.sleep(0.02)
        worker.stop()
        await running


def _has_end_jobs(connection: Any) -> bool:
    found = sa.select(jobs.c.pk).where(jobs.c.kind == "end_function", jobs.c.state != "dead")
    return connection.execute(found).first() is not None


async def take(outputs: AsyncIterator[Output]) -> str:
    """A whole turn: what was said in it."""
    return " ".join([output.text async for output in outputs if isinstance(output, Said)])
