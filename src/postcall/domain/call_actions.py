"""What is done around a call in somebody else's system, and when: its conditions and the text that is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from postcall.domain.calls import Json

Variables: TypeAlias = Mapping[str, Json]
"""What is known of a call, by name."""


class ActionCategory(StrEnum):
    """When an action runs."""

    TRIGGER = "trigger"
    """Something elsewhere starts a call; postcall only keeps these."""
    POST_CALL = "post-call"
    """Once a call is over, and extracted where it is."""


class Operator(StrEnum):
    """How a condition compares; the names are those of the one interface that has conditions."""

    EQ = "eq"
    NEQ = "neq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NIN = "nin"
    CONTAINS = "contains"
    NOT_CONTAINS = "notContains"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so."""

    field: str
    """The name of a variable."""
    operator: Operator
    value: str
    """For `in` and `nin`: several, separated by commas, or a JSON list."""


@dataclass(frozen=True, slots=True)
class ActionConfig:
    """What an action does."""

    url: str | None = None
    """Where the request goes; None: nowhere, which each call's delivery says."""
    phone_field: str | None = None
    """Of a trigger: which field of the other system holds the number to call."""
    conditions: tuple[Condition, ...] = ()
    body: str | None = None
    """A template; None: all that is known of the call, as JSON."""
    kept: dict[str, Json] = field(default_factory=dict)
    """What else was sent, and is given back."""


@dataclass(frozen=True, slots=True)
class CallAction:
    """An action of one agent."""

    id: str
    """24 hex digits."""
    agent_id: str
    category: ActionCategory
    provider: str
    """Whose system it is about, as its owner calls it; postcall has no connection of its own to any."""
    action_type: str | None
    """`create` or `update`."""
    object: str | None
    config: ActionConfig
    created_at: datetime
    updated_at: datetime


def all_hold(conditions: Iterable[Condition], variables: Variables) -> bool:
    """Whether every condition is true of these variables; an action without any always runs."""
    return all(holds(condition, variables) for condition in conditions)


def holds(condition: Condition, variables: Variables) -> bool:
    """Whether it is true; a variable that is missing or null fits none but the operators that say `not`.

    Where both sides are numbers they compare as numbers (`5` equals `5.0`), otherwise as text, upper and lower case
    alike. True is the text `true`.
    """
    known = variables.get(condition.field)
    operator = condition.operator
    if known is None:
        return operator in _NEGATIVE
    if operator in _SIDES:
        return _SIDES[operator](_ordered(known, condition.value))
    if operator in {Operator.IN, Operator.NIN}:
        among = any(_ordered(known, each) == 0 for each in _choices(condition.value))
        return among == (operator is Operator.IN)
    parts = [_plain(each) for each in known] if isinstance(known, list) else [_plain(known)]
    wanted = _plain(condition.value)
    if operator is Operator.STARTS_WITH:
        return parts[0].startswith(wanted) if parts else False
    if operator is Operator.ENDS_WITH:
        return parts[-1].endswith(wanted) if parts else False
    return any(wanted in part for part in parts) == (operator is Operator.CONTAINS)


_NEGATIVE = frozenset({Operator.NEQ, Operator.NIN, Operator.NOT_CONTAINS})
_SIDES: dict[Operator, Callable[[int], bool]] = {
    Operator.EQ: lambda side: side == 0,
    Operator.NEQ: lambda side: side != 0,
    Operator.GT: lambda side: side > 0,
    Operator.GTE: lambda side: side >= 0,
    Operator.LT: lambda side: side < 0,
    Operator.LTE: lambda side: side <= 0,
}


def _ordered(known: Json, wanted: str) -> int:
    """Below, at or above 0 as `known` lies before, at or behind `wanted`."""
    left, right = _number(known), _number(wanted)
    if left is not None and right is not None:
        return (left > right) - (left < right)
    one, other = _plain(known), _plain(wanted)
    return (one > other) - (one < other)


_NUMBER = re.compile(r"\s*[+-]?\d{1,300}(\.\d{1,300})?\s*", re.ASCII)


def _number(value: Json) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else None
    # A telephone number with its plus is no quantity: "+1" is not the number 1.
    fits = isinstance(value, str) and _NUMBER.fullmatch(value) and not value.lstrip().startswith("+")
    return float(value) if fits and isinstance(value, str) else None


def _plain(value: Json) -> str:
    return as_text(value).casefold().strip()


def _choices(value: str) -> list[str]:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if isinstance(found, list):
        return [as_text(each) for each in found]
    return [part.strip() for part in value.split(",")]


def as_text(value: Json) -> str:
    """The value as it stands in a text: `true`, `5`, the string itself, nothing for null, else JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


_PLACE = re.compile(r"\{\{\s*([^{}\s][^{}]*?)\s*\}\}")


def fill(template: str, variables: Variables) -> str:
    """The template with each `{{name}}` replaced by its value; a name that is not known leaves nothing.

    A template that is JSON stays JSON whatever the values hold: inside quotation marks they are escaped, outside they
    are JSON values, and unknown ones null.
    """
    if is_json(template):
        return _fill_json(template, variables)
    return _PLACE.sub(lambda place: as_text(variables.get(place[1])), template)


def is_json(template: str) -> bool:
    """Whether what becomes of the template is JSON, whatever the values are."""
    try:
        json.loads(_fill_json(template, {}))
    except (ValueError, RecursionError):
        return False
    return True


def _fill_json(template: str, variables: Variables) -> str:
    parts: list[str] = []
    inside, end = False, 0
    for place in _PLACE.finditer(template):
        between = template[end : place.start()]
        inside ^= _quotes(between) % 2 == 1
        value = variables.get(place[1])
        whole = json.dumps(as_text(value) if inside else value, ensure_ascii=False)
        parts += [between, whole[1:-1] if inside else whole]
        end = place.end()
    return "".join([*parts, template[end:]])


def _quotes(text: str) -> int:
    """How many quotation marks there are that begin or end a JSON string."""
    return len(re.sub(r"\\.", "", text, flags=re.DOTALL).split('"')) - 1
