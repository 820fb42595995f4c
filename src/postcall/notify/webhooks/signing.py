"""How a receiver can tell that a body came from us."""

from __future__ import annotations

import hashlib
import hmac


def hmac_hex(secret: str, body: bytes) -> str:
    """HMAC-SHA256 over the body as it is sent, under the text of the secret, in hex digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
