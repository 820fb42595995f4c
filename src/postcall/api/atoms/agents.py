"""Agents: made, shown, described, put away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.agent_format import agent_json
from postcall.api.atoms.agent_query import read_agent_query
from postcall.api.atoms.agent_templates import find_template, list_templates
from postcall.api.atoms.config import Merged, flat_config, has_config, merge_config, workflow_type
from postcall.api.atoms.config_rules import Flag, Rule, Text
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, read_object, reader, status_reply
from postcall.api.services import services_of
from postcall.configure.archiving import archive_agent, restore_agent
from postcall.configure.naming_agents import free_slug, slug_words
from postcall.domain.agents import VersionConfig
from postcall.domain.folding import storable
from postcall.domain.ids import AGENT_ID
from postcall.domain.keys import Principal
from postcall.errors import NotFound
from postcall.runtime.prompt_agents import with_project
from postcall.storage.agent_profiles import Profile, describe_agent, find_profile, page_profiles, slugs_beginning
from postcall.storage.agents import create_agent, find_agent_row, find_version, list_active_versions
from postcall.storage.drafts import find_draft
from postcall.storage.phone_numbers import attach_numbers
from postcall.storage.version_ids import version_by_id

__all__ = ["agent_json", "router"]

router = APIRouter()

VERSIONED = "Agent has versioning enabled. Config changes must be made through drafts."
_PROFILE: dict[str, Rule] = {
    "name": Text(200),
    "description": Text(5000),
    "avatarUrl": Text(2000),
    "allowInboundCall": Flag(),
    "visibleToEveryone": Flag(),
}


@router.post("/agent", status_code=201)
@in_envelope
async def post_agent(request: Request) -> Response:
    """Make an agent that is a prompt; its first version is published and active."""
    principal = await admin(request)
    body = await read_object(request)
    _check_described(body, needs_name=True)
    merged = merge_config(VersionConfig(prompt=""), body)
    agent_id = await _make(request, principal, body, merged)
    return status_reply(agent_id, status=201, warnings=merged.warnings)


@router.get("/agent")
@in_envelope
async def get_agents(request: Request) -> Response:
    """A page of agents."""
    principal = await reader(request)
    asked = read_agent_query(request.query_params)

    def look(connection: Connection) -> dict[str, Any]:
        query = replace(asked.query, marked=_graphs(connection, principal.account_pk) if asked.by_type else frozenset())
        found, total = page_profiles(connection, principal.account_pk, query)
        return {
            "agents": [
                agent_json(each, find_version(connection, each.pk, each.agent.active_version), listed=True)
                for each in found
            ],
            "total": total,
            "totalCount": total,
            "totalPages": asked.paging.pages(total),
            "hasMore": asked.paging.has_more(total),
            "isSearchResults": bool(query.search),
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.get("/agent/template")
@in_envelope
async def get_templates(request: Request) -> Response:
    """Agents to begin with."""
    await reader(request)
    return status_reply(list_templates(request.query_params.get("region")))


@router.post("/agent/from-template")
@in_envelope
async def post_from_template(request: Request) -> Response:
    """Make an agent from one of them: `{agentName, templateId, agentDescription?}`."""
    principal = await admin(request)
    body = await read_object(request)
    faults = [f"{name}: Required" for name in ("agentName", "templateId") if not body.get(name)]
    if faults:
        raise AtomsError(400, *faults)
    template = find_template(str(body["templateId"]))
    described = {"name": body["agentName"], "description": body.get("agentDescription", template.description)}
    _check_described(described, needs_name=True)
    merged = merge_config(VersionConfig(prompt=""), template.config())
    return status_reply(await _make(request, principal, described, merged))


@router.get("/agent/{agent_id}")
@in_envelope
async def get_agent(request: Request, agent_id: str) -> Response:
    """One agent, as its active version has it, or the draft or version that is named."""
    principal = await reader(request)
    check_id(agent_id, what="agent")
    params = request.query_params

    def look(connection: Connection) -> dict[str, Any]:
        found = find_profile(connection, principal.account_pk, agent_id)
        active = find_version(connection, found.pk, found.agent.active_version)
        source, config = _resolve(connection, principal.account_pk, agent_id, params)
        return agent_json(found, active, resolved=config, source=source)

    return status_reply(await services_of(request).record.read_async(look))


@router.patch("/agent/{agent_id}")
@in_envelope
async def patch_agent(request: Request, agent_id: str) -> Response:
    """Change what no version holds. Config fields that change nothing are passed over; others are refused."""
    principal = await admin(request)
    check_id(agent_id, what="agent")
    body = await read_object(request)
    _check_described(body, needs_name=False)
    services = services_of(request)
    now = services.clock()

    def change(connection: Connection) -> None:
        row = find_agent_row(connection, principal.account_pk, agent_id)
        if changes_config(find_version(connection, row.pk, row.active_version).config, body):
            raise AtomsError(400, VERSIONED)
        _describe(connection, principal.account_pk, agent_id, body, now=now)

    await services.record.write_async(change)
    return status_reply(agent_id)


@router.delete("/agent/{agent_id}/archive")
@in_envelope
async def archive(request: Request, agent_id: str) -> Response:
    """Put the agent away; with `on=false` take it out again."""
    on = request.query_params.get("on", "true").lower()
    if on not in {"true", "false"}:
        raise AtomsError(400, "on: Must be true or false")
    return await _archive(request, agent_id, on=on == "true")


@router.delete("/agent/{agent_id}")
@in_envelope
async def delete_agent(request: Request, agent_id: str) -> Response:
    """As an older client deletes: the agent is put away, and nothing is lost."""
    return await _archive(request, agent_id, on=True)


def _graphs(connection: Connection, account_pk: int) -> frozenset[int]:
    """The keys of the agents whose workflow is a graph."""
    return frozenset(
        find_agent_row(connection, account_pk, agent_id).pk
        for agent_id, version in list_active_versions(connection, account_pk).items()
        if workflow_type(version.config) == "workflow_graph"
    )


async def _archive(request: Request, agent_id: str, *, on: bool) -> Response:
    principal = await admin(request)
    check_id(agent_id, what="agent")
    services = services_of(request)
    now, change = services.clock(), archive_agent if on else restore_agent
    await services.record.write_async(lambda c: change(c, principal.account_pk, agent_id, now=now))
    return status_reply({"message": "Agent archived" if on else "Agent unarchived"})


async def _make(request: Request, principal: Principal, body: Mapping[str, Any], merged: Merged) -> str:
    services = services_of(request)
    name, now = storable(body["name"]).strip(), services.clock()

    def make(connection: Connection) -> str:
        wanted = slug_words(name)
        agent = create_agent(
            connection,
            principal.account_pk,
            slug=free_slug(wanted, slugs_beginning(connection, principal.account_pk, wanted)),
            name=name,
            config=with_project(connection, principal.account_pk, name, merged.config, now=now),
            by=principal.name,
            now=now,
        )
        _describe(connection, principal.account_pk, agent.id, body, now=now)
        return agent.id

    return await services.record.write_async(make)


def _describe(
    connection: Connection, account_pk: int, agent_id: str, body: Mapping[str, Any], *, now: datetime
) -> None:
    found = find_profile(connection, account_pk, agent_id)
    name, description = body.get("name"), body.get("description")
    describe_agent(
        connection,
        account_pk,
        agent_id,
        name=None if name is None else storable(name).strip(),
        description=None if description is None else storable(description),
        profile=Profile(
            picture_url=body.get("avatarUrl", found.profile.picture_url),
            visible_to_everyone=body.get("visibleToEveryone", found.profile.visible_to_everyone),
            takes_inbound=body.get("allowInboundCall", found.profile.takes_inbound),
        ),
        now=now,
    )
    numbers = body.get("telephonyProductId")
    if numbers is not None:
        ids = [numbers] if isinstance(numbers, str) else numbers
        try:
            attach_numbers(connection, account_pk, found.pk, [each for each in ids if each], now)
        except NotFound:
            raise AtomsError(400, "Invalid product id") from None


def changes_config(config: VersionConfig, body: Mapping[str, Any]) -> bool:
    """Whether the config fields of a body say anything that a configuration does not."""
    if not has_config(body):
        return False
    try:
        return flat_config(merge_config(config, body).config) != flat_config(config)
    except AtomsError:  # what may not stand in a configuration does not stand in this one
        return True


def _check_described(body: Mapping[str, Any], *, needs_name: bool) -> None:
    name = body.get("name")
    faults = []
    if name is None and needs_name:
        faults.append("name: Required")
    for field, rule in _PROFILE.items():
        if body.get(field) is not None:
            faults += rule.faults(body[field], field)
    if isinstance(name, str) and not storable(name).strip():
        faults.append("name: Must not be empty")
    numbers = body.get("telephonyProductId")
    each = [numbers] if isinstance(numbers, str) else numbers
    if each is not None and not (isinstance(each, list) and all(isinstance(one, str) for one in each)):
        faults.append("telephonyProductId: Must be a list of ids")
    if faults:
        raise AtomsError(400, *faults)


def _resolve(
    connection: Connection, account_pk: int, agent_id: str, params: Mapping[str, str]
) -> tuple[str | None, VersionConfig | None]:
    """What was asked for besides the active version, and what it is called."""
    draft_id, version_id = params.get("draftId"), params.get("versionId")
    for what, named in (("draft", draft_id), ("version", version_id)):
        if named and not AGENT_ID.fullmatch(named):
            raise AtomsError(400, f"Invalid {what} id")
    try:
        if draft_id:
            return "draft", find_draft(connection, account_pk, draft_id, agent=agent_id).config
        if version_id:
            return "version", version_by_id(connection, account_pk, agent_id, version_id).config
    except NotFound as error:
        raise AtomsError(400, error.message) from None
    return None, None
