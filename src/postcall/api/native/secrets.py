"""Secrets of an agent: their names and dates. A value goes in and never comes out."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.sealing import sealer_for
from postcall.configure.secrets import set_secret
from postcall.domain.keys import Scope
from postcall.domain.secrets import MAX_VALUE, too_short_to_hide
from postcall.errors import SecretUnknown
from postcall.intake.explain import decode
from postcall.storage.agents import find_agent_row
from postcall.storage.secrets import SecretName, list_secrets, remove_secret

router = APIRouter(prefix="/postcall/v1/agents/{agent}", tags=["secrets"])


class SecretBody(Struct, forbid_unknown_fields=True):
    """A text, or an object."""

    value: Any


_BODY = msgspec.json.Decoder(SecretBody)
_SHAPE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["value"],
                    "properties": {"value": {"type": ["string", "object"]}},
                    "additionalProperties": False,
                }
            }
        },
    }
}


@router.get("/secrets")
async def get_secrets(request: Request, agent: str) -> Response:
    """The names of the agent's secrets, with their dates."""
    principal = await authenticate(request, Scope.ADMIN)
    found = await services_of(request).record.read_async(
        lambda c: list_secrets(c, find_agent_row(c, principal.account_pk, agent).pk)
    )
    return json_reply({"secrets": [secret_json(secret) for secret in found]})


@router.put("/secrets/{name}", openapi_extra=_SHAPE)
async def put_secret(request: Request, agent: str, name: str) -> Response:
    """Set a secret, `{value}`: a text or an object. The answer warns where it is too short to be hidden in logs."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    value = decode(await read_body(request, limit=4 * MAX_VALUE), _BODY).value
    sealer, now = sealer_for(services.settings), services.clock()
    secret = await services.record.write_async(
        lambda c: set_secret(c, sealer, find_agent_row(c, principal.account_pk, agent).pk, name, value, now=now)
    )
    warning = too_short_to_hide(name, value)
    return json_reply({**secret_json(secret), **({"warning": warning} if warning else {})})


@router.delete("/secrets/{name}", status_code=204)
async def delete_secret(request: Request, agent: str, name: str) -> Response:
    """Take a secret away; functions that ask for it then get `SecretNotFound`."""
    principal = await authenticate(request, Scope.ADMIN)
    removed = await services_of(request).record.write_async(
        lambda c: remove_secret(c, find_agent_row(c, principal.account_pk, agent).pk, name)
    )
    if not removed:
        raise SecretUnknown(name)
    return Response(status_code=204)


def secret_json(secret: SecretName) -> dict[str, Any]:
    """A secret without its value."""
    return {"name": secret.name, "created_at": secret.created_at, "updated_at": secret.updated_at}
