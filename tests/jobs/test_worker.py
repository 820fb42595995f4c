"""The worker: whatever happens to a job, its result is stored once, or its failure is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from tests.aside import run_aside
from tests.builders import Desk
from tests.live_server import real_time

from postcall.errors import ModelError, ModelRateLimited, ModelRefusedKey, ModelUnavailable, PostcallError
from postcall.jobs.backoff import Backoff
from postcall.jobs.worker import Chore, Store, Worker
from postcall.storage import jobs
from postcall.storage.database import Record, open_record
from postcall.storage.jobs import Job
from postcall.storage.schema import jobs as jobs_table

KIND = "noted"
Act = Callable[[str, int], Coroutine[Any, Any, None]]


@dataclass
class Noting:
    """A handler that notes each result in a table, and does what it is told meanwhile."""

    act: Act
    kind: str = KIND
    limit: int = 4
    running: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    begun: list[str] = field(default_factory=list)

    async def run(self, job: Job) -> Store:
        name = str(job.payload["name"])
        self.begun.append(name)
        self.running[name] += 1
        self.most_at_once = max(self.most_at_once, self.running.total())
        try:
            await self.act(name, job.attempts)
        finally:
            self.running[name] -= 1
        return lambda c: note(c, name, "done")

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        return lambda c: note(c, str(job.payload["name"]), f"{failure.code}: {failure.message}")


def note(connection: sa.Connection, name: str, outcome: str) -> None:
    connection.execute(sa.text("INSERT INTO noted VALUES (:name, :outcome)"), {"name": name, "outcome": outcome})


@pytest.fixture
def noted(desk: Desk) -> Iterator[Desk]:
    """A desk whose record has a table for results."""
    desk.record.write(lambda c: c.execute(sa.text("CREATE TABLE noted (name TEXT, outcome TEXT)")))
    yield desk
    desk.record.write(lambda c: c.execute(sa.text("DROP TABLE noted")))


def queue(desk: Desk, *names: str) -> None:
    def add(connection: sa.Connection) -> None:
        for name in names:
            jobs.add_job(connection, KIND, {"name": name}, call_pk=None, now=real_time())

    desk.record.write(add)


def outcomes(desk: Desk) -> dict[str, list[str]]:
    rows = desk.record.read(lambda c: c.execute(sa.text("SELECT name, outcome FROM noted")).all())
    found: dict[str, list[str]] = {}
    for name, outcome in rows:
        found.setdefault(name, []).append(outcome)
    return found


def left(desk: Desk) -> dict[str, int]:
    return desk.record.read(jobs.count_jobs)


QUICK = Backoff(first_s=0.02, most_s=0.05, attempts=4)


def a_worker(record: Record, *handlers: Noting, lease_s: float = 15.0, chores: Sequence[Chore] = ()) -> Worker:
    return Worker(
        record,
        handlers,
        clock=real_time,
        random=Random(1),
        backoff=QUICK,
        lease_s=lease_s,
        chores=chores,
    )


def work_until(done: Callable[[], bool], *workers: Worker, patience_s: float = 15.0) -> None:
    """Run the workers side by side until something holds, then stop them."""

    async def run() -> None:
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        end = asyncio.get_running_loop().time() + patience_s
        while not await asyncio.to_thread(done):
            assert asyncio.get_running_loop().time() < end, "it did not happen"
            assert not any(task.done() for task in tasks), "a worker ended by itself"
            await asyncio.sleep(0.02)
        for worker in workers:
            worker.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)

    run_aside(run())


async def nothing(_: str, __: int) -> None:
    """Done at once."""


def test_every_job_is_done_once(noted: Desk) -> None:
    names = [f"{n}" for n in range(40)]
    queue(noted, *names)
    work_until(lambda: not left(noted), a_worker(noted.record, Noting(nothing)))
    assert outcomes(noted) == {name: ["done"] for name in names}


def test_two_workers_side_by_side_never_run_one_job_twice_at_once(noted: Desk, database_url: str) -> None:
    async def briefly(_: str, __: int) -> None:
        await asyncio.sleep(0.005)

    names = [f"{n}" for n in range(60)]
    queue(noted, *names)
    elsewhere = open_record(database_url)
    here, there = Noting(briefly), Noting(briefly)
    try:
        work_until(lambda: not left(noted), a_worker(noted.record, here), a_worker(elsewhere, there))
    finally:
        elsewhere.close()
    assert outcomes(noted) == {name: ["done"] for name in names}
    assert sorted(here.begun + there.begun) == sorted(names)


def test_no_more_run_at_once_than_the_handler_allows(noted: Desk) -> None:
    async def briefly(_: str, __: int) -> None:
        await asyncio.sleep(0.02)

    queue(noted, *(f"{n}" for n in range(20)))
    handler = Noting(briefly, limit=3)
    work_until(lambda: not left(noted), a_worker(noted.record, handler))
    assert handler.most_at_once == 3


def test_a_fault_that_may_pass_is_tried_again(noted: Desk) -> None:
    async def third_time_lucky(_: str, attempt: int) -> None:
        if attempt < 3:
            raise ModelUnavailable("overloaded", retry=True)

    queue(noted, "a")
    handler = Noting(third_time_lucky)
    work_until(lambda: not left(noted), a_worker(noted.record, handler))
    assert outcomes(noted) == {"a": ["done"]}
    assert len(handler.begun) == 3


def test_a_fault_that_does_not_pass_ends_as_a_stored_failure(noted: Desk) -> None:
    async def never(_: str, __: int) -> None:
        raise ModelUnavailable("overloaded", retry=True)

    queue(noted, "a")
    handler = Noting(never)
    work_until(lambda: not left(noted), a_worker(noted.record, handler))
    assert outcomes(noted) == {"a": ["model_unavailable: overloaded"]}
    assert len(handler.begun) == QUICK.attempts


def test_a_fault_that_cannot_pass_is_not_tried_again(noted: Desk) -> None:
    async def refused(_: str, __: int) -> None:
        raise ModelRefusedKey("the key is wrong", retry=False)

    queue(noted, "a")
    handler = Noting(refused)
    work_until(lambda: not left(noted), a_worker(noted.record, handler))
    assert outcomes(noted) == {"a": ["model_refused_key: the key is wrong"]}
    assert len(handler.begun) == 1


def test_a_wait_that_was_asked_for_is_kept(noted: Desk) -> None:
    begun: list[datetime] = []

    async def limited(_: str, __: int) -> None:
        begun.append(real_time())
        if len(begun) == 1:
            raise ModelRateLimited("slow down", retry=True, retry_after_s=0.6)

    queue(noted, "a")
    worker = Worker(
        noted.record, [Noting(limited)], clock=real_time, random=Random(1), backoff=Backoff(first_s=0.01, most_s=5)
    )
    work_until(lambda: not left(noted), worker)
    assert (begun[1] - begun[0]).total_seconds() >= 0.6


def test_a_bug_ends_as_a_stored_failure_too(noted: Desk) -> None:
    async def bug(_: str, __: int) -> None:
        raise ZeroDivisionError("division by zero")

    queue(noted, "a")
    worker = Worker(
        noted.record, [Noting(bug)], clock=real_time, random=Random(1), backoff=Backoff(first_s=0.01, most_s=0.02)
    )
    work_until(lambda: not left(noted), worker)
    [[outcome]] = outcomes(noted).values()
    assert "division by zero" in outcome


def test_one_broken_job_does_not_hold_up_the_others(noted: Desk) -> None:
    stuck = asyncio.Event()

    async def some_hang(name: str, _: int) -> None:
        if name == "hangs":
            await stuck.wait()
        if name == "fails":
            raise ModelError("no", retry=True)
        if name == "breaks":
            raise KeyError(name)

    good = [f"{n}" for n in range(20)]
    queue(noted, "hangs", "fails", "breaks", *good)
    work_until(lambda: set(good) <= outcomes(noted).keys(), a_worker(noted.record, Noting(some_hang, limit=2)))
    assert all(outcomes(noted)[name] == ["done"] for name in good)


def test_a_long_job_keeps_its_lease(noted: Desk, database_url: str) -> None:
    async def long(_: str, __: int) -> None:
        await asyncio.sleep(1.5)

    queue(noted, "a")
    elsewhere = open_record(database_url)
    here, there = Noting(long), Noting(long)
    try:
        work_until(
            lambda: not left(noted),
            a_worker(noted.record, here, lease_s=0.5),
            a_worker(elsewhere, there, lease_s=0.5),
        )
    finally:
        elsewhere.close()
    assert outcomes(noted) == {"a": ["done"]}
    assert len(here.begun + there.begun) == 1


def test_a_worker_that_stood_still_cannot_store_its_result(noted: Desk) -> None:
    """Its lease passed to another while it slept; only the other's result counts."""
    stolen = False

    async def sleep_and_lose(_: str, attempt: int) -> None:
        nonlocal stolen
        if attempt == 1:
            await asyncio.to_thread(noted.record.write, take_away)
            stolen = True

    def take_away(connection: sa.Connection) -> None:
        connection.execute(sa.update(jobs_table).values(leased_until=datetime(2000, 1, 1, tzinfo=real_time().tzinfo)))
        jobs.free_lost_jobs(connection, now=real_time())

    queue(noted, "a")
    handler = Noting(sleep_and_lose)
    work_until(lambda: not left(noted), a_worker(noted.record, handler))
    assert stolen
    assert outcomes(noted) == {"a": ["done"]}
    assert len(handler.begun) == 2


