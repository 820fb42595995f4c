"""Webhooks as this interface knows them: endpoints of an account, over the same record and the same outbox."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.polyai.errors import in_envelope
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.sealing import sealer_for
from postcall.configure.webhook_events import TELLABLE, remove_webhook, update_webhook
from postcall.configure.webhooks import (
    GRACE,
    MAX_TIMEOUT_MS,
    MIN_TIMEOUT_MS,
    check_description,
    check_headers,
    check_url,
    make_webhook,
    rotate_secret,
    webhook_secret,
)
from postcall.domain.keys import Principal, Scope
from postcall.domain.webhooks import Moment, Webhook, WebhookFormat, moment_named
from postcall.errors import BadInput, WebhookNotFound
from postcall.intake.explain import decode
from postcall.notify.webhooks.targets import Targets
from postcall.storage.webhooks import WebhookChange, find_webhook, list_webhooks

router = APIRouter(prefix="/v1/webhook-endpoints", include_in_schema=False)

PREFIX: Final = "whe_"
"""Before our own id of a webhook."""
_ID: Final = re.compile(PREFIX + "[0-9a-f]{24}")
_MAX_NAME: Final = 255
_MAX_BYTES: Final = 256 * 1024

Name = Annotated[str, Meta(min_length=1, max_length=_MAX_NAME)]
Timeout = Annotated[int, Meta(ge=MIN_TIMEOUT_MS, le=MAX_TIMEOUT_MS)]
EventType = Literal[
    "alerts.triggered", "alerts.resolved", "call.started", "call.ended", "call.extracted", "extraction.failed"
]
EventTypes = Annotated[list[EventType], Meta(min_length=1, max_length=100)]


class EndpointBody(Struct, forbid_unknown_fields=True):
    """A new endpoint."""

    name: Name
    url: str
    event_types: EventTypes
    headers: dict[str, str] = {}
    timeout_ms: Timeout | None = None
    enabled: bool = True


class EndpointPatch(Struct, forbid_unknown_fields=True):
    """What changes; what is not named stays."""

    name: Name | UnsetType = UNSET
    url: str | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    timeout_ms: Timeout | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


_NEW = msgspec.json.Decoder(EndpointBody)
_PATCH = msgspec.json.Decoder(EndpointPatch)
_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {"event_types": get_args(EventType)}


@router.get("")
@in_envelope
async def list_endpoints(request: Request) -> Response:
    """Every endpoint of the account, the oldest first; `enabled` and `event_type` narrow it."""
    principal = await authenticate(request, Scope.READ)
    enabled, event = (
        _read_flag(request.query_params.get("enabled")),
        _read_event(request.query_params.get("event_type")),
    )

    def wanted(endpoint: Webhook) -> bool:
        told = {each.moment for each in endpoint.subscriptions}
        return enabled in (None, endpoint.enabled) and (event is None or event in told)

    found = await services_of(request).record.read_async(
        lambda c: list_webhooks(c, principal.account_pk, format=WebhookFormat.POLYAI)
    )
    return json_reply({"data": [_endpoint_json(each, principal) for each in found if wanted(each)]})


@router.post("")
@in_envelope
async def make_endpoint(request: Request) -> Response:
    """Make one; the reply has the secret, which is not shown again. 409 where there are ten."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _NEW, closed_sets=_CLOSED)
    url, sealer, now = (
        _check_address(given.url, services.settings.webhooks.to),
        sealer_for(services.settings),
        services.clock(),
    )

    def make(connection: Connection) -> tuple[Webhook, str]:
        made = make_webhook(
            connection,
            sealer,
            principal.account_pk,
            url=url,
            description=_check_name(given.name),
            format=WebhookFormat.POLYAI,
            wanted=[(None, moment_named(event)) for event in given.event_types],
            headers=given.headers,
            timeout_ms=given.timeout_ms,
            enabled=given.enabled,
            created_by=principal.name,
            now=now,
        )
        return made, webhook_secret(connection, sealer, principal.account_pk, made.id)

    made, secret = await services.record.write_async(make)
    return json_reply({**_endpoint_json(made, principal), "signing_secret": secret}, status=201)


