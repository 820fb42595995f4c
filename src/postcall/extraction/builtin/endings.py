"""Whether a conversation ran to its natural end or was cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postcall.domain.answers import Evidence
from postcall.extraction.builtin.acts import Act
from postcall.extraction.builtin.reading import Reading

_CLOSING = {Act.FAREWELL, Act.THANKS, Act.ANYTHING_ELSE}


@dataclass(frozen=True, slots=True)
class Finding:
    """Yes or no about the call, and why."""

    value: bool
    confidence: float
    reasoning: str
    evidence: Sequence[Evidence] = ()


def ran_to_its_end(reading: Reading) -> Finding:
    """A farewell, thanks or a result near the end speak for it; an open question or request at the end against it."""
    spoken = [turn for turn in reading.turns if turn.tokens]
    if len(spoken) < 2 or not any(turn.by_user for turn in spoken):
        evidence = (spoken[-1].quote_around(0),) if spoken else ()
        return Finding(False, 0.6, "There is hardly any conversation.", evidence)
    last = spoken[-1]
    quote = last.quote_around(0)
    for turn in spoken[-2:]:
        if turn.acts & _CLOSING:
            return Finding(True, 0.8, f"It closes with “{turn.quote_around(0).quote}”.", (turn.quote_around(0),))
    if any(outcome.turn >= spoken[-2].index for outcome in reading.outcomes if outcome.good):
        return Finding(True, 0.7, f"It ends with a result: “{quote.quote}”.", (quote,))
    if not last.by_user and Act.QUESTION in last.acts:
        return Finding(False, 0.6, f"The agent's last question stays without an answer: “{quote.quote}”.", (quote,))
    if last.by_user and Act.QUESTION in last.acts:
        return Finding(False, 0.6, f"The caller's last question stays without an answer: “{quote.quote}”.", (quote,))
    if last.by_user and len(spoken) < 6:
        return Finding(False, 0.5, f"It stops after “{quote.quote}”.", (quote,))
    return Finding(True, 0.5, "Nothing at the end is left open.")
