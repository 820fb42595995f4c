"""Webhooks and what each agent's calls tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.errors import AtomsError, NotOffered, in_envelope
from postcall.api.atoms.replies import admin, check_id, moment, read_object, reader, status_reply
from postcall.api.atoms.webhook_bodies import EVENT_NAMES, EVENTS
from postcall.api.services import services_of
from postcall.configure.sealing import Sealer, sealer_for
from postcall.configure.webhooks import check_description, check_headers, check_url, make_webhook, webhook_secret
from postcall.domain.ids import AGENT_ID
from postcall.domain.keys import Principal, Scope
from postcall.domain.webhooks import CallMoment, Subscription, Webhook, WebhookFormat
from postcall.errors import BadInput, WebhookNotFound
from postcall.storage import webhooks as table
from postcall.storage.agents import find_agent_row
from postcall.storage.subscriptions import (
    AgentSubscription,
    agent_subscriptions,
    remove_agent_subscriptions,
    replace_agent_subscriptions,
)
from postcall.storage.webhooks import WebhookChange

router = APIRouter()

INVALID_ID = "The provided Webhook ID is invalid."
_OLD_CLIENT = "OpenAPI-Generator/"
_NEW_TO_IT = CallMoment.EXTRACTED
"""The one event that the client of that name does not know: it refuses a whole reply that holds it."""


@router.post("/webhook")
@in_envelope
async def create_webhook(request: Request) -> Response:
    """Make a receiver; its id, and no secret."""
    principal = await admin(request)
    body = await read_object(request)
    missing = [name for name in ("endpoint", "description", "events") if name not in body]
    if missing:
        raise AtomsError(400, *(f"{name}: Required" for name in missing))
    url, description, events = _read_url(body), _read_text(body, "description"), _read_events(body["events"])
    services = services_of(request)
    sealer, now = sealer_for(services.settings), services.clock()

    def make(connection: Connection) -> Webhook:
        agents = {agent: find_agent_row(connection, principal.account_pk, agent).pk for agent, _ in events}
        return make_webhook(
            connection,
            sealer,
            principal.account_pk,
            url=url,
            description=description,
            format=WebhookFormat.ATOMS,
            wanted=[(agents[agent], moment_) for agent, moment_ in events],
            created_by=principal.name,
            now=now,
        )

    made = await services.record.write_async(make)
    return status_reply(made.id, status=201)


@router.get("/webhook")
@in_envelope
async def get_webhooks(request: Request) -> Response:
    """All of them as a list; with `webhookId` that one as an object."""
    principal = await reader(request)
    services, wanted = services_of(request), request.query_params.get("webhookId")
    sealer = sealer_for(services.settings) if Scope.ADMIN in principal.scopes else None
    old = _is_old(request)

    def read(connection: Connection) -> Any:
        if not wanted:
            found = table.list_webhooks(connection, principal.account_pk, format=WebhookFormat.ATOMS)
            return [_shown(connection, principal, sealer, each, old=old) for each in found]
        return _shown(connection, principal, sealer, _find(connection, principal, wanted), old=old)

    return status_reply(await services.record.read_async(read))


@router.patch("/webhook/{webhook_id}")
@in_envelope
async def patch_webhook(request: Request, webhook_id: str) -> Response:
    """Change the address, the description or the headers; what it is told of changes with the agents."""
    principal = await admin(request)
    body = await read_object(request)
    if not body.keys() & {"endpoint", "description", "headers"}:
        raise AtomsError(400, "At least one of endpoint, description or headers is required")
    change = WebhookChange(
        url=_read_url(body) if "endpoint" in body else None,
        description=check_description(_read_text(body, "description")) if "description" in body else None,
        headers=_read_headers(body["headers"]) if "headers" in body else None,
    )
    services = services_of(request)
    now = services.clock()

    def apply(connection: Connection) -> Webhook:
        found = _known(connection, principal, webhook_id)
        return table.change_webhook(connection, principal.account_pk, found.id, change, now=now)

    return status_reply((await services.record.write_async(apply)).id)


@router.delete("/webhook/{webhook_id}")
@in_envelope
async def delete_webhook(request: Request, webhook_id: str) -> Response:
    """Take a receiver away that no agent tells anything; what was sent to it stays in the log."""
    principal = await admin(request)
    services = services_of(request)
    now = services.clock()

    def delete(connection: Connection) -> None:
        found = _known(connection, principal, webhook_id)
        table.delete_webhook(connection, principal.account_pk, found.id, now=now)

    await services.record.write_async(delete)
    return status_reply("Webhook deleted successfully")


@router.get("/agent/{agent_id}/webhook-subscriptions")
@in_envelope
async def get_subscriptions(request: Request, agent_id: str) -> Response:
    """Which receivers are told what of this agent's calls."""
    principal = await reader(request)
    check_id(agent_id, what="agent")
    old = _is_old(request)

    def read(connection: Connection) -> tuple[AgentSubscription, ...]:
        agent = find_agent_row(connection, principal.account_pk, agent_id)
        return agent_subscriptions(connection, agent.pk, format=WebhookFormat.ATOMS)

    found = await services_of(request).record.read_async(read)
    return status_reply(
        [
            _subscription(each.subscription, each.webhook_id, agent=each.subscription.agent_id)
            for each in found
            if _is_told(each.subscription, old=old)
        ]
    )


