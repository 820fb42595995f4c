"""Putting an agent away from its page, and taking it out again."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.configure.archiving import archive_agent, restore_agent
from postcall.storage.agents import find_agent
from postcall.web.people import person_of
from postcall.web.versions_view import agent_path

router = APIRouter()


@router.post("/agents/{slug}/archive")
async def archive(request: Request, slug: str) -> Response:
    """Put it away, and go back to its page."""
    return await _change(request, slug, archive_agent, did="archived")


@router.post("/agents/{slug}/restore")
async def restore(request: Request, slug: str) -> Response:
    """Take it out again, and go back to its page."""
    return await _change(request, slug, restore_agent, did="restored")


async def _change(request: Request, slug: str, change: Callable[..., None], *, did: str) -> Response:
    person, services = person_of(request), services_of(request)
    now = services.clock()

    def put(connection: Connection) -> str:
        change(connection, person.account_pk, slug, now=now)
        return find_agent(connection, person.account_pk, slug).slug

    found = await services.record.write_async(put)
    return RedirectResponse(f"{agent_path(found)}?did={did}", status_code=303)
