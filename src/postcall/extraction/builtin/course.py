"""What a call turns out to be about, by what is done in it: who is offered times wants to book, whatever they said."""

from __future__ import annotations

from postcall.extraction.builtin.happenings import Event, find_happenings
from postcall.extraction.builtin.outcomes import proposes_time
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.themes import Heard, hear_themes, theme_named

_DONE = {Event.BOOKED: "book", Event.MOVED: "move", Event.CANCELLED: "cancel"}
BY_DEED = 1.1
"""What a theme counts that is only seen in what is done."""
BY_OFFER = 0.7
"""The same where a time is only offered."""
PLAINLY = 0.9
"""From here on what is spoken of explains why something was then arranged."""
ARRANGING = frozenset({"book", "move", "cancel", "reminder"})
"""Themes that explain why times are talked of."""


def themes_in(reading: Reading) -> tuple[Heard, ...]:
    """The themes that are spoken of, and those that show in what is offered and done."""
    return reading.once(_themes_in)


def _themes_in(reading: Reading) -> tuple[Heard, ...]:
    heard = {each.theme.name: each for each in hear_themes(reading, by_agent=reading.agent_called)}
    spoken = {name for name, each in heard.items() if each.score >= 0.6}
    if any(each.score >= PLAINLY and name not in ARRANGING for name, each in heard.items()):
        return tuple(heard.values())  # a visit is arranged because of something, and that is the reason
    for happened in find_happenings(reading):
        name = _DONE.get(happened.event)
        if name is not None and not spoken & ARRANGING:
            _add(heard, Heard(theme_named(name), BY_DEED, happened.turn, happened.start, happened.end))
    if not spoken & ARRANGING:
        for turn in reading.turns:
            if not turn.by_user and proposes_time(turn):
                _add(heard, Heard(theme_named("book"), BY_OFFER, turn.index, 0, len(turn.text)))
                break
    return tuple(heard.values())


def _add(heard: dict[str, Heard], each: Heard) -> None:
    known = heard.get(each.theme.name)
    if known is None or known.score < each.score:
        heard[each.theme.name] = each
