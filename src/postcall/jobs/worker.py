"""The worker: claims jobs, keeps their leases alive, runs them side by side, and stores how each ended.

A handler does the slow part without a transaction and returns a function that stores the result; the worker calls it in
the transaction that takes the job away, and only while it still holds the lease. So a job whose worker died is run
again, and its result is stored once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol

from sqlalchemy.engine import Connection

from postcall.errors import InternalFault, PostcallError, WorkerDied
from postcall.jobs.backoff import Backoff
from postcall.jobs.throttle import Throttle
from postcall.storage import jobs as table
from postcall.storage.database import Record
from postcall.storage.jobs import Job

log = logging.getLogger(__name__)

Store = Callable[[Connection], None]

LEASE_S = 15.0
"""How long a worker may be silent before its jobs go to another."""
_POLL_S = 0.2
_BUG_ATTEMPTS = 3
"""A fault of our own code is tried again only so often: it hardly ever goes away by itself."""


class Handler(Protocol):
    """What to do with one kind of job."""

    kind: str
    limit: int
    """How many run at once."""

    async def run(self, job: Job) -> Store:
        """Do the work; a PostcallError ends the attempt."""

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """What to store once no attempt is left."""


class Chore(Protocol):
    """Something to look after every now and then, in a write of its own."""

    def __call__(self, connection: Connection, *, now: datetime) -> object: ...


class LeaseLost(Exception):
    """Another worker holds the job now; this one's result must not be stored."""


