"""Parameters of addresses: numbers, and words of closed sets. One that is empty is as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from postcall.api.atoms.errors import AtomsError

T = TypeVar("T")

LARGEST = 1_000_000_000
"""Beyond it no database counts."""


def read_whole(query: Mapping[str, str], name: str, *, default: int) -> int:
    """A whole number; one that no list is long enough for is LARGEST."""
    text = query.get(name, "").strip()
    if not text:
        return default
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        raise AtomsError(400, f"{name}: must be a number, not {text[:50]!r}")
    number = min(int(digits[:10]) if len(digits) <= 10 else LARGEST, LARGEST)
    return -number if text.startswith("-") else number


def read_choice(query: Mapping[str, str], name: str, known: Mapping[str, T], *, otherwise: T) -> T:
    """What a word stands for; `otherwise` where none is given."""
    text = query.get(name, "").strip()
    if not text:
        return otherwise
    if text not in known:
        raise AtomsError(400, f"{name}: must be one of {', '.join(known)}, not {text[:50]!r}")
    return known[text]


def descends(query: Mapping[str, str]) -> bool:
    """Whether `sortOrder` wants the last first, as it does where nothing is said."""
    return read_choice(query, "sortOrder", {"asc": False, "desc": True}, otherwise=True)
