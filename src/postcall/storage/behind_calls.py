"""What stands behind a hosted call besides its words: how far it has come, and what happened in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import LIVE, CallStatus
from postcall.domain.conversations import CallEvent
from postcall.storage.call_events import events_of_call
from postcall.storage.calls import find_call_row
from postcall.storage.hosted_schema import call_events, conversations
from postcall.storage.jobs import END_FUNCTION
from postcall.storage.schema import calls, jobs, metric_events


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a hosted call has come; while two of one call are equal, there is nothing new to see."""

    status: CallStatus
    revision: int
    updated_at: datetime
    turn: int
    """Turns that are stored."""
    working: bool
    """A turn is under way."""
    last_event: int | None
    last_metric: int | None
    end_job: str | None
    """The job of its `end_function`: `queued`, `running` or `dead`; None before the end and once it is done."""

    @property
    def live(self) -> bool:
        """Whether somebody may still say something."""
        return self.status in LIVE

    @property
    def more_to_come(self) -> bool:
        """Whether anything may still happen by itself: the call goes on, or its `end_function` has not finished."""
        return self.live or self.end_job in {"queued", "running"}


@dataclass(frozen=True, slots=True)
class Behind:
    """A hosted call behind its words."""

    standing: Standing
    events: tuple[CallEvent, ...]


def read_standing(connection: Connection, account_pk: int, call_id: str, *, now: datetime) -> Standing | None:
    """None for a call that is not hosted. Raises CallNotFound, also for another account's call."""
    call = find_call_row(connection, account_pk, call_id)
    row = connection.execute(_STANDING, {"call_pk": call.pk, "revision": call.revision}).one_or_none()
    if row is None:
        return None
    status = CallStatus(row.status)
    return Standing(
        status=status,
        revision=row.revision,
        updated_at=row.updated_at,
        turn=row.turn,
        working=status in LIVE and row.leased_until is not None and row.leased_until > now,
        last_event=row.last_event,
        last_metric=row.last_metric,
        end_job=row.end_job,
    )


def read_behind(
    connection: Connection, account_pk: int, call_id: str, *, with_pii: bool, now: datetime
) -> Behind | None:
    """None for a call that is not hosted.

    The standing is read before everything else: what it says has happened is in whatever is read after it.
    """
    standing = read_standing(connection, account_pk, call_id, now=now)
    if standing is None:
        return None
    call = find_call_row(connection, account_pk, call_id)
    return Behind(standing, events_of_call(connection, call.pk, with_pii=with_pii))


_STANDING = (
    sa.select(
        calls.c.status,
        calls.c.revision,
        calls.c.updated_at,
        conversations.c.turn,
        conversations.c.leased_until,
        sa.select(sa.func.max(call_events.c.position))
        .where(call_events.c.call_pk == calls.c.pk)
        .scalar_subquery()
        .label("last_event"),
        sa.select(sa.func.max(metric_events.c.position))
        .where(metric_events.c.call_pk == calls.c.pk, metric_events.c.revision == sa.bindparam("revision"))
        .scalar_subquery()
        .label("last_metric"),
        sa.select(sa.func.max(jobs.c.state))
        .where(jobs.c.call_pk == calls.c.pk, jobs.c.kind == END_FUNCTION)
        .scalar_subquery()
        .label("end_job"),
    )
    .select_from(calls.join(conversations))
    .where(calls.c.pk == sa.bindparam("call_pk"))
)
