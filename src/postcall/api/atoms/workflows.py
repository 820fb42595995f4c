"""The prompt of an agent by itself, as older clients read and write it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.config import flat_config, merge_config, workflow_type
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, read_object, reader, status_reply
from postcall.api.services import services_of
from postcall.domain.agents import VersionConfig
from postcall.errors import AgentNotFound
from postcall.runtime.prompt_agents import with_project
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.version_ids import lock_active_version, publish_config

router = APIRouter()

_FIELDS = {"singlePromptConfig", "workflowGraph"}


@router.get("/agent/{agent_id}/workflow")
@in_envelope
async def get_workflow(request: Request, agent_id: str) -> Response:
    """The prompt and the tools of the active version."""
    principal = await reader(request)
    check_id(agent_id, what="agent")

    def look(connection: Connection) -> VersionConfig:
        row = find_agent_row(connection, principal.account_pk, agent_id)
        return find_version(connection, row.pk, row.active_version).config

    try:
        config = await services_of(request).record.read_async(look)
    except AgentNotFound:
        raise AtomsError(404, "No agent found") from None
    return status_reply(_workflow_json(config))


@router.patch("/workflow/{workflow_id}")
@in_envelope
async def patch_workflow(request: Request, workflow_id: str) -> Response:
    """Replace it: `{type, singlePromptConfig?, workflowGraph?}`. A version is made and active.

    A workflow has the id of its agent.
    """
    principal = await admin(request)
    check_id(workflow_id, what="workflow")
    body = await read_object(request)
    kind = body.get("type")
    if kind is None:
        raise AtomsError(400, "type: Required")
    patch = {"workflowType": kind, **{name: body[name] for name in _FIELDS if name in body}}
    services = services_of(request)
    now = services.clock()

    def change(connection: Connection) -> None:
        before = lock_active_version(connection, principal.account_pk, workflow_id)
        row = find_agent_row(connection, principal.account_pk, workflow_id)
        config = merge_config(before.config, patch).config
        if flat_config(config) != flat_config(before.config):
            config = with_project(connection, principal.account_pk, row.name, config, now=now)
            publish_config(connection, principal.account_pk, workflow_id, config, by=principal.name, now=now)

    try:
        await services.record.write_async(change)
    except AgentNotFound:
        raise AtomsError(404, "Workflow not found") from None
    return status_reply(workflow_id)


def _workflow_json(config: VersionConfig) -> dict[str, Any]:
    flat, kind = flat_config(config), workflow_type(config)
    prompt = {"prompt": flat["prompt"], "tools": flat["tools"]}
    graph = {"nodes": [], "edges": [], **flat.get("workflowGraph", {})}
    return {**prompt, "type": kind, "data": graph if kind == "workflow_graph" else prompt}
