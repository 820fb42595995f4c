"""The JSON schema that a reply must fit, within the limits of strict structured outputs.

OpenAI's are the narrowest in use: every property required, no additional ones, at most 1,000 enum values in a schema,
15,000 characters in an enum of more than 250, 120,000 characters of names and enum values together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from postcall.domain.questions import DispositionMetric, QuestionType

MAX_ENUM_VALUES: Final = 1_000
LONG_ENUM: Final = 250
MAX_LONG_ENUM_CHARACTERS: Final = 15_000
MAX_CHARACTERS: Final = 100_000
"""Of names and enum values, with room for our own."""

_TYPES: Final = {
    QuestionType.STRING: "string",
    QuestionType.ENUM: "string",
    QuestionType.DATETIME: "string",
    QuestionType.BOOLEAN: "boolean",
    QuestionType.INTEGER: "integer",
}
_QUOTES: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"turn": {"type": "integer"}, "quote": {"type": "string"}},
        "required": ["turn", "quote"],
        "additionalProperties": False,
    },
}


@lru_cache(maxsize=512)
def reply_schema(questions: tuple[DispositionMetric, ...], *, summary: bool = True) -> dict[str, Any]:
    """The schema of a reply to these questions. It is shared between calls: do not change it.

    Within an answer the evidence comes first and the value late, so that a model has read before it decides.
    """
    properties: dict[str, Any] = {"summary": {"type": "string"}} if summary else {}
    if questions:
        properties["answers"] = _object({question.identifier: _answer(question) for question in questions})
    schema = _object(properties)
    if questions:
        schema["$defs"] = {"quotes": _QUOTES}
    return schema


def enum_values(question: DispositionMetric) -> int:
    """How many enum values a question adds to a schema, null among them."""
    return len(question.choices) + 1 if _is_enumerable(question) else 0


def name_characters(question: DispositionMetric) -> int:
    """How many characters of names and enum values a question adds to a schema."""
    choices = sum(map(len, question.choices)) if _is_enumerable(question) else 0
    return len(question.identifier) + len("evidencereasoningvalueconfidence") + choices


def _answer(question: DispositionMetric) -> dict[str, Any]:
    value: dict[str, Any] = {"type": [_TYPES[question.type], "null"]}
    if _is_enumerable(question):
        value["enum"] = [*question.choices, None]
    return _object(
        {
            "evidence": {"$ref": "#/$defs/quotes"},
            "reasoning": {"type": "string"},
            "value": value,
            "confidence": {"type": ["number", "null"]},
        }
    )


def _is_enumerable(question: DispositionMetric) -> bool:
    """Choices too many for a strict schema stand in the prompt only; the check holds the answer to them anyway."""
    if not question.choices or len(question.choices) >= MAX_ENUM_VALUES:
        return False
    characters = sum(map(len, question.choices))
    return len(question.choices) < LONG_ENUM or characters <= MAX_LONG_ENUM_CHARACTERS


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
