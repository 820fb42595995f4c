"""Builders for tests that converse with a scripted model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tests.aside import run_aside
from tests.llm.asking import settings_for

from postcall.llm.chat import SILENCE_S, ChatClient
from postcall.llm.chat_shapes import ChatMessage, ChatPiece, Finished, TextDelta, Tool, ToolCall
from postcall.settings import ModelSettings
from postcall.testing import ScriptedModel

T = TypeVar("T")

MESSAGES = (ChatMessage("system", "You answer the phone."), ChatMessage("user", "A table for Friday."))
BOOK = Tool("book", "Books a table.", {"type": "object", "properties": {"day": {"type": "string"}}})


def with_chat(settings: ModelSettings, use: Callable[[ChatClient], Awaitable[T]], *, silence_s: float = SILENCE_S) -> T:
    """Run `use` with a client that is closed afterwards."""

    async def run() -> T:
        chat = ChatClient(settings, silence_s=silence_s)
        try:
            return await use(chat)
        finally:
            await chat.close()

    return run_aside(run())


async def hear(
    chat: ChatClient,
    messages: Sequence[ChatMessage] = MESSAGES,
    *,
    tools: Sequence[Tool] = (),
    into: list[ChatPiece] | None = None,
    json_object: bool = False,
    max_tokens: int | None = None,
) -> list[ChatPiece]:
    """All pieces of a reply; `into` holds those that came before an error."""
    pieces = [] if into is None else into
    async for piece in chat.converse(messages, tools=tools, json_object=json_object, max_tokens=max_tokens):
        pieces.append(piece)
    return pieces


def hear_once(model: ScriptedModel, *, tools: Sequence[Tool] = (BOOK,), **changes: object) -> list[ChatPiece]:
    """One reply to a client of its own."""
    return with_chat(settings_for(model, **changes), lambda chat: hear(chat, tools=tools))


def text_in(pieces: Sequence[ChatPiece]) -> str:
    """What was said."""
    return "".join(piece.text for piece in pieces if isinstance(piece, TextDelta))


def calls_in(pieces: Sequence[ChatPiece]) -> list[tuple[str, str]]:
    """What was called."""
    return [(piece.name, piece.arguments) for piece in pieces if isinstance(piece, ToolCall)]


def finished(pieces: Sequence[ChatPiece]) -> Finished:
    """The last piece."""
    last = pieces[-1]
    assert isinstance(last, Finished)
    return last
