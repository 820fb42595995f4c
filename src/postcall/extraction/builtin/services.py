"""How many kinds of business a caller turns to in one call, and which."""

from __future__ import annotations

from postcall.domain.answers import Evidence
from postcall.extraction.builtin.acts import Act
from postcall.extraction.builtin.lexicon import expansions
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.text import stem

KINDS = (
    "restaurant", "hotel", "flight", "bus", "train", "taxi", "car_rental", "doctor", "dentist", "therapist",
    "salon", "movie",
    "concert", "apartment", "bank", "insurance", "pharmacy", "repair", "spa", "gym", "weather", "music",
    "school", "lawyer",
)  # fmt: skip
"""Kinds of business that a general line may serve; each word's company comes from the lexicon."""
LEAST = 0.85
"""How much a turn must hold of a kind to count as a request for it: its name or a synonym."""


def services_helped(question: Question, reading: Reading) -> list[tuple[str, Evidence]]:
    """Each kind that the caller asks about, with the words; a new kind must be asked for by name, after the
    first is done."""
    del question
    found: list[tuple[str, Evidence]] = []
    names: set[str] = set()
    for turn in reading.user_turns:
        if Act.REFUSE in turn.acts and found:
            continue
        kind, weight = _kind(turn)
        if kind is None or kind in names or weight < (LEAST if found else 0.5):
            continue
        names.add(kind)
        found.append((kind.replace("_", " "), turn.quote_around(0)))
    return found


def _kind(turn: Utterance) -> tuple[str | None, float]:
    best: tuple[str | None, float] = (None, 0.0)
    for kind in KINDS:
        term = "_".join(stem(part) for part in kind.split("_"))
        weight = 1.0 if term in turn.terms else 0.0
        weight += (
            sum(each for other, each in expansions(term).items() if other in turn.terms) * 0.6 if not weight else 0.1
        )
        if weight > best[1]:
            best = (kind, weight)
    return best