def test_the_jobs_of_a_worker_that_died_are_done_by_another(noted: Desk) -> None:
    queue(noted, "a")
    noted.record.write(lambda c: jobs.claim_jobs(c, KIND, limit=1, lease_s=0.1, now=real_time()))
    work_until(lambda: not left(noted), a_worker(noted.record, Noting(nothing), lease_s=0.4))
    assert outcomes(noted) == {"a": ["done"]}


def test_a_stopped_worker_gives_back_what_it_holds(noted: Desk) -> None:
    async def hang(_: str, __: int) -> None:
        await asyncio.sleep(60)

    queue(noted, "a")
    handler = Noting(hang)
    work_until(lambda: bool(handler.begun), a_worker(noted.record, handler))
    assert outcomes(noted) == {}
    work_until(lambda: not left(noted), a_worker(noted.record, Noting(nothing)), patience_s=3)
    assert outcomes(noted) == {"a": ["done"]}


def test_a_worker_that_is_stopped_before_it_runs_does_not_run(noted: Desk) -> None:
    worker = a_worker(noted.record, Noting(nothing))
    worker.stop()
    run_aside(asyncio.wait_for(worker.run(), 5))


def test_a_result_that_cannot_be_stored_is_a_failure_and_not_half_a_result(noted: Desk) -> None:
    class Careless(Noting):
        async def run(self, _: Job) -> Store:
            def store(connection: sa.Connection) -> None:
                note(connection, "half", "done")
                connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))

            return store

    queue(noted, "a")
    worker = Worker(
        noted.record,
        [Careless(nothing)],
        clock=real_time,
        random=Random(1),
        backoff=Backoff(first_s=0.01, most_s=0.02),
    )
    work_until(lambda: not left(noted), worker)
    assert "half" not in outcomes(noted)
    assert len(outcomes(noted)["a"]) == 1


