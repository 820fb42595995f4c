"""What came of a call, in the order in which it came about: booked, moved, passed on, paid, answered, given up.

Each is read from what the agent says is done, or the caller does; the last decisive one is how the call ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from postcall.extraction.builtin import cues
from postcall.extraction.builtin import result_cues as said
from postcall.extraction.builtin.acts import Act, is_question, negated
from postcall.extraction.builtin.deeds import Deed, wanted
from postcall.extraction.builtin.endings import ran_to_its_end
from postcall.extraction.builtin.outcomes import Outcome, OutcomeKind
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


def find_happenings(reading: Reading) -> tuple[Happening, ...]:
    """Everything that came about, in order, each kind of a turn once; empty where nothing did."""
    return reading.once(_find_happenings)


def _find_happenings(reading: Reading) -> tuple[Happening, ...]:
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
    return reading.once(_wish_of)


def _wish_of(reading: Reading) -> Deed | None:
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
    if said.CANNOT.search(text) and not sentence.asks:
        yield Event.FAILED
    if sentence.asks or is_question(sentence):
        return
    hands = said.HANDS.search(text)
    if hands and not negated(text, before=hands.start()) and not said.CAN_STILL.search(text[: hands.start()]):
        yield Event.HANDED
    notes = said.NOTES.search(text)
    if notes and not negated(text, before=notes.start()) and not (said.CAN_STILL.search(text[: notes.start()])):
        yield Event.MESSAGE
    specific = False
    for event, pattern in (
        (Event.CANCELLED, said.CANCELS),
        (Event.MOVED, said.MOVES),
        (Event.REFUNDED, said.REFUNDS),
        (Event.PAID, said.PAYS),
        (Event.PLANNED, said.PLANS),
        (Event.FIXED, said.WORKS),
        (Event.SENT, said.SENDS),
    ):
        match = pattern.search(text)
        if match and not _taken_back(text, match) and not (event is Event.SENT and said.SENT_ASIDE.search(text)):
            specific = True
            yield event
            if event is Event.SENT and said.SOMEBODY.search(text):
                yield Event.BOOKED
    outcome = reading.once(_outcomes_by_place).get((turn.index, sentence.start))
    if outcome is None:
        return
    if not outcome.good:
        yield Event.FAILED
    elif not specific:
        yield _plain_result(outcome.kind, wish, text)


def _outcomes_by_place(reading: Reading) -> dict[tuple[int, int], Outcome]:
    return {(each.turn, each.start): each for each in reversed(reading.outcomes)}


def _taken_back(text: str, match: re.Match[str]) -> bool:
    lead = text[: match.start()]
    return negated(text, before=match.start()) or bool(said.IF.search(lead[-40:]))


def _plain_result(kind: OutcomeKind, wish: Deed | None, text: str) -> Event:
    """ "You're all set" is what was wished for: a move where a move was asked for."""
    if kind is OutcomeKind.DONE and wish not in (Deed.CHANGE, Deed.CANCEL):
        return Event.FIXED
    if wish is Deed.CANCEL and not re.search(r"\b(?:book|schedul|reserv)\w*", text, _I):
        return Event.CANCELLED
    return Event.MOVED if wish is Deed.CHANGE else Event.BOOKED


def _by_caller(reading: Reading, turn: Utterance) -> Iterator[Happening]:
    for event, pattern in ((Event.FIXED, said.WORKS), (Event.PLANNED, said.PLANS), (Event.REFUSED, said.DECLINES)):
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
    return reading.once(_weigh)


def _weigh(reading: Reading) -> dict[Event, Happening]:
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
        match = said.KEEPS.search(turn.text)
        if match and (reading.agent_called or wish_of(reading) in (Deed.CANCEL, Deed.CHANGE)):
            cancelled = best.get(Event.CANCELLED)
            if Event.MOVED in best or turn.index < done or (cancelled is not None and cancelled.turn >= turn.index):
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
    count = sum(1 for turn in spoken if turn.by_user and turn.content)
    if not decided and (count <= 1 or not ended.value):
        strength = 0.95 if count == 0 else 0.75 if not ended.value else 0.45
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
    r"\b(?:what|how (?:much|long|late|do|many|can)|when|where|which|do you|can i|could i|is (?:it|that|this|there)|"
    r"are (?:you|there)|"
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
