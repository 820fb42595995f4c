"""What a head looks at: words, pairs of words and pieces of words, counted apart by who said them and when.

Learning and answering count with this one module, so that a head sees in a call what it saw while it learned.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from postcall.domain.calls import Role, Transcript

FEATURES: Final = 1
"""Raise it with every change to what is counted: heads that were learned before then no longer answer."""

SPACES: Final = ("agent", "user", "first", "last")
"""What the agent said, what the user said, the user's first turns, the last turns of both."""
_FIRST_TURNS = 2
_LAST_TURNS = 4
_LONGEST_WORD = 40
_MOST_WORDS = 6_000
"""Of a call; of a longer one the beginning and the end are read."""
_PIECES = (3, 4, 5)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DIGIT = re.compile(r"\d")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn as words."""

    index: int
    """In the transcript."""
    role: Role
    words: tuple[str, ...]
    terms: tuple[str, ...]
    """The words, and each pair of neighbours."""


@dataclass(frozen=True, slots=True)
class CallFeatures:
    """A call as counts."""

    turns: tuple[SpokenTurn, ...]
    """Those in which something was said."""
    members: tuple[tuple[int, ...], ...]
    """Which of those turns belong to each of SPACES."""
    words: tuple[Counts, ...]
    """How often each term stands, for every one of SPACES."""
    pieces: tuple[Counts, ...]
    """The same for pieces of words."""


def read_features(transcript: Transcript) -> CallFeatures:
    """Count a call. The cost is bounded: of a very long call the middle is left out."""
    turns = _shorten(tuple(_read_turns(transcript)))
    members = _members(turns)
    spaces = [[turns[position] for position in space] for space in members]
    return CallFeatures(
        turns=turns,
        members=members,
        words=tuple(Counter(term for turn in space for term in turn.terms) for space in spaces),
        pieces=tuple(_count_pieces(space) for space in spaces),
    )


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, every digit as 0: which number it was says nothing of another call."""
    folded = unicodedata.normalize("NFKC", text[: _MOST_WORDS * 8]).casefold().replace("’", "'")
    return [word[:_LONGEST_WORD] for word in _WORD.findall(_DIGIT.sub("0", folded))]


def _read_turns(transcript: Transcript) -> Iterable[SpokenTurn]:
    for index, turn in enumerate(transcript):
        words = split_words(turn.text)[:_MOST_WORDS]
        if words:
            pairs = (f"{one} {other}" for one, other in pairwise(words))
            yield SpokenTurn(index, turn.role, tuple(words), (*words, *pairs))


def _shorten(turns: tuple[SpokenTurn, ...]) -> tuple[SpokenTurn, ...]:
    if sum(len(turn.words) for turn in turns) <= _MOST_WORDS:
        return turns
    head, tail = _within(turns, _MOST_WORDS // 2), _within(turns[::-1], _MOST_WORDS // 2)[::-1]
    return (*head, *(turn for turn in tail if turn.index > head[-1].index))


def _within(turns: Sequence[SpokenTurn], words: int) -> tuple[SpokenTurn, ...]:
    kept = []
    for turn in turns:
        kept.append(turn)
        words -= len(turn.words)
        if words <= 0:
            break
    return tuple(kept)


def _members(turns: Sequence[SpokenTurn]) -> tuple[tuple[int, ...], ...]:
    agent = tuple(position for position, turn in enumerate(turns) if turn.role is Role.AGENT)
    user = tuple(position for position, turn in enumerate(turns) if turn.role is Role.USER)
    return agent, user, user[:_FIRST_TURNS], tuple(range(len(turns)))[-_LAST_TURNS:]


def _count_pieces(turns: Iterable[SpokenTurn]) -> Counts:
    counts: Counter[str] = Counter()
    for turn in turns:
        for word in turn.words:
            counts.update(_pieces(word))
    return counts


@lru_cache(maxsize=50_000)
def _pieces(word: str) -> tuple[str, ...]:
    """The pieces of a word with its edges marked, so that "un" at a beginning differs from "un" within."""
    marked = f"<{word}>"
    return tuple(
        marked[start : start + length] for length in _PIECES for start in range(max(1, len(marked) - length + 1))
    )
