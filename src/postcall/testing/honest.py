"""A model that fills in whatever schema it is given, so that a test need not know the prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from postcall.testing.replies import ScriptedReply
from postcall.testing.requests import ModelRequest

Schema = Mapping[str, Any]
AnswerFor = Callable[[str, ModelRequest], object]

MAX_DEPTH = 32
"""Of a schema that refers to itself."""


@dataclass(frozen=True)
class Answered:
    """An answer in full, for a property whose schema is an object with such parts."""

    value: object
    evidence: Sequence[tuple[int, str]] = ()
    """Each the number of a turn as the prompt numbers it, and words of it."""
    confidence: float = 0.9
    reasoning: str = "The transcript says so."


def answers_from(answers: Mapping[str, object] | AnswerFor) -> Callable[[ModelRequest], ScriptedReply]:
    """A reply function that fills every property of the request's JSON schema, with your answers where you have some.

    `answers` maps a property's name (at any depth of the schema) to its content, or is a function of the name and
    the request; a function is asked for the properties that are objects and returns None for those that it leaves to
    the filling. A content may be an `Answered`, the whole object as a mapping, or a bare value, which goes to the
    object's `value`. Nothing checks it, so this is also how to lie about one question and be honest about the others.

    What you say nothing about is null where the schema allows it, else the first choice, or the least value of its
    type. A request without a schema is answered with an empty object.
    """

    def reply(request: ModelRequest) -> ScriptedReply:
        schema = request.schema
        if schema is None:
            return {}
        filled_in = _Filling(schema, answers, request).fill(schema, depth=0)
        return filled_in if isinstance(filled_in, dict) else {}

    return reply


def filled(schema: Schema) -> object:
    """The plainest value that fits a JSON schema."""
    return _Filling(schema, {}, None).fill(schema, depth=0)


@dataclass(frozen=True)
class _Filling:
    root: Schema
    answers: Mapping[str, object] | AnswerFor
    request: ModelRequest | None

    def fill(self, schema: Schema, *, depth: int) -> object:
        schema = self._resolve(schema)
        if depth > MAX_DEPTH:
            return None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return None if None in schema["enum"] else schema["enum"][0]
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._fill_one_of(schema[key], depth=depth)
        return self._fill_type(_plainest_type(schema), schema, depth=depth)

    def _fill_one_of(self, branches: Sequence[Schema], *, depth: int) -> object:
        if any(self._resolve(branch).get("type") == "null" for branch in branches):
            return None
        return self.fill(branches[0], depth=depth + 1)

    def _fill_type(self, kind: str, schema: Schema, *, depth: int) -> object:
        match kind:
            case "object":
                return {
                    name: self._property(name, part, depth=depth + 1)
                    for name, part in schema.get("properties", {}).items()
                }
            case "array":
                items = schema.get("items", {})
                return [self.fill(items, depth=depth + 1) for _ in range(schema.get("minItems", 0))]
            case "string":
                return "x" * schema.get("minLength", 0)
            case "integer":
                return int(schema.get("minimum", 0))
            case "number":
                return schema.get("minimum", 0)
            case "boolean":
                return False
        return None

    def _property(self, name: str, schema: Schema, *, depth: int) -> object:
        answer = self._answer_to(name, schema)
        if answer is _UNSAID:
            return self.fill(schema, depth=depth)
        parts = self._object_branch(schema)
        if parts is None:
            return answer.value if isinstance(answer, Answered) else answer
        if isinstance(answer, Mapping):
            return dict(answer)
        content = self.fill(parts, depth=depth)
        assert isinstance(content, dict)
        return content | _parts_of(answer if isinstance(answer, Answered) else Answered(answer), parts["properties"])

    def _answer_to(self, name: str, schema: Schema) -> object:
        if not callable(self.answers):
            return self.answers.get(name, _UNSAID)
        if self.request is None or not self._asks(schema):
            return _UNSAID
        answer = self.answers(name, self.request)
        return _UNSAID if answer is None else answer

    def _asks(self, schema: Schema) -> bool:
        parts = self._object_branch(schema)
        return parts is not None and "value" in parts.get("properties", {})

    def _object_branch(self, schema: Schema) -> Schema | None:
        """The schema itself, or its branch, that describes an object with properties."""
        schema = self._resolve(schema)
        for branch in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
            resolved = self._resolve(branch)
            if "properties" in resolved:
                return resolved
        return None

    def _resolve(self, schema: Schema) -> Schema:
        seen = 0
        while "$ref" in schema and seen < MAX_DEPTH:
            part: Any = self.root
            for step in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
                if step:
                    part = part[step]
            schema = part
            seen += 1
        return schema


class _Unsaid:
    """No answer was given, which is not the same as the answer None."""


_UNSAID = _Unsaid()


def _parts_of(answer: Answered, properties: Mapping[str, Schema]) -> dict[str, object]:
    parts = {
        "value": answer.value,
        "confidence": answer.confidence,
        "reasoning": answer.reasoning,
        "evidence": [{"turn": turn, "quote": quote} for turn, quote in answer.evidence],
    }
    return {name: part for name, part in parts.items() if name in properties}


def _plainest_type(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return "null" if "null" in kind else str(kind[0])
    return str(kind) if kind else ("object" if "properties" in schema else "null")
