"""Agents and their versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.shapes import agent_json, version_json
from postcall.api.question_format import AgentBody, VersionBody, make_config
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.archiving import archive_agent, restore_agent
from postcall.configure.publishing import check_slug
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.intake.call_format import without_nulls
from postcall.intake.explain import decode
from postcall.storage.agents import (
    create_agent,
    find_agent,
    find_agent_row,
    find_version,
    list_agents,
    list_versions,
    publish_version,
)

router = APIRouter(prefix="/postcall/v1/agents", tags=["agents"])

_AGENT = msgspec.json.Decoder(AgentBody)
_VERSION = msgspec.json.Decoder(VersionBody)


@router.post("", status_code=201)
async def post_agent(request: Request) -> Response:
    """Create an agent: `{slug, name?, questions?, summary_prompt?, use_reasoning_model?, label?, by?}`."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _AGENT)
    slug, config, now = check_slug(body.slug), make_config(body), services.clock()
    agent = await services.record.write_async(
        lambda c: create_agent(
            c,
            principal.account_pk,
            slug=slug,
            name=without_nulls(body.name) or slug,
            config=config,
            label=without_nulls(body.label),
            by=without_nulls(body.by) or principal.name,
            now=now,
        )
    )
    return json_reply(agent_json(agent), status=201)


@router.get("")
async def get_agents(request: Request) -> Response:
    """Every agent of the account; with `archived=true` those that were put away instead."""
    principal = await authenticate(request, Scope.READ)
    archived = request.query_params.get("archived", "false")
    if archived not in {"true", "false"}:
        raise BadInput("archived: must be true or false", field="archived")
    found = await services_of(request).record.read_async(
        lambda c: list_agents(c, principal.account_pk, archived=archived == "true")
    )
    return json_reply({"agents": [agent_json(agent) for agent in found]})


@router.get("/{agent}")
async def get_agent(request: Request, agent: str) -> Response:
    """An agent by id or slug, with its active version."""
    principal = await authenticate(request, Scope.READ)
    return json_reply(
        await services_of(request).record.read_async(lambda c: _agent_with_version(c, principal.account_pk, agent))
    )


@router.post("/{agent}:archive")
async def post_archive(request: Request, agent: str) -> Response:
    """Put an agent away: it takes no calls here any more and leaves the lists; all that it has had stays."""
    return await _archive(request, agent, archive_agent)


@router.post("/{agent}:restore")
async def post_restore(request: Request, agent: str) -> Response:
    """Take an agent out again."""
    return await _archive(request, agent, restore_agent)


@router.get("/{agent}/versions")
async def get_versions(request: Request, agent: str) -> Response:
    """Every version of an agent, the newest first."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(
        lambda c: list_versions(c, find_agent_row(c, principal.account_pk, agent).pk)
    )
    return json_reply({"versions": [version_json(version) for version in found]})


@router.post("/{agent}/versions", status_code=201)
async def post_version(request: Request, agent: str) -> Response:
    """Publish a version: `{questions, summary_prompt?, label?, activate?, by?}` and so on, or the questions alone.

    The version is active at once, unless `activate` is false.
    """
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    content = await read_body(request, limit=services.settings.max_body_bytes)
    if content.lstrip().startswith(b"["):  # the array of a metrics.json by itself
        content = b'{"questions":' + content + b"}"
    body = decode(content, _VERSION)
    config, now = make_config(body), services.clock()
    version = await services.record.write_async(
        lambda c: publish_version(
            c,
            principal.account_pk,
            agent,
            config,
            label=without_nulls(body.label),
            activate=body.activate,
            by=without_nulls(body.by) or principal.name,
            now=now,
        )
    )
    return json_reply(version_json(version), status=201)


async def _archive(request: Request, agent: str, change: Callable[..., None]) -> Response:
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    now = services.clock()

    def put(connection: Connection) -> dict[str, Any]:
        change(connection, principal.account_pk, agent, now=now)
        return agent_json(find_agent(connection, principal.account_pk, agent))

    return json_reply(await services.record.write_async(put))


def _agent_with_version(connection: Connection, account_pk: int, named: str) -> dict[str, Any]:
    row = find_agent_row(connection, account_pk, named)
    agent = find_agent(connection, account_pk, named)
    return {**agent_json(agent), "version": version_json(find_version(connection, row.pk, agent.active_version))}
