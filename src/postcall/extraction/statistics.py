"""What an agent's own calls have in common, read from the record now and then for the built-in rules."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from postcall.storage.calls import newest_transcripts
from postcall.storage.database import Record

if TYPE_CHECKING:
    from postcall.extraction.builtin.background import Background

CALLS: Final = 400
"""How many of the newest calls are counted."""
LEAST: Final = 100
"""With fewer, a word's share of the calls says little, and the rules do without."""
KEPT_S: Final = 900.0


class Statistics:
    """Counts the words of each agent's newest calls at most every fifteen minutes."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._kept: dict[int, tuple[float, Background | None]] = {}

    async def of(self, agent_pk: int) -> Background | None:
        """The statistics of an agent; None while it has too few calls."""
        at, background = self._kept.get(agent_pk, (-KEPT_S, None))
        now = time.monotonic()
        if now - at >= KEPT_S:
            self._kept[agent_pk] = (now, background)  # at once, so that one call counts and the others go on
            background = await self._record.read_async(lambda c: _count(newest_transcripts(c, agent_pk, limit=CALLS)))
            self._kept[agent_pk] = (now if background is not None else now - KEPT_S + 30.0, background)
        return background


def _count(transcripts: list[tuple[str, ...]]) -> Background | None:
    if len(transcripts) < LEAST:
        return None
    from postcall.domain.calls import Role, Turn
    from postcall.extraction.builtin.background import Background

    return Background.of(tuple(Turn(Role.USER, text) for text in texts) for texts in transcripts)
