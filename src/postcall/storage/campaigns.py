"""Campaigns: what they are to do, where they stand, and what happened to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import Json
from postcall.domain.ids import new_object_id
from postcall.domain.outbound import CallingHours, Campaign, CampaignStatus
from postcall.errors import CampaignNotFound
from postcall.storage.outbound_schema import (
    audience_members,
    audiences,
    campaign_events,
    campaign_members,
    campaigns,
    outbound_calls,
)
from postcall.storage.schema import agents
from postcall.storage.statements import lock_row

CAMPAIGN = "campaign"
"""The kind of job that takes one step of a campaign and queues the next."""

UNDER_WAY = (CampaignStatus.SCHEDULED, CampaignStatus.PROCESSING, CampaignStatus.RUNNING, CampaignStatus.PAUSED)
"""Where an agent and an audience are still needed."""
_NOT_BEGUN = (CampaignStatus.DRAFT.value, CampaignStatus.SCHEDULED.value, CampaignStatus.PROCESSING.value)


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to be made; agent and audience are known to be there."""

    name: str
    agent_pk: int
    audience_pk: int
    audience_id: str
    audience_name: str
    description: str = ""
    number_ids: tuple[str, ...] = ()
    max_retries: int = 3
    retry_delay_s: int = 900
    calling_hours: CallingHours | None = None
    scheduled_at: datetime | None = None
    """A time to come; None: it is a draft until somebody starts it."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class CampaignEvent:
    """Something that happened to a campaign."""

    id: str
    action: str
    """`scheduled`, `started`, `paused`, `resumed`, `stopped`, `completed` or `failed`."""
    source: str
    """`system`, or who made it happen."""
    content: dict[str, Json]
    at: datetime


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign with the keys that whoever works on it needs."""

    campaign: Campaign
    pk: int
    account_pk: int
    agent_pk: int
    audience_pk: int | None
    runner: str | None
    """What the job shows that takes its steps; None: none does."""


@dataclass(frozen=True, slots=True)
class CountedCampaign(CampaignRow):
    """The same with what is counted anew each time, which takes as long as it has people."""

    participants: int
    retries: int
    """Calls so far to people who had been called before."""


@dataclass(frozen=True, slots=True)
class CampaignList:
    """A page of campaigns."""

    campaigns: tuple[CountedCampaign, ...]
    matching: int
    """How many there are on all pages."""
    total: int
    """How many the account has, whatever was asked for."""


def add_campaign(connection: Connection, account_pk: int, new: NewCampaign, *, now: datetime) -> str:
    """Keep a new campaign, a draft or scheduled; returns its id."""
    status = CampaignStatus.DRAFT if new.scheduled_at is None else CampaignStatus.SCHEDULED
    campaign_id = new_object_id()
    connection.execute(
        sa.insert(campaigns).values(
            account_pk=account_pk,
            id=campaign_id,
            name=new.name,
            description=new.description,
            agent_pk=new.agent_pk,
            audience_pk=new.audience_pk,
            audience_id=new.audience_id,
            audience_name=new.audience_name,
            number_ids=list(new.number_ids),
            max_retries=new.max_retries,
            retry_delay_s=new.retry_delay_s,
            calling_hours=asdict(new.calling_hours) if new.calling_hours else None,
            status=status.value,
            scheduled_at=new.scheduled_at,
            cancelled_calls=0,
            created_by=new.by,
            created_at=now,
            updated_at=now,
        )
    )
    return campaign_id


_PARTICIPANTS = sa.case(
    (
        campaigns.c.status.in_(_NOT_BEGUN),
        sa.select(sa.func.count()).where(audience_members.c.audience_pk == campaigns.c.audience_pk).scalar_subquery(),
    ),
    else_=sa.select(sa.func.count()).where(campaign_members.c.campaign_pk == campaigns.c.pk).scalar_subquery(),
)
_RETRIES = (
    sa.select(sa.func.count())
    # Word for word what the partial index says, or SQLite does not use it.
    .where(outbound_calls.c.campaign_pk == campaigns.c.pk, sa.text("outbound_calls.attempt > 0"))
    .scalar_subquery()
)
_CAMPAIGN = (
    sa.select(
        campaigns,
        agents.c.id.label("agent_id"),
        agents.c.slug.label("agent_slug"),
        agents.c.name.label("agent_name"),
        audiences.c.name.label("current_audience"),
    )
    .join_from(campaigns, agents, agents.c.pk == campaigns.c.agent_pk)
    .outerjoin(audiences, audiences.c.pk == campaigns.c.audience_pk)
    .where(campaigns.c.deleted_at.is_(None))
)
_COUNTED = _CAMPAIGN.add_columns(_PARTICIPANTS.label("participants"), _RETRIES.label("retries"))


def find_campaign(connection: Connection, account_pk: int, campaign_id: str) -> CountedCampaign:
    """The campaign of this id, or CampaignNotFound: also where it was deleted, or is another account's."""
    return _read_counted(_find(connection, _COUNTED, account_pk, campaign_id))


