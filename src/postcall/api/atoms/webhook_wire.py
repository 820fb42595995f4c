"""What working.py hands the deliverer for this interface: its bodies, and how they are signed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from postcall.api.atoms.webhook_bodies import render_body
from postcall.notify.webhooks.destinations import WireFormat
from postcall.notify.webhooks.signing import hmac_hex


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    """The hexadecimal HMAC of the body as it is sent, without a prefix."""
    return {"X-Signature": hmac_hex(secret, body)}


def atoms_wire(public_url: str | None) -> WireFormat:
    """The format; `public_url`: the origin under which receivers reach postcall, for the addresses of recordings."""
    return WireFormat(render=partial(render_body, public_url=public_url), sign=sign)
