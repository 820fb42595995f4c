"""The heads of agents, read from the record when they are needed and kept while they are used."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import Connection

from postcall.storage.database import Record
from postcall.storage.heads import HeadKey, list_heads, read_head_content

if TYPE_CHECKING:  # numpy is needed only where something was learned
    from postcall.extraction.learning.head import Head

log = logging.getLogger("postcall.learning")

FRESH_S: Final = 2.0
"""For so long a new head may go unnoticed."""
_AGENTS: Final = 64
"""Whose heads are kept in memory; a head takes about a megabyte."""


@dataclass(slots=True)
class _Shelved:
    looked_at: float
    heads: dict[int, Head] = field(default_factory=dict)
    """By key."""
    by_digest: Mapping[str, Head] = field(default_factory=dict)
    unreadable: set[int] = field(default_factory=set)


class HeadShelf:
    """Heads by the exact question that they answer; belongs to the event loop that first uses it."""

    def __init__(self, record: Record, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._clock = clock
        self._agents: OrderedDict[int, _Shelved] = OrderedDict()
        self._looking = asyncio.Lock()

    async def heads_of(self, agent_pk: int) -> Mapping[str, Head]:
        """The heads of an agent that answer now, by the digest of their question."""
        if self._is_fresh(agent_pk):
            return self._agents[agent_pk].by_digest
        async with self._looking:  # many calls begin at once, and one of them reads for all
            if not self._is_fresh(agent_pk):
                await self._look(agent_pk)
            return self._agents[agent_pk].by_digest

    def _is_fresh(self, agent_pk: int) -> bool:
        held = self._agents.get(agent_pk)
        return held is not None and self._clock() - held.looked_at < FRESH_S

    async def _look(self, agent_pk: int) -> None:
        held, now = self._agents.get(agent_pk), self._clock()
        keys = await self._record.read_briefly(lambda c: list_heads(c, agent_pk))
        shelved = _Shelved(now)
        if held is not None:
            shelved.heads, shelved.unreadable = held.heads, held.unreadable
        missing = [key for key in keys if key.pk not in shelved.heads and key.pk not in shelved.unreadable]
        if missing:
            await self._record.read_async(lambda c: _read(c, missing, shelved))
        shelved.by_digest = {key.digest: shelved.heads[key.pk] for key in keys if key.pk in shelved.heads}
        shelved.heads = {key.pk: shelved.heads[key.pk] for key in keys if key.pk in shelved.heads}
        self._agents[agent_pk] = shelved
        self._agents.move_to_end(agent_pk)
        while len(self._agents) > _AGENTS:
            self._agents.popitem(last=False)


def _read(connection: Connection, missing: list[HeadKey], shelved: _Shelved) -> None:
    """A head that cannot be read answers nothing; the question goes where it would go without it."""
    from postcall.extraction.learning.head import HeadUnreadable, load_head

    for key in missing:
        content = read_head_content(connection, key.pk)
        if content is None:
            continue
        try:
            head = load_head(content)
        except HeadUnreadable as problem:
            log.warning("the head of question %r does not answer: %s", key.identifier, problem)
            shelved.unreadable.add(key.pk)
        else:
            if head.digest == key.digest:
                shelved.heads[key.pk] = head
