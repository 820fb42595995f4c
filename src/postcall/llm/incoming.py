"""A model's reply to a conversation, from bytes to pieces; no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from postcall.domain.answers import Usage
from postcall.errors import ModelReplyUnusable
from postcall.llm.chat_shapes import ToolCall
from postcall.llm.complaint import read_complaint
from postcall.llm.envelope import (
    NOTHING,
    Envelope,
    Words,
    check_said,
    decode,
    late_fault,
    open_body,
    read_usage,
    text_of,
)
from postcall.llm.faults import broken_connection, fault
from postcall.llm.sse import Event, EventReader
from postcall.llm.tool_calls import ToolCalls, new_call_id
from postcall.settings import ModelSettings

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a reply that comes whole."""

LONGEST_MARK = 16
"""Characters of the longest mark around thoughts, and some more."""

_DONE = b"[DONE]"
_THINKING = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_MAY_BE_THINKING = re.compile(r"\s*(<[a-z]{0,9})?\Z", re.IGNORECASE)
_THOUGHT = re.compile(r"</(think|thinking|thought|reasoning)>", re.IGNORECASE)


class Incoming:
    """One reply: feed it what arrives, say what it returns, and `end` it.

    Understands streams of events, and single bodies of servers that do not stream. Raises ModelErrors.
    """

    def __init__(self, settings: ModelSettings, *, model: str, make_call_id: Callable[[], str] = new_call_id) -> None:
        self.done = False
        """The server has said that nothing more comes."""
        self.finish_reason = ""
        self.model = model
        self.begun = False
        """The first word, or the first of a call, is there."""
        self._settings = settings
        self._asked = model
        self._events = EventReader()
        self._whole: list[bytes] | None = None
        self._seen = b""
        self._calls = ToolCalls(make_call_id)
        self._aloud = _Aloud()
        self._refusal = ""
        self._says = False
        self._usage = NOTHING
        self._pieces = 0

    @property
    def usage(self) -> Usage:
        """As far as the server counted."""
        return read_usage(self._usage, self._settings)

    def feed(self, received: bytes) -> list[str]:
        """The texts that these bytes complete."""
        if self._whole is None and not self._seen:
            received = self._recognise(received)
        if self._whole is not None:
            self._whole.append(received)
            if sum(map(len, self._whole)) > MAX_BODY:
                raise ModelReplyUnusable("the model's endpoint sent a reply that does not end", retry=True)
            return []
        return [text for event in self._events.feed(received) if (text := self._take(event))]

    def end(self) -> tuple[list[str], list[ToolCall]]:
        """The last texts, and the calls. Raises a ModelError where the reply is not whole, or none."""
        if self._whole is not None:
            body = b"".join(self._whole)
            texts = [self._say(open_body(body), body)]
            self.done = True
        else:
            texts = [self._take(event) for event in self._events.end()]
        texts.append(self._aloud.rest())
        self._says = self._says or any(text.strip() for text in texts)
        calls = self._calls.whole()
        if not self.finish_reason and not self.done:
            raise self._unfinished()
        if self.finish_reason == "error":
            raise late_fault({}, self._settings, model=self._asked)
        check_said(
            self._settings,
            refusal=self._refusal,
            finish_reason=self.finish_reason,
            empty=not self._says and not calls,
        )
        self.finish_reason = self.finish_reason or ("tool_calls" if calls else "stop")
        return [text for text in texts if text], calls

    def _unfinished(self) -> Exception:
        if not self._seen:
            return ModelReplyUnusable("the model's endpoint sent an empty body", retry=True)
        if not self._pieces:
            return ModelReplyUnusable("the model's endpoint sent a body that is no chat-completions reply", retry=True)
        return broken_connection("the stream just ended", self._settings)

    def _recognise(self, received: bytes) -> bytes:
        """Find out by its first character whether the reply is a stream or one body."""
        start = received.lstrip(b"\xef\xbb\xbf \t\r\n")
        self._seen = start[:1]
        if self._seen in {b"{", b"[", b"<"}:
            self._whole = []
        return start

    def _take(self, event: Event) -> str:
        """The text of one event."""
        if self.done or not event.data.strip():
            return ""
        if event.data.startswith(_DONE):
            self.done = True
            return ""
        if event.name == b"error":
            raise self._fault_in(event.data)
        try:
            return self._say(decode(event.data), event.data)
        except (ValueError, RecursionError):
            # Some servers leave out the empty line between two events.
            parts = event.data.split(b"\n")
            if len(parts) > 1:
                return "".join(self._take(Event(part)) for part in parts)
            raise ModelReplyUnusable(
                "the model's endpoint sent a piece of a reply that cannot be read", retry=True
            ) from None

    def _say(self, piece: Envelope, data: bytes) -> str:
        self._pieces += 1
        if piece.usage != NOTHING:
            self._usage = piece.usage
        self.model = piece.model or self.model
        if piece.error or (piece.error is not None and not piece.choices):
            raise late_fault(piece.error, self._settings, model=self._asked)
        if not piece.choices:
            if piece.object == "error":
                raise self._fault_in(data)
            if self._whole is not None:
                raise ModelReplyUnusable("the model's endpoint sent a reply without choices", retry=True)
            return ""
        choice = piece.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        return self._hear(choice.delta or choice.message or Words())

    def _hear(self, words: Words) -> str:
        self._calls.add(words.tool_calls)
        self._refusal += words.refusal or ""
        text = self._aloud.hear(text_of(words))
        self._says = self._says or bool(text.strip())
        self.begun = self.begun or self._says or bool(self._calls)
        return text

    def _fault_in(self, data: bytes) -> Exception:
        """The error in an event that is about nothing else."""
        try:
            content = msgspec.json.decode(data)
        except msgspec.DecodeError:
            return fault(read_complaint(502, data), self._settings, model=self._asked)
        error = content.get("error", content) if isinstance(content, dict) else content
        return late_fault(error, self._settings, model=self._asked)


class _Aloud:
    """Leaves out the thoughts that some models put before their words."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._thought = False
        self._decided = False

    def hear(self, text: str) -> str:
        """What of the text so far is certainly to be said."""
        if self._decided or not text:
            return text
        self._held += text
        if self._thinking:
            end = _THOUGHT.search(self._held)
            if end is None:
                # Enough for the beginning of the mark that ends them.
                self._held = self._held[-LONGEST_MARK:]
                return ""
            self._thinking, self._thought = False, True
            self._held = self._held[end.end() :]
        if _MAY_BE_THINKING.match(self._held):
            return ""
        begin = _THINKING.match(self._held)
        if begin is not None:
            self._thinking = True
            rest, self._held = self._held[begin.end() :], ""
            return self.hear(rest)
        self._decided = True
        return self.rest()

    def rest(self) -> str:
        """What was held back and, since nothing more comes, is to be said."""
        text, self._held = self._held, ""
        if self._thinking:
            return ""
        return text.lstrip() if self._thought else text
