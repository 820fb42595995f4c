"""Which calls a search of the transcripts finds, for reports: the record knows that, and not the index."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TypeAlias

from postcall.domain.queries import Query
from postcall.reporting import dialect
from postcall.reporting.buckets import period_before
from postcall.reporting.found_calls import Found
from postcall.reporting.index import Index
from postcall.reporting.periods import read_zone
from postcall.storage.database import Record
from postcall.storage.search import search_keys

_REMEMBERED = 8
_MOST_KEYS = 1_500_000
"""Of all searches that are remembered: each takes 8 bytes, and up to 50 for the places between it and the next."""
_Key: TypeAlias = tuple[int, int, str, int, int]


class Searches:
    """The searches of the last queries. One question asks for the same words several times over."""

    def __init__(self, record: Record, index: Index) -> None:
        self._record = record
        self._index = index
        self._known: OrderedDict[_Key, Found] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, account_pk: int, query: Query) -> Found | None:
        """The calls in which the query's words are said, at least those of its period; None without words.

        There may be calls of other accounts among them, which the index's own conditions leave out.

        A common word is said in most calls there are, so only keys as they occur in the period are looked at.
        """
        if query.text is None:
            return None
        words = query.text
        with self._index.reading() as cursor:
            generation = self._index.generation
            row = cursor.execute(
                f"SELECT min(pk), max(pk) FROM calls WHERE account = {account_pk}{_within(query)}"
            ).fetchone()
        if row is None or row[0] is None:
            return Found(())
        first, last = row
        key = account_pk, generation, words, first, last
        known = self._recall(key)
        if known is None:
            known = Found(self._record.read(lambda c: search_keys(c, account_pk, words, first=first, last=last)))
            self._remember(key, known)
        return known

    def _recall(self, key: _Key) -> Found | None:
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def _remember(self, key: _Key, found: Found) -> None:
        with self._lock:
            self._known[key] = found
            while len(self._known) > _REMEMBERED or sum(map(len, self._known.values())) > _MOST_KEYS:
                self._known.popitem(last=False)


def _within(query: Query) -> str:
    """The period, and the one before where that is compared with."""
    since, until = query.since, query.until
    if query.compare and since is not None and until is not None:
        since, _ = period_before(since, until, read_zone(query.time_zone))
    begins = "" if since is None else f" AND started >= {dialect.timestamp(since)}"
    ends = "" if until is None else f" AND started < {dialect.timestamp(until)}"
    return begins + ends
