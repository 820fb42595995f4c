"""What a definition calls the thing that it defines, for names that nobody would say: `Schadenhoehe`, `PU_STN`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from postcall.analyst.names.question_words import spelled
from postcall.analyst.names.word_sets import ASKING, EMPTY, GENERIC, GOES_ON, SORTS, VAGUE
from postcall.extraction.builtin.text import STOP

LONGEST: Final = 600
"""Characters of a definition that are read."""
_HEAD, _OF_SORT, _MORE = 0.55, 0.5, 0.1
"""How sure the word for the thing is; behind `kind of`; how much surer all words for it."""
_ENDS: Final = re.compile(r"[.;:,()?!]")


def heads_of(says: str) -> Iterator[tuple[tuple[str, ...], float]]:
    """The words for the thing, and how sure they are: `estimated damage` of `Estimated damage in euros.`

    Of a question there are none. In `kind of damage`, damage is less surely what is meant.
    """
    if says.rstrip().endswith("?"):
        return
    words = spelled(_ENDS.split(says[:LONGEST].strip(), maxsplit=1)[0])
    thing, rest = _until(words)
    sure = _HEAD
    if thing and thing[-1] in SORTS and rest[:1] == ("of",):
        (thing, _), sure = _until(rest[1:]), _OF_SORT
    content = tuple(word for word in thing if word not in STOP)
    if not 1 <= len(content) <= 3 or says_little(content[-1]) or len(content[-1]) <= 3:
        return
    yield content[-1:], sure
    if len(content) > 1:
        yield content, sure + _MORE


def pairs_in(says: str) -> Iterator[tuple[str, str]]:
    """Neighbours in one clause, small words left out: `adjuster ordered` of `an adjuster was ordered`."""
    for clause in _ENDS.split(says[:LONGEST]):
        words = [word for word in spelled(clause) if word not in STOP]
        yield from pairwise(words)


def says_little(word: str) -> bool:
    """Whether a word names nothing alone."""
    return word in STOP or word in EMPTY or word in VAGUE or word in GENERIC or word in ASKING


def _until(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words up to where the thing ends, and the rest."""
    end = next((at for at, word in enumerate(words) if word in GOES_ON), len(words))
    return words[:end], words[end:]
