"""What people call businesses about, whatever the trade: to book, to move, to ask the price, because something broke.

A theme is known by what a choice says about itself, and by what a caller says; the two use other words (`billing`
against "why did you charge me twice").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from postcall.extraction.builtin.acts import negated
from postcall.extraction.builtin.cues import WRONG_NUMBER, hear
from postcall.extraction.builtin.prompt import Choice, Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.text import Sentence, identifier_words
from postcall.extraction.builtin.theme_list import THEMES, Theme

_I = re.IGNORECASE
BY_NAME, BY_DESCRIPTION = 1.0, 0.75
"""How surely a choice has a theme that its name or only its description tells."""
DENIED = -0.6
"""What a theme counts that the caller denies: `it's not an emergency`."""
_LATER_TURNS = (1.0, 0.75, 0.45, 0.3, 0.2)
"""What a theme counts in the caller's first, second … turn that says something; reasons are said first."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A theme where it is said."""

    theme: Theme
    score: float
    turn: int
    start: int
    end: int


@lru_cache(maxsize=4_096)
def themes_of(choice: Choice) -> tuple[tuple[Theme, float], ...]:
    """The themes that a choice stands for: those of its name, else those of its description."""
    name = " ".join(identifier_words(choice.value))
    described = choice.description_text
    by_name = [(theme, BY_NAME) for theme in THEMES if theme.choice.search(name)]
    found = {theme.name for theme, _ in by_name}
    by_text = [
        (theme, BY_DESCRIPTION) for theme in THEMES if theme.name not in found and theme.choice.search(described)
    ]
    if len(by_name) > 1:  # `price_question` is about the price, not about questions
        by_name = [(theme, sure) for theme, sure in by_name if theme.name != "information"]
    return (*by_name, *(by_text if not by_name else [(theme, sure / 2) for theme, sure in by_text]))


def hear_themes(reading: Reading, *, by_agent: bool) -> tuple[Heard, ...]:
    """The themes that the one who calls speaks of, each where it is said most clearly; `by_agent`: the agent calls."""
    return reading.once(_by_the_agent if by_agent else _by_the_caller)


def _by_the_caller(reading: Reading) -> tuple[Heard, ...]:
    return _hear(reading, by_agent=False)


def _by_the_agent(reading: Reading) -> tuple[Heard, ...]:
    return _hear(reading, by_agent=True)


def _hear(reading: Reading, *, by_agent: bool) -> tuple[Heard, ...]:
    best: dict[str, Heard] = {}
    said = 0
    for turn in reading.turns:
        if turn.by_user is by_agent or not turn.content:
            continue
        if said >= len(_LATER_TURNS):
            break
        for heard in _in_turn(turn, _LATER_TURNS[said]):
            if by_agent and heard.theme.name == "book":
                continue  # `you have an appointment` asks for none
            if heard.theme.name not in best or heard.score > best[heard.theme.name].score:
                best[heard.theme.name] = heard
        said += 1 if len(turn.content) > 1 or said else 0
    for wrong in hear(reading, WRONG_NUMBER, None):
        theme = THEMES[0]
        best[theme.name] = Heard(theme, theme.weight, wrong.turn.index, wrong.start, wrong.end)
    return tuple(best.values())


def _in_turn(turn: Utterance, weight: float) -> Iterator[Heard]:
    for sentence in turn.sentences[:12]:
        for theme in THEMES:
            match = theme.cue.search(sentence.text)
            if match and _SUPPOSED.search(sentence.text[: match.start()]) and not turn.by_user:
                continue
            if match and theme.negatable and _denied(sentence, match.start()):
                yield Heard(theme, DENIED * weight, turn.index, sentence.start, sentence.start + match.end())
            elif match:
                start = sentence.start + match.start()
                yield Heard(theme, weight * theme.weight, turn.index, start, sentence.start + match.end())


_SUPPOSED = re.compile(r"\b(?:if|in case|unless)\b[^,;]{0,25}$", _I)


_WITHOUT = re.compile(r"\b(?:(?:don'?t|do not|doesn'?t) have|without|have no|has no|no)\s+(?:\w+\s+)?$", _I)


def _denied(sentence: Sentence, start: int) -> bool:
    if sentence.asks:
        return bool(_WITHOUT.search(sentence.text[:start]))
    return negated(sentence.text, before=start)


def theme_named(name: str) -> Theme:
    """One of the themes, by its name."""
    return next(theme for theme in THEMES if theme.name == name)


def theme_support(question: Question, themes: Iterable[Heard]) -> dict[str, Heard]:
    """For each choice that a heard theme speaks for: the theme, with what it counts for that choice.

    A theme that several choices have says little about which of them it is.
    """
    heard = {each.theme.name: each for each in themes}
    if not heard:
        return {}
    have = {choice.value: themes_of(choice) for choice in question.choices}
    holders: dict[str, float] = {}
    for found in have.values():
        for theme, sure in found:
            holders[theme.name] = holders.get(theme.name, 0.0) + sure
    support: dict[str, Heard] = {}
    for value, found in have.items():
        for theme, sure in found:
            each = heard.get(theme.name)
            if each is None:
                continue
            score = each.score * sure / max(1.0, holders[theme.name])
            if value not in support or abs(score) > abs(support[value].score):
                support[value] = Heard(theme, score, each.turn, each.start, each.end)
    return support
