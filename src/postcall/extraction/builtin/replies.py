"""Answers in the shape that reports expect, with the rule that what has no quote is at most half sure."""

from __future__ import annotations

from collections.abc import Sequence

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Evidence
from postcall.domain.questions import QuestionType
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.text import fold

WITHOUT_QUOTE = 0.5
"""The most that an answer is sure of which no words of the transcript support."""
QUOTES = 3
"""Quotes of an answer at most: a person reads them all."""


def ok(
    question: Question, value: AnswerValue, *, confidence: float, reasoning: str, evidence: Sequence[Evidence] = ()
) -> Answer:
    """An answer that counts."""
    kept = tuple(dict.fromkeys(each for each in evidence if each.quote.strip()))[:QUOTES]
    most = 0.95 if kept else WITHOUT_QUOTE
    return Answer(
        identifier=question.identifier,
        type=question.type,
        value=value,
        status=AnswerStatus.OK,
        confidence=round(max(0.05, min(confidence, most)), 2),
        reasoning=reasoning,
        evidence=kept,
    )


def unsaid(question: Question, reasoning: str) -> Answer:
    """The transcript does not say: the fallback that the question names, or `unknown`."""
    if question.fallback is not None:
        return ok(
            question,
            _typed(question.type, question.fallback),
            confidence=WITHOUT_QUOTE,
            reasoning=f"{reasoning}; the question says what to answer then.",
        )
    return unknown(question, f"{reasoning}.")


def unknown(question: Question, reasoning: str) -> Answer:
    """The transcript does not say, and the question names nothing to answer in that case."""
    return Answer(
        identifier=question.identifier,
        type=question.type,
        value=None,
        status=AnswerStatus.UNKNOWN,
        confidence=None,
        reasoning=reasoning,
    )


def _typed(kind: QuestionType, fallback: str) -> AnswerValue:
    if kind is QuestionType.INTEGER:
        return 0 if fold(fallback) == "zero" else int(fallback)
    if kind is QuestionType.BOOLEAN:
        return fold(fallback) in {"true", "yes"}
    return fallback
