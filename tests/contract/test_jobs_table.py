"""Jobs as rows: who gets which, for how long, and what becomes of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from tests.builders import Desk, a_call

from postcall.storage import jobs
from postcall.storage.jobs import Job

KIND = "test"


def add(desk: Desk, *names: str, priority: int = 0) -> None:
    def queue(connection: sa.Connection) -> None:
        for name in names:
            jobs.add_job(connection, KIND, {"name": name}, call_pk=None, now=desk.clock(), priority=priority)

    desk.record.write(queue)


def claim(desk: Desk, *, limit: int = 100, lease_s: float = 15.0, kind: str = KIND) -> list[Job]:
    return desk.record.write(lambda c: jobs.claim_jobs(c, kind, limit=limit, lease_s=lease_s, now=desk.clock()))


def names(claimed: list[Job]) -> list[str]:
    return [job.payload["name"] for job in claimed]


def free_lost(desk: Desk) -> int:
    return desk.record.write(lambda c: jobs.free_lost_jobs(c, now=desk.clock()))


def finish(desk: Desk, job: Job) -> bool:
    return desk.record.write(lambda c: jobs.finish_job(c, job))


def test_the_urgent_go_first_then_the_oldest(desk: Desk) -> None:
    add(desk, "later", priority=10)
    add(desk, "first", "second")
    add(desk, "urgent", priority=-5)
    assert names(claim(desk, limit=2)) == ["urgent", "first"]
    assert names(claim(desk)) == ["second", "later"]


def test_a_claimed_job_is_nobody_elses(desk: Desk) -> None:
    add(desk, "one")
    assert len(claim(desk)) == 1
    assert claim(desk) == []


def test_kinds_do_not_mix(desk: Desk) -> None:
    add(desk, "one")
    assert claim(desk, kind="other") == []


def test_a_finished_job_is_gone(desk: Desk) -> None:
    add(desk, "one")
    [job] = claim(desk)
    assert finish(desk, job)
    assert not finish(desk, job)
    desk.clock.advance(3600)
    assert free_lost(desk) == 0
    assert claim(desk) == []


def test_the_job_of_a_worker_that_died_goes_to_another(desk: Desk) -> None:
    add(desk, "one")
    [dead] = claim(desk, lease_s=15)
    desk.clock.advance(14)
    assert free_lost(desk) == 0
    desk.clock.advance(2)
    assert free_lost(desk) == 1
    [alive] = claim(desk)
    assert (alive.pk, alive.attempts) == (dead.pk, 2)
    assert not finish(desk, dead), "the first worker comes back too late"
    assert finish(desk, alive)


def test_a_heartbeat_keeps_a_job(desk: Desk) -> None:
    add(desk, "one")
    held = claim(desk, lease_s=15)
    for _ in range(5):
        desk.clock.advance(10)
        desk.record.write(lambda c: jobs.renew_leases(c, held, lease_s=15, now=desk.clock()))
        assert free_lost(desk) == 0
    assert finish(desk, held[0])


def test_a_late_heartbeat_does_not_take_a_job_back(desk: Desk) -> None:
    add(desk, "one")
    held = claim(desk, lease_s=15)
    desk.clock.advance(20)
    free_lost(desk)
    [other] = claim(desk, lease_s=15)
    desk.record.write(lambda c: jobs.renew_leases(c, held, lease_s=1000, now=desk.clock()))
    desk.clock.advance(16)
    assert free_lost(desk) == 1, "the lease of the second worker was not made longer"
    assert not finish(desk, other)


def test_a_job_given_back_waits_for_its_time(desk: Desk) -> None:
    add(desk, "one")
    [job] = claim(desk)
    due = desk.clock()
    desk.clock.advance(-30)
    desk.record.write(lambda c: jobs.retry_job(c, job, reason="rate limited", run_at=due))
    assert claim(desk) == []
    desk.clock.advance(30)
    assert names(claim(desk)) == ["one"]


def test_a_lost_job_cannot_be_given_back_or_buried(desk: Desk) -> None:
    add(desk, "one")
    [lost] = claim(desk, lease_s=1)
    desk.clock.advance(2)
    free_lost(desk)
    [held] = claim(desk)
    desk.record.write(lambda c: jobs.retry_job(c, lost, reason="x", run_at=desk.clock()))
    assert not desk.record.write(lambda c: jobs.bury_job(c, lost, reason="x"))
    assert claim(desk) == []
    assert finish(desk, held)


def test_a_buried_job_is_kept_and_not_run(desk: Desk) -> None:
    add(desk, "one")
    [job] = claim(desk)
    assert desk.record.write(lambda c: jobs.bury_job(c, job, reason="no such thing"))
    desk.clock.advance(3600)
    free_lost(desk)
    assert claim(desk) == []
    assert desk.record.read(jobs.count_jobs) == {"dead": 1}


def test_many_claimers_never_share_a_job_nor_take_more_than_asked(desk: Desk) -> None:
    add(desk, *(f"{number}" for number in range(60)))
    together = threading.Barrier(6)

    def claimer(_: int) -> list[str]:
        together.wait()
        mine: list[str] = []
        while got := claim(desk, limit=3):
            assert len(got) <= 3
            mine += names(got)
        return mine

    with ThreadPoolExecutor(6) as pool:
        shares = list(pool.map(claimer, range(6)))
    taken = [name for share in shares for name in share]
    assert sorted(taken, key=int) == [f"{number}" for number in range(60)]


def test_a_job_is_there_with_its_call_or_not_at_all(desk: Desk) -> None:
    desk.hand_in(a_call())
    assert desk.record.read(jobs.count_jobs) == {"queued": 1}
    assert desk.count() == 1
