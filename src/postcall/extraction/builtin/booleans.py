"""BOOLEAN: outcomes, moods and events that calls of every business have; anything else by its own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Answer, Evidence
from postcall.domain.calls import Role
from postcall.extraction.builtin import cues
from postcall.extraction.builtin.acts import Act, negated
from postcall.extraction.builtin.endings import ran_to_its_end
from postcall.extraction.builtin.outcomes import Outcome, OutcomeKind
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.statements import find_statement
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


Rule = Callable[[Question, Reading], Verdict | None]


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
        verdict = _by_words(question, reading)
    if verdict is None:
        return unsaid(question, "The transcript does not say")
    value = verdict.value != bool(_INVERTED.search(question.text))
    return ok(question, value, confidence=verdict.confidence, reasoning=verdict.reasoning, evidence=verdict.evidence)


_INVERTED = re.compile(
    r"\b(?:unresolved|not resolved|remain(?:s|ed)? open|left open|unsuccessful|fail(?:ed)? to (?:resolve|book|"
    r"complete)|unsatisfied|unfulfilled)\b(?!.*\(false\))",
    _I,
)


def _cue(pattern: re.Pattern[str], role: Role | None, yes: str, no: str, *, least: int = 1) -> Rule:
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


def _booked(question: Question, reading: Reading) -> Verdict:
    del question
    done = deals(reading)
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


def _failed(question: Question, reading: Reading) -> Verdict:
    del question
    failure = failed_attempt(reading)
    if failure is None:
        return Verdict(False, 0.5, "The agent never says that an attempt failed.")
    quote = _quote(reading, failure)
    return Verdict(True, 0.75, f"The agent says that it did not work: “{quote.quote}”.", (quote,))


def _requested(question: Question, reading: Reading) -> Verdict:
    del question
    quote = requested_transaction(reading)
    if quote is None:
        return Verdict(False, 0.5, "The caller asks for nothing to be booked, bought or transferred.")
    return Verdict(True, 0.75, f"The caller asks for it or agrees to it: “{quote.quote}”.", (quote,))


def _fulfilled(question: Question, reading: Reading) -> Verdict | None:
    del question
    found = fulfilled(reading)
    return None if found is None else Verdict(found.value, found.confidence, found.reasoning, found.evidence)


def _completed(question: Question, reading: Reading) -> Verdict:
    found = ran_to_its_end(reading)
    cut_asked = bool(_CUT_FIRST.search(question.text))
    return Verdict(found.value != cut_asked, found.confidence, found.reasoning, found.evidence)


_CUT_FIRST = re.compile(
    r"^(?:did|was|were|has|is)\b[^?(,]*\b(?:cut off|hang up|hung up|abandon\w*|disconnect\w*|drop(?:ped)?|ended? "
    r"(?:abruptly|early|prematurely))\b(?![^?]*\(false\))",
    _I,
)


def _annoyed(question: Question, reading: Reading) -> Verdict:
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


def _pleased(question: Question, reading: Reading) -> Verdict | None:
    annoyed = _annoyed(question, reading)
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


def _agent_kind(question: Question, reading: Reading) -> Verdict:
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


def _interested(question: Question, reading: Reading) -> Verdict | None:
    del question
    no = list(cues.hear(reading, cues.NOT_INTERESTED, Role.USER))
    yes = list(cues.hear(reading, cues.INTERESTED, Role.USER))
    if not no and not yes:
        return None
    value = bool(yes) and (not no or yes[-1].turn.index > no[-1].turn.index)
    heard = (yes if value else no)[-1]
    quote = heard.turn.quote_around(heard.start, heard.end)
    return Verdict(value, 0.6, f"They say “{quote.quote}”.", (quote,))


def _refused_offer(question: Question, reading: Reading) -> Verdict | None:
    return _offer(question, reading, wanted=Act.REFUSE)


def _accepted_offer(question: Question, reading: Reading) -> Verdict | None:
    return _offer(question, reading, wanted=Act.ACCEPT)


def _offer(question: Question, reading: Reading, *, wanted: Act) -> Verdict | None:
    """Whether the caller accepts or declines; about a thing that the question names, if it names one."""
    named = _by_words(question, reading)
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


def _by_words(question: Question, reading: Reading) -> Verdict | None:
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


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (
        re.compile(r"\bvoice ?mail\b|\banswering machine\b", _I),
        _cue(cues.VOICEMAIL, None, "“{words}” is what a voicemail says.", "Nothing sounds like a voicemail."),
    ),
    (
        re.compile(r"\bwrong number\b|\bmisdial", _I),
        _cue(cues.WRONG_NUMBER, None, "“{words}” is said.", "Nobody says that the number is wrong."),
    ),
    (
        re.compile(
            r"\bdo[_ ]not[_ ]call\b|\bopt(?:ed)?[- ]out|\b(?:removed?|taken? off)\b[^?]*\blist\b|\bstop calling\b|"
            r"\bunsubscribe",
            _I,
        ),
        _cue(cues.DO_NOT_CALL, Role.USER, "They say “{words}”.", "Nobody asks not to be called again."),
    ),
    (re.compile(r"^(?:[\w ]*\. )?(?:is|was|were|are|did|does)\b[^?]*\binterest(?:ed)?\b", _I), _interested),
    (
        re.compile(
            r"\b(?:ask|request|want|demand|insist|prefer|wish|need)\w*\b[^?.]{0,40}\b(?:human|real person|person|live "
            r"agent|representative|manager|supervisor|operator|someone)\b|\basked_?for_?(?:a )?human\b|human (?:agent "
            r")?request",
            _I,
        ),
        _cue(cues.ASKS_HUMAN, Role.USER, "The caller says “{words}”.", "The caller never asks for a person."),
    ),
    (
        re.compile(
            r"\b(?:was|were|did|is|has)\b[^?.]{0,40}\b(?:transferr?ed|transfer|escalat\w+|handed (?:off|over)|handoff|"
            r"connected|passed)\b(?![^?]{0,30}\b(?:money|funds|dollars|amount)\b)(?<!money transfer)"
            r"[^?]{0,40}\b(?:agent|human|person|department|manager|supervisor|team|specialist|someone|else|call)\b|"
            r"\b(?:call|caller|customer) (?:was )?(?:transferred|escalated|handed)|\bescalated?\b|\bhandoff\b",
            _I,
        ),
        _cue(cues.TRANSFERRED, Role.AGENT, "The agent says “{words}”.", "The agent passes the call to nobody."),
    ),
    (
        re.compile(
            r"\b(?:call|contact|reach|phon)\w*\b[^?.]{0,40}\b(?:before|previously|already|again|earlier|repeat|first "
            r"time)\b|\brepeat (?:caller|call|contact)|\bcalled_before\b|\bprevious(?:ly)? (?:call|contact)|\bfirst[- "
            r"]time caller",
            _I,
        ),
        _cue(cues.CALLED_BEFORE, Role.USER, "The caller says “{words}”.", "The caller speaks of no earlier call."),
    ),
    (
        re.compile(
            r"\bnatural end|\bcut off\b|\bhang up\b|\bhung up\b|\babandon\w*|\bdisconnect\w*|\bcall_?completed\b|"
            r"\bended? "
            r"(?:abruptly|early|prematurely|properly|politely)",
            _I,
        ),
        _completed,
    ),
    (
        re.compile(r"\bchang\w+ (?:their|his|her|its|his or her) minds?\b|\bchanged mind\b|\breconsider", _I),
        _cue(
            cues.CHANGED_MIND, Role.USER, "The caller says “{words}”.", "The caller keeps to what they first asked for."
        ),
    ),
    (
        re.compile(r"\bconfus\w+|\bunderstood\b|\btrouble understanding\b|\bdid not understand\b", _I),
        _cue(cues.CONFUSED, Role.USER, "The caller says “{words}”.", "Nothing that the caller says sounds confused."),
    ),
    (
        re.compile(
            r"\b(?:agent|assistant|bot|representative|rep|operator)\b[^?.]{0,40}\b(?:calm|helpful|polite|professional|"
            r"friendly|courteous|patient|empath\w+|respectful|kind)\b",
            _I,
        ),
        _agent_kind,
    ),
    (
        re.compile(
            r"\b(?:annoy|aggressiv|angr|frustrat|upset|irritat|unhapp|hostile|rude|dissatisf|complain|negative "
            r"(?:sentiment|mood|emotion)|abusive|swear|profan|furious|impatien|disappoint)\w*",
            _I,
        ),
        _annoyed,
    ),
    (
        re.compile(
            r"\bfail\w*\b|\bunsuccessful\b|\bdid not (?:go through|succeed)|\bcould not be (?:booked|completed|made)",
            _I,
        ),
        _failed,
    ),
    (
        re.compile(
            r"\b(?:ask|request|want|seek|sought|wish|try|tried|attempt|intend|need)\w*\b[^?.(]{0,50}\b(?:book\w*|"
            r"purchas\w*|buy|appointment|reserv\w*|schedul\w*|order|transfer|transaction)\b(?![^?.]{0,30}(?:cancel|chang|"
            r"reschedul))|\btransaction requested\b",
            _I,
        ),
        _requested,
    ),
    (
        re.compile(
            r"\b(?:resol\w+|fulfil\w*|solv\w+|carr(?:y|ied) out|accomplish\w*|achiev\w*|what (?:they|the caller|the "
            r"customer|he|she) (?:had )?(?:asked|wanted|needed|came|called)|get what|got what|goal|success\w*|handled|"
            r"dealt with|taken care of|"
            r"answer(?:ed)? (?:the|all|their|his|her)|met (?:the|their))\b",
            _I,
        ),
        _fulfilled,
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
        _booked,
    ),
    (
        re.compile(
            r"\b(?:satisf\w+|happy|pleased|content with|positive (?:sentiment|mood|emotion|experience)|glad|"
            r"delighted)\b",
            _I,
        ),
        _pleased,
    ),
    (
        re.compile(r"\bcall(?:ed|ing)? (?:them |him |her |the \w+ )?back\b|\bcall-?backs?\b", _I),
        _cue(cues.CALLBACK, None, "“{words}” is said.", "Nobody speaks of calling back."),
    ),
    (re.compile(r"\b(?:declin|refus|reject|turn(?:ed)? down)\w*\b", _I), _refused_offer),
    (re.compile(r"\b(?:accept|agree|consent)\w*\b", _I), _accepted_offer),
)
