"""Regular expressions that somebody else wrote: none of them can hold up a conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

_INLINE_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")

SLOWEST_S = 0.02
"""One expression over one text: good ones take microseconds, a catastrophic one would take for ever."""


class Match(Protocol):
    """Where an expression matched."""

    def start(self) -> int: ...
    def end(self) -> int: ...
    def span(self) -> tuple[int, int]: ...
    def group(self, which: int | str, /) -> str | None: ...


class Pattern:
    """An expression. Each method raises TimeoutError where it takes longer than SLOWEST_S."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        import regex  # type: ignore[import-untyped]  # here: it is 8 MiB, and most agents have no expressions

        self._made = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)

    def search(self, text: str, start: int = 0, *, partial: bool = False) -> Match | None:
        """The first match at or behind `start`; with `partial` also what the end of the text cuts off."""
        found: Match | None = self._made.search(text, start, partial=partial, timeout=SLOWEST_S)
        return found

    def fullmatch(self, text: str) -> Match | None:
        """The match that is all of the text."""
        found: Match | None = self._made.fullmatch(text, timeout=SLOWEST_S)
        return found

    def sub(self, replacement: Callable[[Match], str], text: str) -> str:
        """The text with each match replaced."""
        return str(self._made.sub(replacement, text, timeout=SLOWEST_S))


@lru_cache(maxsize=4_000)
def compiled(pattern: str, *, ignore_case: bool = False) -> Pattern | None:
    """The expression, made once; None where it is none."""
    import regex

    try:
        return Pattern(pattern, ignore_case=ignore_case)
    except (regex.error, ValueError, RecursionError, OverflowError):
        return None


def wrapped(pattern: str, before: str, after: str) -> str:
    """The expression between two others; flags such as `(?i)` go to the front, where they have to stand."""
    flags = "".join(dict.fromkeys("".join(_INLINE_FLAGS.findall(pattern))))
    return rf"{f'(?{flags})' if flags else ''}{before}(?:{_INLINE_FLAGS.sub('', pattern)}){after}"
