"""What the caller wanted done, and whether they got it."""

from __future__ import annotations

import re

from postcall.domain.answers import Evidence
from postcall.domain.calls import Role
from postcall.extraction.builtin import cues
from postcall.extraction.builtin.acts import Act, negated
from postcall.extraction.builtin.endings import Finding
from postcall.extraction.builtin.outcomes import Outcome, OutcomeKind
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.tracking import deals

_I = re.IGNORECASE
WANTS_DONE = re.compile(
    r"\b(?:book|reserve|schedule|purchase|buy|order|(?:re)?schedule|make (?:a|an|the|me|my|another)? ?(?:\w+ "
    r")?(?:appointment|reservation|booking|payment|transfer|order)|set up (?:a|an)|get (?:me )?(?:a|the|\d+|some|"
    r"two|three|four) "
    r"(?:\w+ )?(?:tickets?|appointment|table|room|cab|taxi|ride|reservation)|(?:want|need|like) (?:a|an|\d+|two|"
    r"three|four|one|the) (?:\w+ ){0,2}(?:tickets?|appointment|table|cab|taxi|ride|reservation|transfer)|"
    r"transfer|send (?:some |the )?(?:money|\$?\d+)|sign (?:me )?up|go ahead (?:and|with)|reservar|agendar|"
    r"comprar|cita|zarezerwować|umówić|kupić)\b",
    _I,
)
_BOOK_OFFER = re.compile(
    r"\b(?:book|reserv\w+|schedul\w+|purchas\w+|buy|order|transfer|appointment|tickets?|visit|confirm\w*|table|go "
    r"ahead|ride|cab)\b",
    _I,
)
_LATER = re.compile(
    r"\b(?:not (?:now|right now|yet|at (?:the|this)|today)|no need|don'?t|later|maybe|if i|might|before i|how "
    r"(?:do|can|much)|what if)\b",
    _I,
)


def requested_transaction(reading: Reading) -> Evidence | None:
    """The caller's words that ask for a booking, purchase or transfer, or agree to one that the agent offers."""
    done = deals(reading)
    if done:
        asked = next((each for each in _asks(reading)), None)
        return asked or reading.turns[done[0].turn].quote_around(done[0].done.start)
    for turn in reading.turns:
        if (
            not turn.by_user
            and turn.acts & {Act.OFFER, Act.CHECK}
            and _BOOK_OFFER.search(turn.text)
            and Act.ANYTHING_ELSE not in turn.acts
        ):
            for reply in reading.replies_to(turn.index):
                if Act.ACCEPT in reply.acts and Act.REFUSE not in reply.acts and not _LATER.search(reply.text):
                    return reply.quote_around(0)
    return next((each for each in _asks(reading)), None)


def _asks(reading: Reading) -> list[Evidence]:
    found = []
    for turn in reading.user_turns:
        for sentence in turn.sentences:
            match = WANTS_DONE.search(sentence.text)
            if match and not negated(sentence.text, before=match.start()) and not _LATER.search(sentence.text):
                found.append(Evidence(turn.index, sentence.text))
    return found


def failed_attempt(reading: Reading) -> Outcome | None:
    """The agent's first word that something attempted did not work."""
    return next((each for each in reading.outcomes if each.kind is OutcomeKind.FAILED), None)


def fulfilled(reading: Reading) -> Finding | None:
    """Whether the caller got what they called for; None where the call shows neither a result nor its end."""
    good = [each for each in reading.outcomes if each.good]
    bad = [each for each in reading.outcomes if not each.good]
    gave_up = next(
        (
            each
            for each in cues.hear(reading, cues.GAVE_UP, None)
            if each.turn.by_user and each.turn.index > (good[-1].turn if good else -1)
        ),
        None,
    )
    if good and (not bad or bad[-1].turn <= good[-1].turn or len(good) > len(bad)):
        quote = _quote(reading, good[-1])
        return Finding(True, 0.85, f"The agent says that it is done: “{quote.quote}”.", (quote,))
    if bad:
        quote = _quote(reading, bad[-1])
        return Finding(False, 0.75, f"The agent could not do it: “{quote.quote}”.", (quote,))
    if gave_up is not None:
        quote = gave_up.turn.quote_around(gave_up.start, gave_up.end)
        return Finding(False, 0.65, f"The caller gives up: “{quote.quote}”.", (quote,))
    return _without_result(reading)


def _quote(reading: Reading, outcome: Outcome) -> Evidence:
    return reading.turns[outcome.turn].quote_around(outcome.start, outcome.end)


def _without_result(reading: Reading) -> Finding | None:
    """No result is stated: a request to have something done is then open; a question may have been answered."""
    wanted = requested_transaction(reading)
    if wanted is not None:
        return Finding(
            False, 0.55, f"The caller asks “{wanted.quote}”, and the agent never says that it is done.", (wanted,)
        )
    later = next((each for each in cues.hear(reading, cues.CALLBACK, Role.AGENT)), None)
    if later is not None:
        quote = later.turn.quote_around(later.start, later.end)
        return Finding(False, 0.5, f"It is left for later: “{quote.quote}”.", (quote,))
    told = [
        turn
        for turn in reading.turns
        if not turn.by_user and len(turn.tokens) >= 5 and not turn.acts & {Act.QUESTION, Act.FAREWELL}
    ]
    thanked = any(turn.acts & {Act.THANKS} for turn in reading.user_turns[-2:])
    if told:
        quote = told[-1].quote_around(0)
        return Finding(True, 0.6 if thanked else 0.5, f"The agent gives an answer: “{quote.quote}”.", (quote,))
    return None