@router.post("/agent/{agent_id}/webhook-subscriptions")
@in_envelope
async def post_subscriptions(request: Request, agent_id: str) -> Response:
    """Let one receiver be told these events of the agent's calls, and no other receiver any."""
    principal = await admin(request)
    check_id(agent_id, what="agent")
    body = await read_object(request)
    missing = [name for name in ("eventTypes", "webhookId") if name not in body]
    if missing:
        raise AtomsError(400, *(f"{name}: Required" for name in missing))
    if not isinstance(body["eventTypes"], list):
        raise AtomsError(400, "eventTypes: must be a list")
    moments = [_read_event(each, f"eventTypes[{index}]") for index, each in enumerate(body["eventTypes"])]
    webhook_id = body["webhookId"]
    services = services_of(request)
    now = services.clock()

    def subscribe(connection: Connection) -> None:
        agent = find_agent_row(connection, principal.account_pk, agent_id)
        webhook = _find(connection, principal, webhook_id)
        row = table.find_webhook_row(connection, principal.account_pk, webhook.id)
        replace_agent_subscriptions(connection, agent.pk, row.pk, moments, format=WebhookFormat.ATOMS, now=now)

    await services.record.write_async(subscribe)
    return status_reply("Subscriptions created successfully", status=201)


@router.delete("/agent/{agent_id}/webhook-subscriptions")
@in_envelope
async def delete_subscriptions(request: Request, agent_id: str) -> Response:
    """Let no receiver be told anything of this agent's calls."""
    principal = await admin(request)
    check_id(agent_id, what="agent")

    def remove(connection: Connection) -> None:
        agent = find_agent_row(connection, principal.account_pk, agent_id)
        remove_agent_subscriptions(connection, agent.pk, format=WebhookFormat.ATOMS)

    await services_of(request).record.write_async(remove)
    return status_reply("Subscriptions deleted successfully")


@router.post("/webhook-events/{event}")
@in_envelope
async def describe_event(request: Request, event: str) -> Response:
    """The published description lists here what a receiver is sent; nobody sends it to us."""
    await reader(request)
    if event not in EVENTS:
        raise AtomsError(404, f"there is no event {event[:50]!r}")
    raise NotOffered(f"a receiver for {event} events", "this address only describes what your own receiver is sent")


