"""What came of a call, in the order in which it came about: booked, moved, passed on, paid, answered, given up.

Each happening is read from what the agent says is done, or the caller does; the last decisive one is how the call ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from postcall.extraction.builtin import cues
from postcall.extraction.builtin.acts import Act, is_question, negated
from postcall.extraction.builtin.deeds import Deed, wanted
from postcall.extraction.builtin.endings import ran_to_its_end
from postcall.extraction.builtin.outcomes import OutcomeKind
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.text import Sentence
from postcall.extraction.builtin.themes import hear_themes
from postcall.extraction.builtin.wishes import requested_transaction

_I = re.IGNORECASE


class Event(Enum):
    """One kind of thing that comes of a call."""

    BOOKED = "something was booked or ordered"
    MOVED = "something was moved or changed"
    CANCELLED = "something was cancelled"
    CONFIRMED = "something was confirmed and left as it is"
    REFUNDED = "money was given back or credited"
    SENT = "something is being sent"
    PAID = "something was paid"
    PLANNED = "a later payment was arranged"
    FIXED = "a fault was put right"
    HANDED = "the caller was passed on"
    MESSAGE = "a message or a call back was arranged"
    FAILED = "it could not be done"
    REFUSED = "the caller declined"
    TOLD = "a question was answered"
    WRONG = "the number was wrong"
    LEFT = "the call broke off"
    MACHINE = "a machine answered"
    OPEN = "nothing was settled"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event where it shows."""

    event: Event
    turn: int
    start: int
    end: int
    strength: float = 1.0


DEALT = (Event.BOOKED, Event.MOVED, Event.CANCELLED, Event.CONFIRMED, Event.REFUNDED, Event.SENT, Event.PAID,
         Event.PLANNED, Event.FIXED)  # fmt: skip
"""Events in which something was done about the matter."""

