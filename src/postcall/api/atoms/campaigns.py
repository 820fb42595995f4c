"""Campaigns: made, looked at, started, paused, stopped, deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.campaign_bodies import CampaignBody, WantedCampaign, check_campaign, read_list
from postcall.api.atoms.campaign_format import (
    campaign_json,
    created_json,
    events_json,
    executions_json,
    metrics_json,
)
from postcall.api.atoms.config import workflow_type
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.outbound import ARCHIVED
from postcall.api.atoms.replies import check_id, done_reply, read_shape, reader, status_reply, writer
from postcall.api.services import services_of
from postcall.domain.keys import Principal
from postcall.errors import AgentArchived, AgentNotFound, CampaignNotFound, CampaignNotStartable, NotFound
from postcall.outbound.campaigns import (
    create_campaign,
    delete_campaign,
    pause_campaign,
    start_campaign,
    stop_campaign,
)
from postcall.storage.agents import agent_of_call, find_agent_row, find_version
from postcall.storage.audiences import find_audience_row
from postcall.storage.campaign_members import count_standing, measure
from postcall.storage.campaigns import (
    CountedCampaign,
    NewCampaign,
    events_of_campaign,
    find_campaign,
    list_campaigns,
)
from postcall.storage.phone_numbers import find_number

router = APIRouter()

_STARTED = "Campaign is being processed"


@router.post("/campaign")
@in_envelope
async def post_campaign(request: Request) -> Response:
    """Make a campaign: scheduled where it has a time to come, else a draft."""
    principal = await writer(request)
    services = services_of(request)
    now = services.clock()
    wanted = check_campaign(await read_shape(request, CampaignBody), now=now)

    def work(connection: Connection) -> CountedCampaign:
        new = _look_up(connection, principal, wanted)
        try:
            return create_campaign(connection, principal.account_pk, new, now=now)
        except AgentArchived:
            raise AtomsError(400, ARCHIVED) from None

    made = await services.record.write_async(work)
    return status_reply(created_json(made, organization=principal.account), status=201)


def _look_up(connection: Connection, principal: Principal, wanted: WantedCampaign) -> NewCampaign:
    try:
        agent = find_agent_row(connection, principal.account_pk, wanted.agent_id)
    except AgentNotFound:
        raise AtomsError(400, "Agent not found") from None
    try:
        audience = find_audience_row(connection, principal.account_pk, wanted.audience_id)
    except NotFound:
        raise AtomsError(400, "Audience not found") from None
    try:
        for number_id in wanted.number_ids:
            find_number(connection, principal.account_pk, number_id)
    except NotFound:
        raise AtomsError(400, "Invalid product id") from None
    return NewCampaign(
        name=wanted.name,
        agent_pk=agent.pk,
        audience_pk=audience.pk,
        audience_id=audience.id,
        audience_name=audience.name,
        description=wanted.description,
        number_ids=wanted.number_ids,
        max_retries=wanted.max_retries,
        retry_delay_s=wanted.retry_delay_s,
        calling_hours=wanted.calling_hours,
        scheduled_at=wanted.scheduled_at,
        by=principal.name,
    )


@router.get("/campaign")
@in_envelope
async def get_campaigns(request: Request) -> Response:
    """The account's campaigns, a page of them."""
    principal = await reader(request)
    wanted = read_list(request.query_params)

    def read(connection: Connection) -> dict[str, Any]:
        found = list_campaigns(
            connection,
            principal.account_pk,
            statuses=wanted.statuses,
            search=wanted.search,
            by_update=wanted.by_update,
            oldest_first=wanted.oldest_first,
            limit=wanted.paging.size,
            skip=wanted.paging.skip,
        )
        types = {row.agent_pk: _workflow_type(connection, row.agent_pk) for row in found.campaigns}
        return {
            "campaigns": [
                campaign_json(row, organization=principal.account, workflow_type=types[row.agent_pk])
                for row in found.campaigns
            ],
            "pagination": {
                "total": found.matching,
                "page": wanted.paging.page,
                "offset": wanted.paging.size,
                "hasMore": wanted.paging.has_more(found.matching),
                "totalPages": wanted.paging.pages(found.matching),
            },
            "totalCampaignCount": found.total,
        }

    return status_reply(await services_of(request).record.read_async(read))


