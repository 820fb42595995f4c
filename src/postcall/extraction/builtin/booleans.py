"""BOOLEAN: outcomes, moods and events that calls of every business have; anything else by its own words."""

from __future__ import annotations

import re

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.extraction.builtin import cues
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.verdicts import (
    Rule,
    accepted_offer_verdict,
    agent_kind_verdict,
    annoyed_verdict,
    booked_verdict,
    by_words_verdict,
    cancelled_verdict,
    completed_verdict,
    contained_verdict,
    cue_rule,
    fulfilled_verdict,
    interested_verdict,
    pleased_verdict,
    refused_offer_verdict,
    requested_verdict,
    said_failed,
    urgent_verdict,
)

_I = re.IGNORECASE


def answer_boolean(question: Question, reading: Reading) -> Answer:
    """Route a question to the rule for its kind of event, else look for what it says in the call."""
    text = question.core
    if not any(turn.tokens for turn in reading.turns):
        return unsaid(question, "Nothing is said in the call")
    for pattern, rule in _RULES:
        if pattern.search(text):
            verdict = rule(question, reading)
            break
    else:
        verdict = by_words_verdict(question, reading)
    if verdict is None:
        return unsaid(question, "The transcript does not say")
    value = verdict.value != bool(_INVERTED.search(question.text))
    return ok(question, value, confidence=verdict.confidence, reasoning=verdict.reasoning, evidence=verdict.evidence)


