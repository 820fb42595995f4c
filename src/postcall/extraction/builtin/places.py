"""STRING questions for what or where was booked: a business, a practitioner, a film, a destination."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postcall.domain.answers import Answer
from postcall.extraction.builtin.acts import Act
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.things import Thing, find_addresses, find_things
from postcall.extraction.builtin.tracking import Deal, Mention, asked_by, deals, quote_of, settle

_I = re.IGNORECASE
_WITH_LEADS = {
    "at": 1.0,
    "with": 1.0,
    "called": 1.0,
    "named": 1.0,
    "see": 0.9,
    "for": 0.7,
    "visit": 0.8,
    "is": 0.5,
    "about": 0.4,
    "": 0.4,
    "to": 0.5,
    "suggest": 0.8,
    "recommend": 0.8,
    "found": 0.8,
    "view": 0.8,
    "try": 0.7,
    "watch": 0.7,
    "of": 0.4,
}
"""How much a word before a proper name speaks for its being what is booked."""
_WRONG_LEADS = frozenset({"in", "from", "near", "on", "around", "until", "location", "located", "city"})
_TO_LEADS = {
    "to": 1.0,
    "destination": 1.0,
    "towards": 1.0,
    "into": 0.8,
    "is": 0.6,
    "visit": 0.5,
    "for": 0.4,
    "in": 0.3,
    "headed": 0.5,
    "reach": 0.8,
}
_FROM_LEADS = {"from": 1.0, "leaving": 0.9, "departing": 0.9, "in": 0.3, "at": 0.4, "is": 0.4}
_IN_LEADS = {"in": 1.0, "near": 0.9, "around": 0.8, "at": 0.7, "is": 0.5, "to": 0.4}
_NAME_ASKED = re.compile(
    r"\b(?:which|what)\b.{0,30}\b(?:restaurant|hotel|doctor|dentist|venue|apartment|movie|film|event|salon|"
    r"provider|place|property|therapist|stylist|"
    r"person|shop|store|clinic|show|company|business|employer)\b|\bname of the\b|\bwhich one\b|\b(?:who|whom) "
    r"would you like|\binterested in\b",
    _I,
)
_PLACE_ASKED = re.compile(
    r"\b(?:where|destination|city|location|which (?:place|area|town|airport|station)|what (?:place|area|town)|"
    r"address|going to|dónde|gdzie)\b",
    _I,
)
_ORIGIN = re.compile(r"\b(?:origin|depart\w*|from where|pick[- ]?up|leaving from|starting point)\b", _I)
_DESTINATION = re.compile(r"\b(?:destination|going to|travel(?:l?ing)? to|where to|drop[- ]?off|destino)\b", _I)
_FILL = re.compile(
    r"^(?:(?:it'?s|it is|to|i'?m going to|i am going to|i want to go to|i'?d like to go to|i need to go to|the|"
    r"please|um+|uh+|at|in|for|with|"
    r"i (?:want|need|would like|prefer)(?: to (?:see|visit|view|go to|book|watch))?|i'?d like(?: to (?:see|visit|"
    r"view|go to|book|watch))?|see|let'?s (?:do|go with|try)|"
    r"take me to|my destination is|the destination is|i'?ll (?:take|go with)|how about|maybe|yes|ok(?:ay)?|well|"
    r"sure)\b[\s,.]*)+",
    _I,
)
_TRAVEL = re.compile(
    r"\b(?:trip|ride|travel\w*|bus|train|flight|fly|flying|cab|taxi|destination|going to|headed|leaving|depart\w*|"
    r"transport|journey|round[- ]trip|one[- ]way)\b",
    _I,
)


def answer_booked_name(question: Question, reading: Reading) -> Answer:
    """The proper name that the completed booking is with."""
    done = deals(reading)
    if question.gated and not done:
        return unsaid(question, "The agent confirms no booking")
    if question.gated:
        candidates = [
            _named(reading, deal, _WITH_LEADS, _WRONG_LEADS, titles=_wants_title(question)) for deal in reversed(done)
        ]
        mention = next((each for each in candidates if each is not None), None)
    else:
        mention = _answered(reading, _NAME_ASKED) or _named_in_result(question, reading)
    if mention is None:
        return unsaid(question, "No name that answers this is said")
    return ok(
        question,
        str(mention.value),
        confidence=mention.certain,
        reasoning=f"“{mention.value}” is the name that goes with what was arranged.",
        evidence=(quote_of(reading, mention),),
    )


def _named_in_result(question: Question, reading: Reading) -> Mention | None:
    """The name that goes with the last thing that the agent says was done."""
    good = [outcome for outcome in reading.outcomes if outcome.good and not outcome.tacit]
    return (
        _named(reading, Deal(good[-1], 0), _WITH_LEADS, _WRONG_LEADS, titles=_wants_title(question)) if good else None
    )


def _wants_title(question: Question) -> bool:
    return bool(re.search(r"\bdoctor|dentist|physician|practitioner|therapist\b", question.text, _I))


def _named(
    reading: Reading, deal: Deal, leads: dict[str, float], wrong: frozenset[str], *, titles: bool
) -> Mention | None:
    """The name with the most said for it: by the words before it, who says it and how late."""
    scores: dict[str, float] = {}
    best: dict[str, Mention] = {}
    turns = reading.turns[deal.first : deal.turn + 1]
    for place, turn in enumerate(turns):
        late = (place + 1) / len(turns)
        recap = 2.0 if not turn.by_user and (Act.CHECK in turn.acts or turn.index == deal.turn) else 1.0
        for thing, weight in _weighed(turn, leads, wrong, titles=titles):
            key = thing.value.lower()
            scores[key] = scores.get(key, 0.0) + weight * (0.5 + late) * (recap if not turn.by_user else 0.7)
            best[key] = Mention(thing.value, turn.index, thing.start, thing.end, 0.5)
    if not scores:
        return None
    key = max(scores, key=lambda each: (scores[each], each))
    return best[key] if scores[key] >= 0.6 else None


def _weighed(
    turn: Utterance, leads: dict[str, float], wrong: frozenset[str], *, titles: bool
) -> Iterator[tuple[Thing, float]]:
    """Each name of a turn with what the words around it say for it; in `A at B`, B is only where A is."""
    previous: Thing | None = None
    for thing in find_things(turn.text):
        if thing.lead in wrong or len(thing.value) < 3 or _STREET.search(thing.value):
            continue
        weight = leads.get(thing.lead, 0.2)
        same = previous is not None and turn.sentence_at(previous.start) == turn.sentence_at(thing.start)
        if same and thing.lead == "at" and not re.match(r"(?:Dr|Doctor)\b", thing.value):
            weight = 0.15
        if titles and re.match(r"(?:Dr\.?|Doctor)\s", thing.value):
            weight += 0.8
        previous = thing
        yield thing, weight


_STREET = re.compile(
    r"^\d+\s.*\b(?:street|st|avenue|ave|road|rd|drive|dr|boulevard|blvd|lane|ln|way|court|ct|place|parkway|"
    r"highway|plaza|terrace|circle)\b|^\d+$",
    _I,
)


def answer_place(question: Question, reading: Reading) -> Answer:
    """A city, station or address: where to, where from, or where."""
    leads = _FROM_LEADS if _ORIGIN.search(question.text) else _TO_LEADS if question.has(_DESTINATION) else _IN_LEADS
    travels = leads is _IN_LEADS or any(_TRAVEL.search(turn.text) for turn in reading.turns)

    def find(turn: Utterance, expected: bool) -> Iterator[Mention]:
        yield from _places_in(turn, leads, expected=expected)

    mention: Mention | None = None
    if question.gated:
        for deal in reversed(deals(reading)):
            about_travel = leads is _IN_LEADS or any(
                _TRAVEL.search(turn.text) for turn in reading.turns[deal.first : deal.turn + 1]
            )
            if about_travel:
                mention = settle(reading, find, _PLACE_ASKED, first=deal.first, last=deal.turn, done=True)
            if mention is not None:
                break
    elif travels:
        mention = settle(reading, find, _PLACE_ASKED)
    if mention is None:
        return unsaid(question, "No place that answers this is said or agreed on")
    return ok(
        question,
        str(mention.value),
        confidence=mention.certain,
        reasoning=f"“{mention.value}” is named as the place.",
        evidence=(quote_of(reading, mention),),
    )


def _places_in(turn: Utterance, leads: dict[str, float], *, expected: bool) -> Iterator[Mention]:
    taken: list[tuple[int, int]] = []
    for thing in (*find_addresses(turn.text), *find_things(turn.text)):
        if any(thing.start < end and thing.end > start for start, end in taken):
            continue
        taken.append((thing.start, thing.end))
        weight = leads.get(thing.lead, 0.0)
        if weight >= 0.8 or (expected and weight >= 0.4):
            yield Mention(thing.value, turn.index, thing.start, thing.end, 0.5 + 0.3 * weight)
    if expected and not taken and turn.by_user and not turn.acts & {Act.ACCEPT, Act.REFUSE}:
        given = bare_answer(turn.text)
        if given:
            yield Mention(given.value, turn.index, given.start, given.end, 0.5)


def _answered(reading: Reading, asked: re.Pattern[str]) -> Mention | None:
    for turn in reading.user_turns:
        if asked_by(reading, turn, asked):
            for thing in find_things(turn.text):
                return Mention(thing.value, turn.index, thing.start, thing.end, 0.6)
            given = bare_answer(turn.text)
            if given:
                return Mention(given.value, turn.index, given.start, given.end, 0.5)
    return None


def bare_answer(text: str, *, words: int = 6) -> Thing | None:
    """A short answer without its filler: `um, the Riverside one please` gives `Riverside one`."""
    lead = _FILL.match(text)
    start = lead.end() if lead else 0
    end = (
        next(
            (match.start() for match in re.finditer(r"[.!?;\n]|,\s|\bplease\b|\band\b|\bbut\b", text[start:])),
            len(text) - start,
        )
        + start
    )
    value = text[start:end].strip(" ,.")
    start = text.find(value, start) if value else start
    if (
        not value
        or len(value.split()) > words
        or re.fullmatch(r"(?i)(?:no|nope|yes|yeah|none|not sure|i don'?t know|idk|any\w*|nothing|what|huh)\b.*", value)
    ):
        return None
    return Thing(value, start, start + len(value), "")
