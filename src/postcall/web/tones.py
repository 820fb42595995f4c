"""How a status is marked: by its words and a sign first, by a colour only after that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """Names of the style sheet's classes."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    QUIET = "quiet"


_SIGNS = {Tone.GOOD: "✓", Tone.WAITING: "◷", Tone.BAD: "!", Tone.QUIET: "–"}


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in a word or two."""

    text: str
    tone: Tone

    @property
    def sign(self) -> str:
        """What stands before the text."""
        return _SIGNS[self.tone]
