"""A phrase in the words of a question."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.analyst.names.phrase_shapes import Phrase
from postcall.domain.analysis import Mention


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase where it stands, by places among the words."""

    phrase: Phrase
    places: tuple[int, ...]
    """Of its own words, from left to right."""
    score: float
    inner_negation: bool
    others: tuple[Mention, ...] = ()

    @property
    def first(self) -> int:
        return self.places[0]

    @property
    def last(self) -> int:
        return self.places[-1]
