"""Yes or no for each kind of event: what decides it, and the words that show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Evidence
from postcall.domain.calls import Role
from postcall.extraction.builtin import cues
from postcall.extraction.builtin.acts import Act, negated
from postcall.extraction.builtin.endings import ran_to_its_end
from postcall.extraction.builtin.happenings import DEALT, weigh
from postcall.extraction.builtin.outcomes import Outcome, OutcomeKind
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.statements import find_statement, match, subject_of
from postcall.extraction.builtin.text import Sentence
from postcall.extraction.builtin.themes import hear_themes
from postcall.extraction.builtin.tracking import deals
from postcall.extraction.builtin.wishes import failed_attempt, fulfilled, requested_transaction

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and why."""

    value: bool
    confidence: float
    reasoning: str
    evidence: Sequence[Evidence] = ()


UNSURE = 0.6
"""Up to here a "no" rests on silence, and anything that was done outweighs it."""
Rule = Callable[[Question, Reading], Verdict | None]


def cue_rule(pattern: re.Pattern[str], role: Role | None, yes: str, no: str, *, least: int = 1) -> Rule:
    """A rule that says yes where a cue is heard, and no in a call where it is not: such events are audible."""

    def rule(question: Question, reading: Reading) -> Verdict:
        del question
        heard = list(cues.hear(reading, pattern, role))
        if len(heard) < least:
            return Verdict(value=False, confidence=0.5, reasoning=no)
        first = heard[0]
        words = first.turn.text[first.start : first.end].strip()
        quotes = [each.turn.quote_around(each.start, each.end) for each in heard]
        return Verdict(True, 0.6 + 0.08 * min(len(heard), 3), yes.format(words=words), quotes)

    return rule


def _quote(reading: Reading, outcome: Outcome) -> Evidence:
    return reading.turns[outcome.turn].quote_around(outcome.start, outcome.end)


def booked_verdict(question: Question, reading: Reading) -> Verdict:
    done = deals(reading)
    if not done:
        for outcome in reversed(reading.outcomes):
            text = reading.turns[outcome.turn].text[outcome.start : outcome.end]
            if outcome.good and match(subject_of(question), Sentence(text, 0, asks=False)) >= 0.5:
                quote = _quote(reading, outcome)
                return Verdict(True, 0.7, f"The agent says “{quote.quote}”.", (quote,))
    if done:
        quote = _quote(reading, done[-1].done)
        if all(deal.done.tacit for deal in done):
            return Verdict(
                True, 0.5, f"The caller says yes to the details, and the agent goes on with “{quote.quote}”.", (quote,)
            )
        return Verdict(True, 0.85, f"The agent confirms it: “{quote.quote}”.", (quote,))
    failures = [each for each in reading.outcomes if not each.good]
    if failures:
        quote = _quote(reading, failures[-1])
        return Verdict(False, 0.75, f"It is not to be had: “{quote.quote}”.", (quote,))
    return Verdict(False, 0.5, "The agent never confirms that anything was booked, bought or transferred.")


def said_failed(question: Question, reading: Reading) -> Verdict:
    del question
    failure = failed_attempt(reading)
    if failure is None:
        return Verdict(False, 0.5, "The agent never says that an attempt failed.")
    quote = _quote(reading, failure)
    return Verdict(True, 0.75, f"The agent says that it did not work: “{quote.quote}”.", (quote,))


def requested_verdict(question: Question, reading: Reading) -> Verdict:
    del question
    quote = requested_transaction(reading)
    if quote is None:
        return Verdict(False, 0.5, "The caller asks for nothing to be booked, bought or transferred.")
    return Verdict(True, 0.75, f"The caller asks for it or agrees to it: “{quote.quote}”.", (quote,))


def fulfilled_verdict(question: Question, reading: Reading) -> Verdict | None:
    del question
    found = fulfilled(reading)
    if found is not None and not found.value and found.confidence <= UNSURE:
        happened = weigh(reading)
        dealt = max(
            (happened[each] for each in DEALT if each in happened), key=lambda each: each.strength, default=None
        )
        if dealt is not None and dealt.strength >= 0.8:
            quote = reading.turns[dealt.turn].quote_around(dealt.start, dealt.end)
            return Verdict(True, 0.65, f"It comes out that {dealt.event.value}: “{quote.quote}”.", (quote,))
    return None if found is None else Verdict(found.value, found.confidence, found.reasoning, found.evidence)


def completed_verdict(question: Question, reading: Reading) -> Verdict:
    found = ran_to_its_end(reading)
    cut_asked = bool(_CUT_FIRST.search(question.text))
    return Verdict(found.value != cut_asked, found.confidence, found.reasoning, found.evidence)


_CUT_FIRST = re.compile(
    r"^(?:did|was|were|has|is)\b[^?(,]*\b(?:cut off|hang up|hung up|abandon\w*|disconnect\w*|drop(?:ped)?|ended? "
    r"(?:abruptly|early|prematurely))\b(?![^?]*\(false\))",
    _I,
)


def annoyed_verdict(question: Question, reading: Reading) -> Verdict:
    del question
    heard = [each for each in cues.hear(reading, cues.ANNOYED, Role.USER) if not _told_of_another(each)]
    if not heard:
        return Verdict(False, 0.5, "Nothing that the caller says sounds annoyed.")
    quotes = [each.turn.quote_around(each.start, each.end) for each in heard]
    words = heard[0].turn.text[heard[0].start : heard[0].end].strip()
    return Verdict(True, 0.5 + 0.1 * min(len(heard), 3), f"The caller says “{words}”.", quotes)


def _told_of_another(heard: cues.Heard) -> bool:
    """The word is negated (`not annoyed`) or praises (`not bad`)."""
    return negated(heard.turn.text, before=heard.start) and not re.match(
        r"\s*not\b|[!?]", heard.turn.text[heard.start : heard.end], _I
    )


