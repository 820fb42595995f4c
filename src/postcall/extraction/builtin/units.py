"""STRING questions for the number of a flat, a room or the like: short, often with a letter, said in passing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postcall.domain.answers import Answer
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.tracking import Mention, asked_by

_I = re.IGNORECASE
_KIND = r"(?:unit|apartment|apt|flat|room|suite|locker|bay|office|cabin|villa|gate)"
_ASKS = re.compile(rf"\b{_KIND}\b(?:[ _](?:number|no|id))?(?! (?:type|kind|size|rate|price|service))", _I)
_VALUE = (
    r"(?P<value>\d{1,5}[ -]?[A-Za-z](?![\w'’])|[A-Za-z]-?\d{1,4}\b|"
    r"\d{1,5}\b(?!\s*(?:dollars|am|pm|o'?clock|people|nights?|st|nd|rd|th)))"
)
_NAMED = re.compile(rf"\b{_KIND}\.?\s*(?:number|no\.?|#|is)?\s*{_VALUE}", _I)
_LIVES = re.compile(r"\b(?:from|in|at|of)\s+(?P<value>\d{1,4}-?[A-Z]|[A-Z]-?\d{1,4})\b")
_GIVEN = re.compile(rf"(?:^|[\s,]){_VALUE}", _I)


def asks_unit(question: Question) -> bool:
    """It wants the number of a flat, a room or the like."""
    wants = re.search(r"\b(?:number|no\.?|id|which|what)\b", question.core, _I)
    return bool(wants) and bool(_ASKS.search(question.core)) and not question.gated


def answer_unit(question: Question, reading: Reading) -> Answer:
    """The number behind the word itself, else the answer to a question for it, else where the caller says they are."""
    found = [mention for turn in reading.turns for mention in _mentions(reading, turn)]
    if not found:
        return unsaid(question, "No such number is given")
    best = max(found, key=lambda each: (each.certain, each.turn))
    turn = reading.turns[best.turn]
    return ok(
        question,
        str(best.value),
        confidence=best.certain,
        reasoning=f"“{best.value}” is said as the number.",
        evidence=(turn.quote_around(best.start, best.end),),
    )


def _mentions(reading: Reading, turn: Utterance) -> Iterator[Mention]:
    for pattern, certain in ((_NAMED, 0.85), (_LIVES, 0.6)):
        for match in pattern.finditer(turn.text):
            value = re.sub(r"[ -]", "", match["value"])
            yield Mention(value, turn.index, match.start("value"), match.end("value"), certain)
    if turn.by_user and asked_by(reading, turn, _ASKS):
        given = _GIVEN.search(turn.text)
        if given:
            value = re.sub(r"[ -]", "", given["value"])
            yield Mention(value, turn.index, given.start("value"), given.end("value"), 0.75)
