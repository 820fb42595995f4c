"""ENUM questions whose choices are languages, days of the week, moods, or yes and no."""

from __future__ import annotations

import re

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.builtin.booleans import answer_boolean
from postcall.extraction.builtin.datetimes import settle_day, weekday_of
from postcall.extraction.builtin.languages import code_of, scores
from postcall.extraction.builtin.prompt import Question, read_question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.text import fold

_LANGUAGE = re.compile(r"\blanguage|idioma|język", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def answer_language(question: Question, reading: Reading) -> Answer | None:
    """The language of the side asked about; None where the question is not about one."""
    codes = {choice.value: code_of(choice.value) for choice in question.choices}
    if not question.has(_LANGUAGE) or not any(codes.values()):
        return None
    turns = [turn for turn in reading.turns if turn.role is (question.about or Role.USER) and turn.text.strip()]
    found = scores(turn.text for turn in turns)
    best = max(found, key=lambda code: (found[code], code))
    value = next((value for value, code in codes.items() if code == best), None)
    if not found[best]:
        return unsaid(question, "Too little is said to tell the language")
    if value is None:
        return unsaid(question, f"The language seems to be {best}, which is none of the choices")
    most = max(turns, key=lambda turn: (scores([turn.text])[best], -turn.index))
    share = found[best] / (sum(found.values()) or 1)
    return ok(
        question,
        value,
        confidence=0.4 + 0.5 * share,
        reasoning=f"The words are those of “{value}”.",
        evidence=(most.quote_around(0),),
    )


def answer_weekday(question: Question, reading: Reading) -> Answer | None:
    """The weekday that the call settles on; None where the choices are not the days of the week."""
    days = {_DAYS.index(fold(choice.value)): choice.value for choice in question.choices if fold(choice.value) in _DAYS}
    if len(days) < 5:
        return None
    mention = settle_day(question, reading)
    if mention is None:
        return unsaid(question, "No day is agreed on")
    number = weekday_of(reading, mention)
    if number is None:
        number = mention.value.weekday() if hasattr(mention.value, "weekday") else None
    if number is None or number not in days:
        return unsaid(question, "No day of the week is agreed on")
    turn = reading.turns[mention.turn]
    words = turn.text[mention.start : mention.end]
    return ok(
        question,
        days[number],
        confidence=mention.certain,
        reasoning=f"The day agreed on is “{words}”.",
        evidence=(turn.quote_around(mention.start, mention.end),),
    )


def answer_yes_no(question: Question, reading: Reading) -> Answer | None:
    """Choices that are yes and no, perhaps with a third for what is not said, are answered as a BOOLEAN."""
    names = {fold(choice.value): choice.value for choice in question.choices}
    yes, no = names.get("yes") or names.get("true"), names.get("no") or names.get("false")
    if yes is None or no is None or len(names) > 3:
        return None
    plain = read_question(DispositionMetric(question.identifier, question.metric.prompt, QuestionType.BOOLEAN))
    answer = answer_boolean(plain, reading)
    if answer.value is None:
        return unsaid(question, "The transcript does not say")
    return ok(
        question,
        yes if answer.value else no,
        confidence=answer.confidence or 0.5,
        reasoning=answer.reasoning,
        evidence=answer.evidence,
    )
