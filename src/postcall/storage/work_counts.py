"""How far the worker is with an account's calls."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.jobs import EXTRACT
from postcall.storage.schema import calls, extractions, jobs


@dataclass(frozen=True, slots=True)
class WorkDone:
    """The account's calls that have something to extract, by where they stand."""

    answered: int
    failed: int
    """The last run failed, and none is queued."""
    waiting: int
    """Without an answer so far, and queued or running."""
    open_jobs: int
    """Every job, those included that ask an answered call again."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.answered + self.failed + self.waiting


def count_work(connection: Connection, account_pk: int) -> WorkDone:
    """Count the account's calls; it reads every one of them."""
    # Both are asked for by index, once a call at most: only for calls that have no answer.
    queued = sa.exists().where(jobs.c.call_pk == calls.c.pk, jobs.c.kind == EXTRACT, jobs.c.state.in_(_OPEN))
    tried = sa.exists().where(extractions.c.call_pk == calls.c.pk)
    standing = sa.case(
        (calls.c.current_extraction_pk.is_not(None), "answered"),
        (queued, "waiting"),
        (tried, "failed"),
        else_="nothing",
    ).label("standing")
    counted: dict[str, int] = {
        row.standing: int(row.number)
        for row in connection.execute(
            sa.select(standing, sa.func.count().label("number"))
            .where(calls.c.account_pk == account_pk)
            .group_by(standing)
        )
    }
    return WorkDone(
        answered=counted.get("answered", 0),
        failed=counted.get("failed", 0),
        waiting=counted.get("waiting", 0),
        open_jobs=count_open_jobs(connection, account_pk),
    )


def count_open_jobs(connection: Connection, account_pk: int) -> int:
    """How many extractions are queued or running."""
    return int(
        connection.execute(
            sa.select(sa.func.count())
            .select_from(jobs)
            .join(calls, calls.c.pk == jobs.c.call_pk)
            .where(jobs.c.kind == EXTRACT, jobs.c.state.in_(_OPEN), calls.c.account_pk == account_pk)
        ).scalar_one()
    )


_OPEN = ("queued", "running")
