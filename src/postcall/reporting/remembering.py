"""What was worked out already and still holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import Generic, TypeAlias, TypeVar

from postcall.domain.queries import Query, Row
from postcall.reporting.found_calls import Found

T = TypeVar("T")
Key: TypeAlias = tuple[int, int, bytes]
"""The account, the index's generation and a digest of what was asked."""

_REMEMBERED = 512
"""Kept while nothing changes."""
_SMALL = 5_000
"""Numbers in a result that is kept."""


def key_of(account_pk: int, generation: int, query: Query, found: Found | None) -> Key:
    """What a result is remembered by; `found` are the calls that a search of the transcripts found."""
    return key_of_text(account_pk, generation, repr((query, None if found is None else found.digest)))


def key_of_text(account_pk: int, generation: int, text: str) -> Key:
    """The same of anything that is told apart by a text."""
    return account_pk, generation, sha256(text.encode("utf-8", "replace")).digest()


def is_small(query: Query, rows: Sequence[Row]) -> bool:
    """Whether a result is worth its place."""
    return len(rows) * len(query.measures) <= _SMALL


class Remembered(Generic[T]):
    """What was asked for last, for any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, T] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: Key) -> T | None:
        """What was found, if it is still there."""
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def remember(self, key: Key, found: T) -> None:
        """Keep it in the place of what nobody asked for longest."""
        with self._lock:
            self._known[key] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
