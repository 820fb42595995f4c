"""Durable work: rows with a lease, claimed, kept alive, finished or given back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.schema import jobs

EXTRACT = "extract"
"""The kind of job that asks a version's questions of one call."""

END_FUNCTION = "end_function"
"""The kind of job that runs a hosted call's `end_function`, and then queues its extraction."""

PRIORITY_NORMAL = 0
PRIORITY_BACKGROUND = 10
"""For work that nobody waits for: sample calls, imports. The smaller number goes first, so that an index in one
direction gives the order: with a million waiting, sorting them would take half a second for each claim."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this worker holds until its lease ends."""

    pk: int
    kind: str
    call_pk: int | None
    payload: dict[str, Any]
    attempts: int
    """How many times it has been begun, this time included."""
    lease: str
    """The token that finishing it must show: a worker that stood still too long has lost it."""


@dataclass(frozen=True, slots=True)
class JobState:
    """How a waiting job stands, for those who look at its call."""

    state: str
    """`queued`, `running` or `dead`."""
    attempts: int
    run_at: datetime
    last_error: str | None
    payload: dict[str, Any]


def add_job(
    connection: Connection,
    kind: str,
    payload: dict[str, Any],
    *,
    call_pk: int | None,
    now: datetime,
    priority: int = PRIORITY_NORMAL,
) -> None:
    """Queue work in the caller's own transaction, so that neither is there without the other."""
    connection.execute(
        _INSERT,
        {
            "kind": kind,
            "call_pk": call_pk,
            "payload": payload,
            "priority": priority,
            "state": "queued",
            "run_at": now,
            "attempts": 0,
            "created_at": now,
        },
    )


_INSERT = sa.insert(jobs)


def claim_jobs(
    connection: Connection, kind: str, *, limit: int, lease_s: float, now: datetime, call_pk: int | None = None
) -> list[Job]:
    """Take up to `limit` jobs that are due, the most urgent and oldest first; only one call's where that is named."""
    due = (
        sa.select(jobs.c.pk)
        .where(jobs.c.kind == kind, jobs.c.state == "queued", jobs.c.run_at <= now, *_of_call(call_pk))
        .order_by(jobs.c.priority, jobs.c.pk)
        .limit(limit)
    )
    if connection.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    # A materialised CTE: inside IN (...) PostgreSQL may run the query more than once and so lock more than the limit.
    chosen = due.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    lease = secrets.token_hex(16)
    rows = connection.execute(
        sa.update(jobs)
        .where(jobs.c.pk.in_(sa.select(chosen.c.pk)))
        .values(
            state="running",
            lease=lease,
            leased_until=now + timedelta(seconds=lease_s),
            attempts=jobs.c.attempts + 1,
        )
        .returning(jobs.c.pk, jobs.c.kind, jobs.c.call_pk, jobs.c.payload, jobs.c.attempts, jobs.c.priority)
    ).all()
    rows = sorted(rows, key=lambda row: (row.priority, row.pk))
    return [Job(row.pk, row.kind, row.call_pk, row.payload, row.attempts, lease) for row in rows]


def count_due(connection: Connection, kind: str, *, now: datetime, call_pk: int | None = None) -> int:
    """How many jobs could be begun now (at most 1: a look before the leap of a write)."""
    due = sa.select(jobs.c.pk).where(
        jobs.c.kind == kind, jobs.c.state == "queued", jobs.c.run_at <= now, *_of_call(call_pk)
    )
    return len(connection.execute(due.limit(1)).all())


def renew_leases(connection: Connection, held: list[Job], *, lease_s: float, now: datetime) -> None:
    """A heartbeat: the worker is still at these."""
    for lease in {job.lease for job in held}:
        connection.execute(
            sa.update(jobs)
            .where(jobs.c.pk.in_([job.pk for job in held if job.lease == lease]), jobs.c.lease == lease)
            .values(leased_until=now + timedelta(seconds=lease_s))
        )


def free_lost_jobs(connection: Connection, *, now: datetime, call_pk: int | None = None) -> int:
    """Give back the jobs of workers that died; returns how many."""
    freed = connection.execute(
        sa.update(jobs)
        .where(jobs.c.state == "running", jobs.c.leased_until < now, *_of_call(call_pk))
        .values(state="queued", lease=None, leased_until=None, last_error="the worker that held it stopped")
    )
    return freed.rowcount


def finish_job(connection: Connection, job: Job) -> bool:
    """Take the job away, in the transaction that stores its result. False: the lease was lost, so store nothing."""
    gone = connection.execute(sa.delete(jobs).where(jobs.c.pk == job.pk, jobs.c.lease == job.lease))
    return gone.rowcount == 1


def retry_job(connection: Connection, job: Job, *, reason: str, run_at: datetime, counts: bool = True) -> None:
    """Give the job back, to be begun again at `run_at`; an attempt that does not count is taken off again."""
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.pk == job.pk, jobs.c.lease == job.lease)
        .values(
            state="queued",
            lease=None,
            leased_until=None,
            run_at=run_at,
            attempts=jobs.c.attempts - (0 if counts else 1),
            last_error=reason[:2000],
        )
    )


def bury_job(connection: Connection, job: Job, *, reason: str) -> bool:
    """Keep a job that cannot be done, for someone to look at. False: the lease was lost."""
    buried = connection.execute(
        sa.update(jobs)
        .where(jobs.c.pk == job.pk, jobs.c.lease == job.lease)
        .values(state="dead", lease=None, leased_until=None, last_error=reason[:2000])
    )
    return buried.rowcount == 1


def jobs_of_call(connection: Connection, call_pk: int) -> list[JobState]:
    """The jobs still open for a call, the oldest first."""
    rows = connection.execute(
        sa.select(jobs.c.state, jobs.c.attempts, jobs.c.run_at, jobs.c.last_error, jobs.c.payload)
        .where(jobs.c.call_pk == call_pk, jobs.c.kind == EXTRACT)
        .order_by(jobs.c.pk)
    )
    return [JobState(row.state, row.attempts, row.run_at, row.last_error, row.payload) for row in rows]


def has_open_job(connection: Connection, call_pk: int, kind: str) -> bool:
    """Whether a job of this kind still waits or runs for a call; one that was given up does not."""
    query = sa.select(jobs.c.pk).where(jobs.c.call_pk == call_pk, jobs.c.kind == kind, jobs.c.state != "dead")
    return connection.execute(query.limit(1)).first() is not None


def accounts_waiting(connection: Connection, kind: str) -> frozenset[int]:
    """The keys of the accounts that a job of this kind is open for; kinds with one job an account name it so."""
    rows = connection.execute(sa.select(jobs.c.payload).where(jobs.c.kind == kind, jobs.c.state != "dead"))
    return frozenset(int(payload["account"]) for payload in rows.scalars())


def count_jobs(connection: Connection) -> dict[str, int]:
    """How many jobs stand in each state."""
    rows = connection.execute(sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state))
    return {row[0]: int(row[1]) for row in rows}


def _of_call(call_pk: int | None) -> list[sa.ColumnElement[bool]]:
    return [] if call_pk is None else [jobs.c.call_pk == call_pk]
