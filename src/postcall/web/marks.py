"""Where quotes and searched words stand in a turn, so that they can be marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a turn that an answer rests on."""

    answer: int
    """The answer's place in the list of answers."""
    quote: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a turn's text, the same answers resting on all of it."""

    text: str
    answers: tuple[int, ...] = ()
    found: bool = False
    """Somebody searched for it."""


def cut_at_quotes(text: str, quotes: Sequence[Quoted], found: Sequence[tuple[int, int]] = ()) -> tuple[Segment, ...]:
    """The text in pieces; put together they are the text again. A quote that does not stand in it marks nothing.

    `found` are starts and ends of what was searched for.
    """
    if not quotes and not found:
        return (Segment(text),) if text else ()
    spans = [(place, quoted.answer) for quoted in quotes if (place := find_quote(text, quoted.quote)) is not None]
    inner = (edge for place in (*(place for place, _ in spans), *found) for edge in place)
    edges = sorted({0, len(text), *inner})
    return tuple(
        Segment(
            text[start:end],
            tuple(sorted({who for (first, last), who in spans if first <= start and end <= last})),
            any(first <= start and end <= last for first, last in found),
        )
        for start, end in pairwise(edges)
    )


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Start and end of the quote: as it stands, or with other white space and case."""
    words = quote.split()
    if not words:
        return None
    start = text.find(quote)
    if start >= 0:
        return start, start + len(quote)
    found = re.search(r"\s+".join(re.escape(word) for word in words), text, re.IGNORECASE)
    return found.span() if found else None
