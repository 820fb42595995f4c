"""The project of an agent: push one, and what is in it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.drafts import LARGEST
from postcall.api.native.project_shapes import project_json, pushed_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.publishing import check_slug
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.runtime.agent_project import find_agent_project, open_project
from postcall.runtime.import_checks import check_project
from postcall.runtime.projects.archive import unpack
from postcall.runtime.publishing import push_project

router = APIRouter(prefix="/postcall/v1/agents/{agent}/project", tags=["projects"])

PARAMETERS = ("strict", "activate", "label", "by")
Numbered = Annotated[int | None, Query(ge=1, le=LARGEST)]
Named = Annotated[str | None, Query(min_length=1, max_length=200)]


@router.put("")
async def put_project(
    request: Request,
    agent: str,
    strict: bool = False,
    activate: bool = True,
    label: Named = None,
    by: Named = None,
) -> Response:
    """Publish the project in a zip as a new version of the agent, which may be new; 200 where nothing has changed."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    slug = check_slug(agent)
    unknown = next((name for name in request.query_params if name not in PARAMETERS), None)
    if unknown is not None:  # a misspelt `activate=false` would put the version live
        raise BadInput(f"{unknown}: unknown parameter; there are {', '.join(PARAMETERS)}", field=unknown)
    content = await read_body(request, limit=services.settings.max_body_bytes)
    checked = await check_project(await asyncio.to_thread(unpack, content))
    now = services.clock()
    pushed = await services.record.write_async(
        lambda c: push_project(
            c,
            principal.account_pk,
            checked.files,
            checked.problems,
            agent=slug,
            label=label,
            by=by or principal.name,
            now=now,
            strict=strict,
            activate=activate,
        )
    )
    return json_reply(pushed_json(pushed), status=200 if pushed.unchanged else 201)


@router.get("")
async def get_project(request: Request, agent: str, version: Numbered = None) -> Response:
    """What is in the project of the active version, or of another."""
    principal = await authenticate(request, Scope.READ)
    stored = await services_of(request).record.read_async(
        lambda c: find_agent_project(c, principal.account_pk, agent, version)
    )
    return json_reply(project_json(await asyncio.to_thread(open_project, stored)))
