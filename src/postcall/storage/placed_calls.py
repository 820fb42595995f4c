"""Calls that postcall places: queued, dialled, talked through, and over.

Each step is committed before the next begins, so that whoever goes on with a call knows what has been done: a call that
is `queued` was never dialled, one that is `dialling` perhaps, one that is `talking` was answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import LIVE, CallDetails, CallStatus, DisconnectionReason, Environment, Json, Transcript
from postcall.domain.folding import storable
from postcall.domain.ids import new_call_id
from postcall.domain.outbound import DialState, MemberState, PhoneNumber, PlacedCall
from postcall.domain.redialling import after_call
from postcall.domain.webhooks import CallMoment
from postcall.storage.announcing import announce
from postcall.storage.call_rows import detail_columns, read_transcript
from postcall.storage.changes import note_change
from postcall.storage.concurrency import free_lines, hold_account, open_calls
from postcall.storage.jobs import PRIORITY_NORMAL, add_job
from postcall.storage.live_calls import end_found
from postcall.storage.outbound_schema import campaign_members, campaigns, outbound_calls
from postcall.storage.refusing import heed_refusal, hold_account_of_talk
from postcall.storage.schema import agents, calls
from postcall.storage.statements import insert_new, lock_row, unindexed

DIAL = "dial"
"""The kind of job that carries one placed call from the queue to its end."""

_MAX_FAILURE = 1_000


@dataclass(frozen=True, slots=True)
class Series:
    """The calls of a campaign to one person, of which a call is the next."""

    campaign_pk: int
    member_pk: int
    attempt: int
    """0 for the first."""
    root_pk: int | None
    """The first of them, where this is another."""


@dataclass(frozen=True, slots=True)
class Dialling:
    """A placed call, as whoever goes on with it needs to know it."""

    pk: int
    id: str
    account_pk: int
    agent_pk: int
    agent_id: str
    version: int
    revision: int
    status: CallStatus
    state: DialState
    carrier: str
    to_number: str
    from_number: str | None
    environment: Environment
    variant: str | None
    metadata: dict[str, Json]
    said: Transcript
    archived: str | None
    """The agent's slug, where it has been put away."""

    @property
    def is_over(self) -> bool:
        """Nothing is left to be done but to say so."""
        return self.status not in LIVE


def add_placed(
    connection: Connection,
    account_pk: int,
    details: CallDetails,
    *,
    agent_pk: int,
    version: int,
    number: PhoneNumber,
    test: bool,
    series: Series | None = None,
    priority: int = PRIORITY_NORMAL,
    id_prefix: str = "CALL",
    now: datetime,
) -> tuple[int, str]:
    """A call that waits for a line, and the job that dials it; returns its key and id."""
    values = {
        **detail_columns(replace(details, started_at=now), now=now),
        "account_pk": account_pk,
        "agent_pk": agent_pk,
        "version": version,
        "digest": "",
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }
    call_pk = None
    while call_pk is None:  # an id that was drawn before, within this same millisecond, is drawn again
        values["id"] = new_call_id(now, id_prefix)
        call_pk = insert_new(connection, calls, values, returning=calls.c.pk)
    connection.execute(
        sa.insert(outbound_calls).values(
            call_pk=call_pk,
            campaign_pk=series.campaign_pk if series else None,
            member_pk=series.member_pk if series else None,
            attempt=series.attempt if series else 0,
            root_pk=series.root_pk if series else None,
            number_id=number.id,
            carrier=number.carrier,
            state=DialState.QUEUED.value,
            test=test,
            created_at=now,
        )
    )
    note_change(connection, call_pk, now=now)
    add_job(connection, DIAL, {}, call_pk=call_pk, now=now, priority=priority)
    return call_pk, values["id"]


def placed_call(connection: Connection, call_pk: int) -> PlacedCall | None:
    """What is known of a call because postcall placed it; None for every other."""
    return placed_calls(connection, [call_pk]).get(call_pk)


def placed_calls(connection: Connection, call_pks: list[int]) -> dict[int, PlacedCall]:
    """The same for many, by their keys."""
    roots = calls.alias("roots")
    rows = connection.execute(
        sa.select(
            outbound_calls,
            campaigns.c.id.label("campaign_id"),
            campaigns.c.name.label("campaign_name"),
            campaign_members.c.member_id,
            roots.c.id.label("root_id"),
        )
        .outerjoin_from(outbound_calls, campaigns, campaigns.c.pk == outbound_calls.c.campaign_pk)
        .outerjoin(campaign_members, campaign_members.c.pk == outbound_calls.c.member_pk)
        .outerjoin(roots, roots.c.pk == outbound_calls.c.root_pk)
        .where(outbound_calls.c.call_pk.in_(call_pks))
    )
    return {row.call_pk: _read(row) for row in rows}


