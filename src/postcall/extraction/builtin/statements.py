"""Whether the call says what a yes-or-no question asks, by the question's own words."""

from __future__ import annotations

import itertools
import re

from postcall.domain.calls import Role
from postcall.extraction.builtin.acts import Act, accepts, is_question, negated, refuses
from postcall.extraction.builtin.endings import Finding
from postcall.extraction.builtin.lexicon import expansions
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.text import Sentence, content, stem, words

_I = re.IGNORECASE
_AUDIBLE = re.compile(
    r"^(?:did|does|do|was|were|has|have|is|are)\b[^?]{0,60}\b(?:ask(?:ed)?|request(?:ed)?|mention(?:ed)?|say|said|"
    r"tell|told|bring up|brought up|talk(?:ed)? about|speak about|discuss(?:ed)?|express(?:ed)?|inquire[d]?|"
    r"enquire[d]?|"
    r"threaten(?:ed)?|apologi[sz]ed?|thank(?:ed)?|greet(?:ed)?|offer(?:ed)?|verify|verified|confirm(?:ed)?|"
    r"introduce[d]?|promise[d]?|explain(?:ed)?|report(?:ed)?|use[d]?|give|given|gave|provide[d]?|cancel(?:l?ed)?|"
    r"report(?:ed)?|"
    r"repeat(?:ed)?|quote[d]?|recommend(?:ed)?|suggest(?:ed)?|refer(?:red)?|sp(?:eak|oken)|pay|paid|swear|swore)\b",
    _I,
)
"""Deeds that are done in words: in a transcript without them, they were not done."""
_GENERIC = frozenset(
    map(
        stem,
        words(
            """caller customer user client patient agent assistant bot representative call conversation say said mention
    mentioned ask asked asking request requested tell told talk discuss discussed bring express expressed indicate
    indicated state stated during time anything someone true false yes no answer question whether least one need
    needed want wanted like provide provided give given make made confirm confirmed explain explained speak spoken
    offer offered use used report reported inquire enquire happen happened prospect lead guest passenger member
    visitor applicant borrower tenant subscriber buyer issue issued process processed complete completed have had
    there any anyone person people"""
        ),
    )
)
_APOLOGY = re.compile(r"\bapologi|\bsay sorry", _I)
_THANKS = re.compile(r"\bthank", _I)
_GREETING = re.compile(r"\bgreet", _I)
_GREETS = re.compile(
    r"\b(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|welcome|hola|buenos|dzień dobry|thank you for "
    r"calling)\b",
    _I,
)
MATCH = 0.6
"""The share of a question's own words that a sentence must hold to be about it."""


def find_statement(question: Question, reading: Reading) -> Finding | None:
    """Yes or no by an answered question of the agent, else by a sentence about it; None where the call does not say."""
    if _APOLOGY.search(question.text):
        return _by_act(question, reading, Act.APOLOGY, "apologises")
    if _THANKS.search(question.text):
        return _by_act(question, reading, Act.THANKS, "says thanks")
    if _GREETING.search(question.text):
        return _greets(question, reading)
    subject = subject_of(question)
    if not subject:
        return None
    return (
        _answered(question, reading, subject)
        or (_done(question, reading, subject) if _DONE.search(question.text) else None)
        or _stated(question, reading, subject)
        or _silent(question, subject)
    )


def subject_of(question: Question) -> tuple[str, ...]:
    """The words of the question itself that could be evidence; those of the identifier where it has none."""
    asked = question.text.split("?")[0]
    words = tuple(dict.fromkeys(word for word in content(asked) if word not in _GENERIC and len(word) > 1))
    return words or tuple(word for word in question.words if word not in _GENERIC and len(word) > 1)


_DONE = re.compile(
    r"^(?:was|were|has|have|did the (?:agent|assistant|representative|company|clinic|shop|store|"
    r"bank))\b[^?]*\b(?:issue[d]?|process(?:ed)?|file[d]?|cancel(?:l?ed)?|"
    r"refund(?:ed)?|update[d]?|change[d]?|sen[dt]|create[d]?|open(?:ed)?|appl(?:y|ied)|waive[d]?|activate[d]?|"
    r"replace[d]?|credit(?:ed)?|submit(?:ted)?|reset|grant(?:ed)?|"
    r"add(?:ed)?|remove[d]?|extend(?:ed)?|renew(?:ed)?|reschedule[d]?|dispatch(?:ed)?|given|offered|fixe?[d]?|"
    r"repair(?:ed)?)\b",
    _I,
)


