"""Which calls are read where there are too many to read all: by chance, or those most like some words."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from postcall.domain.queries import All, Condition, Operator, Query
from postcall.domain.views import Position
from postcall.reporting.reports import CallKeys, Reports
from postcall.semantic.finding import find_similar
from postcall.services import Services
from postcall.storage.call_vectors import CallsOf

MOST_CALLS = 500
"""A share of so many is known to about four points."""
MOST_DAYS = 90
"""So far back what people say is about the agent as it is now."""
_PAGE = 50_000
"""Calls looked at together, so that a sample of millions takes no more memory than one of thousands."""
_HITS = 2_000
"""Similar calls looked at together: of other filters than time and agent the search knows nothing."""
_MOST_HITS = 20_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Calls to be read."""

    pks: tuple[int, ...]
    """In the order in which they are to be read: however many are read before somebody stops, they are a sample."""
    ids: tuple[str, ...]
    """In the same order."""
    of: int
    """Calls that match, in this period."""
    spoken: int
    """Those in which the caller spoke; the others cannot be read, and none is in the sample."""
    since: datetime | None
    until: datetime | None
    by_chance: bool
    """False: the calls most like some words, so that no share of theirs holds for all."""
    notes: tuple[str, ...] = ()
    """How it differs from what was asked for."""

    @property
    def whole(self) -> bool:
        """Whether all calls with words are in it."""
        return len(self.pks) == self.spoken

    def first(self, most: int) -> Sample:
        """So many of them, which are a sample too."""
        return replace(self, pks=self.pks[:most], ids=self.ids[:most])


async def sample_calls(
    reports: Reports,
    account_pk: int,
    query: Query,
    *,
    now: datetime,
    seed: str = "",
    most: int = MOST_CALLS,
    days: int = MOST_DAYS,
) -> Sample:
    """Calls of the query's filters by chance, the same ones whenever it is asked with this seed: so what was read of
    them is read no second time, and a call that is added takes at most one other's place.

    Of a longer period only its last days are looked at. BadInput where the query asks for what there is not.
    """
    wanted, of, notes = await _lately(reports, account_pk, query, now, days)
    spoken = 0
    chosen: list[tuple[int, int, str]] = []
    async for page in _pages(reports, account_pk, with_words(wanted)):
        spoken += len(page.pks)
        chosen = await asyncio.to_thread(_least, chosen, page, seed, most)
    return _sample(((pk, call_id) for _, pk, call_id in chosen), wanted, of, spoken, by_chance=True, notes=notes)


async def sample_similar(
    services: Services,
    reports: Reports,
    account_pk: int,
    query: Query,
    text: str,
    *,
    agent_pks: frozenset[int] | None,
    now: datetime,
    most: int = MOST_CALLS,
    days: int = MOST_DAYS,
) -> Sample:
    """The calls of the query's filters that are most like a text, the most similar first.

    `agent_pks` are the agents that may be seen, as in `query.among`; the query's own agent is held against each hit.
    Raises what `find_similar` raises: BadInput, or a ModelError where the endpoint for vectors does not answer.
    """
    wanted, of, notes = await _lately(reports, account_pk, query, now, days)
    spoken, ids = 0, dict[int, str]()
    async for page in _pages(reports, account_pk, with_words(wanted)):
        spoken += len(page.pks)
        ids.update(zip(page.pks, page.ids, strict=True))
    among = CallsOf(account_pk, agent_pks, wanted.since, wanted.until)
    found: list[int] = []
    offset, says = 0, ""
    while len(found) < min(most, spoken) and offset < _MOST_HITS:
        similar = await find_similar(services, account_pk, text, among, limit=_HITS, offset=offset)
        found += [hit.call_pk for hit in similar.hits if hit.call_pk in ids]
        offset, says = offset + _HITS, similar.space.says
        if offset >= similar.total:
            break
    chosen = [(pk, ids[pk]) for pk in found[:most]]
    return _sample(chosen, wanted, of, spoken, by_chance=False, notes=(*notes, f"The most similar calls: {says}."))


async def _lately(
    reports: Reports, account_pk: int, query: Query, now: datetime, days: int
) -> tuple[Query, int, tuple[str, ...]]:
    """The query with at most so many days before its end, how many calls match it, and in words that this left some
    out, where it did."""
    until = min(query.until or now, now)
    earliest = until - timedelta(days=days)
    of = await reports.count(account_pk, query)
    if query.since is not None and query.since >= earliest:
        return query, of, ()
    cut = replace(query, since=earliest)
    left = await reports.count(account_pk, cut)
    if left == of:
        return query, of, ()
    which = f"last {days} days" if until == now else f"last {days} days of that time"
    return cut, left, (f"Only calls of the {which} are read.",)


def with_words(query: Query) -> Query:
    """Only the calls in which the caller said something."""
    spoke = Condition("field.user_turns", Operator.GTE, 1)
    return replace(query, filters=All((*query.filters.parts, spoke)))


async def _pages(reports: Reports, account_pk: int, query: Query) -> AsyncIterator[CallKeys]:
    after: Position | None = None
    while True:
        page = await reports.calls(account_pk, query, after=after, limit=_PAGE)
        yield page
        if page.next is None:
            return
        after = page.next


def _least(chosen: list[tuple[int, int, str]], page: CallKeys, seed: str, most: int) -> list[tuple[int, int, str]]:
    """The calls with the least lots among those chosen so far and a page, in the order of the lots."""
    lots = ((_lot(seed, call_id), pk, call_id) for pk, call_id in zip(page.pks, page.ids, strict=True))
    return heapq.nsmallest(most, chain(chosen, lots))


def _lot(seed: str, call_id: str) -> int:
    """As if drawn by chance, and the same each time."""
    text = f"{seed}\0{call_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _sample(
    chosen: Iterable[tuple[int, str]], query: Query, of: int, spoken: int, *, by_chance: bool, notes: tuple[str, ...]
) -> Sample:
    pairs = list(chosen)
    return Sample(
        pks=tuple(pk for pk, _ in pairs),
        ids=tuple(call_id for _, call_id in pairs),
        of=of,
        spoken=spoken,
        since=query.since,
        until=query.until,
        by_chance=by_chance,
        notes=notes,
    )
