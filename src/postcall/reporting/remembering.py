"""Results that were worked out already and still hold."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from typing import TypeAlias

from postcall.domain.queries import Query, Result

Key: TypeAlias = tuple[int, int, bytes]
"""Of a result: the account, the index's generation and a digest of what was asked."""

_REMEMBERED = 512
"""Results kept while nothing changes."""
_SMALL = 5_000
"""Numbers in a result that is kept."""


def key_of(account_pk: int, generation: int, query: Query, found: tuple[int, ...] | None) -> Key:
    """What a result is remembered by; `found` are the calls that a search of the transcripts found."""
    return account_pk, generation, sha256(repr((query, found)).encode("utf-8", "replace")).digest()


class Remembered:
    """The results that were asked for last, for any thread."""

    def __init__(self) -> None:
        self._results: OrderedDict[Key, Result] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: Key) -> Result | None:
        """The result, if it is still there."""
        with self._lock:
            known = self._results.get(key)
            if known is not None:
                self._results.move_to_end(key)
            return known

    def remember(self, key: Key, result: Result) -> None:
        """Keep a result, unless it is large."""
        if len(result.rows) * len(result.query.measures) > _SMALL:
            return
        with self._lock:
            self._results[key] = result
            while len(self._results) > _REMEMBERED:
                self._results.popitem(last=False)