_HANDS = re.compile(
    r"\b(?:put(?:ting)? (?:you|your call|them) (?:through|on (?:with|to))|(?:transfer|connect|forward|switch)(?:ring|ing)? "
    r"(?:you|your call|this call|the call)|(?:transfer|connect|escalate|forward)(?:ring|ting|ing)?\b[^.?!]{0,40}\b(?:to|with) "
    r"(?:a|an|my|our|the|someone)\b|pass(?:ing)? you (?:on|over|to|along)|hand(?:ing)? you (?:over|off|to)|get(?:ting)? (?:you "
    r")?(?:a|my|someone|somebody|the) [^.?!]{0,30}\bon the (?:line|phone)|(?:is |are )?(?:coming|joining) on the line|escalat"
    r"(?:e|ed|ing) (?:this|it|your|you)|(?:someone|colleague|specialist|agent|manager) will be (?:right )?with you|stay on the "
    r"line|le (?:paso|comunico|transfiero)|la (?:paso|comunico)|łączę)\b",
    _I,
)
_NOTES = re.compile(
    r"\b(?:(?:call|ring|phone|text|e-?mail|write|get|reach|message) (?:you |him |her |them )?(?:back|out)|(?:will|'ll|can|"
    r"going to|should) (?:\w+ )?(?:call|ring|phone|contact|write to|e-?mail|text|be in touch with|reach|get back to) (?:you|him|"
    r"her)\b|in touch\b|(?:leave|left|take|taken|took|pass|passed|passing|give|given)\b[^.?!]{0,30}\b(?:message|note)\b|(?:i'?ve|"
    r"i have|i'?ll|let me|i) (?:just )?(?:pass(?:ed)? (?:it|that|this|every word|your|everything|the)|wr(?:ite|itten|ote) (?:it |"
    r"that |this |everything )?down|note[d]? (?:it|that|this|down|everything)|ma(?:ke|de) a note)|(?:hear from (?:us|him|her|"
    r"them))|le (?:devolver\w+|llamar\w+|vamos a llamar)|(?:dejo|dejar\w*|tomo|anot\w+) (?:el |un |su |le )?(?:mensaje|recado))"
    r"\b",
    _I,
)
_CANCELS = re.compile(
    r"\b(?:cancel(?:l?ed|l?ing)|(?:taken|took|taking) (?:you|it|that|him|her|your \w+) (?:off|out)|removed (?:you|it|that|your)|"
    r"called (?:it )?off|(?:contract|subscription|membership|service|account) (?:is |has been |will (?:be |stop |end ))(?:now "
    r")?(?:ended|closed|terminated|stopped|on)?|terminated|deleted (?:it|the|your)|cancelad[oa]|anulad[oa]|cancelé)\b",
    _I,
)
_MOVES = re.compile(
    r"\b(?:moved|re-?scheduled|re-?booked|pushed (?:back|it|you)|switched (?:you|it|your|that)|changed (?:you|it|your|that|the "
    r"(?:appointment|booking|date|time|reservation|delivery|slot)\b)|(?:you'?re|it'?s|that'?s) now (?:on|for|at|set for)|"
    r"(?:appointment|booking|visit|reservation|delivery|slot) is now|new (?:appointment|date|time|slot|delivery) is|swapped|"
    r"shifted|(?:nueva|otra) cita|cambiad[oa]|reprogramad[oa]|cambié|moví)\b",
    _I,
)
_REFUNDS = re.compile(
    r"\b(?:refunded|(?:issued?|process(?:ed)?|sent|made|started|initiated|giv(?:e|en)|approved)\b[^.?!]{0,20}\b(?:refund|credit)|"
    r"(?:credited|crediting)|(?:taken|took|taking|removed) (?:the|that|this|your) (?:\w+ ){0,3}(?:fee|charge)\w* off|"
    r"(?:removed|waived|reversed|dropped) (?:the|that|this|your|it)\b|\bmoney (?:back )?(?:is|will be|has been) (?:on its way|sent|"
    r"back|returned)|(?:taken|knocked) [^.?!]{0,20} off (?:your|the) (?:next )?(?:bill|invoice|total|order)|reembols\w+)\b",
    _I,
)
_SENDS = re.compile(
    r"\b(?:(?:i'?m|i am|we'?re|we are|i'?ll|we'?ll|i will|we will|i'?ve|we'?ve|i have|i|we) (?:just |already |now |going to |be |"
    r"also )?(?:sending|send|sent|ship(?:ping|ped)?|mail(?:ing|ed)?|e-?mail(?:ing|ed)?|post(?:ing|ed)?|dispatch(?:ing|ed)?|"
    r"get(?:ting)? (?:a|the) \w+ (?:out|over) to you|put(?:ting)? (?:a|an|one|the|it|them)\b[^.?!]{0,30}\bin the (?:mail|post))"
    r"|on (?:its|it's|the|their|his|her) way|in your (?:inbox|mailbox)|goes out (?:today|tomorrow|this)|(?:has|have) been (?:sent|"
    r"shipped|dispatched|mailed))\b",
    _I,
)
_SENT_ASIDE = re.compile(
    r"\b(?:confirmation|reminder|receipt|text(?: message)?|sms|map|link|survey|details|summary|question|agreement|form)\b", _I
)
_PAYS = re.compile(
    r"\b(?:(?:payment|card|amount|transaction)\b[^.?!]{0,30}\b(?:went|gone|go) through|payment (?:is |was |has been )?(?:"
    r"received|processed|accepted|complete\w*|made|taken|posted)|(?:received|processed|taken|took|posted) (?:your|the|that|a) "
    r"(?:\w+ )?payment|paid (?:in full|off|up)|balance is (?:now )?(?:zero|clear\w*|settled|paid)|you'?re (?:all )?paid|charged "
    r"(?:your|the) card)\b",
    _I,
)
_PLANS = re.compile(
    r"\b(?:payment (?:plan|arrangement|agreement)|inst(?:al|all)ments?|split (?:it|that|the|this|your)|monthly payments|extension "
    r"(?:until|to|of)|i(?:'ll| will| can) pay (?:it |that |the \w+ |you |half |\$?\d+ )?(?:on|by|next|tomorrow|this|when|in|at "
    r"the end))\b",
    _I,
)
_WORKS = re.compile(
    r"\b(?:(?:it(?:'s| is)?|that(?:'s)?|everything|they(?:'re)?|all) (?:\w+ )?(?:works?|working|fixed|back (?:on|up|online)?|"
    r"worked|running|solved)(?: now| again| fine)?|(?:i'?m|i am|got|we'?re) (?:back )?(?:in|online|on) (?:now|again)|(?:much|way|a "
    r"lot) (?:better|faster)|(?:fast|good|normal|up|on|online|green|working) again|that did (?:it|the trick)|did the trick|up and "
    r"running|(?:problem|issue|it)(?:'s| is| has been)? (?:now )?(?:fixed|resolved|solved|sorted)|ya (?:funciona|sirve|quedó))\b",
    _I,
)
_KEEPS = re.compile(
    r"\b(?:leave it (?:as it is|then|like that|there)?|keep (?:it|that|the|my|your)\b(?! (?:short|in mind|coming))|stays? (?:as "
    r"it is|in the book|put|where)|i'?ll (?:be there|come|keep it)|we leave it|see you (?:then|on|tomorrow|there)|(?:it'?s|that'?s|"
    r"you'?re|is) confirmed|thanks? (?:you )?for confirming|ahí estaré|confirmad[oa])\b",
    _I,
)
_CANNOT = re.compile(
    r"\b(?:(?:can'?t|cannot|can not|couldn'?t|could not|unable to|not able to|won'?t be able to|don'?t|do not|doesn'?t|isn'?t|"
    r"aren'?t|not|no) (?:\w+ ){0,3}?(?:help (?:you )?with|do (?:that|this|anything)|reach|find|book|make|get|say when|tell you "
    r"when|offer|deliver|available|through|responding|answering|any (?:more )?(?:slots?|openings?|rooms?|time)|open|room|have "
    r"anything|fit you|serve|cover)|nothing (?:is |has been |was )?(?:booked|free|available|open|left|i can do)|(?:schedule|"
    r"system|computer|calendar)s? (?:is|are|seems?|still)\b[^.?!]{0,15}\b(?:down|broken|frozen)|fully booked|(?:call|try) (?:us |"
    r"back |again )*(?:later|tomorrow|in an? )|no (?:puedo|podemos|hay|tenemos))\b",
    _I,
)
_DECLINES = re.compile(
    r"\b(?:not interested|no,? (?:thanks?|thank you)|don'?t (?:want|need) (?:it|that|any|one)|take me off|stop calling|don'?t call "
    r"me|remove my number|i(?:'ll| will) pass|not for me|too expensive|rather not|no me interesa)\b",
    _I,
)
_IF = re.compile(r"\b(?:if|once|when|unless|until|in case|would|could|can|shall|may|might|should|before|si)\b", _I)
_CAN_STILL = re.compile(r"\b(?:i can(?! (?:not|'t))|could|would|shall|if you)\b", _I)


