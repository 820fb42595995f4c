"""One reply of the model, spoken while it streams in, with phrase filters between the model and the user."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from postcall.llm.chat_shapes import ChatMessage, ChatModel, ChatPiece, Finished, TextDelta, Tool, ToolCall
from postcall.runtime.session.outputs import Saying
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.filters import PhraseGate, PhraseMatch


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking the model."""

    text: str
    """What was spoken of it; the history does not have it yet."""
    calls: tuple[ToolCall, ...] = ()
    match: PhraseMatch | None = None
    """A filtered phrase, at which the reply was cut off."""
    cut_off: bool = False
    """The user began to speak."""


class Mouth:
    """Speaks pieces as they come, without the space around the whole; what it gave out is always `text`."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._space = ""
        self.text = ""

    def feed(self, piece: str) -> None:
        """The next piece; spaces at its end wait for what follows them."""
        piece = self._space + piece if self.text else (self._space + piece).lstrip()
        spoken = piece.rstrip()
        self._space = piece[len(spoken) :]
        if spoken:
            self.text += spoken
            self._turn.emit(Saying(spoken))


async def hear_model(
    turn: Turn, model: ChatModel, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, turn_round: int
) -> Reply:
    """Ask, and speak what comes. Raises a ModelError; what had been spoken by then is in the history nevertheless."""
    gate = PhraseGate(turn.project.phrase_filters, turn.language)
    mouth = Mouth(turn)
    heard = _Heard()
    began = turn.setting.host.now()
    stream = model.converse(redacted(turn, messages), tools=tools, timeout_s=turn.setting.limits.model_s)
    try:
        async with until_interrupted(turn, stream):
            await _listen(stream, heard, gate, mouth)
    except BaseException:
        finish_speaking(turn, mouth.text)
        raise
    if heard.finished is not None:
        turn.journal.asked(heard.finished, turn_round=turn_round, tools=tools, called=heard.calls, text=mouth.text)
    else:
        seconds = (turn.setting.host.now() - began).total_seconds()
        turn.journal.cut_off(turn_round=turn_round, tools=tools, text=mouth.text, seconds=seconds)
    if turn.interrupted:
        return Reply(mouth.text, cut_off=True)
    return Reply(mouth.text, named_apart(heard.calls), match=gate.match)


@asynccontextmanager
async def until_interrupted(turn: Turn, stream: AsyncIterator[ChatPiece]) -> AsyncIterator[None]:
    """Read a reply in here: when the user begins to speak it is left at once, and the request ends with it."""
    try:
        async with turn.interruptible():
            yield
    except TimeoutError:
        if not turn.interrupted:
            raise
    finally:
        turn.uninterruptible()
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def finish_speaking(turn: Turn, text: str, *, known: bool = False) -> None:
    """What was spoken of a reply is an utterance now."""
    if text:
        turn.said(text, known=known)


def redacted(turn: Turn, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages without the conversation's secrets."""
    redact = turn.setting.host.redact
    return [_redacted(message, redact(message.content), turn) for message in messages]


def named_apart(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """Tool calls with an id of its own for each, whatever the endpoint gave them."""
    seen: set[str] = set()
    apart = []
    for number, call in enumerate(calls, start=1):
        name = call.id if call.id and call.id not in seen else f"{call.id or 'call'}-{number}"
        seen.add(name)
        apart.append(call if name == call.id else replace(call, id=name))
    return tuple(apart)


class _Heard:
    """What came in besides the text."""

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self.finished: Finished | None = None


async def _listen(stream: AsyncIterator[ChatPiece], heard: _Heard, gate: PhraseGate, mouth: Mouth) -> None:
    """Read to the end, or to a phrase that may not be said: nothing after it is wanted."""
    async for piece in stream:
        if isinstance(piece, TextDelta):
            mouth.feed(gate.feed(piece.text))
        elif isinstance(piece, ToolCall):
            heard.calls.append(piece)
        else:
            heard.finished = piece
        if gate.match is not None:
            return
    mouth.feed(gate.finish())


def _redacted(message: ChatMessage, content: str, turn: Turn) -> ChatMessage:
    redact = turn.setting.host.redact
    calls = tuple(replace(call, arguments=redact(call.arguments)) for call in message.tool_calls)
    if content == message.content and calls == message.tool_calls:
        return message
    return replace(message, content=content, tool_calls=calls)