def series_of_call(connection: Connection, call_pk: int) -> tuple[int, ...]:
    """The keys of all calls to the same person of the same campaign, the first one first; of any other only itself."""
    root = connection.execute(
        sa.select(outbound_calls.c.root_pk).where(outbound_calls.c.call_pk == call_pk)
    ).scalar_one_or_none()
    first = call_pk if root is None else int(root)
    more = connection.execute(
        sa.select(outbound_calls.c.call_pk)
        .where(outbound_calls.c.root_pk == first)
        .order_by(outbound_calls.c.attempt, outbound_calls.c.call_pk)
    ).scalars()
    return (first, *more)


def read_dialling(connection: Connection, call_pk: int) -> Dialling | None:
    """How far a call has come; None where it is gone, or over and settled."""
    row = connection.execute(_DIALLING, {"call_pk": call_pk}).one_or_none()
    if row is None or row.state == DialState.OVER:
        return None
    return Dialling(
        pk=row.pk,
        id=row.id,
        account_pk=row.account_pk,
        agent_pk=row.agent_pk,
        agent_id=row.agent_id,
        version=row.version,
        revision=row.revision,
        status=CallStatus(row.status),
        state=DialState(row.state),
        carrier=row.carrier,
        to_number=row.to_number or "",
        from_number=row.from_number,
        environment=Environment(row.environment),
        variant=row.variant,
        metadata=row.metadata or {},
        said=read_transcript(connection, row.pk, row.revision),
        archived=row.slug if row.archived_at is not None else None,
    )


_DIALLING = (
    sa.select(
        calls,
        outbound_calls.c.state,
        outbound_calls.c.carrier,
        agents.c.id.label("agent_id"),
        agents.c.slug,
        agents.c.archived_at,
    )
    .join_from(calls, outbound_calls, outbound_calls.c.call_pk == calls.c.pk)
    .join(agents, agents.c.pk == calls.c.agent_pk)
    .where(calls.c.pk == sa.bindparam("call_pk"))
)


def count_queued(connection: Connection, agent_pk: int) -> int:
    """How many placed calls of an agent wait for a line."""
    return int(
        connection.execute(
            sa.select(sa.func.count())
            .select_from(calls)
            .where(unindexed(calls.c.agent_pk) == agent_pk, calls.c.pk.in_(open_calls(DialState.QUEUED.value)))
        ).scalar_one()
    )


def take_line(connection: Connection, call_pk: int, *, limit: int, now: datetime) -> bool:
    """Say that a queued call is being dialled from now on; False where no line is free for it.

    True also for a call that has come further, or is over. Lines are counted by one at a time within an account, or two
    calls could take the last one.
    """
    account_pk = connection.execute(sa.select(calls.c.account_pk).where(calls.c.pk == call_pk)).scalar_one_or_none()
    if account_pk is None:
        return True
    hold_account(connection, account_pk)  # before the call, as whoever places calls does
    call, state = _lock(connection, call_pk)
    if call is None or state != DialState.QUEUED or call.status not in LIVE:
        return True
    if free_lines(connection, account_pk, call.agent_pk, limit=limit) < 1:
        return False
    _set(connection, call_pk, state=DialState.DIALLING.value)
    connection.execute(sa.update(calls).where(calls.c.pk == call_pk).values(updated_at=now))
    note_change(connection, call_pk, now=now)
    announce(connection, call_pk, CallMoment.STARTED, now=now)
    return True


def say_answered(connection: Connection, call_pk: int, *, now: datetime) -> None:
    """Somebody has answered, and the conversation goes on."""
    connection.execute(
        sa.update(outbound_calls)
        .where(outbound_calls.c.call_pk == call_pk, outbound_calls.c.state == DialState.DIALLING.value)
        .values(state=DialState.TALKING.value, answered_at=now)
    )


def end_placed(
    connection: Connection,
    call_pk: int,
    status: CallStatus,
    reason: DisconnectionReason | None,
    *,
    failure: str | None = None,
    final: bool = False,
    now: datetime,
) -> None:
    """A call is over, by this unless it was over already; its campaign knows what to do next.

    `final`: whoever it was for is not called again. Whoever has said that they do not want to be called goes on the
    do-not-call list.
    """
    hold_account_of_talk(connection, call_pk)
    call, state = _lock(connection, call_pk)
    if call is None or state == DialState.OVER:
        return
    if call.status in LIVE:
        ending: dict[str, Any] = {
            "status": status,
            "disconnection_reason": reason,
            "ended_at": max(now, call.started_at),
            "duration_s": max(0.0, (now - call.started_at).total_seconds()) if state == DialState.TALKING else None,
        }
        end_found(connection, call, ending, now=now)
    else:
        status = CallStatus(call.status)
    words = storable(failure)[:_MAX_FAILURE] if failure else None
    _set(connection, call_pk, state=DialState.OVER.value, failure=words)
    _settle_member(connection, call_pk, status, final=final, now=now)
    if state == DialState.TALKING:
        heed_refusal(connection, call, now=now)
    note_change(connection, call_pk, now=now)


