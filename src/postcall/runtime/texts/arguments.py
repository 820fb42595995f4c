"""What a model gave to a function: JSON text, perhaps broken, turned into the arguments the function declares."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from postcall.domain.numbers import read_whole
from postcall.runtime.projects.model import FunctionSpec, Parameter

_TRUE, _FALSE = frozenset({"true", "yes"}), frozenset({"false", "no"})
_MOST_CHARACTERS = 100_000
_EXACT = 2**53
"""Beyond this a float no longer tells neighbouring whole numbers apart."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What to call the function with, or what to tell the model."""

    values: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    """A text for the model; the function must not be called then."""
    ignored: tuple[str, ...] = ()
    """Names the function does not have; left out, for the log."""


def read_arguments(text: str, spec: FunctionSpec) -> Arguments:
    """The arguments of a tool call.

    Each is converted to the declared type where nothing is lost by it ("5" and 5.0 are the integer 5, 7 is the text
    "7"). A missing name or a value of another kind is an error; a name that the function does not have is left out.
    """
    raw = _read_object(text)
    if isinstance(raw, str):
        return Arguments(error=f"{spec.name} was not called: {raw}")
    values, problems = {}, []
    for parameter in spec.parameters:
        if parameter.name not in raw:
            problems.append(f"{parameter.name} ({parameter.type}) is missing")
            continue
        value = convert(raw[parameter.name], parameter.type)
        if value is None:
            problems.append(f"{parameter.name} must be {_named(parameter)}, not {_shown(raw[parameter.name])}")
        else:
            values[parameter.name] = value
    ignored = tuple(name for name in raw if name not in {each.name for each in spec.parameters})
    if problems:
        return Arguments(error=f"{spec.name} was not called: {'; '.join(problems)}.", ignored=ignored)
    return Arguments(values, ignored=ignored)


def convert(value: Any, kind: str) -> Any:
    """The value as the type that JSON schema calls `kind`; None where that would lose or invent something."""
    match kind:
        case "integer":
            return _to_integer(value)
        case "number":
            return _to_number(value)
        case "boolean":
            return _to_boolean(value)
    return _to_string(value)


def _read_object(text: str) -> Mapping[str, Any] | str:
    """The object, or what is wrong with the text."""
    if not text.strip():
        return {}
    if len(text) > _MOST_CHARACTERS:
        return "its arguments are too long."
    try:
        raw = json.loads(text, parse_constant=_no_constant)
        if isinstance(raw, str):  # some models encode the object twice
            raw = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return "its arguments are no valid JSON object."
    if raw is None:
        return {}
    return raw if isinstance(raw, dict) else "its arguments must be a JSON object."


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _to_string(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _to_integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT else None
    if isinstance(value, str):
        return read_whole(value)
    return None


def _to_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _finite(value)
    if isinstance(value, str):
        whole = read_whole(value)
        return _finite(whole if whole is not None else value.strip())
    return None


def _finite(value: int | float | str) -> float | None:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if isinstance(value, int) and int(number) != value:
        return None
    return number if math.isfinite(number) else None


def _to_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return bool(value) if value in (0, 1) else None
    said = value.strip().lower() if isinstance(value, str) else ""
    return True if said in _TRUE else False if said in _FALSE else None


def _named(parameter: Parameter) -> str:
    return {"string": "a text", "integer": "a whole number", "number": "a number"}.get(parameter.type, "true or false")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
