"""What a session tells, on its way into the record: metrics at once, events a moment later, the rest with the turn."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.engine import Connection

from postcall.domain.calls import Json, MetricValue, MetricWrite
from postcall.domain.conversations import CallEvent, EventKind, Outgoing
from postcall.domain.folding import storable
from postcall.domain.metrics import MAX_METRIC_TEXT, MAX_NAME
from postcall.runtime.hosting.hiding import hide_in_message
from postcall.runtime.protocol import Answered, Ask, Written
from postcall.runtime.redaction import Redactor
from postcall.storage.database import Record
from postcall.storage.hosted_writes import Kept, Writes, keep_writes

log = logging.getLogger(__name__)

EVENTS_WAIT_S = 0.2
"""How long an event may wait for others to be written with it; whoever looks on sees it within a second."""


MOST_WRITES = 10_000
"""In one turn: every later function of the call is told of every write."""
MOST_NAMES = 500
"""In one turn: each is a column of every list."""
NAMELESS = "(no name)"
"""Stands for an empty name: the write is kept, and listed as undeclared."""


class Answerer(Protocol):
    """Who answers what functions ask."""

    @property
    def has_model(self) -> bool: ...

    async def answer(self, ask: Ask, *, history: Sequence[Mapping[str, str]]) -> Answered: ...


class Recorder:
    """The Host of one turn, or of one run of `end_function`.

    What comes in is redacted here, once, so that no secret gets any further. One write is under way at a time, so that
    everything keeps its order on every database; what comes in meanwhile goes with the next. A write that fails is
    tried again with the end of the turn, which says so to whoever waits for it.
    """

    def __init__(
        self,
        record: Record,
        kept: Kept,
        *,
        answerer: Answerer,
        redactor: Redactor,
        real_time_config: Mapping[str, Json],
        next_event: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._record = record
        self._kept = kept
        self._answerer = answerer
        self._redactor = redactor
        self._real_time_config = real_time_config
        self._next_event = next_event
        self._clock = clock
        self._metrics: list[MetricWrite] = []
        self._events: list[CallEvent] = []
        self._outgoing: list[Outgoing] = []
        self._writing: asyncio.Task[None] | None = None
        self._closed = False
        self._hurry = asyncio.Event()
        """A metric has come in, or the turn is over: events wait no longer."""
        self._written = 0
        self._names: set[str] = set()
        self._refused: set[str] = set()

    # What a session asks of its Host.

    def now(self) -> datetime:
        return self._clock()

    def note(self, event: CallEvent) -> None:
        content = self._redactor.json(event.content)
        assert isinstance(content, dict)  # redacting keeps the shape
        self._events.append(CallEvent(event.kind, event.at, event.turn, content, event.is_pii, event.failed))
        self._write_soon()

    def wrote(self, writes: Sequence[Written], *, turn: int) -> None:
        for write in writes:
            if len(self._names) < MOST_NAMES or write.name in self._names:
                self._names.add(write.name)
            else:
                self._refuse(f"more than {MOST_NAMES:,} names", turn)
                continue
            if self._written == MOST_WRITES:
                self._refuse(f"more than {MOST_WRITES:,} metrics", turn)
                break
            self._written += 1
            self._metrics.append(self._metric(write))
            self._hurry.set()
        self._write_soon()

    def send(self, outgoing: Outgoing) -> None:
        hidden = hide_in_message(outgoing, self._redactor)
        self._outgoing.append(dataclasses.replace(hidden, to=storable(hidden.to)))

    async def asked(self, ask: Ask, *, history: Sequence[Mapping[str, str]]) -> Answered:
        return await self._answerer.answer(ask, history=history)

    def real_time_config(self) -> Mapping[str, Json]:
        return self._real_time_config

    @property
    def has_model(self) -> bool:
        return self._answerer.has_model

    def redact(self, text: str) -> str:
        return self._redactor.text(text)

    # For whoever stores the turn.

    async def drain(self) -> tuple[Writes, list[Outgoing]]:
        """Wait for the write that is under way; returns what is left, to be stored together with the turn."""
        self._closed = True
        self._hurry.set()
        if self._writing is not None:
            await self._writing
        left = Writes(tuple(self._metrics), tuple(self._events), self._next_event)
        self._metrics, self._events = [], []
        return left, self._outgoing

    def _refuse(self, what: str, turn: int) -> None:
        """Told once: a loop that never ends would tell it for ever."""
        if what in self._refused:
            return
        self._refused.add(what)
        message = f"{what} were written in one turn; the others are not kept"
        self.note(CallEvent(EventKind.WARNING, self._clock(), turn, {"about": "metrics", "message": message}))

    def _metric(self, write: Written) -> MetricWrite:
        value: MetricValue = True if write.value is None else write.value
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        if isinstance(value, str):
            value = _bounded(storable(self._redactor.text(value)), MAX_METRIC_TEXT)
        name = _bounded(storable(self._redactor.text(write.name)), MAX_NAME)
        return MetricWrite(name if name.strip() else NAMELESS, value, datetime.fromtimestamp(write.at, UTC))

    def _write_soon(self) -> None:
        if self._writing is None and not self._closed:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while (self._metrics or self._events) and not self._closed:
                if not self._metrics:
                    await self._wait_for_more()
                    if self._closed:
                        return  # the rest goes with the turn
                await self._write_once()
        finally:
            self._writing = None

    async def _wait_for_more(self) -> None:
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), EVENTS_WAIT_S)

    async def _write_once(self) -> None:
        batch = Writes(tuple(self._metrics), tuple(self._events), self._next_event)
        self._metrics, self._events = [], []

        def work(connection: Connection) -> int:
            return keep_writes(connection, self._kept, batch, now=self._clock())

        try:
            self._next_event = await self._record.write_async(work)
        except Exception:  # kept, and written with the turn, which fails where this goes on
            log.exception("what happened in call %s could not be written yet", self._kept.call_id)
            self._metrics = [*batch.metrics, *self._metrics]
            self._events = [*batch.events, *self._events]
            self._closed = True


def _bounded(text: str, longest: int) -> str:
    """As much of it as a metric may have: who writes more is told by the sign at its end."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
