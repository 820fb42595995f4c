"""How many jobs a second the worker gets through, from a queued row to its end."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy.engine import Connection

from benchmarks.figures import Figure
from benchmarks.intake import count_flushes
from postcall.errors import PostcallError
from postcall.jobs.worker import Store, Worker
from postcall.storage.database import open_record
from postcall.storage.jobs import Job, add_job

CONCURRENCY = 32


def measure() -> list[Figure]:
    """Jobs that do nothing, and jobs that wait 50 ms; 32 at once."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        flushes = count_flushes(Path(folder), seconds=1.0)
        at_once = _rate(Path(folder) / "a.db", jobs=4_000, wait_s=0.0)
        waiting = _rate(Path(folder) / "b.db", jobs=4_000, wait_s=0.05)
    ideal = CONCURRENCY / 0.05
    return [
        Figure("jobs that take 0 ms, 32 at once", at_once, "jobs/s", "the flush rate", at_once / flushes),
        Figure("jobs that take 50 ms, 32 at once", waiting, "jobs/s", "concurrency / 50 ms", waiting / ideal),
    ]


class _Wait:
    kind = "wait"
    limit = CONCURRENCY

    def __init__(self, wait_s: float, total: int) -> None:
        self._wait_s = wait_s
        self._left = total
        self.done = asyncio.Event()

    async def run(self, job: Job) -> Store:  # noqa: ARG002
        if self._wait_s:
            await asyncio.sleep(self._wait_s)
        return self._count

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        raise AssertionError(f"job {job.pk} failed: {failure}")

    def _count(self, _: Connection) -> None:
        self._left -= 1
        if self._left == 0:
            self._loop.call_soon_threadsafe(self.done.set)

    def attach(self) -> None:
        self._loop = asyncio.get_running_loop()


def _rate(file: Path, *, jobs: int, wait_s: float) -> float:
    record = open_record(f"sqlite:///{file}")
    now = datetime.now(UTC)

    def fill(connection: Connection) -> None:
        for number in range(jobs):
            add_job(connection, "wait", {"number": number}, call_pk=None, now=now)

    record.write(fill)

    async def run() -> float:
        handler = _Wait(wait_s, jobs)
        handler.attach()
        worker = Worker(record, [handler], clock=lambda: datetime.now(UTC), random=Random(1))
        begun = time.perf_counter()
        running = asyncio.create_task(worker.run())
        await handler.done.wait()
        seconds = time.perf_counter() - begun
        worker.stop()
        await running
        return seconds

    try:
        return jobs / asyncio.run(run())
    finally:
        record.close()