def test_chores_are_done_every_now_and_then(noted: Desk) -> None:
    done: list[datetime] = []

    def chore(connection: sa.Connection, *, now: datetime) -> None:
        done.append(now)

    work_until(lambda: len(done) >= 3, a_worker(noted.record, Noting(nothing), lease_s=0.4, chores=[chore]))


def test_a_chore_that_fails_does_not_stop_the_work(noted: Desk) -> None:
    def chore(connection: sa.Connection, *, now: datetime) -> None:
        raise RuntimeError("broom is broken")

    queue(noted, "a")
    work_until(lambda: not left(noted), a_worker(noted.record, Noting(nothing), lease_s=0.2, chores=[chore]))
    assert outcomes(noted) == {"a": ["done"]}


def test_a_chore_that_fails_does_not_cost_a_job_its_lease(noted: Desk, database_url: str) -> None:
    async def long(_: str, __: int) -> None:
        await asyncio.sleep(1.2)

    def chore(connection: sa.Connection, *, now: datetime) -> None:
        raise RuntimeError("broom is broken")

    queue(noted, "a")
    elsewhere = open_record(database_url)
    clumsy, healthy = Noting(long), Noting(long)
    first = a_worker(noted.record, clumsy, lease_s=0.5, chores=[chore])
    second = a_worker(elsewhere, healthy, lease_s=0.5)

    async def run() -> None:
        task = asyncio.create_task(first.run())
        while not clumsy.begun:
            await asyncio.sleep(0.01)
        other = asyncio.create_task(second.run())
        while left(noted):
            await asyncio.sleep(0.05)
        first.stop()
        second.stop()
        await asyncio.gather(task, other)

    try:
        run_aside(asyncio.wait_for(run(), 15))
    finally:
        elsewhere.close()
    assert (clumsy.begun, healthy.begun) == (["a"], [])


def test_a_job_that_kills_its_worker_each_time_is_given_up_in_the_end(noted: Desk) -> None:
    """Such as a transcript that exhausts the memory: tried for ever, it would hold up all the others for ever."""
    queue(noted, "a")
    for _ in range(QUICK.attempts):
        [_lost] = noted.record.write(lambda c: jobs.claim_jobs(c, KIND, limit=1, lease_s=-1, now=real_time()))
        assert noted.record.write(lambda c: jobs.free_lost_jobs(c, now=real_time())) == 1
    handler = Noting(nothing)
    work_until(lambda: not left(noted), a_worker(noted.record, handler))
    assert handler.begun == [], "it was begun as often as a job may be"
    [[outcome]] = outcomes(noted).values()
    assert outcome != "done"
    assert "worker" in outcome
