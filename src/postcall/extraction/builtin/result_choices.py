"""ENUM questions about how a call ended: which choice stands for what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from postcall.domain.answers import Answer
from postcall.extraction.builtin.happenings import DEALT, Event, Happening, weigh
from postcall.extraction.builtin.prompt import Choice, Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.text import identifier_words

_I = re.IGNORECASE
_OUTCOME = re.compile(
    r"\b(?:outcome|result|resolution|disposition|how did (?:it|the \w+|this \w+|everything) (?:end|go|finish|turn "
    r"out|conclude)|"
    r"end(?:ed)? up|final (?:status|state|result)|status of the (?:call|conversation|matter|case)|what (?:was done|"
    r"happened in "
    r"the end|came of)|came of (?:it|the)|conclu\w+|resultado|wynik|how (?:was|were) (?:it|the \w+|they) (?:resolved|"
    r"settled|"
    r"handled|dealt))\b",
    _I,
)
_REASON = re.compile(r"\b(?:reason|why|purpose|topic|intent|motivo)\b", _I)
_EVENTS = tuple(
    (event, re.compile(pattern, _I))
    for event, pattern in (
        (
            Event.FAILED,
            r"\b(?:fail(?:ed|ure)?|unable|could ?n[o']t|not (?:possible|booked|available|done|made)|none (?:was |"
            r"were )?made|"
            r"turned? away|unavailable|no (?:slot|availability|appointment|booking|sale)|not help|out of (?:area|"
            r"stock)|rejected)\b|"
            r"_failed\b",
        ),
        (
            Event.OPEN,
            r"\bunresolved|\bnot (?:resolved|solved|settled|fixed)|\bpending|\bstill (?:has|have|open|owed?)|\bno "
            r"(?:resolution|"
            r"solution|agreement|result|outcome)|\bnothing was (?:done|settled|agreed)|\bleft open|\bunpaid|\bnone "
            r"of (?:this|"
            r"these|the above)|\bno[_ ]progress|\bno promise|\bgot nothing",
        ),
        (
            Event.HANDED,
            r"\b(?:handed|hand[- ]?off|transfer\w*|escalat\w*|forward\w*|routed|passed (?:on )?to|another (?:person|"
            r"team|department)|"
            r"live agent|supervisor|human|takes over|connected (?:to|with)|put through|passed on)\b",
        ),
        (
            Event.MESSAGE,
            r"\b(?:message|call[- _]?back|called back|ring (?:\w+ )?back|will (?:ring|call|phone|be contacted)|"
            r"follow[- _]?up|"
            r"voice ?mail left|noted|taken down|get back|left a note|promised to (?:call|contact)|ticket|"
            r"report(?:ed)?|logged)\b",
        ),
        (
            Event.MOVED,
            r"\b(?:re-?scheduled?|moved|postponed|changed|modified|amended|updated|shifted|rebooked|edited)\b",
        ),
        (
            Event.CANCELLED,
            r"\b(?:cancel\w*|called off|dropped|terminated|ended the (?:contract|service)|(?:contract|service) was "
            r"ended|withdrawn|"
            r"churned|closed account|unsubscribed)\b",
        ),
        (
            Event.REFUNDED,
            r"\b(?:refund\w*|credit(?:ed)?|money (?:was |is )?(?:sent |given )?back|reimburs\w*|waived|discount\w*)\b",
        ),
        (
            Event.SENT,
            r"\b(?:sent|shipped|dispatched|mailed|goes out|on (?:its|the|his|her) way|replacement|label|e-?mailed|"
            r"delivered|"
            r"re-?deliver\w*|re-?made|remake|tow)\b",
        ),
        (
            Event.PLANNED,
            r"\b(?:promise[ds]?(?: to pay)?|payment (?:plan|arrange\w*|agreed|scheduled|date)|arrangement|"
            r"instal?lments?|agreed to pay|extension|will "
            r"pay|pays? later)\b",
        ),
        (
            Event.PAID,
            r"\b(?:paid|payment (?:made|taken|received|completed?|processed)|payment[_ ]taken|collected|settled)\b",
        ),
        (
            Event.CONFIRMED,
            r"\b(?:confirmed|kept|left as it (?:is|was)|unchanged|stays)\b",
        ),
        (
            Event.FIXED,
            r"\b(?:fixed|resolved|solved|works again|repaired|restored|put right|troubleshot|success\w*|completed?|"
            r"done|carried "
            r"out|fulfilled|satisfied)\b",
        ),
        (
            Event.BOOKED,
            r"\b(?:booked|scheduled|reserved|appointment (?:was |is )?(?:made|set|set up|arranged)|(?:order|booking|"
            r"reservation) "
            r"(?:was |is |has been )?(?:made|placed|taken|accepted)|placed|ordered|sale|sold|arranged|agreed|bought|"
            r"signed up|"
            r"purchase[d]?|enrolled|visit (?:is )?(?:set|arranged)|new appointment)\b",
        ),
        (
            Event.TOLD,
            r"\b(?:answered|informati?on|informed|info|told what|question (?:was )?answered|explained|advice|advised|"
            r"quote[d]?|got "
            r"the information|enquiry|inquiry)\b",
        ),
        (Event.WRONG, r"\b(?:wrong (?:number|person|place)|misdial\w*|not a customer)\b"),
        (
            Event.LEFT,
            r"\b(?:abandon\w*|hung up|hang[- _]?up|dropped call|disconnected|no answer|incomplete|cut off|no "
            r"response|silent|broke "
            r"off|left before|caller (?:left|gave up))\b",
        ),
        (Event.MACHINE, r"\b(?:voice ?mail|answering machine|machine|no one answered)\b"),
        (
            Event.REFUSED,
            r"\b(?:declin\w*|refus\w*|not interested|uninterested|opt(?:ed)? out|no interest|turned down|disput\w*)\b",
        ),
    )
)
_GOOD = re.compile(r"^(?:resolved|solved|success\w*|completed?|done|fulfilled|satisfied|closed|handled)$", _I)
BY_NAME, BY_DESCRIPTION = 1.0, 0.85
WORDS = 0.3
"""What the words of a choice count beside what happened, where the words of another count nothing."""
SURELY = 0.5
"""Below it a question that has a way out, such as `other`, is answered with it."""
LEAST = 0.4
"""Below it no way to have ended is named."""


def is_about_result(question: Question) -> bool:
    """It asks how the call ended, or nearly all of its choices are ways to end."""
    if question.has(_OUTCOME) and not _REASON.search(question.core):
        return True
    named = sum(any(each is not Event.TOLD for each in events_of_name(choice.value)) for choice in question.choices)
    return named >= 3 and named * 4 >= len(question.choices) * 3 and not _REASON.search(question.core)


@lru_cache(maxsize=4_096)
def events_of_name(value: str) -> tuple[Event, ...]:
    """The events that the name of a choice stands for."""
    return _events(" ".join(identifier_words(value)))


def _events(text: str) -> tuple[Event, ...]:
    found = tuple(event for event, pattern in _EVENTS if pattern.search(text))
    if Event.PLANNED in found:  # `payment_arranged` books nothing
        found = tuple(each for each in found if each is not Event.BOOKED)
    for bad in (Event.FAILED, Event.OPEN):
        if bad in found:  # `booking_failed` names no booking
            return (bad,)
    return found


@lru_cache(maxsize=4_096)
def events_of(choice: Choice) -> Mapping[Event, float]:
    """How surely a choice stands for each event; its name decides, its explanation where the name says nothing."""
    found = dict.fromkeys(events_of_name(choice.value), BY_NAME)
    if not found or _GOOD.match(choice.value):
        for event in _events_of_text(choice.description_text):
            found.setdefault(event, BY_DESCRIPTION)
    else:
        for event in _events_of_text(choice.description_text):
            found.setdefault(event, BY_DESCRIPTION * 0.7)
    return found


def _events_of_text(text: str) -> tuple[Event, ...]:
    found: dict[Event, None] = {}
    for part in re.split(r"[,;.]|\bor\b", text):
        found.update(dict.fromkeys(_events(part)))
    return tuple(found)


def answer_result(question: Question, reading: Reading, words: Mapping[str, float]) -> Answer | None:
    """The choice for what came of the call; `words` is how much the words of the call speak for each, at most 1."""
    happened = weigh(reading)
    if not happened:
        return unsaid(question, "Nothing in the call shows how it ended")
    named = {event for choice in question.choices for event in events_of(choice)}
    unnamed = frozenset(event for event in DEALT if event not in named)
    ranked = sorted(
        (
            (each[0] + WORDS * words.get(choice.value, 0.0) * min(1.0, each[0] * 2), choice.value, each[1])
            for choice in question.choices
            for each in [_support(choice, happened, unnamed)]
            if each[1] is not None
        ),
        key=lambda each: -each[0],
    )
    if (not ranked or ranked[0][0] < SURELY) and question.fallback is not None:
        return unsaid(question, "Nothing that happened in the call is one of the other choices")
    if not ranked or ranked[0][0] < LEAST:
        return None
    score, value, shown = ranked[0]
    assert shown is not None
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    quote = reading.turns[shown.turn].quote_around(shown.start, shown.end)
    return ok(
        question,
        value,
        confidence=0.45 + 0.25 * min(score, 1.2) + 0.3 * (score - second),
        reasoning=f"It comes out that {shown.event.value}: “{quote.quote}”.",
        evidence=(quote,),
    )


def _support(
    choice: Choice, happened: Mapping[Event, Happening], unnamed: frozenset[Event]
) -> tuple[float, Happening | None]:
    """How much happened that the choice stands for; what no choice names counts as dealt with, or else as answered."""
    best: tuple[float, Happening | None] = (0.0, None)
    for event, sure in events_of(choice).items():
        shown = happened.get(event)
        if shown is not None and shown.strength * sure > best[0]:
            best = (shown.strength * sure, shown)
    general = 0.85 if Event.FIXED in events_of(choice) else 0.7 if Event.TOLD in events_of(choice) else 0.0
    for event in unnamed:
        shown = happened.get(event)
        if shown is not None and shown.strength * general > best[0]:
            best = (shown.strength * general, shown)
    if _GOOD.match(choice.value):
        for event in (*DEALT, Event.TOLD):
            shown = happened.get(event)
            if shown is not None and shown.strength * 0.8 > best[0]:
                best = (shown.strength * 0.8, shown)
    return best
