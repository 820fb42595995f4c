"""How things are named."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

CALL_ID = re.compile(r"[^\s/\\?#%\x00-\x1f\x7f]{1,200}")
"""A caller's own id: no white space, control character, slash or other character that a URL path cannot hold."""
AGENT_ID = re.compile(r"[0-9a-f]{24}")
SLUG = re.compile(r"[^\s/\\?#%\x00-\x1f\x7f]{1,100}")


def new_agent_id() -> str:
    """24 hex digits."""
    return secrets.token_hex(12)


def new_call_id(now: datetime, prefix: str = "CALL") -> str:
    """`CALL-<13-digit ms>-<6 hex>`, for a call that came without an id."""
    return f"{prefix}-{int(now.timestamp() * 1000):013d}-{secrets.token_hex(3)}"


def new_extraction_id() -> str:
    """24 hex digits."""
    return secrets.token_hex(12)


def new_draft_id() -> str:
    """24 hex digits."""
    return secrets.token_hex(12)


def new_version_id() -> str:
    """24 hex digits."""
    return secrets.token_hex(12)


def new_outbox_id() -> str:
    """24 hex digits."""
    return secrets.token_hex(12)


def new_object_id() -> str:
    """24 hex digits, for everything else that another interface knows by its id."""
    return secrets.token_hex(12)