def find_happenings(reading: Reading) -> tuple[Happening, ...]:
    """Everything that came about, in order, each kind of a turn once; empty where nothing did."""
    wish = wish_of(reading)
    found: list[Happening] = []
    for turn in reading.turns:
        if turn.by_user:
            found.extend(_by_caller(reading, turn))
        else:
            found.extend(_by_agent(reading, turn, wish))
    return tuple(found)


_WISHES = {"cancel": Deed.CANCEL, "move": Deed.CHANGE, "book": Deed.BOOK}


def wish_of(reading: Reading) -> Deed | None:
    """What the caller wants done about an arrangement, by the theme that is heard most clearly, else by the words."""
    heard = [each for each in hear_themes(reading, by_agent=False) if each.theme.name in _WISHES and each.score >= 0.6]
    if heard:
        return _WISHES[max(heard, key=lambda each: each.score).theme.name]
    return wanted(reading)


def _by_agent(reading: Reading, turn: Utterance, wish: Deed | None) -> Iterator[Happening]:
    seen: set[Event] = set()
    for sentence in turn.sentences:
        for event in _of_sentence(reading, turn, sentence, wish):
            if event not in seen:
                seen.add(event)
                yield Happening(event, turn.index, sentence.start, sentence.end)


def _of_sentence(reading: Reading, turn: Utterance, sentence: Sentence, wish: Deed | None) -> Iterator[Event]:
    text = sentence.text
    if _CANNOT.search(text) and not sentence.asks:
        yield Event.FAILED
    if sentence.asks or is_question(sentence):
        return
    hands = _HANDS.search(text)
    if hands and not negated(text, before=hands.start()) and not _CAN_STILL.search(text[: hands.start()]):
        yield Event.HANDED
    notes = _NOTES.search(text)
    if notes and not negated(text, before=notes.start()) and not (_CAN_STILL.search(text[: notes.start()])):
        yield Event.MESSAGE
    specific = False
    for event, pattern in (
        (Event.CANCELLED, _CANCELS),
        (Event.MOVED, _MOVES),
        (Event.REFUNDED, _REFUNDS),
        (Event.PAID, _PAYS),
        (Event.PLANNED, _PLANS),
        (Event.FIXED, _WORKS),
        (Event.SENT, _SENDS),
    ):
        match = pattern.search(text)
        if match and not _taken_back(text, match) and not (event is Event.SENT and _SENT_ASIDE.search(text)):
            specific = True
            yield event
    outcome = next((each for each in reading.outcomes if each.turn == turn.index and each.start == sentence.start), None)
    if outcome is None:
        return
    if not outcome.good:
        yield Event.FAILED
    elif not specific:
        yield _plain_result(outcome.kind, wish, text)


