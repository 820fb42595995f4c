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

_THINKING = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT = re.compile(r"</(think|thinking|thought|reasoning)>", re.IGNORECASE)
_OBJECT_START = re.compile(r'\{(?=\s*(?:"|\}|\Z))')
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING_BODY = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[-+.\w]+")

MAX_DIGITS = 400
"""Of a number; Python refuses to read some thousands, and no answer is so long."""

_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A model's object, as far as it came through."""

    content: dict[str, Json]
    complete: bool
    """False where the text ended, or stopped being JSON, before the object did."""
    cut_at: tuple[str, ...] = ()
    """The members that were open at the cut, outermost first, such as `("answers", "q2")`: what is kept of them lacks
    something, while all beside them is whole."""


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
    while (start := _OBJECT_START.search(text, position)) is not None:
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


_Container: TypeAlias = "dict[str, Json] | list[Json]"


class _Dropped:
    """Stands for a value that is there but cannot be kept."""


_DROPPED = _Dropped()


class _Cut(Exception):
    """The text ends here, or stops being JSON."""


@dataclass
class _Reader:
    """Reads one object; when the text breaks off, what was complete by then stays in the containers being filled."""

    text: str
    position: int
    depth: int = 0
    cut_at: list[str] = field(default_factory=list)
    """Innermost first."""

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
            key = self._read_key()
            # The last of equal keys counts, also where it turns out to be cut off.
            content.pop(key, None)
            value: Json | _Dropped
            container = self._open_container()
            if container is not None:
                self._fill_member(key, container, content)
                value = container
            else:
                value = self._read_scalar()
            self._end_value()
            if not isinstance(value, _Dropped):
                content[key] = value

    def _fill_member(self, key: str, container: _Container, content: dict[str, Json]) -> None:
        try:
            self._fill(container)
        except _Cut:
            self.cut_at.append(key)
            # An empty container would look like a complete one that says nothing.
            if container:
                content[key] = container
            raise

    def _fill_array(self, content: list[Json]) -> None:
        while not self._passes("]"):
            value: Json | _Dropped
            try:
                container = self._open_container()
                if container is not None:
                    self._fill(container)
                value = self._read_scalar() if container is None else container
                self._end_value()
            except _Cut:
                # What was complete inside the element goes with it: half of an element is none.
                self.cut_at.clear()
                raise
            if not isinstance(value, _Dropped):
                content.append(value)

    def _open_container(self) -> _Container | None:
        if self._passes("{"):
            return {}
        return [] if self._passes("[") else None

    def _fill(self, container: _Container) -> None:
        if self.depth == MAX_DEPTH:
            raise _Cut
        self.depth += 1
        if isinstance(container, dict):
            self._fill_object(container)
        else:
            self._fill_array(container)
        self.depth -= 1

    def _read_key(self) -> str:
        if not self._passes('"'):
            raise _Cut
        key = self._read_string()
        if not self._passes(":"):
            raise _Cut
        return key

    def _read_scalar(self) -> Json | _Dropped:
        if self._passes('"'):
            return self._read_string()
        word = _WORD.match(self.text, self.position)
        if word is None:
            raise _Cut
        self.position = word.end()
        if word.group() in _LITERALS:
            return _LITERALS[word.group()]
        if self.position == len(self.text):
            # More digits or letters may have been to come.
            raise _Cut
        return _read_number(word.group())

    def _read_string(self) -> str:
        end = _STRING_BODY.match(self.text, self.position)
        assert end is not None, "the pattern matches the empty text"
        if self.text[end.end() : end.end() + 1] != '"':
            raise _Cut
        self.position = end.end() + 1
        return _unescape(end.group())

    def _end_value(self) -> None:
        """A value counts only if what follows it may follow a value, or the text ends there."""
        if not self._passes(",") and self.text[self.position : self.position + 1] not in {"", "}", "]"}:
            raise _Cut

    def _passes(self, character: str) -> bool:
        """Skip white space, and the character if it comes next."""
        space = _SPACE.match(self.text, self.position)
        assert space is not None, "the pattern matches the empty text"
        self.position = space.end()
        if self.text.startswith(character, self.position):
            self.position += 1
            return True
        return False


def _read_number(word: str) -> Json | _Dropped:
    """NaN, infinities, and words that are no JSON are dropped."""
    if not _NUMBER.fullmatch(word):
        return _DROPPED
    if len(word) > MAX_DIGITS:
        return _DROPPED
    if word.lstrip("-").isdigit():
        return int(word)
    number = float(word)
    return number if math.isfinite(number) else _DROPPED


def _unescape(body: str) -> str:
    if "\\" in body:
        body = _ESCAPE.sub(_unescaped, body)
    if _SURROGATE.search(body):
        # Two escapes make one character beyond the first 65,536; one alone makes none.
        body = body.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return body


def _unescaped(escape: re.Match[str]) -> str:
    code, character = escape.groups()
    return chr(int(code, 16)) if code else _ESCAPED.get(character, character)
