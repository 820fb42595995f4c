"""Settings of an agent that change without a new version: what fits their schema (JSON Schema, draft 7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from postcall.domain.calls import Environment, Json
from postcall.errors import BadInput

_NOTHING_ELSE: Registry[Any] = Registry()
"""A schema refers to nothing outside itself: what it names is not fetched."""


def read_environment(named: str) -> Environment:
    """The environment of this name."""
    try:
        return Environment(named)
    except ValueError:
        known = ", ".join(Environment)
        raise BadInput(f"environment: must be one of {known}, not {named[:50]!r}", field="environment") from None


def check_real_time_config(schema: Json, data: Json) -> None:
    """Raise BadInput that names the path, where the schema is none or the data does not fit it."""
    if not isinstance(schema, dict):
        raise BadInput("schema: must be an object", field="schema")
    if not isinstance(data, dict):
        raise BadInput("data: must be an object", field="data")
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        path = _path("schema", error.absolute_path)
        raise BadInput(f"{path}: {_brief(error)}", field=path) from None
    try:
        first = min(Draft7Validator(schema, registry=_NOTHING_ELSE).iter_errors(data), key=_place, default=None)
    except (Unresolvable, RecursionError) as error:
        raise BadInput(f"schema: {_unusable(error)}", field="schema") from None
    if first is not None:
        path = _path("data", first.absolute_path)
        raise BadInput(f"{path}: {_brief(first)}", field=path)


def _place(error: ValidationError) -> list[str]:
    return [str(part) for part in error.absolute_path]


def _path(root: str, parts: Iterable[str | int]) -> str:
    return root + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _brief(error: ValidationError | SchemaError) -> str:
    """In a line; a large value is not repeated whole."""
    message = " ".join(error.message.split())
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]} …"


_LONGEST = 300


def _unusable(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it refers to itself without an end"
    return f"it refers to {getattr(error, 'ref', 'something')!r}, which is not in it"
