"""Asking a model: one client per process, which learns what its endpoint takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.llm.complaint import Complaint
from postcall.llm.dialect import Knowledge
from postcall.llm.envelope import read_reply
from postcall.llm.faults import fault
from postcall.llm.messages import Message, Reply
from postcall.llm.request import Ask, prepare, render, sent_in
from postcall.settings import ModelSettings

SCOUT_S = 2.0
"""How long first requests wait for the one that goes ahead to find out what the endpoint takes. Endpoints refuse a
parameter before they begin to think, so whoever takes longer has most likely taken it."""


@dataclass
class _Knowledge(Knowledge):
    proven: bool = False
    """A request in this dialect was answered."""
    scout: asyncio.Future[None] | None = None
    """Done when the request that went ahead is."""


class ModelClient:
    """The endpoint of the settings, asked by one process.

    At most `settings.concurrency` requests are in flight; the others wait in the order they came. Nothing is retried
    here: every failure is a ModelError whose `retry` says whether trying again can help. Use it on one event loop
    only, and `close` it there.
    """

    def __init__(self, settings: ModelSettings) -> None:
        # Imported here, since only who has a model should wait for the openai package.
        from postcall.llm.transport import Transport

        self._settings = settings
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._transport = Transport(settings)
        self._known: dict[str, _Knowledge] = {}

    async def ask_json(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, object],
        schema_name: str,
        reasoning: bool = False,
        model: str | None = None,
        max_tokens: int | None = None,
    ) -> Reply:
        """Ask for a JSON object that fits `schema`, and return what the model said, unchecked.

        The schema goes along as a strict `json_schema` where the endpoint takes it; where it does not, which is
        learned once per model, in words after the last message, with JSON mode if there is one. A reply that was cut
        off at the token limit is returned, with `finish_reason` `length`. Everything else that goes wrong is a
        ModelError.

        `model` None is that of the settings; with `reasoning` it is their reasoning model, where there is one.
        """
        if reasoning and self._settings.reasoning_model:
            model = self._settings.reasoning_model
        model = model or self._settings.model
        ask = prepare(model, messages, schema=schema, schema_name=schema_name, max_tokens=max_tokens)
        known = self._known.setdefault(model, _Knowledge())
        if known.proven:
            return await self._ask_in_turn(ask, known)
        if known.scout is None:
            return await self._ask_ahead(ask, known)
        await asyncio.wait({known.scout}, timeout=SCOUT_S)
        return await self._ask_in_turn(ask, known)

    def model_of_agent(self, name: str | None) -> str:
        """What an agent's own model is called here; see `ModelSettings`."""
        return self._settings.model_of_agent(name)

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def _ask_ahead(self, ask: Ask, known: _Knowledge) -> Reply:
        scout = known.scout = asyncio.get_running_loop().create_future()
        try:
            return await self._ask_in_turn(ask, known)
        finally:
            known.scout = None
            scout.set_result(None)

    async def _ask_in_turn(self, ask: Ask, known: _Knowledge) -> Reply:
        async with self._slots:
            body = await self._ask_until_understood(ask, known)
        return read_reply(body, self._settings, model=ask.model)

    async def _ask_until_understood(self, ask: Ask, known: _Knowledge) -> bytes:
        """Ask in ever plainer dialects; this ends, since each is weaker than the one before."""
        while True:
            dialect = known.dialect
            outcome = await self._transport.post(render(ask, dialect))
            if not isinstance(outcome, Complaint):
                known.proven = True
                return outcome
            if not known.give_way(dialect, outcome, sent_in(ask, dialect)):
                raise fault(outcome, self._settings, model=ask.model)
