"""Settings of an agent that act at once, by environment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Environment
from postcall.domain.keys import Scope
from postcall.domain.real_time_configs import read_environment
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.storage.agents import find_agent_row
from postcall.storage.real_time_configs import (
    change_real_time_data,
    read_real_time_config,
    real_time_config_changed_at,
    write_real_time_config,
)

router = APIRouter(prefix="/postcall/v1/agents/{agent}", tags=["real-time configuration"])

_MAX = 1024 * 1024


class ConfigBody(Struct, forbid_unknown_fields=True):
    """`data`, and the JSON schema (draft 7) that it is checked against."""

    data: Any
    schema: Any | UnsetType = UNSET


class DataBody(Struct, forbid_unknown_fields=True):
    """The names of `data` to change."""

    data: Any


_CONFIG, _DATA = msgspec.json.Decoder(ConfigBody), msgspec.json.Decoder(DataBody)


def _shape(*properties: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["data"],
        "properties": {name: {"type": "object"} for name in properties},
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("/real-time-config/{environment}")
async def get_config(request: Request, agent: str, environment: str) -> Response:
    """The schema and the data of an environment (`live`, `pre-release`, `sandbox`); both empty where none was set."""
    principal = await authenticate(request, Scope.READ)
    stage = read_environment(environment)
    return json_reply(
        await services_of(request).record.read_async(lambda c: _config_json(c, principal.account_pk, agent, stage))
    )


@router.put("/real-time-config/{environment}", openapi_extra=_shape("data", "schema"))
async def put_config(request: Request, agent: str, environment: str) -> Response:
    """Set `{data, schema?}`; without a schema the one that is there stays. It acts from the next turn of every call."""
    principal = await authenticate(request, Scope.ADMIN)
    services, stage = services_of(request), read_environment(environment)
    body = decode(await read_body(request, limit=_MAX), _CONFIG)
    now = services.clock()

    def write(connection: Connection) -> dict[str, Any]:
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        kept = read_real_time_config(connection, agent_pk, stage)
        schema = (kept[0] if kept else {}) if body.schema is UNSET else body.schema
        write_real_time_config(connection, agent_pk, stage, schema, body.data, now=now)
        return _config_json(connection, principal.account_pk, agent, stage)

    return json_reply(await services.record.write_async(write))


@router.patch("/real-time-config/{environment}", openapi_extra=_shape("data"))
async def patch_config(request: Request, agent: str, environment: str) -> Response:
    """Change some names of the data, `{data}`; one with null is taken away, the others stay."""
    principal = await authenticate(request, Scope.ADMIN)
    services, stage = services_of(request), read_environment(environment)
    changes = decode(await read_body(request, limit=_MAX), _DATA).data
    if not isinstance(changes, dict):
        raise BadInput("data: must be an object", field="data")
    now = services.clock()

    def write(connection: Connection) -> dict[str, Any]:
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        change_real_time_data(connection, agent_pk, stage, changes, now=now)
        return _config_json(connection, principal.account_pk, agent, stage)

    return json_reply(await services.record.write_async(write))


def _config_json(connection: Connection, account_pk: int, agent: str, stage: Environment) -> dict[str, Any]:
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    schema, data = read_real_time_config(connection, agent_pk, stage) or ({}, {})
    changed_at: datetime | None = real_time_config_changed_at(connection, agent_pk, stage)
    return {"environment": stage, "schema": schema, "data": data, "updated_at": changed_at}
