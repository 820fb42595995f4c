"""Pages that look again by themselves: how often, and only for what changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec
from fastapi import Request

BUSY_S = 2
"""While something on the page is under way."""
IDLE_S = 15
"""Otherwise: for calls that come in."""


@dataclass(frozen=True, slots=True)
class Looking:
    """How a part of a page keeps itself up to date."""

    href: str
    """Where to ask, with a digest of what is shown: the answer is 204 while that has not changed."""
    every_s: int
    paused: bool
    busy: bool
    """Something is under way; a page without script is loaded again only then."""
    pause: str
    resume: str


def digest_of(*shown: object) -> str:
    """Stands for all that a part of a page shows."""
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:16]


def has_seen(request: Request, seen: str) -> bool:
    """Whether whoever asks again shows this already."""
    return is_partial(request) and request.query_params.get("seen") == seen


def is_partial(request: Request) -> bool:
    """Whether the page's script asks for the part that changes."""
    return request.headers.get("hx-request") == "true"
