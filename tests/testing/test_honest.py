"""The ready-made model that fills in the schema of whatever it is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from postcall.testing import Answered, ModelRequest, ReceivedMessage, answers_from, filled
from postcall.testing.limits import strict_fault


def closed(**properties: object) -> dict[str, object]:
    """An object schema as strict mode wants it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


EVIDENCE = {"type": "array", "items": closed(turn={"type": "integer"}, quote={"type": "string"})}


def question(kind: object) -> dict[str, object]:
    """The schema of an answer."""
    return closed(
        value=kind, confidence={"type": "number"}, reasoning={"type": "string"}, evidence={"$ref": "#/$defs/evidence"}
    )


SCHEMA = closed(
    summary={"type": "string"},
    answers=closed(
        booked=question({"type": ["boolean", "null"]}),
        reason=question({"anyOf": [{"type": "string", "enum": ["refund", "other"]}, {"type": "null"}]}),
    ),
) | {"$defs": {"evidence": EVIDENCE}}


def request(schema: Mapping[str, Any] | None, *, in_words: bool = False) -> ModelRequest:
    """A request as it arrives, with the schema where an endpoint of either kind has it."""
    text = "0 caller: hello" + (f"\n\nFit this:\n{json.dumps(schema)}" if in_words else "")
    body = {} if in_words or schema is None else _formatted(schema)
    return ModelRequest(number=1, messages=(ReceivedMessage("user", text),), body=body, headers={})


def _formatted(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}


def test_a_bare_answer_becomes_a_whole_one() -> None:
    reply: Any = answers_from({"booked": True, "summary": "She booked."})(request(SCHEMA))
    assert reply["summary"] == "She booked."
    assert reply["answers"]["booked"]["value"] is True
    assert 0 <= reply["answers"]["booked"]["confidence"] <= 1
    assert reply["answers"]["booked"]["evidence"] == []


def test_evidence_goes_where_the_schema_has_room_for_it() -> None:
    reply: Any = answers_from({"reason": Answered("refund", [(3, "money back")], 0.7, "He asks.")})(request(SCHEMA))
    assert reply["answers"]["reason"] == {
        "value": "refund",
        "confidence": 0.7,
        "reasoning": "He asks.",
        "evidence": [{"turn": 3, "quote": "money back"}],
    }


def test_what_nobody_answered_is_null_where_it_may_be() -> None:
    reply: Any = answers_from({})(request(SCHEMA))
    assert reply["answers"]["booked"]["value"] is None
    assert reply["answers"]["reason"]["value"] is None


def test_a_lie_is_told_as_it_was_given() -> None:
    reply: Any = answers_from({"booked": {"value": "perhaps", "confidence": 7}, "reason": Answered(12)})(
        request(SCHEMA)
    )
    assert reply["answers"]["booked"] == {"value": "perhaps", "confidence": 7}
    assert reply["answers"]["reason"]["value"] == 12


def test_a_function_is_asked_for_the_questions_only() -> None:
    asked = []

    def answer(identifier: str, request: ModelRequest) -> object:
        asked.append(identifier)
        return Answered(value="caller" in request.text) if identifier == "booked" else None

    reply: Any = answers_from(answer)(request(SCHEMA))
    assert asked == ["booked", "reason"]
    assert reply["answers"]["booked"]["value"] is True
    assert reply["answers"]["reason"]["value"] is None


def test_a_schema_in_words_does_as_well() -> None:
    assert answers_from({"booked": True})(request(SCHEMA, in_words=True)) == answers_from({"booked": True})(
        request(SCHEMA)
    )


def test_without_a_schema_there_is_nothing_to_say() -> None:
    assert answers_from({"booked": True})(request(None)) == {}


def test_a_schema_that_holds_itself_ends() -> None:
    schema = closed(next={"$ref": "#"})
    assert isinstance(filled(schema), dict)
    assert strict_fault(schema) is None


leaves = st.sampled_from(
    [
        {"type": "string", "minLength": 3},
        {"type": "integer", "minimum": 4},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["string", "null"]},
        {"enum": ["a", "b"]},
        {"const": 5},
    ]
)
schemas = st.recursive(
    leaves,
    lambda inner: (
        st.dictionaries(st.sampled_from("abcd"), inner, max_size=3).map(lambda parts: closed(**parts))
        | st.tuples(inner, st.integers(0, 2)).map(lambda t: {"type": "array", "items": t[0], "minItems": t[1]})
        | st.lists(inner, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})
    ),
    max_leaves=10,
)


@given(schemas)
def test_what_is_filled_in_fits_the_schema(schema: dict[str, Any]) -> None:
    assert fits(filled(schema), schema)


def fits(value: object, schema: Mapping[str, Any]) -> bool:
    """Just the keywords that are drawn above."""
    if "anyOf" in schema:
        return any(fits(value, branch) for branch in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return bool(value == schema["const"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(_is_of(value, kind, schema) for kind in kinds)


def _is_of(value: object, kind: str, schema: Mapping[str, Any]) -> bool:
    match kind:
        case "object":
            parts = schema["properties"]
            return (
                isinstance(value, dict)
                and value.keys() == parts.keys()
                and all(fits(value[name], part) for name, part in parts.items())
            )
        case "array":
            return (
                isinstance(value, list)
                and len(value) >= schema["minItems"]
                and all(fits(item, schema["items"]) for item in value)
            )
        case "string":
            return isinstance(value, str) and len(value) >= schema.get("minLength", 0)
        case "integer":
            return type(value) is int and value >= schema.get("minimum", 0)
        case "number":
            return type(value) in {int, float}
        case "boolean":
            return type(value) is bool
    return value is None