def _taken_back(text: str, match: re.Match[str]) -> bool:
    lead = text[: match.start()]
    return negated(text, before=match.start()) or bool(_IF.search(lead[-40:]))


def _plain_result(kind: OutcomeKind, wish: Deed | None, text: str) -> Event:
    """"You're all set" is what was wished for: a move where a move was asked for."""
    if kind is OutcomeKind.DONE and wish not in (Deed.CHANGE, Deed.CANCEL):
        return Event.FIXED
    if wish is Deed.CANCEL and not re.search(r"\b(?:book|schedul|reserv)\w*", text, _I):
        return Event.CANCELLED
    return Event.MOVED if wish is Deed.CHANGE else Event.BOOKED


def _by_caller(reading: Reading, turn: Utterance) -> Iterator[Happening]:
    for event, pattern in ((Event.FIXED, _WORKS), (Event.PLANNED, _PLANS), (Event.REFUSED, _DECLINES)):
        match = pattern.search(turn.text)
        if match and not (event is Event.FIXED and (_asks(turn, match) or turn.index < 3)):
            before = reading.turns[turn.index - 1] if turn.index else None
            if event is Event.REFUSED and (before is None or Act.ANYTHING_ELSE in before.acts or not before.tokens):
                continue
            if event is not Event.REFUSED and negated(turn.text, before=match.start()):
                continue
            yield Happening(event, turn.index, match.start(), match.end())


def _asks(turn: Utterance, match: re.Match[str]) -> bool:
    sentence = turn.sentence_at(match.start())
    return sentence is not None and (sentence.asks or is_question(sentence))


def weigh(reading: Reading) -> dict[Event, Happening]:
    """How much the call speaks for each way to have ended, and where; 1 for what was decisive and came last."""
    happened = find_happenings(reading)
    best: dict[Event, Happening] = {}
    last = max((each.turn for each in happened if each.event in (*DEALT, Event.HANDED, Event.FAILED)), default=-1)
    for each in happened:
        late = 1.0 if each.turn >= last else 0.8
        strength = _BASE.get(each.event, 0.9) * late
        if each.event not in best or strength >= best[each.event].strength:
            best[each.event] = Happening(each.event, each.turn, each.start, each.end, strength)
    _weigh_failure(reading, best)
    _weigh_confirmation(reading, best)
    for each in (*_special(reading), *_without_result(reading, best)):
        best.setdefault(each.event, each)
    return best


def is_confirmed(reading: Reading) -> bool:
    """An arrangement that stood before the call was confirmed in it and left as it is."""
    happened = weigh(reading)
    confirmed = happened.get(Event.CONFIRMED)
    rivals = [happened[event].strength for event in (Event.CANCELLED, Event.REFUSED) if event in happened]
    return confirmed is not None and all(confirmed.strength >= strength for strength in rivals)


_BASE = {Event.MESSAGE: 0.8, Event.SENT: 0.85, Event.FAILED: 0.7, Event.REFUSED: 0.6, Event.HANDED: 1.05,
         Event.PLANNED: 0.9, Event.CANCELLED: 0.95, Event.MOVED: 1.02, Event.FIXED: 0.85}  # fmt: skip


def _weigh_failure(reading: Reading, best: dict[Event, Happening]) -> None:
    """What could not be done is how it ended only where nothing was done after it."""
    failed = best.get(Event.FAILED)
    if failed is None:
        return
    after = [each for each in best.values() if each.event in DEALT and each.turn > failed.turn]
    wished = requested_transaction(reading) is not None or wish_of(reading) in (Deed.BOOK, Deed.CHANGE)
    strength = 0.35 if after else 0.95 if wished else 0.6
    best[Event.FAILED] = Happening(Event.FAILED, failed.turn, failed.start, failed.end, strength)


