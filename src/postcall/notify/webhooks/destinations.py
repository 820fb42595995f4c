"""Where a delivery goes: the address, what is sent there, and who vouches for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.engine import Connection

from postcall.domain.webhooks import Delivery, Webhook
from postcall.notify.webhooks.deciding import Ladder

Rendering: TypeAlias = Callable[[Connection, Delivery, Webhook], bytes]
"""Reads the body of a webhook's delivery from the record; also of a test, which has no call."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """All that a signature may be made of; made anew for each attempt."""

    body: bytes
    delivery_id: str
    """The same with every attempt."""
    event: str
    at: datetime
    """When it is sent."""
    secret: str = field(repr=False)
    old_secret: str | None = field(default=None, repr=False)
    """The one before, while that is still good for something."""


Signing: TypeAlias = Callable[[Envelope], Mapping[str, str]]
"""The headers by which a receiver that knows the secret can tell who sent exactly this body."""


@dataclass(frozen=True, slots=True)
class WireFormat:
    """One format of webhooks."""

    render: Rendering
    sign: Signing
    ladder: Ladder | None = None
    """When it is tried again; None: as this installation's settings say."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one delivery goes now: read anew with every attempt, since its owner may have changed it."""

    url: str
    render: Callable[[Connection, Delivery], bytes]
    sign: Signing
    secret: str | None = field(default=None, repr=False)
    """None: it is not signed."""
    old_secret: str | None = field(default=None, repr=False)
    """The one before, while its grace lasts."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent besides our own."""
    content_type: str = "application/json"
    timeout_s: float | None = None
    """How long an attempt may take in all; None: as long as any."""
    ladder: Ladder | None = None
    """When it is tried again; None: as this installation's settings say."""


FindDestination: TypeAlias = Callable[[Connection, Delivery], Destination]
"""What a call action sends; a PostcallError where it sends nothing, which ends the delivery."""
