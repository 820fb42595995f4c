"""INTEGER: counts of people and things, amounts, days of the month, ratings, and how often something happens
in the call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.extraction.builtin.acts import Act, is_question
from postcall.extraction.builtin.contacts import answer_earlier_contacts, asks_earlier_contacts
from postcall.extraction.builtin.datetimes import settle_day
from postcall.extraction.builtin.numbers import Number, find_numbers
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.services import services_helped
from postcall.extraction.builtin.text import STOP, content, stem, tokenise, words
from postcall.extraction.builtin.tracking import Finder, Mention, asked_by, deals, quote_of, settle, settle_deal

_I = re.IGNORECASE
_DAY_OF_MONTH = re.compile(r"\bday of the month\b|\b(?:which|what) day\b.*\bmonth\b", _I)
_SERVICES = re.compile(
    r"\bhow many (?:different |distinct |separate )?(?:kinds?|types?|areas?|categor\w+|services?|business\w*|"
    r"departments?|topics?|domains?)\b",
    _I,
)
_QUESTIONS = re.compile(r"\bhow many (?:\w+ )?questions\b", _I)
_TURNS = re.compile(r"\bhow many (?:\w+ )?(?:turns|messages|utterances|replies)\b", _I)
_TIMES = re.compile(r"\bhow (?:many times|often)\b|\bnumber of times\b", _I)
_MONEY = re.compile(
    r"\b(?:dollars?|euros?|pounds?|how much|amount|price|cost|usd|eur|gbp|\$|€|£|fee|paid|transferred|balance|"
    r"budget|quoted?|salary|income|rent|deposit)\b",
    _I,
)
_RATING = re.compile(
    r"\b(?:scale|rating|rate|score|out of (?:5|10|five|ten)|1 (?:to|-) ?(?:5|10)|0 (?:to|-) ?10|nps|stars?)\b", _I
)
_AGE = re.compile(r"\b(?:how old|age)\b", _I)
_HOW_MANY = re.compile(
    r"\b(?:how many|for how many|number of|count of|quantity of|cuánt[oa]s|ile)\s+(?P<things>[\w-]+(?:(?:,? (?:or|"
    r"and) |, )[\w-]+){0,4}(?: [\w-]+)?)",
    _I,
)
_PEOPLE = frozenset(
    map(
        stem,
        words(
            """people person persons guest guests seat seats ticket tickets passenger passengers adult adults traveler
    travelers traveller travellers rider riders attendee attendees diner diners party pax individuals folks members
    group"""
        ),
    )
)
_PEOPLE_ASKED = re.compile(
    r"\b(?:how many|number of|party size|size of (?:the|your) (?:party|group)|for how|how large|how big|group|"
    r"cuánt[oa]s|ile osób|seats|tickets|guests|people|persons|passengers)\b",
    _I,
)
_PEOPLE_AFTER = re.compile(
    r"^[\s-]*(?:(?:other|more|adult|of us|regular|pool|shared|luxury|economy|round|one-way|standard|first class|"
    r"train|bus|movie|event|bus|\w+)\s+)?(?:people|persons?|guests?|seats?|tickets?|"
    r"passengers?|adults?|travell?ers?|riders?|attendees|diners|of us|ppl|folks|personas?|os[oó]b\w*|plazas?|"
    r"boletos?|individuals?)\b",
    _I,
)
_PEOPLE_BEFORE = re.compile(
    r"\b(?:party of|table for|group of|reservation for|for|book(?:ing)?(?: it| a table| a ride| a cab| a room)? "
    r"for|there (?:are|will be|is)|with|just|only|we(?:'re| are)|seats? for|ride for|cab for|room for|mesa "
    r"para)\s*$",
    _I,
)
_ALONE = re.compile(
    r"\b(?:just|only) (?:for )?(?:me|myself|one|us)\b|\bby myself\b|\bfor myself\b|\bjust me\b|\bmyself only\b|"
    r"\b(?:it'?s|it is|it will be) (?:just |only )?me\b|\bfor one\b|\bsolo\b",
    _I,
)
_NOT_COUNT = re.compile(
    r"^\s*(?:st|nd|rd|th|am\b|pm\b|a\.m|p\.m|:|/|%|o'?clock|minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|"
    r"months?|years?|dollars?|bucks|credits|miles?|km|stars?|bed\w*|bath\w*|results?|matches|"
    r"options?|(?:in the )?(?:morning|afternoon|evening)|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|times?|percent|street|avenue|st\b|rd\b|ave\b|transfers?|stops?|"
    r"(?:different )?(?:restaurants?|hotels?|movies|events?|flights?|buses|trains|cars|apartments?|doctors?|"
    r"dentists?|salons?|rooms?|places|shows?|therapists?|properties))",
    _I,
)
_GENERIC = frozenset(
    map(
        stem,
        words(
            """how many different number total count caller customer user agent call conversation did during
    was were confirmed
    booked booking"""
        ),
    )
)
_MONEY_STEMS = frozenset(
    map(
        stem,
        ["dollar", "dollars", "euro", "euros", "pound", "pounds", "usd", "much", "amount", "price", "cost", "whole"],
    )
)
_ASK_STEMS = frozenset(
    map(
        stem,
        words(
            """ask asked request requested times often mention mentioned say said apologise apologize repeat
            repeated question"""
        ),
    )
)

_TOTAL = re.compile(r"\b(?:total|due|owed?|balance|price|cost|amount|bill|fee|charge|quoted?|how much)\b", _I)
_SUMS_UP = re.compile(
    r"\b(?:comes? to|that'?ll be|that will be|it'?ll be|total(?: is| of)?|(?:balance|amount|bill)(?: \w+)?(?: is| "
    r"of)|owe|due|altogether|in all|costs?|price is|"
    r"charge[sd]? "
    r"(?:is )?|run you|fee (?:is|of)|that'?s)\s*(?:about |around )?$",
    _I,
)
NAMED = 0.8
"""An amount answers a question only where more than its being money speaks for it, if only a word in the same turn."""


def answer_integer(question: Question, reading: Reading) -> Answer:
    """Route a question to the rule for its kind of number."""
    if question.gated and not any(outcome.good for outcome in reading.outcomes):
        return unsaid(question, "The agent confirms no booking, purchase or transfer")
    if asks_earlier_contacts(question):
        return answer_earlier_contacts(question, reading)
    if _DAY_OF_MONTH.search(question.text):
        return _day_of_month(question, reading)
    if _SERVICES.search(question.text) and question.about is not Role.AGENT:
        return _count_services(question, reading)
    if _QUESTIONS.search(question.text):
        return _count_questions(question, reading)
    if _TURNS.search(question.text):
        return _count_turns(question, reading)
    if _TIMES.search(question.text):
        return _count_mentions(question, reading)
    things = _HOW_MANY.search(question.text)
    nouns = _nouns(things["things"]) if things else ()
    if any(noun in _PEOPLE for noun in nouns) or "party" in question.names:
        return _settled(question, reading, _people_finder, _PEOPLE_ASKED, "number of people")
    if _MONEY.search(question.text) and not (nouns and not _MONEY.search(things.group() if things else "")):
        if question.gated and deals(reading):
            return _settled(question, reading, _money_finder(question), _MONEY, "amount")
        return _said_amount(question, reading)
    if _RATING.search(question.text):
        return _settled(question, reading, _bare_finder, _RATING, "rating")
    if _AGE.search(question.text):
        return _settled(question, reading, _things_finder(("year", "old")), _AGE, "age")
    return _generic(question, reading, nouns)


def _generic(question: Question, reading: Reading, nouns: tuple[str, ...]) -> Answer:
    subject = nouns or tuple(word for word in question.words if word not in _GENERIC)[:4]
    asked = (
        re.compile(r"\b(?:" + "|".join(re.escape(word) for word in subject) + r")\w*", _I)
        if subject
        else re.compile(r"\bhow many\b", _I)
    )
    return _settled(question, reading, _things_finder(subject), asked, " ".join(subject[:2]) or "number")


def _nouns(things: str) -> tuple[str, ...]:
    return tuple(token.stem for token in tokenise(things) if token.word not in STOP and token.stem not in _GENERIC)


def _settled(question: Question, reading: Reading, finder: Finder, asked: re.Pattern[str], what: str) -> Answer:
    mention = settle_deal(reading, finder, asked) if question.gated else settle(reading, finder, asked)
    if mention is None:
        return unsaid(question, f"No {what} is said")
    assert isinstance(mention.value, int)
    words = reading.turns[mention.turn].text[mention.start : mention.end]
    return ok(
        question,
        mention.value,
        confidence=mention.certain,
        reasoning=f"The {what} agreed on is “{words}”.",
        evidence=(quote_of(reading, mention),),
    )


def _day_of_month(question: Question, reading: Reading) -> Answer:
    mention = settle_day(question, reading, numbered=True)
    if mention is None:
        return unsaid(question, "No day of the month is said")
    assert isinstance(mention.value, date)
    words = reading.turns[mention.turn].text[mention.start : mention.end]
    return ok(
        question,
        mention.value.day,
        confidence=mention.certain * 0.8,
        reasoning=f"“{words}” is day {mention.value.day} of the month.",
        evidence=(quote_of(reading, mention),),
    )


def _mention(turn: Utterance, number: Number, certain: float) -> Iterator[Mention]:
    if number.whole is not None:
        yield Mention(number.whole, turn.index, number.start, number.end, certain)


def _people_finder(turn: Utterance, expected: bool) -> Iterator[Mention]:
    alone = _ALONE.search(turn.text) if turn.by_user else None
    found = False
    for number in find_numbers(turn.text):
        after, before = turn.text[number.end : number.end + 30], turn.text[max(0, number.start - 40) : number.start]
        if number.money or number.percent or number.ordinal or number.value > 5_000 or number.value < 1:
            continue
        if _PEOPLE_AFTER.match(after) and not _NOT_COUNT.match(after):
            found = True
            yield from _mention(turn, number, 0.85)
        elif _NOT_COUNT.match(after) or re.search(
            r"[:/$€£.]\s?$|\b(?:on|march|april|may|june|july|at|room|floor|number)\s*(?:the\s*)?$", before, _I
        ):
            continue
        elif (
            _PEOPLE_BEFORE.search(before)
            and re.match(
                r"\s*(?:[.,!?]|$|at\b|on\b|in\b|to\b|please\b|for\b|people|and\b|from\b|tomorrow|today)", after, _I
            )
        ) or (expected and turn.by_user):
            found = True
            yield from _mention(turn, number, 0.75)
    if alone and not found and (expected or re.search(r"\b(?:for|just|only) (?:me|myself|one)\b", turn.text, _I)):
        yield Mention(1, turn.index, alone.start(), alone.end(), 0.6)


def _money_finder(question: Question) -> Finder:
    moves = re.search(r"\b(?:transfer|send|sent|paid|pay|wire)", question.text, _I)

    def find(turn: Utterance, expected: bool) -> Iterator[Mention]:
        if moves and not expected and not re.search(r"\b(?:transfer|send|pay|wire|move|giv\w+)\w*\b", turn.text, _I):
            return
        for number in find_numbers(turn.text):
            if number.money or (expected and turn.by_user and not number.ordinal):
                yield from _mention(turn, number, 0.8)

    return find


def _stands_alone(turn: Utterance, number: Number) -> bool:
    """Neither part of a time, date or longer number, nor a count of something that follows."""
    before, after = turn.text[: number.start][-2:], turn.text[number.end : number.end + 12]
    return not re.search(r"[\d:/#-]\s?$", before) and bool(
        re.match(r"\s*(?:[,.;!?](?!\d)|$|a month|per|monthly|a week|in total|for|total)", after)
    )


def _said_amount(question: Question, reading: Reading) -> Answer:
    """An amount of money that either side says, where the words around it are those of the question."""
    subject = {word for word in question.words if word not in _GENERIC and word not in _MONEY_STEMS}
    best: tuple[float, Utterance, Number] | None = None
    for turn in reading.turns:
        for number in find_numbers(turn.text):
            expected = turn.by_user and asked_by(reading, turn, _MONEY) and not number.ordinal and number.value < 1e6
            sentence = turn.sentence_at(number.start)
            near = set(content(sentence.text)) if sentence else set()
            named = bool(subject & near) and number.value >= 20 and not number.ordinal and _stands_alone(turn, number)
            if number.whole is None or not (number.money or expected or named):
                continue
            priced = number.money and _SUMS_UP.search(turn.text[max(0, number.start - 30) : number.start])
            if priced and _TOTAL.search(question.core):
                near = near | subject
            score = len(subject & near) + (0.5 if number.money else 0.0) + 0.3 * len(subject & turn.content)
            if best is None or score >= best[0]:
                best = score, turn, number
    if best is None or (subject and best[0] < NAMED):
        return unsaid(question, "No amount that answers this is said")
    score, turn, number = best
    assert number.whole is not None
    words = turn.text[number.start : number.end]
    return ok(
        question,
        number.whole,
        confidence=0.45 + 0.1 * min(score, 3),
        reasoning=f"The amount said is “{words}”.",
        evidence=(turn.quote_around(number.start, number.end),),
    )


def _bare_finder(turn: Utterance, expected: bool) -> Iterator[Mention]:
    for number in find_numbers(turn.text):
        after = turn.text[number.end : number.end + 20]
        if (
            turn.by_user
            and not number.money
            and not number.ordinal
            and (expected or re.match(r"\s*(?:out of|/|stars?)\s*", after, _I))
            and number.value <= 100
        ):
            yield from _mention(turn, number, 0.8)
            return


def _things_finder(nouns: tuple[str, ...]) -> Finder:
    wanted = frozenset(nouns)

    def find(turn: Utterance, expected: bool) -> Iterator[Mention]:
        for number in find_numbers(turn.text):
            if number.money or number.ordinal:
                continue
            following = [token.stem for token in turn.tokens if number.end <= token.start <= number.end + 25][:2]
            if wanted & set(following):
                yield from _mention(turn, number, 0.75)
            elif expected and turn.by_user and not (following and turn.text[number.end : number.end + 1] in (":", "/")):
                yield from _mention(turn, number, 0.7)
                return  # the answer comes first; later numbers are its details

    return find


def _count_services(question: Question, reading: Reading) -> Answer:
    found = services_helped(question, reading)
    if not found:
        return unsaid(question, "No kind of service is named")
    names = ", ".join(name for name, _ in found)
    return ok(
        question,
        len(found),
        confidence=0.6,
        reasoning=f"The caller asks about {names}.",
        evidence=[evidence for _, evidence in found],
    )


def _count_questions(question: Question, reading: Reading) -> Answer:
    role = question.about or Role.USER
    asked = [
        turn.quote(sentence.start, sentence.end)
        for turn in reading.turns
        if turn.role is role
        for sentence in turn.sentences
        if is_question(sentence)
    ]
    side = "agent" if role is Role.AGENT else "caller"
    return ok(
        question, len(asked), confidence=0.6, reasoning=f"The {side} asks {len(asked)} questions.", evidence=asked
    )


def _count_turns(question: Question, reading: Reading) -> Answer:
    kept = [turn for turn in reading.turns if question.about is None or turn.role is question.about]
    evidence = [turn.quote(0, min(len(turn.text), 80)) for turn in kept[:1]]
    return ok(question, len(kept), confidence=0.9, reasoning=f"There are {len(kept)} such turns.", evidence=evidence)


_APOLOGISES = re.compile(r"\bapologi|sorry\b", _I)
_ASKS_HUMAN = re.compile(r"\b(?:human|person|representative|agent|manager|supervisor)\b", _I)


def _count_mentions(question: Question, reading: Reading) -> Answer:
    """How many turns of the side asked about hold what the question names."""
    if _APOLOGISES.search(question.text):
        turns = [
            turn for turn in reading.turns if Act.APOLOGY in turn.acts and turn.role is (question.about or Role.AGENT)
        ]
    else:
        subject = {word for word in question.words if word not in _GENERIC and word not in _ASK_STEMS}
        if not subject:
            return unsaid(question, "The question names nothing that could be counted")
        least = max(1, round(len(subject) * 0.5))
        turns = [
            turn
            for turn in reading.turns
            if turn.role is (question.about or Role.USER) and len(subject & turn.content) >= least
        ]
        if not turns:
            return unsaid(question, "What the question counts is never said")
    return ok(
        question,
        len(turns),
        confidence=0.5,
        reasoning=f"{len(turns)} turns speak of it.",
        evidence=[turn.quote_around(0) for turn in turns],
    )