_INVERTED = re.compile(
    r"\b(?:unresolved|not resolved|remain(?:s|ed)? open|left open|unsuccessful|fail(?:ed)? to (?:resolve|book|"
    r"complete)|unsatisfied|unfulfilled)\b(?!.*\(false\))",
    _I,
)


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (
        re.compile(
            r"\bcontain(?:ed|ment)\b|\bself-?serv\w*|\bwithout (?:an? )?(?:human|live agent|transfer|agent)", _I
        ),
        contained_verdict,
    ),
    (re.compile(r"\b(?:cancel\w*)\b(?![^?]*\b(?:booked|made|confirmed)\b)", _I), cancelled_verdict),
    (
        re.compile(r"\bvoice ?mail\b|\banswering machine\b", _I),
        cue_rule(cues.VOICEMAIL, None, "“{words}” is what a voicemail says.", "Nothing sounds like a voicemail."),
    ),
    (
        re.compile(r"\bwrong number\b|\bmisdial", _I),
        cue_rule(cues.WRONG_NUMBER, None, "“{words}” is said.", "Nobody says that the number is wrong."),
    ),
    (
        re.compile(
            r"\bdo[_ ]not[_ ]call\b|\bopt(?:ed)?[- ]out|\b(?:removed?|taken? off)\b[^?]*\blist\b|\bstop calling\b|"
            r"\bunsubscribe",
            _I,
        ),
        cue_rule(cues.DO_NOT_CALL, Role.USER, "They say “{words}”.", "Nobody asks not to be called again."),
    ),
    (re.compile(r"^(?:[\w ]*\. )?(?:is|was|were|are|did|does)\b[^?]*\binterest(?:ed)?\b", _I), interested_verdict),
    (
        re.compile(
            r"\b(?:ask|request|want|demand|insist|prefer|wish|need)\w*\b[^?.]{0,40}\b(?:human|real person|person|live "
            r"agent|representative|manager|supervisor|operator|someone)\b|\basked_?for_?(?:a )?human\b|human (?:agent "
            r")?request",
            _I,
        ),
        cue_rule(cues.ASKS_HUMAN, Role.USER, "The caller says “{words}”.", "The caller never asks for a person."),
    ),
    (
        re.compile(
            r"\b(?:was|were|did|is|has)\b[^?.]{0,40}\b(?:transferr?ed|transfer|escalat\w+|handed (?:off|over)|handoff|"
            r"connected|passed)\b(?![^?]{0,30}\b(?:money|funds|dollars|amount)\b)(?<!money transfer)"
            r"[^?]{0,40}\b(?:agent|human|person|department|manager|supervisor|team|specialist|someone|else|call)\b|"
            r"\b(?:call|caller|customer) (?:was )?(?:transferred|escalated|handed)|\bescalated?\b|\bhandoff\b",
            _I,
        ),
        cue_rule(cues.TRANSFERRED, Role.AGENT, "The agent says “{words}”.", "The agent passes the call to nobody."),
    ),
    (
        re.compile(
            r"\b(?:call|contact|reach|phon)\w*\b[^?.]{0,40}\b(?:before|previously|already|again|earlier|repeat|first "
            r"time)\b|\brepeat (?:caller|call|contact)|\bcalled_before\b|\bprevious(?:ly)? (?:call|contact)|\bfirst[- "
            r"]time caller",
            _I,
        ),
        cue_rule(cues.CALLED_BEFORE, Role.USER, "The caller says “{words}”.", "The caller speaks of no earlier call."),
    ),
    (
        re.compile(
            r"\bnatural end|\bcut off\b|\bhang up\b|\bhung up\b|\babandon\w*|\bdisconnect\w*|\bcall_?completed\b|"
            r"\bended? "
            r"(?:abruptly|early|prematurely|properly|politely)",
            _I,
        ),
        completed_verdict,
    ),
    (re.compile(r"\bemergenc(?:y|ies)\b|\burgen(?:t|cy)\b|\bcannot wait\b|\bcan'?t wait\b", _I), urgent_verdict),
    (
        re.compile(r"\bchang\w+ (?:their|his|her|its|his or her) minds?\b|\bchanged mind\b|\breconsider", _I),
        cue_rule(
            cues.CHANGED_MIND, Role.USER, "The caller says “{words}”.", "The caller keeps to what they first asked for."
        ),
    ),
    (
        re.compile(r"\bconfus\w+|\bunderstood\b|\btrouble understanding\b|\bdid not understand\b", _I),
        cue_rule(
            cues.CONFUSED, Role.USER, "The caller says “{words}”.", "Nothing that the caller says sounds confused."
        ),
    ),
    (
        re.compile(
            r"\b(?:agent|assistant|bot|representative|rep|operator)\b[^?.]{0,40}\b(?:calm|helpful|polite|professional|"
            r"friendly|courteous|patient|empath\w+|respectful|kind)\b",
            _I,
        ),
        agent_kind_verdict,
    ),
    (
        re.compile(
            r"\b(?:annoy|aggressiv|angr|frustrat|upset|irritat|unhapp|hostile|rude|dissatisf|complain|negative "
            r"(?:sentiment|mood|emotion)|abusive|swear|profan|furious|impatien|disappoint)\w*",
            _I,
        ),
        annoyed_verdict,
    ),
    (
        re.compile(
            r"\bfail\w*\b|\bunsuccessful\b|\bdid not (?:go through|succeed)|\bcould not be (?:booked|completed|made)",
            _I,
        ),
        said_failed,
    ),
    (
        re.compile(
            r"\b(?:ask|request|want|seek|sought|wish|try|tried|attempt|intend|need)\w*\b[^?.(]{0,50}\b(?:book\w*|"
            r"purchas\w*|buy|appointment|reserv\w*|schedul\w*|order|transfer|transaction)\b(?![^?.]{0,30}(?:cancel|"
            r"chang|"
            r"reschedul))|\btransaction requested\b",
            _I,
        ),
        requested_verdict,
    ),
    (
        re.compile(
            r"\b(?:resol\w+|fulfil\w*|solv\w+|carr(?:y|ied) out|accomplish\w*|achiev\w*|what (?:they|the caller|the "
            r"customer|he|she) (?:had )?(?:asked|wanted|needed|came|called)|get what|got what|goal|success\w*|handled|"
            r"dealt with|taken care of|"
            r"answer(?:ed)? (?:the|all|their|his|her)|met (?:the|their))\b",
            _I,
        ),
        fulfilled_verdict,
    ),
    (
        re.compile(
            r"\b(?:was|were|is|has|have|did|got|get)\b[^?.]{0,80}\b(?:book(?:ed|ing)?|reserv\w+|schedul\w+|purchas\w+|"
            r"appointment|confirmed|completed|sale|ordered|order placed|bought|set up|transfer)\b(?!\s*(?:before|"
            r"previously|already|cancel|resched|number))|"
            r"\b(?:booking|appointment|reservation|order|sale|purchase)_?\s?(?:confirmed|made|booked|completed|placed|"
            r"scheduled|successful)\b",
            _I,
        ),
        booked_verdict,
    ),
    (
        re.compile(
            r"\b(?:satisf\w+|happy|pleased|content with|positive (?:sentiment|mood|emotion|experience)|glad|"
            r"delighted)\b",
            _I,
        ),
        pleased_verdict,
    ),
    (
        re.compile(r"\bcall(?:ed|ing)? (?:them |him |her |the \w+ )?back\b|\bcall-?backs?\b", _I),
        cue_rule(cues.CALLBACK, None, "“{words}” is said.", "Nobody speaks of calling back."),
    ),
    (re.compile(r"\b(?:declin|refus|reject|turn(?:ed)? down)\w*\b", _I), refused_offer_verdict),
    (re.compile(r"\b(?:accept|agree|consent)\w*\b", _I), accepted_offer_verdict),
)
