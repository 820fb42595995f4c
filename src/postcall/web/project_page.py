"""The page of the project that an agent runs: what is in it, and what is wrong with it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from postcall.api.native.project_shapes import project_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.runtime.agent_project import OpenedProject, find_agent_project, open_project
from postcall.web.form_fields import version_number
from postcall.web.people import person_of
from postcall.web.project_view import show_opened
from postcall.web.render import render
from postcall.web.versions_view import agent_path

router = APIRouter()


@router.api_route("/agents/{slug}/project.json", methods=["GET", "HEAD"])
async def show_project_json(request: Request, slug: str) -> Response:
    """The same project as JSON."""
    return json_reply(project_json(await _open(request, slug)))


@router.api_route("/agents/{slug}/project", methods=["GET", "HEAD"])
async def show_project(request: Request, slug: str) -> Response:
    """The project of the active version, or of `?version=N`."""
    opened = await _open(request, slug)
    agent, version = opened.stored.agent, opened.stored.version
    query = f"?version={version.number}" if request.query_params.get("version") else ""
    return render(
        request,
        "project.html",
        agent=agent,
        href=agent_path(agent.slug),
        version=version.number,
        version_href=agent_path(agent.slug, "versions", version.number),
        active=version.number == agent.active_version,
        as_json=f"{agent_path(agent.slug, 'project')}.json{query}",
        view=show_opened(opened),
    )


async def _open(request: Request, slug: str) -> OpenedProject:
    account_pk = person_of(request).account_pk
    given = request.query_params.get("version")
    number = version_number(given) if given else None
    stored = await services_of(request).record.read_async(lambda c: find_agent_project(c, account_pk, slug, number))
    return await asyncio.to_thread(open_project, stored)