@router.get("/{endpoint_id}")
@in_envelope
async def get_endpoint(request: Request, endpoint_id: str) -> Response:
    """One endpoint, without its secret."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: _find(c, principal.account_pk, endpoint_id))
    return json_reply(_endpoint_json(found, principal))


@router.patch("/{endpoint_id}")
@in_envelope
async def change_endpoint(request: Request, endpoint_id: str) -> Response:
    """Change what is named; `event_types` and `headers` take the place of all there were."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _PATCH, closed_sets=_CLOSED)
    change = WebhookChange(
        url=None if given.url is UNSET else _check_address(given.url, services.settings.webhooks.to),
        description=None if given.name is UNSET else _check_name(given.name),
        headers=None if given.headers is UNSET else check_headers(given.headers),
        enabled=None if given.enabled is UNSET else given.enabled,
        timeout_ms=None if given.timeout_ms is UNSET else given.timeout_ms,
    )
    wanted = None if given.event_types is UNSET else [(None, moment_named(event)) for event in given.event_types]
    now = services.clock()

    def store(connection: Connection) -> Webhook:
        found = _find(connection, principal.account_pk, endpoint_id)
        return update_webhook(connection, principal.account_pk, found.id, change, wanted=wanted, now=now)

    return json_reply(_endpoint_json(await services.record.write_async(store), principal))


@router.delete("/{endpoint_id}")
@in_envelope
async def delete_endpoint(request: Request, endpoint_id: str) -> Response:
    """Take one away; what still waits for it is dead."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    now = services.clock()

    def remove(connection: Connection) -> None:
        found = _find(connection, principal.account_pk, endpoint_id)
        remove_webhook(connection, principal.account_pk, found.id, now=now)

    await services.record.write_async(remove)
    return Response(status_code=204)


@router.post("/{endpoint_id}/rotate-secret")
@in_envelope
async def rotate(request: Request, endpoint_id: str) -> Response:
    """Sign with a new secret from now on; for a day the old one's signature is in a header of its own."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    sealer, now = sealer_for(services.settings), services.clock()

    def store(connection: Connection) -> str:
        found = _find(connection, principal.account_pk, endpoint_id)
        return rotate_secret(connection, sealer, principal.account_pk, found.id, grace=GRACE, now=now)

    return json_reply({"signing_secret": await services.record.write_async(store)})


def _find(connection: Connection, account_pk: int, endpoint_id: str) -> Webhook:
    """WebhookNotFound also for a webhook of another format, which this interface does not know of."""
    if not _ID.fullmatch(endpoint_id):
        raise WebhookNotFound(endpoint_id[:60])
    found = find_webhook(connection, account_pk, endpoint_id.removeprefix(PREFIX))
    if found.format is not WebhookFormat.POLYAI:
        raise WebhookNotFound(endpoint_id)
    return found


def _endpoint_json(endpoint: Webhook, principal: Principal) -> Mapping[str, Any]:
    shown: dict[str, Any] = {
        "id": PREFIX + endpoint.id,
        "name": endpoint.description[:_MAX_NAME] or endpoint.url[:_MAX_NAME],
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "event_types": list(dict.fromkeys(each.moment for each in endpoint.subscriptions)),
        "timeout_ms": endpoint.timeout_ms,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }
    if principal.has(Scope.ADMIN):  # their values may be keys
        shown["headers"] = endpoint.headers
    return shown


def _check_name(name: str) -> str:
    name = check_description(name)
    if not name.strip():
        raise BadInput("name: must hold a letter", field="name")
    return name


def _check_address(url: str, allowed: Sequence[str]) -> str:
    """An https address; also an http one where the operator has named its host or network."""
    url = check_url(url)
    parts = urlsplit(url)
    if parts.scheme != "https" and not Targets(allowed).names(parts.hostname or ""):
        raise BadInput(
            "url: must begin with https://; http:// is taken only for hosts that POSTCALL_WEBHOOKS_TO names",
            field="url",
        )
    return url


def _read_flag(text: str | None) -> bool | None:
    if text is None:
        return None
    if text.lower() not in {"true", "false"}:
        raise BadInput(f"enabled: must be true or false, not {text[:40]!r}", field="enabled")
    return text.lower() == "true"


def _read_event(text: str | None) -> Moment | None:
    if text is None:
        return None
    try:
        return moment_named(text)
    except ValueError:
        known = ", ".join(TELLABLE[WebhookFormat.POLYAI])
        raise BadInput(f"event_type: {text[:40]!r} is none of {known}", field="event_type") from None
