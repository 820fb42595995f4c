"""Questions as people write them: in postcall's words, or in those of a file of disposition metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from postcall.domain.agents import AUDIT_SHARE, DEFAULT_SUMMARY_PROMPT, AnalyserChoice, VersionConfig
from postcall.domain.questions import DispositionMetric, QuestionType, check_questions
from postcall.errors import BadInput
from postcall.intake.explain import decode


class QuestionBody(
    Struct,
    rename={
        "disposition_prompt": "dispositionMetricPrompt",
        "disposition_type": "dispositionMetricType",
    },
):
    """Either `prompt` and `type`, or `dispositionMetricPrompt` and `dispositionMetricType`."""

    identifier: str
    prompt: str | None = None
    type: str | None = None
    disposition_prompt: str | None = None
    disposition_type: str | None = None
    choices: list[str] | None = None


Share = Annotated[float, Meta(ge=0, le=1)]


class ConfigBody(Struct, forbid_unknown_fields=True):
    """What a version asks."""

    questions: list[QuestionBody] = []
    summary_prompt: str | None = None
    use_reasoning_model: bool = False
    analyser: AnalyserChoice | None = None
    min_confidence: Share | None = None
    audit_share: Share = AUDIT_SHARE


class VersionBody(ConfigBody, forbid_unknown_fields=True):
    """A version to be published."""

    label: str | None = None
    activate: bool = True
    by: str | None = None


class AgentBody(ConfigBody, forbid_unknown_fields=True):
    """A new agent and its first version."""

    slug: str = ""
    name: str | None = None
    label: str | None = None
    by: str | None = None


class ConfigChange(Struct, forbid_unknown_fields=True):
    """Parts of a configuration; what is left out stays as it is."""

    questions: list[QuestionBody] | UnsetType = UNSET
    summary_prompt: str | UnsetType | None = UNSET
    use_reasoning_model: bool | UnsetType = UNSET
    analyser: AnalyserChoice | UnsetType | None = UNSET
    min_confidence: Share | UnsetType | None = UNSET
    audit_share: Share | UnsetType = UNSET


_FILE = msgspec.json.Decoder(list[QuestionBody])


def read_question_file(content: bytes) -> tuple[DispositionMetric, ...]:
    """The questions of a metrics.json: an array of `{identifier, dispositionMetricPrompt, dispositionMetricType}`."""
    return make_questions(decode(content, _FILE))


def read_unchecked_file(content: bytes) -> tuple[DispositionMetric, ...]:
    """Like `read_question_file`, also where the questions could not be published."""
    return unchecked_questions(decode(content, _FILE))


def make_questions(bodies: list[QuestionBody]) -> tuple[DispositionMetric, ...]:
    """The questions, checked; BadInput names the question and the reason."""
    questions = unchecked_questions(bodies)
    check_questions(questions)
    return questions


def unchecked_questions(bodies: list[QuestionBody]) -> tuple[DispositionMetric, ...]:
    """The questions as they are written, also where they could not be published; each has a prompt and a type."""
    return tuple(_question(body, f"questions[{index}]") for index, body in enumerate(bodies))


def make_config(body: ConfigBody) -> VersionConfig:
    """The part of a version that this body says."""
    return VersionConfig(
        questions=make_questions(body.questions),
        summary_prompt=(body.summary_prompt or "").strip() or DEFAULT_SUMMARY_PROMPT,
        use_reasoning_model=body.use_reasoning_model,
        analyser=body.analyser,
        min_confidence=body.min_confidence,
        audit_share=body.audit_share,
    )


def change_config(config: VersionConfig, change: ConfigChange) -> VersionConfig:
    """The configuration with the parts that a change names, checked."""
    given: dict[str, Any] = {
        name: value
        for name in ("use_reasoning_model", "analyser", "min_confidence", "audit_share")
        if (value := getattr(change, name)) is not UNSET
    }
    if change.questions is not UNSET:
        given["questions"] = make_questions(change.questions)
    if change.summary_prompt is not UNSET:
        given["summary_prompt"] = (change.summary_prompt or "").strip() or DEFAULT_SUMMARY_PROMPT
    return replace(config, **given)


def question_file_json(questions: tuple[DispositionMetric, ...]) -> list[dict[str, Any]]:
    """The inverse of `read_question_file`."""
    return [
        {
            "identifier": question.identifier,
            "dispositionMetricPrompt": question.prompt,
            "dispositionMetricType": question.type.value,
            **({"choices": list(question.choices)} if question.choices else {}),
        }
        for question in questions
    ]


def _question(body: QuestionBody, where: str) -> DispositionMetric:
    prompt = body.prompt if body.prompt is not None else body.disposition_prompt
    named = body.type if body.type is not None else body.disposition_type
    if prompt is None:
        raise BadInput(f"{where}.prompt: required field is missing", field=f"{where}.prompt")
    if named is None:
        raise BadInput(f"{where}.type: required field is missing", field=f"{where}.type")
    try:
        type_ = QuestionType(named)
    except ValueError:
        known = ", ".join(QuestionType)
        raise BadInput(f"{where}.type: {named!r} is none of {known}", field=f"{where}.type") from None
    return DispositionMetric(body.identifier, prompt, type_, tuple(body.choices or ()))
