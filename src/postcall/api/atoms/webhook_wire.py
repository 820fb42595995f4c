"""What working.py hands the deliverer for this interface: its bodies, and how they are signed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from postcall.api.atoms.webhook_bodies import render_body
from postcall.notify.webhooks.destinations import Envelope, WireFormat
from postcall.notify.webhooks.signing import hmac_hex


def sign(envelope: Envelope) -> Mapping[str, str]:
    """The hexadecimal HMAC of the body as it is sent, without a prefix; after a rotation the old secret's as well."""
    signed = {"X-Signature": hmac_hex(envelope.secret, envelope.body)}
    if envelope.old_secret is not None:
        signed["X-Signature-Previous"] = hmac_hex(envelope.old_secret, envelope.body)
    return signed


def atoms_wire(public_url: str | None) -> WireFormat:
    """The format; `public_url`: the origin under which receivers reach postcall, for the addresses of recordings."""
    return WireFormat(render=partial(render_body, public_url=public_url), sign=sign)
