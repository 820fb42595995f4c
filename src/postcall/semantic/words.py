"""What a text is made of, as the spaces that we learn know it: words, pairs of words, and pieces of words.

Pieces find what is spelled or inflected otherwise, in any language: `booking` shares most of its pieces with `booked`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log1p

from postcall.domain.calls import Role, Transcript
from postcall.domain.said_words import split_words

Said = Sequence[tuple[str, bool]]
"""Texts in their order; each with whether the caller said it."""

OF_AGENT = 0.4
"""What an agent's words weigh beside the caller's: agents say much the same in every call."""
LONGEST_TEXT = 100_000
"""Characters of one text that are looked at: of a query of megabytes, and of a call of a day."""
_PIECES = (3, 4, 5)


def said_in(transcript: Transcript) -> Said:
    """What was said in a call, up to LONGEST_TEXT: many are held at once."""
    return cut_short([(turn.text, turn.role is Role.USER) for turn in transcript], LONGEST_TEXT)


def cut_short(said: Said, most: int) -> Said:
    """The texts up to so many characters together."""
    kept: list[tuple[str, bool]] = []
    for text, caller in said:
        if most <= 0:
            break
        kept.append((text[:most], caller))
        most -= len(text)
    return kept


def weigh_terms(texts: Said) -> dict[str, float]:
    """How much of each term there is: what is said often counts less than in proportion."""
    amounts: dict[str, float] = dict(count_terms(text for text, caller in texts if caller))
    for term, often in count_terms(text for text, caller in texts if not caller).items():
        amounts[term] = amounts.get(term, 0.0) + OF_AGENT * often
    return {term: log1p(amount) for term, amount in amounts.items()}


def count_terms(texts: Iterable[str]) -> Counter[str]:
    """How often each term occurs; no pair reaches from one text into the next."""
    terms: Counter[str] = Counter()
    left = LONGEST_TEXT
    for text in texts:
        words = split_words(text[:left])
        left -= len(text)
        terms.update(words)
        terms.update(map(" ".join, pairwise(words)))
        for word in words:
            terms.update(_pieces(word))
        if left <= 0:
            break
    return terms


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> tuple[str, ...]:
    """Marked, so that they are never taken for words; the ends of the word count as a letter."""
    edged = f"<{word[:30]}>"
    return tuple(
        f"~{edged[start : start + size]}" for size in _PIECES for start in range(len(edged) - size + 1) if len(word) > 2
    )
