"""A call, read once for all questions: words by turn, who asks and who answers, what was offered and done."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from postcall.domain.answers import Evidence
from postcall.domain.calls import Role, Transcript
from postcall.extraction.builtin.acts import Act, acts_of
from postcall.extraction.builtin.background import Background
from postcall.extraction.builtin.outcomes import Outcome, find_outcomes
from postcall.extraction.builtin.text import MAX_TURN, STOP, Sentence, Token, sentences, tokenise

T = TypeVar("T")
QUOTE = 240
"""Characters of a quote at most; longer sentences are cut at a word."""


_CALLS_OUT = re.compile(
    r"\b(?:i'?m|i am|we'?re|this is [\w ]{1,40}|just|reason (?:for|i'?m)) (?:just )?(?:calling|ringing|phoning)\b(?! "
    r"you "
    r"back)|\b(?:calling|call) (?:you )?(?:about|regarding|to (?:remind|confirm|let you know|follow|check|see|offer|"
    r"tell|"
    r"ask|discuss|schedule))\b|\bwith a (?:\w+ )?reminder|\bthis is a (?:\w+ )?(?:reminder|call)\b|(?<!who )(?<!whom "
    r")\bam i (?:speaking|"
    r"talking) (?:with|to)\b|\bis this (?:(?:mr|mrs|ms|dr)\b|(?-i:[A-Z])\w+ (?-i:[A-Z]))|\ble llam(?:o|amos)\b",
    re.IGNORECASE,
)


class Utterance:
    """One turn with what the rules have read in it."""

    def __init__(self, index: int, role: Role, text: str) -> None:
        self.index = index
        self.role = role
        self.text = text[:MAX_TURN]

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tokenise(self.text)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return sentences(self.text)

    @cached_property
    def terms(self) -> frozenset[str]:
        """Stems, and neighbouring stems joined by `_`, so that a phrase such as `check_in` can be looked up."""
        stems = [token.stem for token in self.tokens]
        return frozenset(stems) | {f"{left}_{right}" for left, right in itertools.pairwise(stems)}

    @cached_property
    def content(self) -> frozenset[str]:
        return frozenset(token.stem for token in self.tokens if token.word not in STOP)

    @cached_property
    def acts(self) -> frozenset[Act]:
        return acts_of(self.sentences, self.role)

    @property
    def by_user(self) -> bool:
        return self.role is Role.USER

    def quote(self, start: int, end: int) -> Evidence:
        """The words from `start` to `end`, as they stand."""
        return Evidence(self.index, self.text[start:end])

    def sentence_at(self, position: int) -> Sentence | None:
        return next((each for each in self.sentences if each.start <= position < each.end), None)

    def quote_around(self, position: int, end: int | None = None) -> Evidence:
        """The sentence that holds `position` (up to `end`), cut to a length that a person reads at a glance."""
        last = position if end is None else end
        sentence = self.sentence_at(position)
        if sentence is None:
            return Evidence(self.index, self.text[:QUOTE].strip())
        stop = max(sentence.end, last)
        if stop - sentence.start <= QUOTE:
            return Evidence(self.index, self.text[sentence.start : stop].rstrip())
        begin = sentence.start
        if last > begin + QUOTE:
            begin = max(begin, self.text.rfind(" ", 0, max(position - QUOTE // 2, 1)) + 1)
        cut = self.text.rfind(" ", begin, begin + QUOTE)
        return Evidence(self.index, self.text[begin : max(last, cut)].strip())


@dataclass(frozen=True)
class Reading:
    """A whole call."""

    turns: tuple[Utterance, ...]
    reference: datetime
    background: Background | None
    _kept: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, find: Callable[[Reading], T]) -> T:
        """What `find` finds in this call, searched for at the first question that needs it only."""
        if find not in self._kept:
            self._kept[find] = find(self)
        return cast("T", self._kept[find])

    @cached_property
    def user_turns(self) -> tuple[Utterance, ...]:
        return tuple(turn for turn in self.turns if turn.by_user)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        return find_outcomes(self.turns)

    @cached_property
    def failures(self) -> frozenset[int]:
        """The turns in which the agent says that something cannot be had or did not work."""
        return frozenset(outcome.turn for outcome in self.outcomes if not outcome.good)

    @cached_property
    def results(self) -> frozenset[int]:
        """The turns in which the agent says that something was done."""
        return frozenset(outcome.turn for outcome in self.outcomes if outcome.good and not outcome.tacit)

    @cached_property
    def agent_called(self) -> bool:
        """The agent is the one who calls, so that the reason is in the agent's words."""
        return any(_CALLS_OUT.search(turn.text) for turn in self.turns[:4] if not turn.by_user)

    def before(self, index: int, role: Role) -> Utterance | None:
        """The nearest turn of that side before `index` with words in it."""
        for turn in reversed(self.turns[:index]):
            if turn.role is role and turn.tokens:
                return turn
        return None

    def replies_to(self, index: int) -> Iterator[Utterance]:
        """The turns of the other side that follow, up to the next of the same side that has words."""
        asker = self.turns[index].role
        for turn in self.turns[index + 1 :]:
            if turn.role is asker:
                if turn.tokens:
                    return
                continue
            yield turn


def read(transcript: Transcript, *, reference: datetime, background: Background | None) -> Reading:
    """Prepare a call for the questions; words are read when a rule first needs them."""
    turns = tuple(Utterance(index, turn.role, turn.text) for index, turn in enumerate(transcript))
    return Reading(turns, reference, background)