def pleased_verdict(question: Question, reading: Reading) -> Verdict | None:
    annoyed = annoyed_verdict(question, reading)
    if annoyed.value:
        return Verdict(False, annoyed.confidence, annoyed.reasoning, annoyed.evidence)
    heard = list(cues.hear(reading, cues.PLEASED, Role.USER))
    if heard:
        last = heard[-1]
        quote = last.turn.quote_around(last.start, last.end)
        return Verdict(True, 0.65, f"The caller says “{quote.quote}”.", (quote,))
    outcome = fulfilled(reading)
    if outcome is None:
        return None
    return Verdict(outcome.value, min(outcome.confidence, 0.5), outcome.reasoning, outcome.evidence)


def agent_kind_verdict(question: Question, reading: Reading) -> Verdict:
    del question
    heard = list(cues.hear(reading, cues.RUDE_AGENT, Role.AGENT))
    if heard:
        quote = heard[0].turn.quote_around(heard[0].start, heard[0].end)
        return Verdict(False, 0.55, f"The agent says “{quote.quote}”.", (quote,))
    kind = next(
        (
            turn
            for turn in reading.turns
            if not turn.by_user and turn.acts & {Act.THANKS, Act.APOLOGY, Act.OFFER, Act.ANYTHING_ELSE}
        ),
        None,
    )
    evidence = (kind.quote_around(0),) if kind else ()
    return Verdict(True, 0.6, "Nothing that the agent says is impatient or rude.", evidence)


def interested_verdict(question: Question, reading: Reading) -> Verdict | None:
    del question
    no = list(cues.hear(reading, cues.NOT_INTERESTED, Role.USER))
    yes = list(cues.hear(reading, cues.INTERESTED, Role.USER))
    if not no and not yes:
        return None
    value = bool(yes) and (not no or yes[-1].turn.index > no[-1].turn.index)
    heard = (yes if value else no)[-1]
    quote = heard.turn.quote_around(heard.start, heard.end)
    return Verdict(value, 0.6, f"They say “{quote.quote}”.", (quote,))


def refused_offer_verdict(question: Question, reading: Reading) -> Verdict | None:
    return _offer(question, reading, wanted=Act.REFUSE)


def accepted_offer_verdict(question: Question, reading: Reading) -> Verdict | None:
    return _offer(question, reading, wanted=Act.ACCEPT)


def _offer(question: Question, reading: Reading, *, wanted: Act) -> Verdict | None:
    """Whether the caller accepts or declines; about a thing that the question names, if it names one."""
    named = by_words_verdict(question, reading)
    replies = [
        (turn, reply)
        for turn in reading.turns
        if not turn.by_user and turn.acts & {Act.OFFER} and Act.ANYTHING_ELSE not in turn.acts
        for reply in reading.replies_to(turn.index)
        if reply.acts & {Act.ACCEPT, Act.REFUSE}
    ]
    if not replies:
        return named
    turn, reply = replies[-1]
    value = wanted in reply.acts
    return Verdict(
        value,
        0.55,
        f"To “{turn.quote_around(0).quote}” the caller says “{reply.quote_around(0).quote}”.",
        (reply.quote_around(0),),
    )


_CANCELS = re.compile(
    r"\b(?:cancel(?:l?ed|l?ing)?|call(?:ed|ing)? (?:it )?off|anul(?:ar|ado|ada|ować)|cancelar|odwołać)\b", _I
)


def cancelled_verdict(question: Question, reading: Reading) -> Verdict:
    """The caller asks to cancel, or the agent says that it is done; the agent's own questions do not count."""
    del question
    for heard in cues.hear(reading, _CANCELS, None):
        asked = not heard.turn.by_user and Act.QUESTION in heard.turn.acts
        if not asked and not negated(heard.turn.text, before=heard.start):
            quote = heard.turn.quote_around(heard.start, heard.end)
            return Verdict(True, 0.65, f"It is said: “{quote.quote}”.", (quote,))
    return Verdict(False, 0.5, "Nobody cancels anything.")


def contained_verdict(question: Question, reading: Reading) -> Verdict:
    del question
    passed = next(iter(cues.hear(reading, cues.TRANSFERRED, Role.AGENT)), None)
    if passed is None:
        return Verdict(True, 0.5, "The agent passes the call to nobody.")
    quote = passed.turn.quote_around(passed.start, passed.end)
    return Verdict(False, 0.65, f"The agent says “{quote.quote}”.", (quote,))


def urgent_verdict(question: Question, reading: Reading) -> Verdict:
    del question
    heard = next((each for each in hear_themes(reading, by_agent=False) if each.theme.name == "emergency"), None)
    if heard is None or heard.score <= 0:
        return Verdict(False, 0.5, "Nothing that the caller says sounds like an emergency.")
    quote = reading.turns[heard.turn].quote_around(heard.start, heard.end)
    return Verdict(True, 0.65, f"The caller says “{quote.quote}”.", (quote,))


def by_words_verdict(question: Question, reading: Reading) -> Verdict | None:
    found = find_statement(question, reading)
    return None if found is None else Verdict(found.value, found.confidence, found.reasoning, found.evidence)


def _any_outcome(kinds: frozenset[OutcomeKind]) -> Rule:
    def rule(question: Question, reading: Reading) -> Verdict:
        del question
        hit = next((each for each in reversed(reading.outcomes) if each.kind in kinds), None)
        if hit is None:
            return Verdict(False, 0.45, "The agent says nothing of the kind.")
        quote = _quote(reading, hit)
        return Verdict(True, 0.7, f"The agent says “{quote.quote}”.", (quote,))

    return rule
