"""One call against one version's questions."""

from __future__ import annotations

import logging
from datetime import datetime

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, AnswerStatus, Findings
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.builtin.background import Background
from postcall.extraction.builtin.booleans import answer_boolean
from postcall.extraction.builtin.choosing import answer_enum
from postcall.extraction.builtin.datetimes import answer_datetime
from postcall.extraction.builtin.integers import answer_integer
from postcall.extraction.builtin.prompt import read_question
from postcall.extraction.builtin.reading import Reading, read
from postcall.extraction.builtin.replies import unsaid
from postcall.extraction.builtin.strings import answer_string
from postcall.extraction.builtin.summary import summarise
from postcall.extraction.builtin.topics import is_of_another_trade

ANALYSER = "built-in"
log = logging.getLogger(__name__)


def analyse(
    transcript: Transcript,
    config: VersionConfig,
    *,
    reference: datetime,
    background: Background | None = None,
) -> Findings:
    """Answer every question of a version from one transcript, in the order of the questions.

    The same input gives the same findings. `reference` is the start of the call and must be aware: relative dates such
    as "next Tuesday" count from its day. `background` only sharpens ENUM answers; None is fine for a single call.
    """
    reading = read(transcript, reference=reference, background=background)
    answers = tuple(_answer_alone(metric, reading) for metric in config.questions)
    return Findings(summary=_summarise_alone(reading), answers=answers, analyser=ANALYSER)


def _answer_alone(metric: DispositionMetric, reading: Reading) -> Answer:
    """A fault of ours in one question is that question's answer, for all to see, and never costs the others."""
    try:
        return _answer(metric, reading)
    except Exception as fault:
        log.exception("the built-in analyser failed on the question %s", metric.identifier)
        return Answer(
            identifier=metric.identifier,
            type=metric.type,
            value=None,
            status=AnswerStatus.ERROR,
            confidence=None,
            reasoning=f"the built-in analyser failed on this question: {type(fault).__name__}: {fault}",
        )


def _summarise_alone(reading: Reading) -> str:
    try:
        return summarise(reading)
    except Exception as fault:
        log.exception("the built-in analyser failed on the summary")
        return f"The built-in analyser failed on the summary: {type(fault).__name__}: {fault}"


def _answer(metric: DispositionMetric, reading: Reading) -> Answer:
    question = read_question(metric)
    if question.gated and question.type is not QuestionType.BOOLEAN and is_of_another_trade(question, reading):
        return unsaid(question, "The call is not about what this asks for")
    if question.type is QuestionType.ENUM or (question.type is QuestionType.STRING and question.choices):
        return answer_enum(question, reading)
    if question.type is QuestionType.BOOLEAN:
        return answer_boolean(question, reading)
    if question.type is QuestionType.INTEGER:
        return answer_integer(question, reading)
    if question.type is QuestionType.DATETIME:
        return answer_datetime(question, reading)
    return answer_string(question, reading)
