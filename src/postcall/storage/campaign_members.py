"""The people of a campaign: copies of its audience's members, and how it stands with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import CallStatus, DisconnectionReason, Json
from postcall.domain.outbound import DialState, MemberState
from postcall.storage.outbound_schema import audience_members, audiences, campaign_members, campaigns, outbound_calls
from postcall.storage.schema import Moment, calls

PHONE_COLUMN = "phoneNumber"
"""The usual heading, which clients keep also where they were told another."""


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose call is due."""

    pk: int
    phone: str
    variables: dict[str, Json]
    """What the audience knows of them besides the number."""
    attempts: int
    """Calls placed to them so far."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people of a campaign are in each state."""

    counts: dict[MemberState, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def of(self, *states: MemberState) -> int:
        """How many are in one of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def settled(self) -> int:
        """Those with whom the campaign has finished."""
        return self.of(MemberState.REACHED, MemberState.MISSED, MemberState.SKIPPED)


@dataclass(frozen=True, slots=True)
class CampaignMetrics:
    """What a campaign has come to."""

    participants: int
    called: int
    """People to whom at least one call was dialled."""
    connected: int
    """People of whom a call was answered and is over."""


@dataclass(frozen=True, slots=True)
class MemberCall:
    """One call of a campaign to somebody."""

    pk: int
    id: str
    revision: int
    attempt: int
    status: CallStatus
    reason: DisconnectionReason | None
    failure: str | None
    started_at: datetime
    duration_s: float | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class MemberFile:
    """Somebody, with the calls to them, the first one first."""

    pk: int
    id: str
    phone: str
    data: dict[str, Json]
    state: MemberState
    attempts: int
    due_at: datetime
    calls: tuple[MemberCall, ...]

    @property
    def attempted(self) -> tuple[MemberCall, ...]:
        """Without those that were taken back while they waited for a line: they were no attempts."""
        latest = {call.attempt: call for call in self.calls if call.attempt < self.attempts}
        return tuple(latest.values())


def copy_some(
    connection: Connection, audience_pk: int, campaign_pk: int, *, after: int, limit: int, now: datetime
) -> int | None:
    """Copy up to so many of an audience's members into a campaign, all due now; from which key on to go on.

    None: that was everybody. Whoever is in the campaign already is not copied again.
    """
    some = (
        sa.select(audience_members)
        .where(audience_members.c.audience_pk == audience_pk, audience_members.c.pk > after)
        .order_by(audience_members.c.pk)
        .limit(limit)
        .subquery()
    )
    last, found = connection.execute(sa.select(sa.func.max(some.c.pk), sa.func.count())).one()
    there = sa.exists().where(campaign_members.c.campaign_pk == campaign_pk, campaign_members.c.member_id == some.c.id)
    moment = sa.literal(now, Moment)
    waiting = sa.literal(MemberState.WAITING.value)
    copies = (
        sa.select(sa.literal(campaign_pk), some.c.id, some.c.phone, some.c.data, waiting, sa.literal(0), moment, moment)
        .where(~there)
        .order_by(some.c.pk)
    )
    columns = ["campaign_pk", "member_id", "phone", "data", "state", "attempts", "due_at", "updated_at"]
    connection.execute(sa.insert(campaign_members).from_select(columns, copies))
    return int(last) if found == limit else None


def due_members(connection: Connection, campaign_pk: int, *, limit: int, now: datetime) -> list[Due]:
    """Those whose call is due, who wait the longest first."""
    phone_column = connection.execute(
        sa.select(audiences.c.phone_column)
        .join_from(campaigns, audiences, audiences.c.pk == campaigns.c.audience_pk)
        .where(campaigns.c.pk == campaign_pk)
    ).scalar_one_or_none()
    rows = connection.execute(
        sa.select(campaign_members)
        .where(*_waiting(campaign_pk), campaign_members.c.due_at <= now)
        .order_by(campaign_members.c.due_at, campaign_members.c.pk)
        .limit(limit)
    )
    numbers = {phone_column, PHONE_COLUMN}
    return [
        Due(row.pk, row.phone, {name: value for name, value in row.data.items() if name not in numbers}, row.attempts)
        for row in rows
    ]


def next_due(connection: Connection, campaign_pk: int) -> datetime | None:
    """When the next call is due; None where nobody waits."""
    found: datetime | None = connection.execute(
        sa.select(campaign_members.c.due_at).where(*_waiting(campaign_pk)).order_by(campaign_members.c.due_at).limit(1)
    ).scalar_one_or_none()
    return found


def note_calling(connection: Connection, member_pk: int, call_pk: int, *, now: datetime) -> None:
    """Their call is placed."""
    connection.execute(
        sa.update(campaign_members)
        .where(campaign_members.c.pk == member_pk)
        .values(
            state=MemberState.CALLING.value,
            attempts=campaign_members.c.attempts + 1,
            call_pk=call_pk,
            updated_at=now,
        )
    )


def postpone(connection: Connection, member_pk: int, *, due_at: datetime, now: datetime) -> None:
    """They may not be called before then."""
    connection.execute(
        sa.update(campaign_members).where(campaign_members.c.pk == member_pk).values(due_at=due_at, updated_at=now)
    )


def skip_member(connection: Connection, member_pk: int, *, now: datetime) -> None:
    """They are not called at all."""
    connection.execute(
        sa.update(campaign_members)
        .where(campaign_members.c.pk == member_pk)
        .values(state=MemberState.SKIPPED.value, updated_at=now)
    )


def skip_waiting(connection: Connection, campaign_pk: int, *, limit: int, now: datetime) -> int:
    """Up to so many of those who still wait are not called any more; returns how many these were."""
    some = sa.select(campaign_members.c.pk).where(*_waiting(campaign_pk)).limit(limit).scalar_subquery()
    skipped = connection.execute(
        sa.update(campaign_members)
        .where(campaign_members.c.pk.in_(some))
        .values(state=MemberState.SKIPPED.value, updated_at=now)
    )
    return skipped.rowcount


def first_call(connection: Connection, member_pk: int) -> int | None:
    """The key of the first call to somebody that was not taken back before it was dialled."""
    found: int | None = connection.execute(
        sa.select(outbound_calls.c.call_pk)
        .join_from(outbound_calls, calls, calls.c.pk == outbound_calls.c.call_pk)
        .where(
            outbound_calls.c.member_pk == member_pk,
            outbound_calls.c.attempt == 0,
            calls.c.status != CallStatus.CANCELLED.value,
        )
        .order_by(outbound_calls.c.call_pk)
        .limit(1)
    ).scalar_one_or_none()
    return found


def count_standing(connection: Connection, campaign_pk: int) -> Standing:
    """How it stands with everybody; it looks at each of them, in an index."""
    rows = connection.execute(
        sa.select(campaign_members.c.state, sa.func.count())
        .where(campaign_members.c.campaign_pk == campaign_pk)
        .group_by(campaign_members.c.state)
    )
    return Standing({MemberState(state): int(number) for state, number in rows})


def count_calling(connection: Connection, campaign_pk: int) -> int:
    """How many calls of a campaign are under way, those that wait for a line included."""
    return _count(
        connection,
        sa.select(sa.func.count()).where(
            campaign_members.c.campaign_pk == campaign_pk, campaign_members.c.state == MemberState.CALLING.value
        ),
    )


_IS_QUEUED = outbound_calls.c.state == DialState.QUEUED.value


def measure(connection: Connection, campaign_pk: int, *, participants: int) -> CampaignMetrics:
    """What a campaign has come to; `participants` as the campaign has them, who need not have been copied yet."""
    mine = campaign_members.c.campaign_pk == campaign_pk
    placed = _count(connection, sa.select(sa.func.count()).where(mine, campaign_members.c.attempts > 0))
    only_queued = _count(
        connection,
        sa.select(sa.func.count())
        .select_from(campaign_members)
        .join(outbound_calls, outbound_calls.c.call_pk == campaign_members.c.call_pk)
        .where(
            mine,
            campaign_members.c.state == MemberState.CALLING.value,
            campaign_members.c.attempts == 1,
            _IS_QUEUED,
        ),
    )
    connected = _count(
        connection, sa.select(sa.func.count()).where(mine, campaign_members.c.state == MemberState.REACHED.value)
    )
    return CampaignMetrics(participants, placed - only_queued, connected)


def list_members(
    connection: Connection, campaign_pk: int, *, after: int = 0, skip: int = 0, limit: int
) -> tuple[MemberFile, ...]:
    """People of a campaign with their calls, in the audience's order; `after` is the key of the last one known."""
    rows = connection.execute(
        sa.select(campaign_members)
        .where(campaign_members.c.campaign_pk == campaign_pk, campaign_members.c.pk > after)
        .order_by(campaign_members.c.pk)
        .limit(limit)
        .offset(skip)
    ).all()
    placed = _calls_to(connection, [row.pk for row in rows])
    return tuple(
        MemberFile(
            row.pk,
            row.member_id,
            row.phone,
            row.data,
            MemberState(row.state),
            row.attempts,
            row.due_at,
            tuple(placed.get(row.pk, ())),
        )
        for row in rows
    )


def member_columns(connection: Connection, campaign_pk: int) -> list[str]:
    """What is known of anybody in a campaign, by the columns it came in, in the order in which they first appear."""
    seen: dict[str, None] = {}
    rows = connection.execution_options(yield_per=1_000).execute(
        sa.select(campaign_members.c.data)
        .where(campaign_members.c.campaign_pk == campaign_pk)
        .order_by(campaign_members.c.pk)
    )
    for data in rows.scalars():
        seen.update(dict.fromkeys(data))
    return list(seen)


def calls_of_campaign(connection: Connection, campaign_pk: int, *, after: int, limit: int) -> list[int]:
    """The keys of a campaign's calls, the oldest first; `after` is the last one known."""
    found = connection.execute(
        sa.select(outbound_calls.c.call_pk)
        .where(outbound_calls.c.campaign_pk == campaign_pk, outbound_calls.c.call_pk > after)
        .order_by(outbound_calls.c.call_pk)
        .limit(limit)
    )
    return list(found.scalars())


def _calls_to(connection: Connection, member_pks: Sequence[int]) -> dict[int, list[MemberCall]]:
    found: dict[int, list[MemberCall]] = {}
    rows = connection.execute(
        sa.select(
            outbound_calls.c.member_pk,
            outbound_calls.c.attempt,
            outbound_calls.c.failure,
            outbound_calls.c.cost,
            calls,
        )
        .join_from(outbound_calls, calls, calls.c.pk == outbound_calls.c.call_pk)
        .where(outbound_calls.c.member_pk.in_(member_pks))
        .order_by(outbound_calls.c.call_pk)
    )
    for row in rows:
        reason = DisconnectionReason(row.disconnection_reason) if row.disconnection_reason else None
        found.setdefault(row.member_pk, []).append(
            MemberCall(
                pk=row.pk,
                id=row.id,
                revision=row.revision,
                attempt=row.attempt,
                status=CallStatus(row.status),
                reason=reason,
                failure=row.failure,
                started_at=row.started_at,
                duration_s=row.duration_s,
                cost=row.cost,
            )
        )
    return found


def _waiting(campaign_pk: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        campaign_members.c.campaign_pk == campaign_pk,
        campaign_members.c.state == MemberState.WAITING.value,
    )


def _count(connection: Connection, statement: sa.Select[int]) -> int:
    return int(connection.execute(statement).scalar_one())