def _done(question: Question, reading: Reading, subject: tuple[str, ...]) -> Finding | None:
    """The agent says that just this was done; where something else is said to be done, or nothing, it was not."""
    del question
    for outcome in reversed(reading.outcomes):
        turn = reading.turns[outcome.turn]
        sentence = turn.sentence_at(outcome.start)
        if sentence is not None and match(subject, sentence) >= 0.5:
            return Finding(
                outcome.good, 0.75, f"The agent says “{sentence.text[:160]}”.", (turn.quote_around(outcome.start),)
            )
    return Finding(False, 0.45, "The agent never says that this was done.")


def _silent(question: Question, subject: tuple[str, ...]) -> Finding | None:
    if _AUDIBLE.search(question.text):
        return Finding(False, 0.45, f"Nothing in the call speaks of “{' '.join(subject[:3])}”.")
    return None


def _by_act(question: Question, reading: Reading, act: Act, what: str) -> Finding:
    role = question.about or Role.AGENT
    for turn in reading.turns:
        if turn.role is role and act in turn.acts:
            side = "agent" if role is Role.AGENT else "caller"
            return Finding(True, 0.75, f"The {side} {what}.", (turn.quote_around(0),))
    return Finding(False, 0.5, f"Nobody on that side {what}.")


def _greets(question: Question, reading: Reading) -> Finding:
    role = question.about or Role.AGENT
    for turn in reading.turns[:4]:
        match = _GREETS.search(turn.text)
        if turn.role is role and match:
            return Finding(
                True, 0.8, f"“{match.group()}” is a greeting.", (turn.quote_around(match.start(), match.end()),)
            )
    return Finding(False, 0.5, "No greeting stands at the beginning.")


def _answered(question: Question, reading: Reading, subject: tuple[str, ...]) -> Finding | None:
    """The agent asks just this, and the caller says yes or no."""
    best: tuple[float, Utterance, Utterance] | None = None
    for turn in reading.turns:
        if turn.by_user or Act.QUESTION not in turn.acts:
            continue
        score = max((match(subject, sentence) for sentence in turn.sentences if is_question(sentence)), default=0.0)
        if score < MATCH or (best and score <= best[0]):
            continue
        reply = next(
            (each for each in reading.replies_to(turn.index) if accepts(each.text) or refuses(each.text)), None
        )
        if reply is not None:
            best = score, turn, reply
    if best is None:
        return None
    _, turn, reply = best
    value = accepts(reply.text)
    if question.about is Role.AGENT:  # the agent does it by asking
        return Finding(True, 0.6, f"The agent asks “{turn.quote_around(0).quote}”.", (turn.quote_around(0),))
    return Finding(
        value,
        0.75,
        f"Asked “{_question(turn, subject)}”, the caller says “{reply.quote_around(0).quote}”.",
        (reply.quote_around(0),),
    )


def _question(turn: Utterance, subject: tuple[str, ...]) -> str:
    return max(turn.sentences, key=lambda sentence: match(subject, sentence)).text[:160]


def _stated(question: Question, reading: Reading, subject: tuple[str, ...]) -> Finding | None:
    """A sentence of the side asked about holds the question's words; a negation before them makes it a no."""
    best: tuple[float, Utterance, Sentence] | None = None
    for turn in reading.turns:
        if question.about is not None and turn.role is not question.about:
            continue
        for sentence in turn.sentences:
            score = match(subject, sentence)
            if score >= MATCH and (best is None or score > best[0]):
                best = score, turn, sentence
    if best is None:
        return None
    score, turn, sentence = best
    place = _place(subject, turn, sentence)
    denied = not _AUDIBLE.search(question.text) and not is_question(sentence) and negated(sentence.text, before=place)
    side = "caller" if turn.by_user else "agent"
    return Finding(
        not denied,
        0.3 + 0.35 * score,
        f"The {side} says “{sentence.text[:160]}”.",
        (turn.quote_around(sentence.start),),
    )


def _place(subject: tuple[str, ...], turn: Utterance, sentence: Sentence) -> int:
    for token in turn.tokens:
        if sentence.start <= token.start < sentence.end and token.stem in subject:
            return token.start - sentence.start
    return len(sentence.text)


def match(subject: tuple[str, ...], sentence: Sentence) -> float:
    """The share of the question's own words that a sentence holds, synonyms counting in part."""
    heard = _stems(sentence.text)
    score = 0.0
    for word in subject:
        if word in heard:
            score += 1.0
        else:
            score += max((weight * 0.7 for other, weight in expansions(word).items() if other in heard), default=0.0)
    phrase = expansions("_".join(subject[-2:]))
    whole = max((weight + 0.2 for other, weight in phrase.items() if other in heard), default=0.0)
    return max(score / len(subject), whole if len(subject) > 1 else 0.0)


def _stems(text: str) -> frozenset[str]:
    stems = [stem(word) for word in re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower())]
    return frozenset(stems) | {f"{left}_{right}" for left, right in itertools.pairwise(stems)}
