"""Keys: making, listing, changing and revoking them; for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import UNSET, Struct, UnsetType

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.parameters import read_time
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.keys import change_key, make_key
from postcall.domain.keys import ApiKey, Scope
from postcall.intake.explain import decode
from postcall.storage.keys import KeyChange, find_key, list_keys, revoke_key

router = APIRouter(prefix="/postcall/v1", tags=["keys"])

_MAX_BYTES = 64 * 1024
_CLOSED = {"scopes": tuple(Scope)}


class KeyBody(Struct, forbid_unknown_fields=True):
    """A new key; without agents it is for all, without an expiry for ever."""

    name: str
    scopes: list[Scope]
    agents: list[str] | None = None
    per_minute: int | None = None
    expires_at: str | None = None


class KeyPatch(Struct, forbid_unknown_fields=True):
    """What changes; what is not named stays. `per_minute` null takes its limit away."""

    name: str | UnsetType = UNSET
    scopes: list[Scope] | UnsetType = UNSET
    per_minute: int | UnsetType | None = UNSET


_NEW = msgspec.json.Decoder(KeyBody)
_PATCH = msgspec.json.Decoder(KeyPatch)


def _body(shape: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    schema = components.get(shape.__name__, schema)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("/keys")
async def get_keys(request: Request) -> Response:
    """Every key of the account, revoked ones too, the newest first; of secrets only their ends."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    found = await services.record.read_async(lambda c: list_keys(c, principal.account))
    now = services.clock()
    return json_reply({"keys": [key_json(each, now) for each in found]})


@router.post("/keys", status_code=201, openapi_extra=_body(KeyBody))
async def post_key(request: Request) -> Response:
    """Make a key: `{name, scopes, agents?, per_minute?, expires_at?}`; its secret is in this reply and never again."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _NEW, closed_sets=_CLOSED)
    expires_at = None if given.expires_at is None else read_time({"expires_at": given.expires_at}, "expires_at")
    now = services.clock()
    made = await services.record.write_async(
        lambda c: make_key(
            c,
            principal.account,
            name=given.name,
            scopes=frozenset(given.scopes),
            agents=given.agents,
            per_minute=given.per_minute,
            expires_at=expires_at,
            by=principal.name,
            now=now,
        )
    )
    reply = json_reply({**key_json(made.key, now), "secret": made.secret}, status=201)
    reply.headers["cache-control"] = "no-store"
    return reply


@router.get("/keys/{key_id}")
async def get_key(request: Request, key_id: str) -> Response:
    """One key, also a revoked one."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    found = await services.record.read_async(lambda c: find_key(c, principal.account, key_id))
    return json_reply(key_json(found, services.clock()))


@router.patch("/keys/{key_id}", openapi_extra=_body(KeyPatch))
async def patch_key(request: Request, key_id: str) -> Response:
    """Change `name`, `scopes` or `per_minute`; the next request of the key follows. 409 where it was revoked."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _PATCH, closed_sets=_CLOSED)
    change = KeyChange(
        name=None if given.name is UNSET else given.name,
        scopes=None if given.scopes is UNSET else frozenset(given.scopes),
        per_minute=None if given.per_minute is UNSET else given.per_minute,
        unlimited=given.per_minute is None,
    )
    changed = await services.record.write_async(lambda c: change_key(c, principal.account, key_id, change))
    return json_reply(key_json(changed, services.clock()))


@router.delete("/keys/{key_id}", status_code=204)
async def delete_key(request: Request, key_id: str) -> Response:
    """Revoke a key: it opens nothing from then on, and stays in the list."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    now = services.clock()
    await services.record.write_async(lambda c: revoke_key(c, principal.account, key_id, now=now))
    return Response(status_code=204)


def key_json(key: ApiKey, now: datetime) -> dict[str, Any]:
    """A key without its secret; `agents` null: for all."""
    return {
        "id": key.id,
        "name": key.name,
        "shown": key.shown,
        "state": key.state(now),
        "scopes": sorted(key.scopes),
        "agents": key.agents,
        "per_minute": key.per_minute,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
