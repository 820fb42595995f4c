"""Webhooks: who is told what by HTTP, and what became of it."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import UNSET
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.parameters import read_limit
from postcall.api.native.webhook_shapes import (
    FILTERS,
    ReplayBody,
    RotateBody,
    WebhookBody,
    WebhookPatch,
    delivery_file_json,
    delivery_json,
    read_delivery_filter,
    replay_filter,
    wanted_of,
    webhook_json,
)
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.sealing import sealer_for
from postcall.configure.webhook_events import find_wanted, remove_webhook, update_webhook
from postcall.configure.webhooks import (
    check_description,
    check_headers,
    check_timeout,
    check_url,
    make_webhook,
    rotate_secret,
    webhook_secret,
)
from postcall.domain.keys import Scope
from postcall.domain.webhooks import Webhook
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.storage.delivery_log import (
    add_test,
    find_delivery,
    list_deliveries,
    replay_deliveries,
    replay_delivery,
)
from postcall.storage.webhooks import WebhookChange, find_webhook, list_webhooks

router = APIRouter(prefix="/postcall/v1", tags=["webhooks"])

_NEW = msgspec.json.Decoder(WebhookBody)
_PATCH = msgspec.json.Decoder(WebhookPatch)
_ROTATE = msgspec.json.Decoder(RotateBody)
_REPLAY = msgspec.json.Decoder(ReplayBody)
_MAX_BYTES = 256 * 1024


def _body(shape: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    schema = components.get(shape.__name__, schema)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("/webhooks")
async def get_webhooks(request: Request) -> Response:
    """Every webhook of the account, without secrets; the values of headers only for administrators."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: list_webhooks(c, principal.account_pk))
    shown = Scope.ADMIN in principal.scopes
    return json_reply({"webhooks": [webhook_json(each, with_headers=shown) for each in found]})


@router.post("/webhooks", status_code=201, openapi_extra=_body(WebhookBody))
async def post_webhook(request: Request) -> Response:
    """Make a webhook: `{url, events, format?, description?, headers?, timeout_ms?}`.

    The reply has the secret that signs its deliveries.
    """
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _NEW)
    sealer, now = sealer_for(services.settings), services.clock()

    def make(connection: Connection) -> tuple[Webhook, str]:
        made = make_webhook(
            connection,
            sealer,
            principal.account_pk,
            url=given.url,
            description=given.description,
            format=given.format,
            wanted=find_wanted(connection, principal.account_pk, given.format, wanted_of(given.events)),
            headers=given.headers,
            timeout_ms=given.timeout_ms,
            created_by=principal.name,
            now=now,
        )
        return made, webhook_secret(connection, sealer, principal.account_pk, made.id)

    made, secret = await services.record.write_async(make)
    return json_reply({**webhook_json(made, with_headers=True), "secret": secret}, status=201)


@router.get("/webhooks/{webhook_id}")
async def get_webhook(request: Request, webhook_id: str) -> Response:
    """One webhook, without its secret."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: find_webhook(c, principal.account_pk, webhook_id))
    return json_reply(webhook_json(found, with_headers=Scope.ADMIN in principal.scopes))


@router.get("/webhooks/{webhook_id}/secret")
async def get_webhook_secret(request: Request, webhook_id: str) -> Response:
    """What its deliveries are signed with."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    sealer = sealer_for(services.settings)
    secret = await services.record.read_async(lambda c: webhook_secret(c, sealer, principal.account_pk, webhook_id))
    return json_reply({"secret": secret})


