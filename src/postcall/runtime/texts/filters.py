"""Phrases that the model is not to say as they are, found while its text streams in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from postcall.runtime.projects.model import PhraseFilter
from postcall.runtime.texts.expressions import Match, Pattern, compiled, wrapped
from postcall.runtime.texts.tags import is_language


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A phrase occurred. Nothing after it is said; what may still be said came with it."""

    filter: PhraseFilter
    phrase: str
    before: str
    """What the model had said before it."""

    @property
    def said(self) -> bool:
        """Whether the phrase itself was spoken."""
        return self.filter.say_phrase


class PhraseGate:
    """Reads the pieces of one reply and gives back what may be said so far.

    It holds back only what may still become a phrase. However the text is cut into pieces, what comes out is the same:
    a phrase occurs at the first character after which some expression matches whatever follows; among those that match
    there, the one that begins first counts. Give it what the model says, never what a function returned.
    """

    def __init__(self, filters: Sequence[PhraseFilter], language: str) -> None:
        self._watches = [
            _Watch(each, made)
            for each in filters
            if not each.language or is_language(language, each.language)
            for made in map(_compiled, each.patterns)
            if made is not None
        ]
        self._text = ""
        self._given = 0
        self.match: PhraseMatch | None = None
        """The phrase that occurred; everything fed after it is ignored."""

    def feed(self, piece: str) -> str:
        """The next piece of the reply. Returns what may be said now, perhaps nothing."""
        if self.match is not None or not piece:
            return ""
        if not self._watches:
            return piece
        self._text += piece
        if any(watch.occurs(self._text, self._given) for watch in self._watches):
            return self._stop(*self._earliest())
        return self._give(min(watch.may_begin(self._text, self._given) for watch in self._watches))

    def finish(self) -> str:
        """The reply is complete. Returns what was held back, up to a phrase that only the end makes one."""
        if self.match is not None:
            return ""
        found = [(span, watch) for watch in self._watches if (span := watch.at_end(self._text, self._given))]
        if not found:
            return self._give(len(self._text))
        span, watch = min(found, key=lambda each: each[0][0])
        return self._stop(span, watch)

    def _give(self, end: int) -> str:
        given, self._given = self._text[self._given : end], max(self._given, end)
        return given

    def _stop(self, span: tuple[int, int], watch: _Watch) -> str:
        start, end = span
        self.match = PhraseMatch(watch.filter, self._text[start:end], self._text[:start])
        return self._give(end if watch.filter.say_phrase else start)

    def _earliest(self) -> tuple[tuple[int, int], _Watch]:
        """The phrase that is the first to be complete: an expression that matches goes on matching as text follows."""
        low, high = self._given, len(self._text)
        while low < high:
            middle = (low + high) // 2
            if any(watch.occurs(self._text[:middle], self._given) for watch in self._watches):
                high = middle
            else:
                low = middle + 1
        found = [(span, watch) for watch in self._watches if (span := watch.occurs(self._text[:low], self._given))]
        return min(found, key=lambda each: each[0][0])


@dataclass(slots=True)
class _Watch:
    """One expression of one filter over one reply."""

    filter: PhraseFilter
    expression: _Expression
    dead: bool = False

    def occurs(self, text: str, start: int) -> tuple[int, int] | None:
        """Where it matches whatever follows this text."""
        settled = self.expression.settled
        found = self._search(settled, text, start) if settled is not None else None
        return found.span() if found else None

    def at_end(self, text: str, start: int) -> tuple[int, int] | None:
        """Where it matches this text, which is all."""
        found = self._search(self.expression.whole, text, start)
        return found.span() if found and found.end() > found.start() else None

    def may_begin(self, text: str, start: int) -> int:
        """The first place from which this text could become a match; its end where there is none."""
        if self.expression.settled is None and self._search(self.expression.whole, text, start):
            return start  # only the end decides, and this match hides where an earlier one might begin
        partial = self._search(self.expression.open, text, start, partial=True)
        return partial.start() if partial else len(text)

    def _search(self, pattern: Pattern, text: str, start: int, *, partial: bool = False) -> Match | None:
        if self.dead:
            return None
        try:
            return pattern.search(text, start, partial=partial)
        except TimeoutError:
            self.dead = True
            return None


@dataclass(frozen=True, slots=True)
class _Expression:
    whole: Pattern
    """As it was written, for a complete text."""
    open: Pattern
    """For a text that goes on: `$` is not its end, and one character more must follow."""
    settled: Pattern | None
    """The same, where no character beyond that one can change its mind; None where it looks further ahead."""


_LOOKS_AHEAD = ("(?=", "(?!", "(?>", "(?(", "++", "*+", "?+", "}+")


@lru_cache(maxsize=4_000)
def _compiled(pattern: str) -> _Expression | None:
    whole = compiled(pattern)
    followed = compiled(wrapped(_open_ended(pattern), "", r"(?=[\s\S])"))
    if whole is None or followed is None or whole.search(""):
        return None  # no expression, or one that matches everywhere
    return _Expression(whole, followed, None if any(sign in pattern for sign in _LOOKS_AHEAD) else followed)


def _open_ended(pattern: str) -> str:
    """The expression with `\\Z` for each `$`, which would also match before a line's end that is not the last."""
    pieces, in_class, at = [], False, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            pieces.append(pattern[at : at + 2])
            at += 2
            continue
        if char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        pieces.append(r"\Z" if char == "$" and not in_class else char)
        at += 1
    return "".join(pieces)
