"""Where a delivery goes: the address, what is sent there, and who vouches for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy.engine import Connection

from postcall.domain.webhooks import Delivery, Webhook

Rendering: TypeAlias = Callable[[Connection, Delivery, Webhook], bytes]
"""Reads the body of a webhook's delivery from the record; also of a test, which has no call."""
Signing: TypeAlias = Callable[[str, bytes], Mapping[str, str]]
"""The headers by which a receiver that knows the secret can tell who sent exactly this body."""


@dataclass(frozen=True, slots=True)
class WireFormat:
    """One format of webhooks."""

    render: Rendering
    sign: Signing


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one delivery goes now: read anew with every attempt, since its owner may have changed it."""

    url: str
    render: Callable[[Connection, Delivery], bytes]
    sign: Signing
    secret: str | None = field(default=None, repr=False)
    """None: it is not signed."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent besides our own."""
    content_type: str = "application/json"


FindDestination: TypeAlias = Callable[[Connection, Delivery], Destination]
"""What a call action sends; a PostcallError where it sends nothing, which ends the delivery."""