@router.get("/campaign/{campaign_id}")
@in_envelope
async def get_campaign(request: Request, campaign_id: str) -> Response:
    """One campaign, what happened to it and what it has come to."""
    principal = await reader(request)
    check_id(campaign_id, what="campaign")

    def read(connection: Connection) -> dict[str, Any]:
        found = _find(connection, principal.account_pk, campaign_id)
        kind = _workflow_type(connection, found.agent_pk)
        campaign = campaign_json(found, organization=principal.account, workflow_type=kind)
        campaign["executions"] = executions_json(found, count_standing(connection, found.pk))
        return {
            "campaign": campaign,
            "events": events_json(events_of_campaign(connection, found.pk)),
            "metrics": metrics_json(measure(connection, found.pk, participants=found.participants)),
        }

    return status_reply(await services_of(request).record.read_async(read))


@router.post("/campaign/{campaign_id}/start")
@in_envelope
async def post_start(request: Request, campaign_id: str) -> Response:
    """Begin, or go on; the calls follow."""
    task_id = await _change(request, campaign_id, start_campaign)
    return status_reply({"message": _STARTED, "taskId": task_id, "campaignId": campaign_id}, status=202)


@router.post("/campaign/{campaign_id}/pause")
@in_envelope
async def post_pause(request: Request, campaign_id: str) -> Response:
    """Place no more calls until it is started again."""
    await _change(request, campaign_id, pause_campaign)
    return done_reply()


@router.post("/campaign/{campaign_id}/stop")
@in_envelope
async def post_stop(request: Request, campaign_id: str) -> Response:
    """Place no more calls."""
    await _change(request, campaign_id, stop_campaign)
    return done_reply()


@router.delete("/campaign/{campaign_id}")
@in_envelope
async def remove_campaign(request: Request, campaign_id: str) -> Response:
    """Take it away, whatever it is doing; its calls stay."""
    principal = await writer(request)
    check_id(campaign_id, what="campaign")
    services = services_of(request)
    now = services.clock()
    try:
        await services.record.write_async(lambda c: delete_campaign(c, principal.account_pk, campaign_id, now=now))
    except CampaignNotFound:
        raise no_campaign(404) from None
    return done_reply()


async def _change(request: Request, campaign_id: str, change: Callable[..., Any]) -> Any:
    """Do it, on behalf of the request's key; what contradicts the campaign is 400, which no client sends again."""
    principal = await writer(request)
    check_id(campaign_id, what="campaign")
    services = services_of(request)
    now: datetime = services.clock()
    by = principal.name or "api"
    try:
        return await services.record.write_async(lambda c: change(c, principal.account_pk, campaign_id, by=by, now=now))
    except CampaignNotFound:
        raise no_campaign(400) from None
    except AgentArchived:
        raise AtomsError(400, ARCHIVED) from None
    except CampaignNotStartable as error:
        raise AtomsError(400, error.message) from None


def no_campaign(status: int) -> AtomsError:
    """There is no such campaign, or it is another account's, or it was deleted."""
    return AtomsError(status, "No campaign found")


def _find(connection: Connection, account_pk: int, campaign_id: str) -> CountedCampaign:
    try:
        return find_campaign(connection, account_pk, campaign_id)
    except CampaignNotFound:
        raise no_campaign(400) from None


def _workflow_type(connection: Connection, agent_pk: int) -> str:
    active = agent_of_call(connection, agent_pk).active_version
    return workflow_type(find_version(connection, agent_pk, active).config)
