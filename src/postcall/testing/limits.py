"""What the scripted endpoint can be told not to take, and the words in which such servers say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from postcall.testing.envelope import tokens
from postcall.testing.replies import Fail
from postcall.testing.requests import ModelRequest


@dataclass(frozen=True)
class Limits:
    """What an endpoint takes."""

    rejects: frozenset[str] = frozenset()
    """Response formats (`json_schema`, `json_object`) and parameters (`max_tokens`, `temperature`, `tools`, …)."""
    context_tokens: int | None = None
    """What a prompt may count; None: any."""
    api_key: str | None = None
    """The key that is asked for; None: any or none."""
    models: frozenset[str] = frozenset()
    """The models that are served; empty: any."""


_NAMED = frozenset({"properties", "$defs", "definitions"})
_LISTED = frozenset({"anyOf", "oneOf", "allOf"})
"""The keywords of a JSON schema that hold further schemas, by name and in a list."""


def objection(request: ModelRequest, limits: Limits) -> Fail | None:
    """Why the endpoint does not take the request; None where it does."""
    return (
        _wrong_key(request, limits)
        or _unknown_model(request, limits)
        or _unsupported(request, limits)
        or _bad_strict_schema(request)
        or _too_long(request, limits)
    )


def _wrong_key(request: ModelRequest, limits: Limits) -> Fail | None:
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if limits.api_key is None or sent == limits.api_key:
        return None
    # Some servers repeat the key, which is why it must be kept out of what a client shows.
    return _invalid(f"Incorrect API key provided: {sent}.", status=401, code="invalid_api_key")


def _unknown_model(request: ModelRequest, limits: Limits) -> Fail | None:
    if not limits.models or request.model in limits.models:
        return None
    return _invalid(f"The model `{request.model}` does not exist.", status=404, code="model_not_found")


def _unsupported(request: ModelRequest, limits: Limits) -> Fail | None:
    wanted = request.response_format
    if wanted in limits.rejects:
        return _invalid(
            f"Invalid parameter: 'response_format' of type '{wanted}' is not supported with this model.",
            param="response_format",
        )
    for name in sorted(limits.rejects & request.body.keys()):
        return _invalid(
            f"Unsupported parameter: '{name}' is not supported with this model.",
            param=name,
            code="unsupported_parameter",
        )
    return None


def _bad_strict_schema(request: ModelRequest) -> Fail | None:
    part = request.json_schema
    if part is None or not part.get("strict"):
        return None
    fault = _remembered_strict_fault(msgspec.json.encode(part.get("schema")))
    if fault is None:
        return None
    return _invalid(
        f"Invalid schema for response_format '{part.get('name')}': {fault}",
        param="response_format",
        code="invalid_json_schema",
    )


def _too_long(request: ModelRequest, limits: Limits) -> Fail | None:
    count = tokens(request.prompt_characters)
    if limits.context_tokens is None or count <= limits.context_tokens:
        return None
    return _invalid(
        f"This model's maximum context length is {limits.context_tokens} tokens. However, your messages resulted in "
        f"{count} tokens.",
        param="messages",
        code="context_length_exceeded",
    )


def _invalid(message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> Fail:
    return Fail(status, message, type="invalid_request_error", param=param, code=code)


@lru_cache(maxsize=256)
def _remembered_strict_fault(schema: bytes) -> str | None:
    """Remembered, since a benchmark sends the same schema with every request and the check costs the most."""
    return strict_fault(msgspec.json.decode(schema))


def strict_fault(schema: object) -> str | None:
    """What OpenAI's strict mode would not take: an object that leaves properties open or optional.

    Not the whole of its rules (it also limits sizes and keywords), but those that one trips over.
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'."
    fault = _first_fault(schema)
    return f"In context=({', '.join(fault.place)}), {fault.reason}" if fault else None


@dataclass(frozen=True)
class _Fault:
    place: tuple[str, ...]
    reason: str


def _first_fault(schema: object) -> _Fault | None:
    """The first part of a schema that is at fault, and where it is."""
    if not isinstance(schema, dict):
        return None if isinstance(schema, bool) else _Fault((), "a schema must be an object.")
    reason = _own_fault(schema)
    if reason is not None:
        return _Fault((), reason)
    for place, inner in _inner_schemas(schema):
        fault = _first_fault(inner)
        if fault is not None:
            return _Fault((*place, *fault.place), fault.reason)
    return None


def _inner_schemas(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    for key in _NAMED & schema.keys():
        for name, inner in schema[key].items():
            yield (key, name), inner
    for key in _LISTED & schema.keys():
        for index, inner in enumerate(schema[key]):
            yield (key, str(index)), inner
    if "items" in schema:
        yield ("items",), schema["items"]


def _own_fault(schema: Mapping[str, Any]) -> str | None:
    kind = schema.get("type")
    if kind != "object" and "properties" not in schema and not (isinstance(kind, list) and "object" in kind):
        return None
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    required = schema.get("required", ())
    for name in schema.get("properties", ()):
        if name not in required:
            return (
                "'required' is required to be supplied and to be an array including every key in properties. "
                f"Missing '{name}'."
            )
    return None
