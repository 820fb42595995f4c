"""The cascade: learned heads answer first, then the model where there is one, or else the rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.answers import Answer, Findings, SecondAnswer
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.errors import ModelError
from postcall.extraction.checking import unasked
from postcall.extraction.learning.digest import question_digest

if TYPE_CHECKING:  # numpy is needed only where something was learned
    from postcall.extraction.learning.head import Head

BY_RULES: Final = "rules"
BY_MODEL: Final = "model"
SURE_ENOUGH: Final = 0.8
"""Of a head, where a model stands behind it: on labelled calls of eight questions heads then answered 50 to 99 % of
calls, of which 88 to 99 % rightly."""
RATHER_THAN_NOTHING: Final = 0.5
"""Of a head, where nobody else would answer: it is more likely right than wrong."""
Questions = Sequence[DispositionMetric]


class Answers(Protocol):
    """What the cascade needs of the model's and the built-in analyser."""

    async def analyse(self, transcript: Transcript, config: VersionConfig, *, reference: datetime) -> Findings:
        """Answer every question of the version."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What heads make of a call."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Where they are sure, by identifier."""
    unsure: Mapping[str, Answer] = field(default_factory=dict)
    """Where they are not: `unknown`, and why."""


def choose_analyser(choice: AnalyserChoice | None, *, has_model: bool) -> AnalyserChoice:
    """Who answers: what the version says, as far as a model is there; the model or the built-in one otherwise."""
    if not has_model:
        return AnalyserChoice.BUILT_IN
    return choice or AnalyserChoice.MODEL


def least_confidence(config: VersionConfig, *, has_model: bool) -> float:
    """Below which a head does not answer."""
    if config.min_confidence is not None:
        return config.min_confidence
    return SURE_ENOUGH if has_model else RATHER_THAN_NOTHING


def ask_heads(
    transcript: Transcript, questions: Questions, heads: Mapping[str, Head], *, min_confidence: float
) -> Learned:
    """What the heads, by the digest of their question, say of a call; questions without one are left out."""
    if not heads or not any(turn.text.strip() for turn in transcript):
        return Learned()
    from postcall.extraction.learning.answering import ask_head, not_sure
    from postcall.extraction.learning.features import read_features

    features = read_features(transcript)
    sure: dict[str, Answer] = {}
    unsure: dict[str, Answer] = {}
    for question in questions:
        head = heads.get(question_digest(question))
        opinion = head and ask_head(head, question, transcript, features, min_confidence=min_confidence)
        if not opinion:
            continue
        if opinion.sure:
            sure[question.identifier] = opinion.answer
        else:
            unsure[question.identifier] = not_sure(opinion, min_confidence=min_confidence)
    return Learned(sure, unsure)


async def answer_without_model(
    transcript: Transcript, config: VersionConfig, learned: Learned, rules: Answers, *, reference: datetime
) -> Findings:
    """Heads where there are any, sure or not; rules for the rest, and for the summary."""
    given = {**learned.answers, **learned.unsure}
    left = tuple(question for question in config.questions if question.identifier not in given)
    found = await rules.analyse(transcript, replace(config, questions=left), reference=reference)
    ruled = {answer.identifier: replace(answer, by=BY_RULES) for answer in found.answers}
    return replace(found, answers=_in_order(config, {**given, **ruled}))


async def answer_with_model(
    transcript: Transcript, config: VersionConfig, model: Answers, *, reference: datetime
) -> Findings:
    """The model alone."""
    found = await model.analyse(transcript, config, reference=reference)
    return replace(found, answers=tuple(replace(answer, by=BY_MODEL) for answer in found.answers))


async def answer_by_cascade(
    transcript: Transcript,
    config: VersionConfig,
    learned: Learned,
    rules: Answers,
    model: Answers,
    *,
    reference: datetime,
) -> Findings:
    """Heads where they are sure; what is left goes to the model in one request, which also writes the summary.

    Where nothing is left there is no request, but for the share of calls that is compared: there the model is asked
    about the heads' questions too, and what it says stands beside their answers. A model that cannot be asked now
    raises its ModelError, so that the call is tried again; where trying again cannot help, the heads' answers stand.
    """
    due = tuple(question for question in config.questions if question.identifier not in learned.answers)
    compared = bool(learned.answers) and is_compared(transcript, share=config.audit_share)
    asked = config.questions if compared else due
    if config.questions and not asked:
        return await _answer_free(transcript, config, learned, rules, reference=reference, note=_NOTHING_LEFT)
    try:
        found = await model.analyse(transcript, replace(config, questions=asked), reference=reference)
    except ModelError as failure:
        if not due:
            note = f"The model was to be asked for comparison, and could not be: {failure.message}"
            return await _answer_free(transcript, config, learned, rules, reference=reference, note=note)
        if failure.retry or not learned.answers:
            raise
        lost = {question.identifier: replace(unasked(question, failure.message), by=BY_MODEL) for question in due}
        note = f"The model could not be asked: {failure.message}"
        free = await _answer_free(transcript, config, learned, rules, reference=reference, note=note)
        return replace(free, answers=_in_order(config, {**learned.answers, **lost}))
    by_model = {answer.identifier: replace(answer, by=BY_MODEL) for answer in found.answers}
    given = {name: _beside(answer, by_model.get(name)) for name, answer in learned.answers.items()}
    answers = _in_order(config, {**by_model, **given})
    return replace(found, answers=answers, analyser=AnalyserChoice.AUTO.value if learned.answers else found.analyser)


def is_compared(transcript: Transcript, *, share: float) -> bool:
    """Whether a call belongs to the share in which heads and model are compared; by its words, so always the same."""
    digest = hashlib.sha256("\n".join(turn.text for turn in transcript).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


_NOTHING_LEFT: Final = "Learned heads answered every question, so no model was asked, and rules wrote the summary."


async def _answer_free(
    transcript: Transcript,
    config: VersionConfig,
    learned: Learned,
    rules: Answers,
    *,
    reference: datetime,
    note: str,
) -> Findings:
    found = await rules.analyse(transcript, replace(config, questions=()), reference=reference)
    answers = tuple(
        learned.answers[question.identifier] for question in config.questions if question.identifier in learned.answers
    )
    return replace(found, answers=answers, analyser=AnalyserChoice.AUTO.value, notes=(*found.notes, note))


def _beside(answer: Answer, second: Answer | None) -> Answer:
    if second is None:
        return answer
    return replace(
        answer,
        second=SecondAnswer(second.value, second.status, second.confidence, second.reasoning),
    )


def _in_order(config: VersionConfig, answers: Mapping[str, Answer]) -> tuple[Answer, ...]:
    return tuple(answers[question.identifier] for question in config.questions)
