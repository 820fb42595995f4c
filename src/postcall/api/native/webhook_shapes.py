"""Webhooks and deliveries as JSON, and what is said of them in requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from postcall.api.native.parameters import read_time
from postcall.configure.webhook_events import WantedOf
from postcall.configure.webhooks import GRACE, MAX_GRACE
from postcall.domain.webhooks import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Webhook,
    WebhookFormat,
    moment_named,
)
from postcall.errors import BadInput
from postcall.storage.delivery_log import DeliveryFile, DeliveryFilter

FILTERS = ("webhook", "action", "call", "event", "state", "since", "until")
MAX_EVENTS = 1_000


EventName = Literal[
    "call.started", "call.ended", "call.extracted", "extraction.failed", "alerts.triggered", "alerts.resolved"
]


class EventBody(Struct, forbid_unknown_fields=True):
    """One event that a webhook is told of; without an agent, of every agent's calls."""

    event: EventName
    agent: str | None = None


class WebhookBody(Struct, forbid_unknown_fields=True):
    """A new webhook."""

    url: str
    events: list[EventBody] = []
    description: str = ""
    headers: dict[str, str] = {}
    format: WebhookFormat = WebhookFormat.ATOMS
    timeout_ms: int | None = None


class WebhookPatch(Struct, forbid_unknown_fields=True):
    """What changes; what is not named stays. `events` and `headers` take the place of all there were."""

    url: str | UnsetType = UNSET
    events: list[EventBody] | UnsetType = UNSET
    description: str | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    timeout_ms: int | UnsetType = UNSET


class RotateBody(Struct, forbid_unknown_fields=True):
    """How long the old secret signs as well."""

    grace_s: Annotated[int, Meta(ge=0, le=int(MAX_GRACE.total_seconds()))] = int(GRACE.total_seconds())

    @property
    def grace(self) -> timedelta:
        """As a span of time."""
        return timedelta(seconds=self.grace_s)


class ReplayBody(Struct, forbid_unknown_fields=True):
    """Which deliveries are sent again, as the parameters of their list."""

    webhook: str | None = None
    action: str | None = None
    call: str | None = None
    event: str | None = None
    state: str | None = None
    since: str | None = None
    until: str | None = None


def wanted_of(events: list[EventBody]) -> list[WantedOf]:
    """What a request wants to be told."""
    if len(events) > MAX_EVENTS:
        raise BadInput(f"events: at most {MAX_EVENTS}", field="events")
    return [(each.agent, moment_named(each.event)) for each in events]


def webhook_json(webhook: Webhook, *, with_headers: bool) -> dict[str, Any]:
    """A webhook without its secret; `with_headers`: for whoever may see what they hold."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "format": webhook.format,
        "enabled": webhook.enabled,
        "timeout_ms": webhook.timeout_ms,
        "old_secret_until": webhook.old_secret_until,
        "headers": webhook.headers if with_headers else sorted(webhook.headers),
        "events": [{"event": each.moment, "agent": each.agent_id} for each in webhook.subscriptions],
        "created_by": webhook.created_by,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as lists have it."""
    return {
        "id": delivery.id,
        "webhook": delivery.webhook_id,
        "action": delivery.action_id,
        "call": delivery.call_id,
        "event": delivery.event,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
        "status": delivery.status,
        "error": delivery.error,
        "latency_ms": delivery.latency_ms,
        "replay_of": delivery.replay_of,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
    }


def delivery_file_json(file: DeliveryFile) -> dict[str, Any]:
    """A delivery with its body and every attempt; `attempts` is then the list of them."""
    return {
        **delivery_json(file.delivery),
        "body": file.delivery.body,
        "attempts": [attempt_json(attempt) for attempt in file.attempts],
    }


def attempt_json(attempt: DeliveryAttempt) -> dict[str, Any]:
    """How one attempt ended."""
    return {
        "number": attempt.number,
        "at": attempt.at,
        "status": attempt.status,
        "error": attempt.error,
        "latency_ms": attempt.latency_ms,
        "answer": attempt.answer,
    }


def read_delivery_filter(given: Mapping[str, str]) -> DeliveryFilter:
    """Which deliveries an address or a body means; `state` holds one or several, parted by commas."""
    return DeliveryFilter(
        webhook_id=given.get("webhook"),
        action_id=given.get("action"),
        call_id=given.get("call"),
        event=given.get("event"),
        states=_read_states(given["state"]) if given.get("state") else None,
        since=read_time(given, "since"),
        until=read_time(given, "until"),
    )


def replay_filter(body: ReplayBody) -> DeliveryFilter:
    """Which deliveries are sent again; BadInput where that would be all that ever were."""
    given = {name: value for name, value in msgspec.to_builtins(body).items() if value is not None}
    if not given.keys() - {"event", "state"}:
        raise BadInput("since: say which: a webhook, an action, a call or a time (since, until)", field="since")
    return read_delivery_filter(given)


def _read_states(text: str) -> frozenset[DeliveryState]:
    try:
        return frozenset(DeliveryState(part.strip()) for part in text.split(","))
    except ValueError:
        raise BadInput(f"state: {text[:60]!r} is none of {', '.join(DeliveryState)}", field="state") from None