class Worker:
    """Runs the jobs of the given handlers until it is told to stop."""

    def __init__(
        self,
        record: Record,
        handlers: Sequence[Handler],
        *,
        clock: Callable[[], datetime],
        random: Random,
        backoff: Backoff | None = None,
        lease_s: float = LEASE_S,
        chores: Sequence[Chore] = (),
        only_call: int | None = None,
    ) -> None:
        """`only_call`: the call whose jobs it runs, where all others are left alone."""
        self._record = record
        self._handlers = handlers
        self._clock = clock
        self._random = random
        self._backoff = backoff or Backoff()
        self._lease_s = lease_s
        self._chores = chores
        self._only_call = only_call
        self._held: dict[int, Job] = {}
        self._stopping = asyncio.Event()
        self._stop_asked = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Work until `stop`; then finish nothing new and give back what is held."""
        self._loop = asyncio.get_running_loop()
        if self._stop_asked:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_after())
            for handler in self._handlers:
                group.create_task(self._serve(handler))

    def stop(self) -> None:
        """End `run` soon; may be called from any thread."""
        self._stop_asked = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self, handler: Handler) -> None:
        running: set[asyncio.Task[None]] = set()
        slots = Throttle(handler.limit)
        # A few more are claimed than can run, so that a free slot never waits for a claim's commit.
        ahead = handler.limit + max(1, handler.limit // 4)
        while not self._stopping.is_set():
            try:
                claimed = await self._claim(handler.kind, ahead - len(running)) if len(running) < ahead else []
            except Exception:  # the database may be back in a second, and nobody else looks after this kind
                log.exception("no job could be claimed; trying again in a second")
                await self._wait_or_stop(1.0)
                continue
            for job in claimed:
                task = asyncio.create_task(self._work(handler, job, slots))
                running.add(task)
                task.add_done_callback(running.discard)
            if not claimed:
                await self._pause(running, full=len(running) >= ahead)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _claim(self, kind: str, limit: int) -> list[Job]:
        call_pk = self._only_call
        if not await self._record.read_async(lambda c: table.count_due(c, kind, now=self._clock(), call_pk=call_pk)):
            return []
        claimed = await self._record.write_async(
            lambda c: table.claim_jobs(c, kind, limit=limit, lease_s=self._lease_s, now=self._clock(), call_pk=call_pk)
        )
        self._held.update({job.pk: job for job in claimed})
        return claimed

    async def _pause(self, running: set[asyncio.Task[None]], *, full: bool) -> None:
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            if full:
                await asyncio.wait({*running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.wait({stopped}, timeout=_POLL_S)
        finally:
            stopped.cancel()

    async def _work(self, handler: Handler, job: Job, slots: Throttle) -> None:
        try:
            await self._attempt_job(handler, job, slots)
        except LeaseLost:
            log.warning("job %s (%s) went to another worker; its result here is dropped", job.pk, job.kind)
        except asyncio.CancelledError:
            self._give_back(job)
            raise
        except Exception:  # a full disk, say: the job stays as it is until its lease ends, and is begun again
            log.exception("what came of job %s (%s) could not be stored", job.pk, job.kind)
        finally:
            self._held.pop(job.pk, None)

    async def _attempt_job(self, handler: Handler, job: Job, slots: Throttle) -> None:
        try:
            if job.attempts > self._backoff.attempts:  # each attempt took its worker with it
                raise WorkerDied(self._backoff.attempts)
            store = await _run_in_slot(handler, job, slots)
            await self._record.write_async(lambda c: _finish(c, job, store))
        except LeaseLost:
            raise
        except PostcallError as failure:
            await self._failed(handler, job, failure, attempts=self._backoff.attempts)
        except Exception as error:  # a fault of our own: stored with the job, and shown on its call
            last = job.attempts >= _BUG_ATTEMPTS  # its traceback once, not with every attempt
            log.error("job %s (%s) failed: %s", job.pk, job.kind, error, exc_info=error if last else None)
            await self._failed(handler, job, InternalFault(error), attempts=_BUG_ATTEMPTS)

    async def _failed(self, handler: Handler, job: Job, failure: PostcallError, *, attempts: int) -> None:
        if not failure.retry or (failure.counts and job.attempts >= attempts):
            store = handler.give_up(job, failure)
            await self._give_up(job, store, failure)
            return
        wait_s = self._backoff.wait_s(job.attempts, asked_s=failure.retry_after_s, random=self._random)
        run_at = self._clock() + timedelta(seconds=wait_s)
        await self._record.write_async(
            lambda c: table.retry_job(
                c, job, reason=f"{failure.code}: {failure.message}", run_at=run_at, counts=failure.counts
            )
        )

    async def _give_up(self, job: Job, store: Store, failure: PostcallError) -> None:
        try:
            await self._record.write_async(lambda c: _finish(c, job, store))
        except LeaseLost:
            log.warning("job %s (%s) went to another worker", job.pk, job.kind)
        except Exception:  # even the failure cannot be stored: the job is kept, dead, with its reason
            log.exception("the failure of job %s (%s) could not be stored", job.pk, job.kind)
            reason = f"{failure.code}: {failure.message}"
            await self._record.write_async(lambda c: table.bury_job(c, job, reason=reason))

    def _give_back(self, job: Job) -> None:
        now = self._clock()
        self._record.submit(
            lambda c: table.retry_job(c, job, reason="the worker was stopped", run_at=now, counts=False)
        )

    async def _look_after(self) -> None:
        """Heartbeats for what is held, and the chores."""
        while not self._stopping.is_set():
            held, now = list(self._held.values()), self._clock()
            await self._attempt("the heartbeat", partial(self._tend, held=held, now=now))
            for chore in self._chores:  # each in a write of its own, so that none costs a job its lease
                await self._attempt("a chore", partial(chore, now=now))
            await self._wait_or_stop(self._lease_s / 4)

    async def _attempt(self, what: str, work: Callable[[Connection], object]) -> None:
        try:
            await self._record.write_async(work)
        except Exception:  # it comes round again, and the leases outlast a few rounds
            log.exception("%s failed", what)

    def _tend(self, connection: Connection, *, held: list[Job], now: datetime) -> None:
        table.renew_leases(connection, held, lease_s=self._lease_s, now=now)
        table.free_lost_jobs(connection, now=now, call_pk=self._only_call)

    async def _wait_or_stop(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), timeout=seconds)
        except TimeoutError:
            return


async def _run_in_slot(handler: Handler, job: Job, slots: Throttle) -> Store:
    entered = await slots.enter()
    end: PostcallError | None = InternalFault(RuntimeError("it was stopped"))  # neither a success nor a refusal
    try:
        store = await handler.run(job)
        end = None
        return store
    except PostcallError as error:
        end = error
        raise
    finally:
        await slots.leave(end, entered)


def _finish(connection: Connection, job: Job, store: Store) -> None:
    if not table.finish_job(connection, job):
        raise LeaseLost
    store(connection)
