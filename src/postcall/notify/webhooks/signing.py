"""How a receiver can tell that a body came from us."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime


def hmac_hex(secret: str, body: bytes) -> str:
    """HMAC-SHA256 over the body as it is sent, under the text of the secret, in hex digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def timed_hex(secret: str, body: bytes, *, at: datetime) -> str:
    """HMAC-SHA256 over the second of sending, a dot and the body, so that an old request cannot be sent once more."""
    return hmac_hex(secret, f"{unix_seconds(at)}.".encode() + body)


def unix_seconds(at: datetime) -> int:
    """Whole seconds since 1970, as receivers are told the time of sending."""
    return int(at.timestamp())
