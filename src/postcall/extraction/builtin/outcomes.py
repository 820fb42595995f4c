"""What the agent says was done, failed or could not be had: the gate for every question about a result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from postcall.extraction.builtin.acts import Act, is_check, is_question
from postcall.extraction.builtin.text import Sentence

if TYPE_CHECKING:
    from postcall.extraction.builtin.reading import Utterance


class OutcomeKind(Enum):
    """How one attempt ended."""

    BOOKED = "booked"
    """A booking, purchase, appointment or transfer was completed."""
    DONE = "done"
    """Something else was carried out: a change, a refund, a report."""
    FAILED = "failed"
    """An attempt was made and did not go through."""
    UNAVAILABLE = "unavailable"
    """What was wanted is not to be had, or not to be done by this agent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One statement about a result."""

    kind: OutcomeKind
    turn: int
    start: int
    end: int
    """Of the words that say so, in the text of the turn."""
    tacit: bool = False
    """Nobody says so; it follows from the caller's yes to the details and the agent's going on."""

    @property
    def good(self) -> bool:
        return self.kind in (OutcomeKind.BOOKED, OutcomeKind.DONE)


_BOOKED = (
    r"booked|reserved|moved|re-?scheduled|scheduled|confirmed|arranged|purchased|bought|ordered|secured|finali[sz]ed|"
    r"registered|enrolled|"
    r"signed up|checked in|transferred|placed|paid|made(?! (?:an? |the )?(?:note|mistake|error|sure|request))|set up|"
    r"completed?|wired|rsvp'?e?d"
)
_DONE = (
    r"cancell?ed|updated|changed|modified|reset|refunded|processed|issued|submitted|filed|lodged|reported|"
    r"sent|e-?mailed|texted|"
    r"activated|deactivated|resolved|fixed|corrected|applied|added|removed|unlocked|blocked|frozen|locked|"
    r"replaced|credited|dispatched|"
    r"waived|extended|renewed|created|opened|closed|recorded|logged|noted|forwarded|approved|restored|verified|"
    r"upgraded|"
    r"downgraded|switched|delivered|redelivered|escalated|shipped|reactivated|unsubscribed|linked|done|sorted|in place"
)
_ADVERB = (
    r"(?:(?:now|all|just|also|already|been|being|successfully|successfuly|officially|fully|duly|gone ahead and|go "
    r"ahead and|then|hereby|got)\s+)*"
)
_PASSIVE = re.compile(
    rf"\b(?:is|are|was|were|has|have|it's|that's|your|you're|'s|'re|been|got|get|successfully|successfuly|all|i've|"
    rf"we've|\w+'ve|now)"
    rf"\s+{_ADVERB}(?P<verb>{_BOOKED}|{_DONE})\b",
    re.IGNORECASE,
)
_ACTIVE = re.compile(
    rf"\b(?:i|we|i've|we've|i have|we have|i did|have)\s+{_ADVERB}(?P<verb>{_BOOKED}|{_DONE})\b", re.IGNORECASE
)
_PLAIN = re.compile(
    r"\b(?:success(?:ful|fully|fuly)?\b|(?:was|been|were) able to (?:book|get|make|reserve|schedule|secure|"
    r"arrange|process|complete|confirm)\b|(?:taken|took) care of|"
    r"(?:it'?s|it is|that'?s|that is|all|now|is|are|consider it) (?:all |now )?done\b|(?:is|has been|was) initiated|"
    r"(?:you(?:'re| are)|that's|it's|everything(?:'s| is)|we're) (?:now )?(?:all )?(?:set|good to go|booked|done)\b|"
    r"(?:is|are|it's|are now|just|be) (?:now )?(?:on (?:its|it's|the|their|his|her|your) way|en ?route|headed "
    r"(?:your|to)|heading (?:your|to)|"
    r"coming\b(?! (?:on|to) the (?:line|phone)))|on (?:its|it's|the|their|his|her) way (?:now|to you)|(?:booking|"
    r"reservation|appointment|purchase|"
    r"order|transfer|payment|"
    r"transaction|visit|ride|ticket|tickets|table|rsvp|request|report)s?\s+(?:is |are |was |were |has |have |been "
    r"|gone |went |now |all )*"
    r"(?:complete|completed|confirmed|done|through|approved|successful|booked|made|set)\b|^(?:ok(?:ay)?[,. ]+|"
    r"great[,. ]+|alright[,. ]+|perfect[,. ]+)?(?:confirmed|booked|done|moved|scheduled|reserved|rescheduled)\b|"
    r"(?:that|it)(?:'ll| will)? (?:be|comes?) (?:to )?[^.?!]{0,40}\b(?:dollars|bucks|euros|pounds|cents|minutes)\b|"
    r"\b(?:ready|there|with you) in (?:about |around )?(?:\w+ )?(?:\d+|ten|fifteen|twenty|thirty|forty|an hour|half)\b|"
    r"\bgive (?:us|me) [^.?!]{0,15}\bminutes\b|"
    r"\b(?:you(?:'re| are) (?:all )?(?:down|set|in|confirmed)|all set) (?:for|on|at)\b|\b(?:i've|we've|i have|we "
    r"have) (?:got )?you "
    r"(?:for|on|in)\b|\b(?:i'?m|we'?re) (?:putting|booking|scheduling|writing|pencil?ling|adding|marking) you (?:in|"
    r"down|for|on|up|"
    r"to)\b|\b(?:i'?ve|i have|we'?ve|i'?m|i just) (?:just |now )?(?:saved|held|holding|put|added|entered|blocked|"
    r"kept) (?:that|the|a|"
    r"this|your|you)\b(?! on hold)[^.?!]{0,30}\b(?:for you|spot|slot|time|in\b|schedule|calendar|book)|\b(?:is|"
    r"that'?s) (?:all )?"
    r"yours\b|\bconsider it (?:booked|done)|^(?:\w+,? )?it'?s in\b|\b(?:please )?be here (?:at|by|on)\b|"
    r"\bit is(?:, then)?[.!]?$|"
    r", (?:all )?(?:booked|confirmed|reserved|done|moved)(?=[.!]|$)|"
    r"(?:i'?ll|i will|i'?m going to|let me) (?:put|pencil|book|mark|get|schedule|squeeze|write) you (?:down |in |up "
    r")?(?:for|on|at|in)\b|"
    r"(?:it'?s|that'?s|you'?re) (?:all )?(?:saved|entered|locked in|on the (?:books|list|schedule))|"
    r"(?:i|we)(?:'ll| will) (?:see|expect) you (?:on|at|then|there|tomorrow|next|this)|(?:you'?re|it'?s|that'?s) "
    r"(?:now )?(?:in the "
    r"(?:book|system|calendar|schedule)|on the (?:calendar|schedule))|(?:you'?re|it'?s|that'?s|appointment is|"
    r"booking is) now "
    r"(?:on|for|at)\b|(?:entonces|listo|perfecto)\b[^.?!]{0,30}\btiene (?:su |la |una )?(?:cita|reserva)|nueva "
    r"(?:cita|reserva) "
    r"es|(?:le|la|lo) (?:agendé|reservé|anoté|apunté|cambié|moví)|"
    r"(?:i|we)(?:'ve| have)? (?:have |got |put |penciled |pencilled )?you (?:down|booked|scheduled|in) (?:for|at|"
    r"on|with)|i have you (?:down|booked|scheduled|in)\b|"
    r"(?:looking forward to|see you (?:on|at|then|there|tomorrow|next|this|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|"
    r"sunday))|(?:ha sido|está|queda|quedó|fue) (?:\w+ )?(?:reservad|confirmad|agendad|apuntad|anotad|programad|"
    r"cancelad|cambiad|"
    r"actualizad|enviad)[oa]s?|he "
    r"(?:reservado|agendado|confirmado|cancelado|cambiado)|(?:został[ao]?|jest|są) (?:\w+ )?(?:zarezerwowan|"
    r"potwierdzon|umówion|anulowan|"
    r"zmienion)\w+|(?:zarezerwował|umówił|potwierdził|anulował|zapisał)[ae]m)",
    re.IGNORECASE,
)
_BOOKED_VERB = re.compile(rf"^(?:{_BOOKED})$", re.IGNORECASE)
_DONE_PLAIN = re.compile(r"cancelad|cambiad|actualizad|enviad|anulowan|zmienion|anulował|report|request", re.IGNORECASE)
_IF = re.compile(
    r"\b(?:if|once|when|after|before|until|unless|to be|can be|could be|would be|needs? to be|must be|should be|"
    r"may be|might be|has to be|"
    r"cannot be|can't be|to get|to have|want|wants|like to|whether|in order to|so (?:that )?(?:i|we) can|going to|"
    r"would have|will have to|"
    r"please|si |cuando|jeśli)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|no|cannot|unable|\w+n['’]t|without|fail(?:s|ed)? to|nothing|no longer|nie|yet to)\b", re.IGNORECASE
)
_TAKEN = re.compile(
    r"\b(?:(?:fully|completely|solidly|all|already|over) ?-?(?:booked|reserved|taken)|booked (?:up|out|solid)|"
    r"sold out)\b",
    re.IGNORECASE,
)
_TRANSACTION = (
    r"(?:book(?:ing)?|reserv\w*|schedul\w*|appointment\w*|purchas\w*|buy|order\w*|pay(?:ment|ing)?|transfer\w*|"
    r"transaction\w*|complet\w*|"
    r"confirm\w*|process\w*|mak(?:e|ing)|plac(?:e|ing)|request\w*|ticket\w*|table|charge|card|secure|arrange|"
    r"finali[sz]e|do (?:it|that|this)|"
    r"get (?:you|that|it|the|a)|proceed|carry out|submit\w*|file|cancel\w*|change|update|reset|refund\w*|"
    r"fulfil\w*|visit|viewing)"
)
_FAILED = re.compile(
    rf"\b(?:unable to|(?:was|were|am|is|are)(?: not|n't) (?:able|possible) to|(?:could|can|did|was|were)(?: ?not|"
    rf"n't)(?: be| been)?|cannot|"
    rf"fail(?:ed|s)?(?: to)?|failure to|have(?: not|n't) been able to|has(?: not|n't) been|no pude|no puedo|nie udało)"
    rf"(?: \w+){{0,4}}? {_TRANSACTION}|"
    rf"\b{_TRANSACTION}(?: \w+){{0,5}}? (?:fail(?:ed|s|ing)?|(?:was|is|were|has|have)(?: not|n't)(?: been)?|did(?: "
    rf"not|n't)|could(?: not|n't)|"
    rf"(?:was|is|got|been) (?:declined|rejected|denied|unsuccessful|refused)|unsuccessful|not (?:go|went|"
    rf"successful|possible))|"
    rf"\b(?:unsuccessful|did(?:n't| not) (?:go through|work|succeed)|went wrong|there (?:was|is|has been|seems to "
    rf"be) (?:a|an|some) (?:\w+ )?"
    rf"(?:error|problem|issue)|something went wrong)\b",
    re.IGNORECASE,
)
_UNAVAILABLE = re.compile(
    r"\b(?:not available|unavailable|isn't available|aren't available|is not possible|isn't possible|not possible|"
    r"none available|sold out|"
    r"out of stock|(?:no|not any|n't any|not have any|n't have any|n't have an?|n't see any|n't find any|not find "
    r"any|couldn't find|could not find|"
    r"unable to find|unable to locate|can't find|cannot find|no such|without any|aren't any|are no|is no|isn't "
    r"any|have no|has no|found no|find no)"
    r"(?: \w+){0,6}? ?(?:availab\w+|appointments?|tables?|rooms?|slots?|openings?|viewings?|matches|match|"
    r"matching|results?|flights?|"
    r"rides?|tickets?|cars?|apartments?|places?|options?|times?|events?|search|record)|(?:can't|cannot|can not|"
    r"could not|couldn't|not able to|"
    r"unable to|won't be able to|don't|do not|am not|only able) (?:\w+ ){0,2}?(?:help|assist|do (?:that|this|it)|"
    r"accommodate|verify|authenticate|"
    r"authori[sz]e|identify|provide|accept|offer|honou?r|access|disclose|share)|not (?:eligible|authori[sz]ed|"
    r"allowed|covered)|against (?:our )?policy|"
    r"no hay|no (?:está|tenemos) disponible|nie ma|niedostępn\w+)",
    re.IGNORECASE,
)


def find_outcomes(turns: Sequence[Utterance]) -> tuple[Outcome, ...]:
    """Every statement of the agent about a result, in order; questions, checks and conditions state none."""
    found: list[Outcome] = []
    checked: Utterance | None = None
    agreed = False
    proposed, chosen = -9, -9
    for turn in turns:
        if turn.by_user:
            agreed = checked is not None and Act.ACCEPT in turn.acts and Act.REFUSE not in turn.acts
            takes = Act.ACCEPT in turn.acts or bool(_WHEN.search(turn.text) or _PICKS.search(turn.text))
            if turn.index == proposed + 1 and takes and Act.REFUSE not in turn.acts and Act.QUESTION not in turn.acts:
                chosen = turn.index
            continue
        stated = list(_in_turn(turn))
        if not stated and turn.index - chosen <= 3:
            stated = list(_restates(turn))
        if proposes_time(turn):
            proposed = turn.index
        if not stated and checked is not None and agreed and not turn.acts & {Act.CHECK, Act.OFFER, Act.APOLOGY}:
            stated = list(_tacit(turn))
        found.extend(stated)
        if turn.tokens:
            checked = turn if _checks_a_booking(turn) else None
            agreed = False
    return tuple(found)


_WHEN = re.compile(
    r"\b(?:\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m|p\.m|o'?clock)|\d{1,2}:\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"tomorrow|noon|(?:half|quarter) (?:past|to) \w+|"
    r"(?:at|for) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|(?:one|two|three|four|five|six|"
    r"seven|eight|"
    r"nine|ten|eleven|twelve) (?:thirty|fifteen|forty-?five|o'?clock|am|pm)|a las? \w+)\b",
    re.IGNORECASE,
)
_PICKS = re.compile(
    r"\b(?:(?:the )?(?:first|second|third|later|earlier|last|former|latter|other) (?:one|time|slot|option)|(?:the|in "
    r"the|mornings?|"
    r"afternoons?|evenings?) (?:is|are|would be|works?|one)|either|that one|this one|works|put me down|mejor|la "
    r"primera|la segunda)\b",
    re.IGNORECASE,
)
_COMES = re.compile(
    r"\b(?:(?:can|could|might) (?:come|do|see|fit|bring|stop|be there)\b|"
    r"can you (?:come|make|do|bring|be)|could you (?:come|make|do|bring|be)|come in|does that|do(?:es)? .{0,20} "
    r"work|work for "
    r"you|suit|i (?:can|could) (?:do|offer|give|fit|get|squeeze|put|see|move)|we (?:can|could) (?:do|offer|fit|see|"
    r"come)|how about|"
    r"what about|i have|we have|would you like|available|le puedo|está bien|tengo el|le conviene|qué le parece|can "
    r"see you|could see you|reply)\b",
    re.IGNORECASE,
)


_TELLS = re.compile(
    r"\b(?:there(?:'s| is| are)|leav(?:es|ing)|depart\w*|tak(?:es|ing) off|arriv\w*|costs?|starts?|begins?|plays?|"
    r"shows?|opens?|"
    r"closes?|open|closed|runs?)\b",
    re.IGNORECASE,
)
"""Words with which a time is told, not agreed on."""
SHORT = 8
"""Words of a question that may be nothing but a time put forward, such as `Half past three then?`"""


def proposes_time(turn: Utterance) -> bool:
    """The agent offers a time for something."""
    if not _WHEN.search(turn.text) or _TAKEN.search(turn.text):
        return False
    return bool(_COMES.search(turn.text)) or any(
        part.asks and _WHEN.search(part.text) and len(part.text.split()) <= SHORT for part in turn.sentences
    )


def _restates(turn: Utterance) -> Iterator[Outcome]:
    """A time was proposed and taken, and the agent now says it again as a thing that stands."""
    for sentence in turn.sentences:
        if is_question(sentence) or _NOT.search(sentence.text) or _IF.search(sentence.text) or is_check(sentence):
            continue
        if _WHEN.search(sentence.text) and not _COMES.search(sentence.text) and not _TELLS.search(sentence.text):
            yield Outcome(OutcomeKind.BOOKED, turn.index, sentence.start, sentence.end, tacit=True)
            return


_BOOKING_WORDS = re.compile(
    r"\b(?:book\w*|reserv\w*|schedul\w*|appointment|tickets?|table|purchas\w*|buy\w*|transfer\w*|order\w*|ride|"
    r"cab|taxi|visit|pick(?:ing)? ?up|flight|room|"
    r"check(?:ing)?[- ]in|reserva|cita|wizyt\w+)\b",
    re.IGNORECASE,
)


def _checks_a_booking(turn: Utterance) -> bool:
    return Act.CHECK in turn.acts and bool(_BOOKING_WORDS.search(turn.text))


def _tacit(turn: Utterance) -> Iterator[Outcome]:
    """The caller has said yes to the details, and the agent goes on as one does when it is done."""
    if turn.tokens and turn.sentences and not is_question(turn.sentences[0]):
        first = turn.sentences[0]
        yield Outcome(OutcomeKind.BOOKED, turn.index, first.start, first.end, tacit=True)


def _in_turn(turn: Utterance) -> Iterator[Outcome]:
    asks_to_confirm = False
    for sentence in turn.sentences:
        kind = _kind(sentence, asks_to_confirm=asks_to_confirm)
        if kind is not None:
            yield Outcome(kind, turn.index, sentence.start, sentence.end)
        if is_check(sentence) and (kind is None):
            asks_to_confirm = True


def _kind(sentence: Sentence, *, asks_to_confirm: bool) -> OutcomeKind | None:
    text = sentence.text
    if _FAILED.search(text) and not sentence.asks:
        return OutcomeKind.FAILED
    if _TAKEN.search(text) or (_UNAVAILABLE.search(text) and not sentence.asks):
        return OutcomeKind.UNAVAILABLE
    if is_question(sentence) or sentence.asks:
        return None
    for pattern in (_PASSIVE, _ACTIVE, _PLAIN):
        for match in pattern.finditer(text):
            lead = text[max(0, match.start() - 60) : match.start("verb" if pattern is not _PLAIN else 0)]
            clause = re.split(r"[,;:]|\band\b|\bbut\b", lead)[-1]
            if _NOT.search(clause) or _IF.search(clause):
                continue
            if (asks_to_confirm or is_check(sentence)) and not re.search(r"\bsuccess", text, re.IGNORECASE):
                continue
            return _good_kind(match, pattern)
    return None


def _good_kind(match: re.Match[str], pattern: re.Pattern[str]) -> OutcomeKind:
    if pattern is _PLAIN:
        return OutcomeKind.DONE if _DONE_PLAIN.search(match.group()) else OutcomeKind.BOOKED
    return OutcomeKind.BOOKED if _BOOKED_VERB.match(match["verb"]) else OutcomeKind.DONE


def offered(turn: Utterance) -> bool:
    """The agent's turn ends in an offer or a check that waits for yes or no."""
    return not turn.by_user and bool(turn.acts & {Act.OFFER, Act.CHECK})
