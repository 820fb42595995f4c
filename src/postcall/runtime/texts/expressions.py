"""Regular expressions that somebody else wrote: none of them can hold up a conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol, cast

import regex  # type: ignore[import-untyped]  # it has no types; everything of it that we use is below

_INLINE_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")

SLOWEST_S = 0.02
"""One expression over one text: good ones take microseconds, a catastrophic one would take for ever."""


class Match(Protocol):
    """Where an expression matched."""

    def start(self) -> int: ...
    def end(self) -> int: ...
    def span(self) -> tuple[int, int]: ...
    def group(self, which: int | str, /) -> str | None: ...


class Pattern(Protocol):
    """An expression. Each method raises TimeoutError where it takes longer than `timeout` seconds."""

    def search(self, text: str, pos: int = 0, *, partial: bool = False, timeout: float = SLOWEST_S) -> Match | None: ...
    def fullmatch(self, text: str, *, timeout: float = SLOWEST_S) -> Match | None: ...
    def sub(self, repl: Callable[[Match], str], text: str, *, timeout: float = SLOWEST_S) -> str: ...


@lru_cache(maxsize=4_000)
def compiled(pattern: str, *, ignore_case: bool = False) -> Pattern | None:
    """The expression, made once; None where it is none."""
    try:
        return cast(Pattern, regex.compile(pattern, regex.IGNORECASE if ignore_case else 0))
    except (regex.error, ValueError, RecursionError, OverflowError):
        return None


def wrapped(pattern: str, before: str, after: str) -> str:
    """The expression between two others; flags such as `(?i)` go to the front, where they have to stand."""
    flags = "".join(dict.fromkeys("".join(_INLINE_FLAGS.findall(pattern))))
    return rf"{f'(?{flags})' if flags else ''}{before}(?:{_INLINE_FLAGS.sub('', pattern)}){after}"
