"""A conversation with a model that may call tools: what is sent, and the pieces in which it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from postcall.domain.answers import Usage


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a tool run."""

    id: str
    name: str
    arguments: str
    """JSON as the model wrote it: perhaps no object, perhaps cut off."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message, either way."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    """Of an assistant's message."""
    tool_call_id: str | None = None
    """Of a tool's message: which call it answers."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function on offer."""

    name: str
    description: str
    parameters: Mapping[str, object]
    """A JSON schema of an object."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of what the model says."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply is complete; always the last piece."""

    finish_reason: str
    """`stop`, `tool_calls`, or `length` where the token limit cut it off."""
    usage: Usage
    model: str
    first_s: float
    """Seconds to the first piece."""
    total_s: float


ChatPiece: TypeAlias = TextDelta | ToolCall | Finished
"""Tool calls come whole, once their arguments are complete; texts as they arrive."""


class ChatModel(Protocol):
    """Any model that a conversation can be held with."""

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
        """The reply, in pieces. Raises a ModelError, perhaps after some pieces; closing the iterator ends the request.

        `model` None is the configured one. Without tools no tool field is sent. `json_object` asks for JSON where the
        endpoint can promise it.
        """
        ...

    async def close(self) -> None:
        """Let go of its connections; on the event loop that it was used on."""
        ...
