"""What a phrase is: words by which a question may name something, and how sure they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from postcall.analyst.names.question_words import keys_of, spelled
from postcall.analyst.names.word_sets import EMPTY
from postcall.domain.analysis import KnownTerm
from postcall.domain.calls import JsonScalar
from postcall.extraction.builtin.text import STOP

SAID: Final = 0.4
"""How sure a word of the definition alone is."""
_PARTING: Final = re.compile(r",|\bor\b|\band\b|;")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean a name or one of its values."""

    keys: tuple[str, ...]
    texts: tuple[str, ...]
    name: str
    weight: float
    value: JsonScalar = None
    has_value: bool = False
    in_order: bool = False
    """Next to one another, as they stand; otherwise in any order, with few words between."""
    about: frozenset[str] = frozenset()
    """Keys of the name's other words: where the question holds one, the phrase is surer."""
    needs_name: bool = False
    """Counts only beside the words of its name: `a`, `other`, `3`."""
    values: tuple[JsonScalar, ...] = ()
    exactly: bool = False
    """Only spelled just so: `agents`, which are ours, and not `agent`."""


def about_of(term: KnownTerm, but: Iterable[str]) -> frozenset[str]:
    """The keys of the other words of a name."""
    words = [word for word in spelled(term.name.partition(".")[2]) if word not in EMPTY and word not in STOP]
    return frozenset(keys_of(" ".join(words))) - frozenset(but) if words else frozenset()


def clauses(text: str) -> list[str]:
    """`or was it cut off or abandoned part-way` → `cut off`, `abandoned part way`; the last clause only."""
    return [part.strip() for part in _PARTING.split(text) if part.strip()]


def content(text: str) -> tuple[str, ...]:
    """The keys of what a clause says, where that is short enough to be said so; otherwise none."""
    words = [word for word in spelled(text) if word not in EMPTY and (word not in STOP or word in {"off", "up", "out"})]
    keys = keys_of(" ".join(words))
    return keys if 1 <= len(keys) <= 3 and any(word not in STOP for word in words) else ()
