"""What people do with campaigns: make, start, pause, stop and delete them. What follows is the work of a job."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.outbound import CampaignStatus
from postcall.errors import AgentArchived, CampaignNotStartable
from postcall.storage.agents import agent_of_call
from postcall.storage.campaigns import (
    CAMPAIGN,
    CampaignRow,
    CountedCampaign,
    NewCampaign,
    add_campaign,
    change_campaign,
    count_cancelled,
    find_campaign,
    lock_campaign,
    note_event,
)
from postcall.storage.jobs import add_job
from postcall.storage.placed_calls import take_back_queued

SYSTEM = "system"
"""Who makes happen what nobody asked for at that moment."""

_FINAL = frozenset({CampaignStatus.COMPLETED, CampaignStatus.FAILED, CampaignStatus.CANCELLED})
_STARTED = frozenset({CampaignStatus.PROCESSING, CampaignStatus.RUNNING})


def create_campaign(connection: Connection, account_pk: int, new: NewCampaign, *, now: datetime) -> CountedCampaign:
    """Keep a campaign; one with a time to come begins by itself then. AgentArchived where its agent takes no calls."""
    _check_agent(connection, new.agent_pk)
    campaign_id = add_campaign(connection, account_pk, new, now=now)
    if new.scheduled_at is not None:
        made = find_campaign(connection, account_pk, campaign_id)
        note_event(connection, made.pk, "scheduled", source=new.by or SYSTEM, now=now)
        _set_going(connection, made, CampaignStatus.SCHEDULED, run_at=new.scheduled_at, now=now)
    return find_campaign(connection, account_pk, campaign_id)


def start_campaign(connection: Connection, account_pk: int, campaign_id: str, *, by: str, now: datetime) -> str:
    """Begin it, or go on with a paused one; returns the id of the work that follows.

    One that is under way already goes on as it was. AgentArchived, or CampaignNotStartable where it is over or its
    audience is gone.
    """
    found = lock_campaign(connection, account_pk, campaign_id)
    status = found.campaign.status
    if status in _STARTED and found.runner is not None:
        return found.runner
    if status in _FINAL:
        raise CampaignNotStartable(f"Campaign is already {status}")
    _check_agent(connection, found.agent_pk)
    if status is not CampaignStatus.PAUSED:
        _check_audience(found)
        return _set_going(connection, found, CampaignStatus.PROCESSING, run_at=now, now=now, by=by)
    note_event(connection, found.pk, "resumed", source=by, now=now)
    # Its members were copied when it began, unless it was paused before that was done.
    goes_on = CampaignStatus.RUNNING if found.campaign.started_at is not None else CampaignStatus.PROCESSING
    return _set_going(connection, found, goes_on, run_at=now, now=now)


def pause_campaign(connection: Connection, account_pk: int, campaign_id: str, *, by: str, now: datetime) -> None:
    """Calls that are under way finish; those that wait for a line are cancelled, and their people wait.

    Pausing a paused campaign changes nothing. CampaignNotStartable where it is not under way.
    """
    found = lock_campaign(connection, account_pk, campaign_id)
    status = found.campaign.status
    if status is CampaignStatus.PAUSED:
        return
    if status in _FINAL or status is CampaignStatus.DRAFT:
        raise CampaignNotStartable(f"Campaign is {status}, so it cannot be paused")
    _halt(connection, found, now=now)
    change_campaign(connection, found.pk, now=now, status=CampaignStatus.PAUSED.value, runner=None, paused_at=now)
    note_event(connection, found.pk, "paused", source=by, now=now)


def stop_campaign(connection: Connection, account_pk: int, campaign_id: str, *, by: str, now: datetime) -> None:
    """Like pausing, and final: whoever still waits is not called. One that is over already stays as it is."""
    found = lock_campaign(connection, account_pk, campaign_id)
    if found.campaign.status in _FINAL:
        return
    _halt(connection, found, now=now)
    change_campaign(connection, found.pk, now=now, finished_at=now)
    note_event(connection, found.pk, "stopped", source=by, now=now)
    _set_going(connection, found, CampaignStatus.CANCELLED, run_at=now, now=now)


def delete_campaign(connection: Connection, account_pk: int, campaign_id: str, *, now: datetime) -> None:
    """Take it out of every list, whatever its status; its calls stay, and those that wait for a line are cancelled."""
    found = lock_campaign(connection, account_pk, campaign_id)
    _halt(connection, found, now=now)
    change_campaign(connection, found.pk, now=now, deleted_at=now, runner=None)


def _set_going(
    connection: Connection,
    found: CampaignRow,
    status: CampaignStatus,
    *,
    run_at: datetime,
    now: datetime,
    by: str | None = None,
) -> str:
    """A new runner: what an earlier one still has queued does nothing any more."""
    runner = str(uuid.uuid4())
    change_campaign(connection, found.pk, now=now, status=status.value, runner=runner)
    payload = {"account": found.account_pk, "campaign": found.campaign.id, "runner": runner, "by": by or SYSTEM}
    add_job(connection, CAMPAIGN, payload, call_pk=None, now=run_at)
    return runner


def _halt(connection: Connection, found: CampaignRow, *, now: datetime) -> None:
    cancelled = take_back_queued(connection, found.pk, now=now)
    if cancelled:
        count_cancelled(connection, found.pk, cancelled)


def _check_agent(connection: Connection, agent_pk: int) -> None:
    agent = agent_of_call(connection, agent_pk)
    if agent.archived_at is not None:
        raise AgentArchived(agent.slug)


def _check_audience(found: CampaignRow) -> None:
    if found.audience_pk is None:
        raise CampaignNotStartable("The audience of this campaign has been deleted")
