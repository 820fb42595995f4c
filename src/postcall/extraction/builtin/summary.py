"""A summary in two sentences: who wanted what, and how it ended."""

from __future__ import annotations

import re

from postcall.extraction.builtin.acts import Act
from postcall.extraction.builtin.free_text import reason_sentence
from postcall.extraction.builtin.names import answered, introduced
from postcall.extraction.builtin.outcomes import Outcome, OutcomeKind
from postcall.extraction.builtin.people import NAME_ASKED
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.tracking import asked_by

_LONGEST = 160
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|yes|yeah|ok(?:ay)?|um+|uh+|oh|so|well|thanks?|thank "
    r"you|please|hola|buenos días)\b[\s,.!-]*)+",
    re.IGNORECASE,
)
_HANDED = re.compile(
    r"\b(?:transfer(?:ring)?|connect(?:ing)?|put(?:ting)?) (?:you|the call)\b|\bhold (?:on )?while i\b", re.IGNORECASE
)


def summarise(reading: Reading) -> str:
    """Who called and why, in their own words; then the last result that the agent states, or that none is."""
    if not any(turn.tokens for turn in reading.turns):
        return "Nothing was said in this call."
    if not any(turn.tokens for turn in reading.user_turns):
        return f"Only the agent spoke, beginning with “{_short(_first_words(reading))}”. The caller said nothing."
    return f"{_wanted(reading)} {_ended(reading)}"


def _wanted(reading: Reading) -> str:
    who = _caller(reading)
    found = reason_sentence(reading)
    if found is None:
        words = next(turn.text for turn in reading.user_turns if turn.tokens)
        return f"{who} gave no reason for the call and said “{_short(words)}”."
    return f"{who} said: “{_short(_GREETING.sub('', found[1].text) or found[1].text)}”."


def _caller(reading: Reading) -> str:
    for turn in reading.user_turns:
        name = answered(turn.text) if asked_by(reading, turn, NAME_ASKED) else introduced(turn.text)
        if name and len(name.value.split()) <= 3:
            return f"The caller, {name.value},"
    return "The caller"


def _ended(reading: Reading) -> str:
    outcome = _decisive(reading)
    if outcome is not None:
        words = _short(reading.turns[outcome.turn].text[outcome.start : outcome.end])
        verb = {
            OutcomeKind.BOOKED: "The agent confirmed it",
            OutcomeKind.DONE: "The agent dealt with it",
            OutcomeKind.FAILED: "The agent could not do it",
            OutcomeKind.UNAVAILABLE: "It was not available",
        }[outcome.kind]
        return f"{verb}: “{words}”."
    for turn in reversed(reading.turns):
        if not turn.by_user and _HANDED.search(turn.text):
            return f"The agent passed the call on: “{_short(turn.text)}”."
    last = next(
        (
            turn
            for turn in reversed(reading.turns)
            if turn.tokens and not turn.acts & {Act.FAREWELL, Act.THANKS, Act.ANYTHING_ELSE}
        ),
        None,
    )
    if last is None:
        return "It ended without a stated result."
    side = "caller" if last.by_user else "agent"
    return f"It ended without a stated result; the {side}'s last point was “{_short(last.text)}”."


def _decisive(reading: Reading) -> Outcome | None:
    """The last good result, unless something failed after it."""
    good = [outcome for outcome in reading.outcomes if outcome.good]
    if good:
        return good[-1]
    return reading.outcomes[-1] if reading.outcomes else None


def _first_words(reading: Reading) -> str:
    return next(turn.text for turn in reading.turns if turn.tokens)


def _short(text: str) -> str:
    text = " ".join(text.split()).rstrip(" .!,;")
    if len(text) <= _LONGEST:
        return text
    return text[: text.rfind(" ", 0, _LONGEST)].rstrip(" ,.;") + " …"
