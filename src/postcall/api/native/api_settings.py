"""What an agent's calls show through the published interfaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import UNSET, Struct, UnsetType, field
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.api_settings import OfferedName, change_api_settings, offered_names, unknown_names
from postcall.domain.keys import Scope
from postcall.domain.visibility import ApiSettings, HandoffApi
from postcall.errors import AgentNotFound
from postcall.intake.explain import decode
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import read_api_settings

router = APIRouter(prefix="/postcall/v1/agents/{agent}", tags=["visibility"])

_MAX_BYTES = 1024 * 1024


class HandoffBody(Struct, forbid_unknown_fields=True):
    """Which of a conversation's state is told after a handoff."""

    state_keys: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    shared_id_state_key: str | None = None


class ApiSettingsPatch(Struct, forbid_unknown_fields=True):
    """What is not named stays as it is; `response_metrics` null means every name."""

    show_transcripts: bool | UnsetType = UNSET
    response_metrics: list[str] | UnsetType | None = UNSET
    handoff: HandoffBody | UnsetType = UNSET

    def edit(self, settings: ApiSettings) -> ApiSettings:
        """The settings with what is named here in its place."""
        if self.show_transcripts is not UNSET:
            settings = replace(settings, show_transcripts=self.show_transcripts)
        if self.response_metrics is not UNSET:
            names = self.response_metrics
            settings = replace(settings, response_metrics=None if names is None else frozenset(names))
        if self.handoff is not UNSET:
            given = self.handoff
            handoff = HandoffApi(tuple(given.state_keys), dict(given.aliases), given.shared_id_state_key)
            settings = replace(settings, handoff=handoff)
        return settings


_PATCH = msgspec.json.Decoder(ApiSettingsPatch)


def _body(shape: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    inlined = msgspec.json.schema(HandoffBody)["$defs"]["HandoffBody"]
    schema = dict(components.get(shape.__name__, schema))
    schema["properties"] = {**schema["properties"], "handoff": inlined}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("/api-settings")
async def get_api_settings(request: Request, agent: str) -> Response:
    """What is shown, with every name that could be picked."""
    principal = await authenticate(request, Scope.READ, narrow=True)

    def look(connection: Connection) -> dict[str, Any]:
        row = find_agent_row(connection, principal.account_pk, agent)
        if not principal.may_see(row.pk):
            raise AgentNotFound(agent)
        settings = read_api_settings(connection, row.pk)
        return api_settings_json(row.slug, settings, offered_names(connection, principal.account_pk, agent))

    return json_reply(await services_of(request).record.read_async(look))


@router.patch("/api-settings", openapi_extra=_body(ApiSettingsPatch))
async def patch_api_settings(request: Request, agent: str) -> Response:
    """Change what is named, `{show_transcripts?, response_metrics?, handoff?}`; it holds from the next request on."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _PATCH)
    now = services.clock()

    settings = await services.record.write_async(
        lambda c: change_api_settings(c, principal.account_pk, agent, given.edit, by=principal.name, now=now)
    )

    def look(connection: Connection) -> dict[str, Any]:
        slug = find_agent_row(connection, principal.account_pk, agent).slug
        return api_settings_json(slug, settings, offered_names(connection, principal.account_pk, agent))

    return json_reply(await services.record.read_async(look))


def api_settings_json(slug: str, settings: ApiSettings, offered: tuple[OfferedName, ...]) -> dict[str, Any]:
    """The settings; `unknown_metrics` are names that were picked and that nothing has today."""
    names = settings.response_metrics
    return {
        "agent": slug,
        "show_transcripts": settings.show_transcripts,
        "response_metrics": None if names is None else sorted(names),
        "handoff": {
            "state_keys": settings.handoff.state_keys,
            "aliases": dict(settings.handoff.aliases),
            "shared_id_state_key": settings.handoff.shared_id_state_key,
        },
        "known_metrics": [{"name": each.name, "kind": each.kind, "kept_back": each.kept_back} for each in offered],
        "unknown_metrics": unknown_names(settings, offered),
        "updated_at": settings.updated_at,
        "updated_by": settings.updated_by,
    }
