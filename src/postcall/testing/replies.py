"""What the scripted model can be told to reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from postcall.testing.requests import ModelRequest

CHARACTERS_PER_TOKEN = 4
"""The scripted model's tokens: a rule of thumb for English, so that limits and usage are plausible and repeatable."""


@dataclass(frozen=True)
class Says:
    """A reply whose every detail is chosen."""

    content: str | Mapping[str, Any] | Sequence[Any]
    """The text; anything but a str is dumped to JSON."""
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    """None: counted, at four characters a token."""
    cached_tokens: int = 0
    completion_tokens: int | None = None
    usage: bool = True
    """Some servers leave the usage out."""
    reasoning: str | None = None
    """What goes to `reasoning_content`, beside the content."""


Arguments: TypeAlias = "Mapping[str, Any] | str"
"""Of a call; a str is sent as it is, so that it may be no JSON."""


@dataclass(frozen=True)
class Calls:
    """The model calls a function, perhaps after some words: `Calls("book", {"day": "Friday"}, text="One moment.")`."""

    name: str
    arguments: Arguments = field(default_factory=dict)
    text: str = ""
    """Said before the call, in the same reply."""
    others: tuple[tuple[str, Arguments], ...] = ()
    """Further calls of the same reply, in their order."""

    def also(self, name: str, arguments: Arguments | None = None) -> Calls:
        """The same with one more call."""
        return replace(self, others=(*self.others, (name, arguments or {})))


@dataclass(frozen=True)
class CutOff:
    """A reply that stops short, as if the token limit were reached (`finish_reason` is `length`)."""

    content: str | Mapping[str, Any] | Sequence[Any]
    at: int | None = None
    """Characters that come through; None: half of them."""


@dataclass(frozen=True)
class Refusal:
    """The model declines, in the message's `refusal`."""

    text: str = "I'm sorry, I can't help with that."


@dataclass(frozen=True)
class Filtered:
    """The endpoint's content filter stops the reply (`finish_reason` is `content_filter`)."""

    content: str = ""


@dataclass(frozen=True)
class ToolCalls:
    """The model calls functions instead of answering."""

    calls: Sequence[tuple[str, Mapping[str, Any]]]
    """Each the name and the arguments."""


@dataclass(frozen=True)
class Fail:
    """An HTTP error with the error body that such servers send."""

    status: int = 500
    message: str = "The server had an error while processing your request."
    code: str | None = None
    type: str = "server_error"
    param: str | None = None
    retry_after: float | str | None = None
    """Becomes the header `Retry-After`: seconds, or an HTTP date."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawBody:
    """Any body at all: empty, an HTML page, half an envelope."""

    body: str | bytes = b""
    status: int = 200
    content_type: str = "application/json"


@dataclass(frozen=True)
class BrokenConnection:
    """The connection is closed before the reply is whole."""

    reply: ScriptedReply = "{}"
    """What would have been said."""
    after: int | None = None
    """Bytes of the body that come through; None: not even the status line does."""


@dataclass(frozen=True)
class Delayed:
    """A reply that takes longer than the model's latency."""

    reply: ScriptedReply
    seconds: float


@dataclass(frozen=True)
class Paced:
    """A streamed reply whose pieces come otherwise than the model's `pace` and `piece` say."""

    reply: ScriptedReply
    pace: float | None = None
    """Seconds between two pieces."""
    piece: int | None = None
    """Characters of a piece."""


@dataclass(frozen=True)
class Broken:
    """A stream whose connection ends after some pieces; unstreamed, the body breaks off half-way."""

    reply: ScriptedReply
    after: int = 1
    """Pieces of text or of calls that come through."""


@dataclass(frozen=True)
class Stalled:
    """A stream that falls silent after some pieces, and goes on if anybody is still there."""

    reply: ScriptedReply
    after: int = 1
    """Pieces of text or of calls that come through at once."""
    seconds: float = 3600.0


@dataclass(frozen=True)
class ErrorInStream:
    """An error object where the next piece should be, after which the stream ends; unstreamed, the whole body."""

    reply: ScriptedReply
    after: int = 1
    """Pieces of text or of calls that come before it."""
    error: Mapping[str, Any] = field(
        default_factory=lambda: {"message": "The server had an error.", "type": "server_error", "code": 500}
    )


@dataclass(frozen=True)
class RawStream:
    """Any pieces of a stream at all, each sent by itself: how some other server puts it, or garbage."""

    pieces: Sequence[str | bytes]
    whole: bool = True
    """Whether the response ends as HTTP says it should; otherwise the connection just closes."""
    content_type: str = "text/event-stream"


ReplyFunction: TypeAlias = "Callable[[ModelRequest], ScriptedReply | Awaitable[ScriptedReply]]"
ScriptedReply: TypeAlias = (
    "str | Mapping[str, Any] | Says | Calls | CutOff | Refusal | Filtered | ToolCalls | Fail | RawBody | RawStream"
    " | BrokenConnection | Delayed | Paced | Broken | Stalled | ErrorInStream | ReplyFunction"
)
"""A text, an object to dump as JSON, one of the classes here, or a function of the request that returns one of them.
A function runs on the server's thread, so it must not block; it may be a coroutine function."""
