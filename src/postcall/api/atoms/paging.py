"""Pages that are asked for as `page` (from 1) and `offset`, which here is a page's size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from postcall.api.atoms.errors import AtomsError

_LAST = 1_000_000_000
"""Beyond it no database counts."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for."""

    page: int
    size: int

    @property
    def skip(self) -> int:
        """How many rows come before it."""
        return (self.page - 1) * self.size

    def pages(self, total: int) -> int:
        """How many there are."""
        return -(-total // self.size)

    def has_more(self, total: int) -> bool:
        """Whether another comes after it."""
        return self.page * self.size < total


def read_paging(query: Mapping[str, str], *, size: int, most: int) -> Paging:
    """The page in an address; sizes beyond the bounds are brought within them, what is no number is 400."""
    page = _number(query, "page", default=1)
    return Paging(page=max(1, page), size=min(max(1, _number(query, "offset", default=size)), most))


def _number(query: Mapping[str, str], name: str, *, default: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 20:
        raise AtomsError(400, f"{name}: Expected number, received {text[:40]!r}")
    return min(int(text), _LAST)
