"""The slug of an agent that was only given a name."""

from __future__ import annotations

from collections.abc import Collection

from postcall.domain.folding import words
from postcall.domain.ids import AGENT_ID

_LONGEST = 80
"""Of the words; a number may follow them."""


def slug_words(name: str) -> str:
    """The words of a name, as an address can hold them: `Corner Bakery!` becomes `corner-bakery`."""
    slug = "-".join(words(name))[:_LONGEST].strip("-") or "agent"
    return f"agent-{slug}" if AGENT_ID.fullmatch(slug) else slug


def free_slug(wanted: str, taken: Collection[str]) -> str:
    """This slug, or with the first number behind it that makes it free."""
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