def lock_campaign(connection: Connection, account_pk: int, campaign_id: str) -> CampaignRow:
    """Like `find_campaign`, and nobody else changes it until the transaction ends; nothing is counted.

    Whoever changes a campaign locks it before its calls and members.
    """
    connection.execute(
        lock_row(
            connection,
            sa.select(campaigns.c.pk).where(campaigns.c.account_pk == account_pk, campaigns.c.id == campaign_id),
        )
    )
    row = _find(connection, _CAMPAIGN, account_pk, campaign_id)
    return CampaignRow(_read(row), row.pk, row.account_pk, row.agent_pk, row.audience_pk, row.runner)


def list_campaigns(
    connection: Connection,
    account_pk: int,
    *,
    statuses: tuple[CampaignStatus, ...] = (),
    search: str = "",
    by_update: bool = False,
    oldest_first: bool = False,
    limit: int,
    skip: int = 0,
) -> CampaignList:
    """A page of the account's campaigns; `search` is looked for in their names, whatever the case."""
    mine = [campaigns.c.account_pk == account_pk, campaigns.c.deleted_at.is_(None)]
    wanted = list(mine)
    if statuses:
        wanted.append(campaigns.c.status.in_([status.value for status in statuses]))
    if search:
        wanted.append(campaigns.c.name.icontains(search, autoescape=True))
    column = campaigns.c.updated_at if by_update else campaigns.c.created_at
    order = (column.asc(), campaigns.c.pk.asc()) if oldest_first else (column.desc(), campaigns.c.pk.desc())
    rows = connection.execute(_COUNTED.where(*wanted).order_by(*order).limit(limit).offset(skip)).all()
    return CampaignList(
        tuple(_read_counted(row) for row in rows), matching=_count(connection, wanted), total=_count(connection, mine)
    )


def campaign_of_agent(connection: Connection, agent_pk: int) -> tuple[CampaignStatus, str] | None:
    """Status and name of a campaign that still needs this agent; None where there is none."""
    row = connection.execute(
        sa.select(campaigns.c.status, campaigns.c.name)
        .where(
            campaigns.c.agent_pk == agent_pk,
            campaigns.c.deleted_at.is_(None),
            campaigns.c.status.in_([status.value for status in UNDER_WAY]),
        )
        .order_by(campaigns.c.pk)
        .limit(1)
    ).one_or_none()
    return None if row is None else (CampaignStatus(row.status), row.name)


def change_campaign(connection: Connection, campaign_pk: int, *, now: datetime, **columns: Any) -> None:
    """Set these columns of a campaign that is locked; a status as its enum."""
    connection.execute(sa.update(campaigns).where(campaigns.c.pk == campaign_pk).values(**columns, updated_at=now))


def count_cancelled(connection: Connection, campaign_pk: int, more: int) -> None:
    """So many more of its calls were cancelled before they were dialled."""
    connection.execute(
        sa.update(campaigns)
        .where(campaigns.c.pk == campaign_pk)
        .values(cancelled_calls=campaigns.c.cancelled_calls + more)
    )


def note_event(
    connection: Connection,
    campaign_pk: int,
    action: str,
    *,
    source: str,
    now: datetime,
    content: dict[str, Json] | None = None,
) -> None:
    """Keep what happened to a campaign."""
    connection.execute(
        sa.insert(campaign_events).values(
            campaign_pk=campaign_pk, id=new_object_id(), action=action, source=source, content=content or {}, at=now
        )
    )


def events_of_campaign(connection: Connection, campaign_pk: int) -> tuple[CampaignEvent, ...]:
    """What happened to it, in that order."""
    rows = connection.execute(
        sa.select(campaign_events).where(campaign_events.c.campaign_pk == campaign_pk).order_by(campaign_events.c.pk)
    )
    return tuple(CampaignEvent(row.id, row.action, row.source, row.content, row.at) for row in rows)


def _count(connection: Connection, wanted: list[sa.ColumnElement[bool]]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(campaigns).where(*wanted)).scalar_one())


def _find(connection: Connection, query: sa.Select[Any], account_pk: int, campaign_id: str) -> Row[Any]:
    row = connection.execute(
        query.where(campaigns.c.account_pk == account_pk, campaigns.c.id == campaign_id)
    ).one_or_none()
    if row is None:
        raise CampaignNotFound(campaign_id)
    return row


def _read_counted(row: Row[Any]) -> CountedCampaign:
    keys = (row.pk, row.account_pk, row.agent_pk, row.audience_pk, row.runner)
    return CountedCampaign(_read(row), *keys, participants=row.participants, retries=row.retries)


def _read(row: Row[Any]) -> Campaign:
    hours = row.calling_hours
    return Campaign(
        id=row.id,
        name=row.name,
        description=row.description,
        agent_id=row.agent_id,
        agent_slug=row.agent_slug,
        agent_name=row.agent_name,
        audience_id=row.audience_id,
        audience_name=row.current_audience or row.audience_name,
        number_ids=tuple(row.number_ids),
        max_retries=row.max_retries,
        retry_delay_s=row.retry_delay_s,
        calling_hours=CallingHours(hours["start"], hours["end"], tuple(hours["days"])) if hours else None,
        status=CampaignStatus(row.status),
        scheduled_at=row.scheduled_at,
        started_at=row.started_at,
        paused_at=row.paused_at,
        failed_at=row.failed_at,
        finished_at=row.finished_at,
        error=row.error,
        cancelled_calls=row.cancelled_calls,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
