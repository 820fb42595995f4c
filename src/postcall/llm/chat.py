"""Holding a conversation with a model that may call tools; its words are handed on as they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING

from postcall.llm.chat_request import ChatAsk, render_chat, sent_in_chat
from postcall.llm.chat_shapes import ChatMessage, ChatModel, ChatPiece, Finished, TextDelta, Tool
from postcall.llm.chat_words import WordsOrCall
from postcall.llm.complaint import Complaint
from postcall.llm.dialect import Dialect, Format, Knowledge
from postcall.llm.faults import fault
from postcall.llm.incoming import Incoming
from postcall.settings import ModelSettings

if TYPE_CHECKING:
    from postcall.llm.transport import Stream

SILENCE_S = 15.0
"""How long a reply that has begun may pause: nobody listens to a silent line for longer. Before it begins the model may
think, as long as the request's time allows."""


class ChatClient:
    """The endpoint of the settings, for conversations: a ChatModel.

    At most `settings.concurrency` replies are under way; the others wait in the order they came, and their time begins
    afterwards. Nothing is retried here: every failure is a ModelError whose `retry` says whether trying again can
    help. Use it on one event loop only, and `close` it there.
    """

    def __init__(self, settings: ModelSettings, *, silence_s: float = SILENCE_S) -> None:
        # Imported here, since only who has a model should wait for the openai package.
        from postcall.llm.transport import Transport

        self._settings = settings
        self._silence_s = silence_s
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._transport = Transport(settings)
        self._known: dict[str, Knowledge] = {}

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[Tool] = (),
        model: str | None = None,
        max_tokens: int | None = None,
        timeout_s: float | None = None,
        json_object: bool = False,
    ) -> AsyncGenerator[ChatPiece, None]:
        """The reply in pieces, as ChatModel says.

        Who stops before the end must `aclose` the iterator (`contextlib.aclosing`), or the request goes on until the
        garbage is collected. `timeout_s`, else that of the settings, is for the reply as a whole; what the caller does
        between two pieces does not count. Where the endpoint takes no tools they are offered, and called, in words.
        """
        ask = ChatAsk(model or self._settings.model, messages, tools, max_tokens, json_object)
        async with self._slots:
            begun = time.monotonic()
            stream, dialect = await self._open(ask, timeout_s or self._settings.timeout_s)
            incoming = Incoming(self._settings, model=ask.model)
            spoken = WordsOrCall(tools if not dialect.tools else ())
            first_s: float | None = None
            try:
                while not incoming.done and (received := await self._read(stream, incoming)):
                    texts = incoming.feed(received)
                    if first_s is None and incoming.begun:
                        first_s = time.monotonic() - begun
                    for text in texts:
                        if said := spoken.hear(text):
                            yield TextDelta(said)
                texts, calls = incoming.end()
                await stream.drain()
            finally:
                await stream.close()
        total_s = time.monotonic() - begun
        for text in texts:
            if said := spoken.hear(text):
                yield TextDelta(said)
        rest, called = spoken.end()
        if rest:
            yield TextDelta(rest)
        for call in (*called, *calls):
            yield call
        yield Finished(
            finish_reason="tool_calls" if called else incoming.finish_reason,
            usage=incoming.usage,
            model=incoming.model,
            first_s=total_s if first_s is None else first_s,
            total_s=total_s,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def _open(self, ask: ChatAsk, timeout_s: float) -> tuple[Stream, Dialect]:
        """The reply as it begins, and the dialect that was taken; ends, since each is weaker than the one before."""
        known = self._known.setdefault(ask.model, Knowledge(Dialect(format=Format.OBJECT)))
        while True:
            dialect = known.dialect
            outcome = await self._transport.open(render_chat(ask, dialect), timeout_s=timeout_s)
            if not isinstance(outcome, Complaint):
                return outcome, dialect
            if not known.give_way(dialect, outcome, sent_in_chat(ask, dialect)):
                raise fault(outcome, self._settings, model=ask.model)

    async def _read(self, stream: Stream, incoming: Incoming) -> bytes:
        return await stream.read(silence_s=self._silence_s if incoming.begun else None)


class ModelOfAgent:
    """A ChatModel that asks another one for the model of one agent."""

    def __init__(self, chat: ChatModel, model: str) -> None:
        self._chat = chat
        self._model = model

    def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[Tool] = (),
        model: str | None = None,
        max_tokens: int | None = None,
        timeout_s: float | None = None,
        json_object: bool = False,
    ) -> AsyncIterator[ChatPiece]:
        """As `ChatModel.converse`."""
        return self._chat.converse(
            messages,
            tools=tools,
            model=model or self._model,
            max_tokens=max_tokens,
            timeout_s=timeout_s,
            json_object=json_object,
        )

    async def close(self) -> None:
        """Nothing: the connections are the other's."""


async def ask_text(
    chat: ChatModel,
    messages: Sequence[ChatMessage],
    *,
    json_object: bool = False,
    timeout_s: float | None = None,
    model: str | None = None,
) -> str:
    """The whole text of a reply, as it came: with `json_object` perhaps fenced or cut off all the same.

    Raises a ModelError.
    """
    pieces = chat.converse(messages, json_object=json_object, timeout_s=timeout_s, model=model)
    return "".join([piece.text async for piece in pieces if isinstance(piece, TextDelta)])
