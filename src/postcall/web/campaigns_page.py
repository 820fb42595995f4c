"""The pages of campaigns: all of them, and one with its people and calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.people import Role
from postcall.errors import BadInput
from postcall.outbound.campaigns import pause_campaign, start_campaign, stop_campaign
from postcall.storage.campaign_members import CampaignMetrics, MemberFile, list_members, measure
from postcall.storage.campaigns import (
    CampaignEvent,
    CampaignList,
    CountedCampaign,
    events_of_campaign,
    find_campaign,
    list_campaigns,
)
from postcall.web.campaigns_view import (
    CAMPAIGNS,
    campaign_path,
    show_campaign,
    show_events,
    show_list_row,
    show_members,
)
from postcall.web.looking_again import BUSY_S, Looking, digest_of, has_seen, is_partial
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()

_LISTED = 50
_PEOPLE = 50
_LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class _Whole:
    """A campaign with all that its page shows."""

    found: CountedCampaign
    metrics: CampaignMetrics
    events: tuple[CampaignEvent, ...]
    members: tuple[MemberFile, ...]


@router.api_route(CAMPAIGNS, methods=["GET", "HEAD"])
async def show_campaigns(request: Request) -> Response:
    """Every campaign of the account, the newest first, and what each has come to."""
    person, page = person_of(request), _page(request)

    def read(connection: Connection) -> tuple[CampaignList, list[CampaignMetrics]]:
        found = list_campaigns(connection, person.account_pk, limit=_LISTED, skip=page * _LISTED)
        return found, [_measure(connection, row) for row in found.campaigns]

    found, metrics = await services_of(request).record.read_async(read)
    rows = [show_list_row(row, measured) for row, measured in zip(found.campaigns, metrics, strict=True)]
    more = f"{CAMPAIGNS}?page={page + 2}" if found.matching > (page + 1) * _LISTED else ""
    return render(request, "campaigns.html", rows=rows, older=more)


@router.api_route("/campaigns/{campaign_id}", methods=["GET", "HEAD"])
async def show_one(request: Request, campaign_id: str) -> Response:
    """One campaign, which keeps itself up to date while it calls."""
    person, page = person_of(request), _page(request)
    whole = await services_of(request).record.read_async(lambda c: _read(c, person.account_pk, campaign_id, page=page))
    view, address = show_campaign(whole.found, whole.metrics), campaign_path(campaign_id)
    seen = digest_of(view, whole.events, whole.members)
    if has_seen(request, seen):
        return Response(status_code=204)
    last = max(0, -(-whole.metrics.participants // _PEOPLE) - 1)
    return render(
        request,
        "_campaign_body.html" if is_partial(request) else "campaign.html",
        campaign=view,
        members=show_members(whole.members),
        events=show_events(whole.events),
        newer=f"{address}?page={page}" if page else "",
        older=f"{address}?page={page + 2}" if page < last else "",
        may_change=person.may_change,
        looking=Looking(
            href=f"{address}?page={page + 1}&seen={seen}",
            every_s=BUSY_S,
            paused=request.query_params.get("watch") == "no",
            busy=view.busy,
            pause=f"{address}?page={page + 1}&watch=no",
            resume=f"{address}?page={page + 1}",
        ),
    )


@router.post("/campaigns/{campaign_id}/start")
async def start(request: Request, campaign_id: str) -> Response:
    """Begin, or go on."""
    return await _change(request, campaign_id, start_campaign)


@router.post("/campaigns/{campaign_id}/pause")
async def pause(request: Request, campaign_id: str) -> Response:
    """Place no more calls until somebody goes on."""
    return await _change(request, campaign_id, pause_campaign)


@router.post("/campaigns/{campaign_id}/stop")
async def stop(request: Request, campaign_id: str) -> Response:
    """Place no more calls."""
    return await _change(request, campaign_id, stop_campaign)


async def _change(request: Request, campaign_id: str, change: Callable[..., Any]) -> Response:
    """Do it, and go back to the campaign."""
    services, person = services_of(request), person_of(request)
    person.require(Role.EDITOR)
    now, by = services.clock(), person.name or "somebody at this machine"
    await services.record.write_async(lambda c: change(c, person.account_pk, campaign_id, by=by, now=now))
    return RedirectResponse(campaign_path(campaign_id), status_code=303)


def _read(connection: Connection, account_pk: int, campaign_id: str, *, page: int) -> _Whole:
    found = find_campaign(connection, account_pk, campaign_id)
    return _Whole(
        found,
        _measure(connection, found),
        events_of_campaign(connection, found.pk),
        list_members(connection, found.pk, skip=page * _PEOPLE, limit=_PEOPLE),
    )


def _measure(connection: Connection, found: CountedCampaign) -> CampaignMetrics:
    return measure(connection, found.pk, participants=found.participants)


def _page(request: Request) -> int:
    """Counted from 0; addresses count from 1."""
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and 1 <= int(text) <= _LAST_PAGE):
        raise BadInput(f"page: must be a number from 1 to {_LAST_PAGE}", field="page")
    return int(text) - 1
