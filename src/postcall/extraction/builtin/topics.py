"""Whether a call can be about the thing that a question names at all."""

from __future__ import annotations

from postcall.extraction.builtin.lexicon import expansions, is_trade
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.text import content


def is_of_another_trade(question: Question, reading: Reading) -> bool:
    """The question names one kind of business (a hotel stay, a flight), and the call never speaks of it.

    A question that lists several ("the restaurant, hotel or venue") means any booking, also one that is not listed.
    """
    trades = {word for word in content(question.core) if is_trade(word)}
    if len(trades) != 1 or " or " in question.core or "," in question.core:
        return False
    heard = frozenset().union(*(turn.terms for turn in reading.turns)) if reading.turns else frozenset()
    return not any(trade in heard or any(other in heard for other in expansions(trade)) for trade in trades)