def cancel_queued(connection: Connection, call_pk: int, *, why: str | None = None, now: datetime) -> bool:
    """Cancel a call that still waits for a line; False where it is being dialled already, or is over."""
    call, state = _lock(connection, call_pk)
    if call is None or state != DialState.QUEUED or call.status not in LIVE:
        return False
    end_placed(connection, call_pk, CallStatus.CANCELLED, None, failure=why, now=now)
    return True


def take_back_queued(connection: Connection, campaign_pk: int, *, now: datetime) -> int:
    """Cancel the calls of a campaign that still wait for a line; their members wait again. Returns how many."""
    queued = connection.execute(
        sa.select(outbound_calls.c.call_pk)
        .where(
            outbound_calls.c.campaign_pk == campaign_pk,
            outbound_calls.c.call_pk.in_(open_calls(DialState.QUEUED.value)),
        )
        .order_by(outbound_calls.c.call_pk)
    ).scalars()
    return sum(_take_back(connection, call_pk, MemberState.WAITING, now=now) for call_pk in list(queued))


def skip_queued(connection: Connection, call_pk: int, why: str, *, now: datetime) -> None:
    """Cancel a call that still waits for a line, as its campaign skips whom it is for."""
    _take_back(connection, call_pk, MemberState.SKIPPED, why=why, now=now)


def _take_back(
    connection: Connection, call_pk: int, then: MemberState, *, why: str | None = None, now: datetime
) -> bool:
    """Such a call was no attempt; False where it does not wait any more."""
    if not cancel_queued(connection, call_pk, why=why, now=now):
        return False
    connection.execute(
        sa.update(campaign_members)
        .where(campaign_members.c.call_pk == call_pk)
        .values(state=then.value, attempts=campaign_members.c.attempts - 1, due_at=now, updated_at=now)
    )
    return True


def _settle_member(connection: Connection, call_pk: int, status: CallStatus, *, final: bool, now: datetime) -> None:
    row = connection.execute(
        sa.select(
            campaign_members.c.pk,
            campaign_members.c.attempts,
            campaigns.c.max_retries,
            campaigns.c.retry_delay_s,
            outbound_calls.c.answered_at,
        )
        .join_from(outbound_calls, campaign_members, campaign_members.c.pk == outbound_calls.c.member_pk)
        .join(campaigns, campaigns.c.pk == campaign_members.c.campaign_pk)
        .where(
            outbound_calls.c.call_pk == call_pk,
            campaign_members.c.call_pk == call_pk,
            campaign_members.c.state == MemberState.CALLING.value,
        )
    ).one_or_none()
    if row is None:
        return
    state, due_at = after_call(
        status,
        attempts=row.attempts,
        max_retries=row.max_retries,
        retry_delay_s=row.retry_delay_s,
        final=final or row.answered_at is not None,
        now=now,
    )
    connection.execute(
        sa.update(campaign_members)
        .where(campaign_members.c.pk == row.pk)
        .values(state=state.value, due_at=due_at, updated_at=now)
    )


def _lock(connection: Connection, call_pk: int) -> tuple[Row[Any] | None, str]:
    """The call and how far it has come: the call first, as by everybody who changes one."""
    call = connection.execute(lock_row(connection, sa.select(calls).where(calls.c.pk == call_pk))).one_or_none()
    state = connection.execute(
        sa.select(outbound_calls.c.state).where(outbound_calls.c.call_pk == call_pk)
    ).scalar_one_or_none()
    return (None, "") if state is None else (call, state)


def _set(connection: Connection, call_pk: int, **columns: Any) -> None:
    connection.execute(sa.update(outbound_calls).where(outbound_calls.c.call_pk == call_pk).values(**columns))


def _read(row: Row[Any]) -> PlacedCall:
    return PlacedCall(
        campaign_id=row.campaign_id,
        campaign_name=row.campaign_name,
        member_id=row.member_id,
        attempt=row.attempt,
        root_id=row.root_id,
        state=DialState(row.state),
        failure=row.failure,
        cost=row.cost,
        test=row.test,
        answered_at=row.answered_at,
    )
