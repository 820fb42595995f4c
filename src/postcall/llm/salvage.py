"""What can be saved of a model's JSON: every complete member, and nothing that was not said."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from postcall.domain.calls import Json
from postcall.errors import ModelReplyUnusable

MAX_DEPTH = 64
"""Of nesting; what a model says for us has five levels."""
MAX_ATTEMPTS = 50
"""Places in a text that are tried as the beginning of the object."""

_THINKING = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT = re.compile(r"</(think|thinking|thought|reasoning)>", re.IGNORECASE)
_OBJECT_START = re.compile(r'\{(?=\s*(?:"|\}|\Z))')
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[-+.\w]+")

_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A model's object, as far as it came through."""

    content: dict[str, Json]
    complete: bool
    """False where the text ended, or stopped being JSON, before the object did."""
    cut_at: tuple[str, ...] = ()
    """The objects that were open at the cut, outermost first, such as `("answers", "q2")`: what is kept of them lacks
    members, while all beside them is whole."""


def read_object(text: str) -> Salvaged:
    """The JSON object in a model's text, whatever stands around it and wherever it was cut off.

    Fences, prose and `<think>…</think>` around the object are passed over; of several objects the longest counts.
    Trailing commas, line breaks in strings and unknown escapes are forgiven. A member is kept if all of it is there;
    of an object that was cut off its complete members are, of an array its complete elements. NaN and infinite numbers
    are dropped, and of equal keys the last one counts. Raises ModelReplyUnusable where there is no object.
    """
    whole = _read_whole(text)
    if whole is not None:
        return Salvaged(whole, complete=True)
    best: tuple[int, Salvaged] | None = None
    position = _after_thinking(text)
    for _ in range(MAX_ATTEMPTS):
        start = _OBJECT_START.search(text, position)
        if start is None:
            break
        reader = _Reader(text, start.end())
        found = reader.read_outermost()
        position = reader.position
        if best is None or position - start.start() > best[0]:
            best = (position - start.start(), found)
    if best is None:
        raise ModelReplyUnusable(_no_object(text), retry=True)
    return best[1]


def _read_whole(text: str) -> dict[str, Json] | None:
    """The usual case, quickly."""
    try:
        content = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _after_thinking(text: str) -> int:
    """Where the answer begins; a draft inside the thoughts is not the answer.

    Some chat templates open the thoughts themselves, so that only their end is in the text.
    """
    if text.lstrip().startswith("{"):
        return 0
    end = _THOUGHT.search(text)
    if end is not None:
        return end.end()
    return len(text) if _THINKING.match(text) else 0


def _no_object(text: str) -> str:
    if not text.strip():
        return "the model's reply is empty"
    return f"the model's reply holds no JSON object: it begins {text.strip()[:80]!r}"


class _Dropped:
    """Stands for a value that is there but cannot be kept."""


_DROPPED = _Dropped()
_Value: TypeAlias = "Json | _Dropped"


class _Cut(Exception):
    """The text ends here, or stops being JSON."""


@dataclass
class _Reader:
    """Reads one value after the other, keeping what was complete when the text breaks off."""

    text: str
    position: int
    depth: int = 0
    cut_at: list[str] = field(default_factory=list)

    def read_outermost(self) -> Salvaged:
        """The object whose brace was just passed."""
        content: dict[str, Json] = {}
        try:
            self._fill_object(content)
        except _Cut:
            return Salvaged(content, complete=False, cut_at=tuple(reversed(self.cut_at)))
        return Salvaged(content, complete=True)

    def _fill_object(self, content: dict[str, Json]) -> None:
        while not self._passes("}"):
            if not self._passes('"'):
                raise _Cut
            key = self._read_string()
            if not self._passes(":"):
                raise _Cut
            if self._passes("{"):
                self._read_inner_object(key, content)
            else:
                _keep(content, key, self._read_delimited())
            self._passes(",")

    def _read_inner_object(self, key: str, content: dict[str, Json]) -> None:
        inner: dict[str, Json] = {}
        self._deepen()
        try:
            self._fill_object(inner)
        except _Cut:
            self.cut_at.append(key)
            if inner:
                content[key] = inner
            else:
                # An earlier member of the same name was about to be replaced by this one.
                content.pop(key, None)
            raise
        self.depth -= 1
        self._require_delimiter()
        content[key] = inner
