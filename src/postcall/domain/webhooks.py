"""What is told to others by HTTP, and how far each telling has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class CallMoment(StrEnum):
    """What happened to a call that others may want to know of; each interface has its own names for them."""

    STARTED = "call.started"
    """It begins: it was answered, or (placed by postcall) is about to be dialled."""
    ENDED = "call.ended"
    """It is over, however it ended; its transcript is whole."""
    EXTRACTED = "call.extracted"
    """An extraction of it has finished."""
    EXTRACTION_FAILED = "extraction.failed"


class AlertMoment(StrEnum):
    """What happened to a rule that watches calls; a webhook may ask to be told of it before anything is told."""

    TRIGGERED = "alerts.triggered"
    RESOLVED = "alerts.resolved"


Moment: TypeAlias = CallMoment | AlertMoment


def moment_named(text: str) -> Moment:
    """The moment of this name; ValueError where there is none."""
    return AlertMoment(text) if text in _ALERTS else CallMoment(text)


_ALERTS = frozenset(AlertMoment)


class WebhookFormat(StrEnum):
    """Whose payloads, headers and signature a receiver gets."""

    ATOMS = "atoms"
    POLYAI = "polyai"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One moment that a webhook wants to be told of, of one agent's calls or of all."""

    id: str
    """24 hex digits."""
    agent_id: str | None
    """None: of every agent of the account."""
    moment: Moment
    created_at: datetime
    updated_at: datetime
    agent_name: str = ""
    agent_description: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver; its secret is only where it is asked for by itself."""

    id: str
    """24 hex digits."""
    url: str
    description: str
    format: WebhookFormat
    enabled: bool
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with every delivery, besides our own."""
    subscriptions: tuple[Subscription, ...] = ()
    timeout_ms: int | None = None
    """How long an attempt may take in all; None: as long as any."""
    old_secret_until: datetime | None = None
    """Until then deliveries are signed with the secret before the present one as well; None: there is none."""


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    """For its first attempt, its turn within the call, or another attempt."""
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """No attempt is left, or the receiver is gone; it is sent again only because somebody asks."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to tell one receiver."""

    id: str
    """24 hex digits; the same with every attempt."""
    webhook_id: str | None
    action_id: str | None
    """Of a call action; then it has no webhook."""
    call_id: str | None
    """None: a test."""
    event: str
    """A `CallMoment`, `test`, or `action`."""
    state: DeliveryState
    attempts: int
    due_at: datetime
    status: int | None
    """The HTTP status of the latest attempt, where there was an answer."""
    error: str | None
    latency_ms: int | None
    replay_of: str | None
    created_at: datetime
    updated_at: datetime
    body: str | None = None
    """None before the first attempt, and in lists."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """How one attempt ended."""

    number: int
    """From 1."""
    at: datetime
    status: int | None
    error: str | None
    latency_ms: int | None
    answer: str | None
    """The beginning of what the receiver said."""