def _find(connection: Connection, principal: Principal, webhook_id: Any) -> Webhook:
    """The receiver that a query or body names; 400 where there is none such."""
    try:
        return _known(connection, principal, webhook_id)
    except WebhookNotFound:
        raise AtomsError(400, INVALID_ID) from None


def _known(connection: Connection, principal: Principal, webhook_id: Any) -> Webhook:
    """The receiver that a path names; WebhookNotFound, or 400 where that can be no id."""
    if not isinstance(webhook_id, str) or not AGENT_ID.fullmatch(webhook_id):
        raise AtomsError(400, INVALID_ID)
    found = table.find_webhook(connection, principal.account_pk, webhook_id)
    if found.format is not WebhookFormat.ATOMS:  # another interface's, with words of its own for events
        raise WebhookNotFound(webhook_id)
    return found


def _shown(
    connection: Connection, principal: Principal, sealer: Sealer | None, webhook: Webhook, *, old: bool
) -> dict[str, Any]:
    """A receiver; with its secret, and headers that may hold others, only for whoever may change it."""
    shown: dict[str, Any] = {
        "_id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "status": "enabled" if webhook.enabled else "disabled",
        "organizationId": principal.account,
        "createdBy": webhook.created_by or "",
        "subscriptions": [
            _subscription(each, webhook.id, agent=_agent(each)) for each in _told(webhook.subscriptions, old=old)
        ],
        "createdAt": moment(webhook.created_at),
        "updatedAt": moment(webhook.updated_at),
    }
    if sealer is not None:
        shown["headers"] = webhook.headers
        shown["decryptedSecretKey"] = webhook_secret(connection, sealer, principal.account_pk, webhook.id)
    return shown


def _told(subscriptions: Iterable[Subscription], *, old: bool) -> list[Subscription]:
    return [each for each in subscriptions if _is_told(each, old=old)]


def _is_told(subscription: Subscription, *, old: bool) -> bool:
    return subscription.moment in EVENT_NAMES and not (old and subscription.moment is _NEW_TO_IT)


def _is_old(request: Request) -> bool:
    return request.headers.get("user-agent", "").startswith(_OLD_CLIENT)


def _agent(subscription: Subscription) -> dict[str, str] | None:
    if subscription.agent_id is None:
        return None
    return {
        "_id": subscription.agent_id,
        "name": subscription.agent_name,
        "description": subscription.agent_description,
    }


def _subscription(subscription: Subscription, webhook_id: str, *, agent: Any) -> dict[str, Any]:
    return {
        "_id": subscription.id,
        "webhookId": webhook_id,
        "agentId": agent,
        "eventType": EVENT_NAMES[subscription.moment],
        "createdAt": moment(subscription.created_at),
        "updatedAt": moment(subscription.updated_at),
    }


def _read_url(body: Mapping[str, Any]) -> str:
    url = _read_text(body, "endpoint")
    try:
        return check_url(url)
    except BadInput as fault:
        raise AtomsError(400, fault.message.replace("url:", "endpoint:", 1)) from None


def _read_headers(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise AtomsError(400, "headers: must be an object of strings")
    return check_headers(given)


def _read_text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise AtomsError(400, f"{name}: must be a string")
    return value


def _read_events(given: Any) -> Sequence[tuple[str, CallMoment]]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise AtomsError(400, "events: must be a list of objects")
    missing = [
        f"events[{index}].{name}: Required"
        for index, each in enumerate(given)
        for name in ("agentId", "eventType")
        if each.get(name) is None
    ]
    if missing:
        raise AtomsError(400, *missing)
    return [
        (check_id(str(each["agentId"]), what="agent"), _read_event(each["eventType"], f"events[{index}].eventType"))
        for index, each in enumerate(given)
    ]


def _read_event(given: Any, where: str) -> CallMoment:
    found = EVENTS.get(given) if isinstance(given, str) else None
    if found is None:
        raise AtomsError(400, f"{where}: must be one of {', '.join(EVENTS)}")
    return found
