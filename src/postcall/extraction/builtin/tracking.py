"""Following one value through a call: asked for, given, offered, refused, corrected, and at last agreed on."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Evidence
from postcall.extraction.builtin.acts import Act, is_question
from postcall.extraction.builtin.outcomes import Outcome, OutcomeKind, offered
from postcall.extraction.builtin.reading import Reading, Utterance


@dataclass(frozen=True, slots=True)
class Mention:
    """A value where it is said."""

    value: Hashable
    turn: int
    start: int
    end: int
    certain: float = 0.8


Finder = Callable[[Utterance, bool], Iterable[Mention]]
"""Finds values in a turn; the flag says that the turn answers a question for just this."""

_SHORT_ASK = 5
"""Words of an agent's turn that may ask for something by naming it alone, such as "Name, please"."""


@dataclass(frozen=True, slots=True)
class Deal:
    """One booking, purchase, appointment or transfer that the agent says was made."""

    done: Outcome
    first: int
    """The turn with which the talk about it begins."""

    @property
    def turn(self) -> int:
        return self.done.turn


def deals(reading: Reading) -> tuple[Deal, ...]:
    """The completed transactions in order; a repeated confirmation of the same one counts once."""
    found: list[Deal] = []
    first = 0
    for outcome in reading.outcomes:
        if outcome.kind is not OutcomeKind.BOOKED or (found and outcome.turn == found[-1].turn):
            continue
        if found and not _anew(reading.turns[found[-1].turn + 1 : outcome.turn]):
            continue
        found.append(Deal(outcome, first))
        first = outcome.turn + 1
    return tuple(found)


def _anew(between: Sequence[Utterance]) -> bool:
    """The agent asked or offered something between two confirmations, so that the second is of another deal."""
    return any(
        not turn.by_user and turn.acts & {Act.OFFER, Act.CHECK, Act.QUESTION} and Act.ANYTHING_ELSE not in turn.acts
        for turn in between
    )


def asked_by(reading: Reading, turn: Utterance, pattern: re.Pattern[str]) -> bool:
    """The other side's last turn asks for what the pattern names."""
    for before in reversed(reading.turns[: turn.index]):
        if before.role is turn.role:
            if before.tokens:
                return False
            continue
        if before.tokens:
            return asks_for(before, pattern)
    return False


def asks_for(turn: Utterance, pattern: re.Pattern[str]) -> bool:
    """The turn asks for what the pattern names, as a question or by naming it shortly."""
    for sentence in turn.sentences:
        if pattern.search(sentence.text) and (is_question(sentence) or len(sentence.text.split()) <= _SHORT_ASK):
            return True
    return False


def settle(
    reading: Reading,
    finder: Finder,
    asked: re.Pattern[str],
    *,
    first: int = 0,
    last: int | None = None,
    done: bool = False,
) -> Mention | None:
    """The value that stands at the end of the stretch from `first` to `last`.

    A later word of the caller replaces an earlier; what the agent offers or repeats counts once the caller does not
    refuse it; what the agent cannot give is dropped. With `done`, what the agent says in the last turn counts too.
    """
    stop = len(reading.turns) if last is None else last + 1
    current: Mention | None = None
    pending: Mention | None = None
    for turn in reading.turns[first:stop]:
        if turn.by_user:
            current, pending = _hear_user(reading, turn, finder, asked, current, pending)
        else:
            said = _last(finder(turn, False))
            confirming = done and turn.index == stop - 1
            if confirming and said is not None and Act.CHECK not in turn.acts:
                return said
            if said is not None and turn.index in reading.results and Act.CHECK not in turn.acts:
                current, pending = said, None
            elif _cannot(reading, turn):
                current, pending = _after_failure(turn, finder, current)
            elif said is not None and (offered(turn) or _states_plan(turn) or _proposes(turn, said)):
                pending = said
    return pending or current


_PLAN = re.compile(
    r"\b(?:booking|reserving|scheduling|making|so that's|that's|i have you|i've got you|for you|"
    r"available|then|so|works|i have|we have|all set|is (?:free|open|fine|good))\b",
    re.IGNORECASE,
)


def _states_plan(turn: Utterance) -> bool:
    return Act.QUESTION not in turn.acts and bool(_PLAN.search(turn.text))


_OPEN_QUESTION = re.compile(r"\b(?:what|which|when|where|who|how|why)\b", re.IGNORECASE)


def _proposes(turn: Utterance, said: Mention) -> bool:
    """`Thursday at nine?`: a question that names the value itself waits for yes or no."""
    sentence = turn.sentence_at(said.start)
    return sentence is not None and sentence.asks and not _OPEN_QUESTION.search(sentence.text)


def _hear_user(
    reading: Reading,
    turn: Utterance,
    finder: Finder,
    asked: re.Pattern[str],
    current: Mention | None,
    pending: Mention | None,
) -> tuple[Mention | None, Mention | None]:
    said = _last(finder(turn, asked_by(reading, turn, asked)))
    refused = Act.REFUSE in turn.acts
    if said is not None:
        return said, None
    if pending is not None and not refused:
        return pending, None
    return current, None


def _after_failure(turn: Utterance, finder: Finder, current: Mention | None) -> tuple[Mention | None, Mention | None]:
    """What cannot be had is dropped; what the same turn offers instead is pending."""
    refused_values = set()
    offer: Mention | None = None
    for mention in finder(turn, False):
        sentence = turn.sentence_at(mention.start)
        if sentence is not None and re.search(
            r"\b(?:not|no|un\w+|n't|cannot|sorry|couldn't|can't)\b", sentence.text, re.IGNORECASE
        ):
            refused_values.add(mention.value)
        else:
            offer = mention
    if current is not None and current.value in refused_values:
        current = None
    return current, offer


def _cannot(reading: Reading, turn: Utterance) -> bool:
    return turn.index in reading.failures


def _last(mentions: Iterable[Mention]) -> Mention | None:
    found: Mention | None = None
    for mention in mentions:
        found = mention
    return found


LATEST = 8
"""Transactions that are searched for a value, from the last: enough for any call, and a bound for endless ones."""


def settle_deal(reading: Reading, finder: Finder, asked: re.Pattern[str]) -> Mention | None:
    """The value of the latest completed transaction that has one."""
    done = deals(reading)[-LATEST:]
    for deal in reversed(done):
        found = settle(reading, finder, asked, first=deal.first, last=deal.turn, done=True)
        if found is not None:
            return found
    for deal in reversed(done[1:]):
        found = settle(reading, finder, asked, last=deal.turn, done=True)
        if found is not None:
            return found
    return None


def quote_of(reading: Reading, mention: Mention) -> Evidence:
    """The sentence in which the value is said."""
    return reading.turns[mention.turn].quote_around(mention.start, mention.end)