@router.post("/webhooks/{webhook_id}/secret:rotate", openapi_extra=_body(RotateBody))
async def post_rotation(request: Request, webhook_id: str) -> Response:
    """Sign with a new secret from now on, and for `{grace_s}` seconds with the old one as well: a day where the body
    is empty."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES) or b"{}", _ROTATE)
    sealer, now = sealer_for(services.settings), services.clock()

    def rotate(connection: Connection) -> tuple[str, Webhook]:
        secret = rotate_secret(connection, sealer, principal.account_pk, webhook_id, grace=given.grace, now=now)
        return secret, find_webhook(connection, principal.account_pk, webhook_id)

    secret, rotated = await services.record.write_async(rotate)
    return json_reply({"secret": secret, "old_secret_until": rotated.old_secret_until})


@router.patch("/webhooks/{webhook_id}", openapi_extra=_body(WebhookPatch))
async def patch_webhook(request: Request, webhook_id: str) -> Response:
    """Change what is named; `events` and `headers` take the place of all there were."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _PATCH)
    change = WebhookChange(
        url=None if given.url is UNSET else check_url(given.url),
        description=None if given.description is UNSET else check_description(given.description),
        headers=None if given.headers is UNSET else check_headers(given.headers),
        enabled=None if given.enabled is UNSET else given.enabled,
        timeout_ms=None if given.timeout_ms is UNSET else check_timeout(given.timeout_ms),
    )
    wanted = None if given.events is UNSET else wanted_of(given.events)
    now = services.clock()
    changed = await services.record.write_async(
        lambda c: update_webhook(c, principal.account_pk, webhook_id, change, wanted=wanted, now=now)
    )
    return json_reply(webhook_json(changed, with_headers=True))


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(request: Request, webhook_id: str) -> Response:
    """Take a webhook away with its subscriptions; its log stays, and what still waits for it is dead."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    now = services.clock()
    await services.record.write_async(lambda c: remove_webhook(c, principal.account_pk, webhook_id, now=now))
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/test", status_code=202)
async def post_test(request: Request, webhook_id: str) -> Response:
    """Send a test, once; the reply is its delivery, in which the answer can be looked up."""
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    now = services.clock()
    delivery = await services.record.write_async(lambda c: add_test(c, principal.account_pk, webhook_id, now=now))
    return json_reply(delivery_json(delivery), status=202)


@router.get("/deliveries")
async def get_deliveries(request: Request) -> Response:
    """What was told to whom, the newest first: `webhook, action, call, event, state, since, until`."""
    principal = await authenticate(request, Scope.READ)
    query = request.query_params
    for name in query:
        if name not in (*FILTERS, "cursor", "limit"):
            raise BadInput(f"{name}: unknown parameter; there are {', '.join(FILTERS)}, cursor and limit", field=name)
    wanted, after, limit = read_delivery_filter(query), query.get("cursor") or None, read_limit(query)
    page = await services_of(request).record.read_async(
        lambda c: list_deliveries(c, principal.account_pk, wanted, after=after, limit=limit)
    )
    return json_reply({"deliveries": [delivery_json(each) for each in page.deliveries], "next_cursor": page.after})


@router.get("/deliveries/{delivery_id}")
async def get_delivery(request: Request, delivery_id: str) -> Response:
    """One delivery with its body, and every attempt with what was answered."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: find_delivery(c, principal.account_pk, delivery_id))
    return json_reply(delivery_file_json(found))


@router.post("/deliveries/{delivery_id}:replay", status_code=202)
async def post_replay(request: Request, delivery_id: str) -> Response:
    """Send one that has ended once more, under an id of its own; 409 while it is on its way."""
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    now = services.clock()
    delivery = await services.record.write_async(
        lambda c: replay_delivery(c, principal.account_pk, delivery_id, now=now)
    )
    return json_reply(delivery_json(delivery), status=202)


@router.post("/deliveries:replay", status_code=202, openapi_extra=_body(ReplayBody))
async def post_replay_many(request: Request) -> Response:
    """Send again what matches: `{webhook?, action?, call?, event?, state?, since?, until?}`, the oldest first.

    Tests, replays and what is still on its way are left out. At most 10,000 at once: where `more` is true, send it
    again with `since` from `last_at`.
    """
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    wanted = replay_filter(decode(await read_body(request, limit=_MAX_BYTES), _REPLAY))
    now = services.clock()
    done = await services.record.write_async(lambda c: replay_deliveries(c, principal.account_pk, wanted, now=now))
    return json_reply({"replayed": done.count, "more": done.more, "last_at": done.last_at}, status=202)
