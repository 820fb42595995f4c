"""Pages that are asked for as `page`, from 1, and a page's size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from postcall.api.atoms.parameters import read_whole


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


def read_paging(query: Mapping[str, str], *, size: int, most: int, named: str = "offset") -> Paging:
    """The page in an address; numbers beyond the bounds are brought within them, what is no number is 400.

    `named` is what this interface calls a page's size, which it does differently from route to route.
    """
    return Paging(
        page=max(1, read_whole(query, "page", default=1)),
        size=min(max(1, read_whole(query, named, default=size)), most),
    )
