"""From when to when calls lasted, to see how many there were at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import CallStatus, Environment
from postcall.storage.schema import agents, calls

_LONGEST = timedelta(days=1)
"""Calls that began longer than this before a stretch of time are not looked for in it."""


@dataclass(frozen=True, slots=True)
class CallSpan:
    """When a call was under way."""

    agent_id: str
    began: datetime
    ended: datetime
    variant: str | None = None


def spans_between(
    connection: Connection,
    account_pk: int,
    since: datetime,
    until: datetime,
    *,
    agent_slugs: Collection[str] | None = None,
    environment: Environment = Environment.LIVE,
    now: datetime,
) -> tuple[CallSpan, ...]:
    """The calls of an environment that were under way between two moments; one that still is ends now.

    One that took no time, such as a call that nobody answered, is none of them.
    """
    query = (
        sa.select(
            agents.c.id, calls.c.variant, calls.c.started_at, calls.c.ended_at, calls.c.duration_s, calls.c.status
        )
        .join_from(calls, agents, agents.c.pk == calls.c.agent_pk)
        .where(
            calls.c.account_pk == account_pk,
            calls.c.started_at >= since - _LONGEST,
            calls.c.started_at < until,
            calls.c.environment == environment,
            calls.c.status != CallStatus.PENDING,
        )
    )
    if agent_slugs is not None:
        query = query.where(agents.c.slug.in_(agent_slugs))
    found = []
    for agent_id, variant, began, ended, duration_s, status in connection.execute(query):
        if duration_s is not None:
            ended = began + timedelta(seconds=duration_s)
        elif status == CallStatus.IN_PROGRESS:
            ended = now
        if ended is not None and ended > max(began, since):
            found.append(CallSpan(agent_id, began, ended, variant))
    return tuple(found)