def _weigh_confirmation(reading: Reading, best: dict[Event, Happening]) -> None:
    """An existing arrangement is confirmed where the agent calls about it, or the caller lets it stand after all."""
    done = max((each.turn for each in best.values() if each.event in (Event.MOVED, Event.BOOKED)), default=-1)
    for turn in reversed(reading.turns):
        match = _KEEPS.search(turn.text)
        if match and (reading.agent_called or wish_of(reading) in (Deed.CANCEL, Deed.CHANGE)):
            said = any(each.event is Event.MOVED for each in best.values())
            cancelled = best.get(Event.CANCELLED)
            if said or turn.index < done or (cancelled is not None and cancelled.turn >= turn.index):
                return
            strength = 1.1 if reading.agent_called or turn.by_user else 0.9
            best[Event.CONFIRMED] = Happening(Event.CONFIRMED, turn.index, match.start(), match.end(), strength)
            return
    if reading.agent_called and not any(event in best for event in (*DEALT, Event.REFUSED, Event.HANDED)):
        for turn in reading.user_turns:
            if Act.ACCEPT in turn.acts and Act.REFUSE not in turn.acts and turn.index > 1:
                best[Event.CONFIRMED] = Happening(Event.CONFIRMED, turn.index, 0, len(turn.text), 0.8)
                return


def _special(reading: Reading) -> Iterator[Happening]:
    for event, pattern, strength in (
        (Event.WRONG, cues.WRONG_NUMBER, 1.2),
        (Event.MACHINE, cues.VOICEMAIL, 1.2),
    ):
        heard = next(cues.hear(reading, pattern, None), None)
        if heard is not None and (event is Event.WRONG or (heard.turn.by_user and heard.turn.index < 2)):
            yield Happening(event, heard.turn.index, heard.start, heard.end, strength)


def _without_result(reading: Reading, best: dict[Event, Happening]) -> Iterator[Happening]:
    """Where nothing was done: a question was answered, the call broke off, or the matter is open."""
    spoken = [turn for turn in reading.turns if turn.tokens]
    if not spoken:
        return
    last = spoken[-1]
    ended = ran_to_its_end(reading)
    decided = any(event in best for event in (*DEALT, Event.HANDED, Event.MESSAGE, Event.FAILED))
    said = sum(1 for turn in spoken if turn.by_user and turn.content)
    if not decided and (said <= 1 or not ended.value):
        strength = 0.95 if said == 0 else 0.75 if not ended.value else 0.45
        yield Happening(Event.LEFT, last.index, 0, len(last.text), strength)
    told = _told(reading)
    if told is not None:
        turn, strength = told
        refused = best.get(Event.REFUSED)
        if Event.WRONG in best or any(each.event is Event.WRONG for each in _special(reading)):
            strength -= 0.3
        weaker = decided or not ended.value or (refused is not None and refused.turn >= turn.index)
        yield Happening(Event.TOLD, turn.index, 0, len(turn.text), strength - 0.25 if weaker else strength)
    annoyed = any(heard.turn.index >= len(reading.turns) - 3 for heard in cues.hear(reading, cues.ANNOYED, None))
    if not any(event in best for event in DEALT):
        yield Happening(Event.OPEN, last.index, 0, len(last.text), 0.85 if annoyed else 0.5)


_ASKS_IN_PASSING = re.compile(
    r"\b(?:what|how (?:much|long|late|do|many|can)|when|where|which|do you|can i|could i|is (?:it|that|this|there)|are (?:you|there)|"
    r"does (?:it|that|this)|will (?:it|that|you|i)|cuánto|cuándo|dónde|aceptan|tienen|puedo)\b",
    _I,
)


def _told(reading: Reading) -> tuple[Utterance, float] | None:
    """The agent's answer to something that the caller asks, the last one; less sure where no question is heard."""
    other: Utterance | None = None
    for turn in reversed(reading.turns):
        if turn.by_user or len(turn.tokens) < 3 or turn.index in reading.failures or turn.index == 0:
            continue
        before = reading.turns[turn.index - 1]
        if not before.by_user:
            continue
        states = [part for part in turn.sentences if not is_question(part) and len(part.text.split()) >= 3]
        if not states:
            continue
        if any(is_question(part) for part in before.sentences) or _ASKS_IN_PASSING.search(before.text):
            return turn, 0.8
        if other is None and Act.FAREWELL not in turn.acts and len(turn.tokens) >= 6:
            other = turn
    return None if other is None else (other, 0.6)
