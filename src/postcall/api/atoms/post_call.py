"""The post-call configuration of an agent by itself, and disposition metrics to begin with."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.config import Merged, analytics_config, merge_config
from postcall.api.atoms.errors import in_envelope
from postcall.api.atoms.metric_templates import TEMPLATES
from postcall.api.atoms.replies import admin, check_id, read_object, reader, status_reply, success_reply
from postcall.api.services import services_of
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.version_ids import lock_active_version, publish_config

router = APIRouter()


@router.get("/agent/{agent_id}/post-call-analytics")
@in_envelope
async def get_post_call(request: Request, agent_id: str) -> Response:
    """What is asked after the agent's calls."""
    principal = await reader(request)
    check_id(agent_id, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        row = find_agent_row(connection, principal.account_pk, agent_id)
        return analytics_config(find_version(connection, row.pk, row.active_version).config)

    return status_reply(await services_of(request).record.read_async(look))


@router.post("/agent/{agent_id}/post-call-analytics")
@in_envelope
async def post_post_call(request: Request, agent_id: str) -> Response:
    """Change it: what the body does not name keeps its value. A version is made and active, unless all is as it was."""
    principal = await admin(request)
    check_id(agent_id, what="agent")
    patch = {"postCallAnalyticsConfig": await read_object(request)}
    services = services_of(request)
    now = services.clock()

    def change(connection: Connection) -> Merged:
        before = lock_active_version(connection, principal.account_pk, agent_id)
        merged = merge_config(before.config, patch)
        if analytics_config(merged.config) != analytics_config(before.config):
            publish_config(connection, principal.account_pk, agent_id, merged.config, by=principal.name, now=now)
        return merged

    merged = await services.record.write_async(change)
    return status_reply(analytics_config(merged.config), warnings=merged.warnings)


@router.get("/disposition-metric-templates")
@in_envelope
async def get_metric_templates(request: Request) -> Response:
    """Metrics that fit most agents."""
    await reader(request)
    return success_reply(list(TEMPLATES))
