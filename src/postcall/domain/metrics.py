"""The real-time metrics that an agent's code writes: what each is, and which writes fit it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from postcall.domain.calls import MetricValue
from postcall.domain.folding import storable
from postcall.domain.numbers import read_whole
from postcall.domain.questions import QuestionType
from postcall.domain.values import MAX_INTEGER, coerce
from postcall.errors import BadInput

MAX_NAME: Final = 200
"""Characters, as for the name of a write."""
MAX_METRIC_TEXT: Final = 10_000
"""Characters of one write."""
MAX_DEFINITION: Final = 5_000
MAX_EXPECTED: Final = 500
MAX_EXPECTED_TEXT: Final = 500

_EXACT_FLOAT: Final = 2**53
"""Beyond it a float no longer stands for one whole number."""
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Only dates are read by the moment of speaking, and no metric is a date."""


class MetricType(StrEnum):
    """What a metric's values are."""

    BOOLEAN = "boolean"
    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """A named value that an agent's code writes; it belongs to the agent, not to a version."""

    agent_id: str
    name: str
    """Case counts; never changed."""
    type: MetricType
    """Fixed once a call carries the name."""
    expected_values: tuple[str, ...]
    """All that a string may be; empty where it may be anything, and for every other type."""
    definition: str
    """What the value says, for people; may be empty."""
    active: bool
    """False once retired: it stays for the calls that carry it, and is offered for nothing new."""
    in_api: bool
    """Whether the interfaces that hide metrics show it."""
    created_at: datetime
    updated_at: datetime


def fit(value: MetricValue, definition: MetricDefinition | None) -> MetricValue | None:
    """The value as its definition wants it, or None where it is a misfit; fitting a fitted value gives it back.

    "yes" and 1 fit a boolean, "5" an integer, as they do for answers. A string with expected values must be one of
    them, and is spelled as declared where only its case differs: code does not make slips of the pen, so a typo is
    shown as the misfit that it is. A retired definition fits the writes of its time. What nobody defined stays as it
    is, except that 5.0 becomes 5, so that one number has one spelling.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if definition is None:
        return int(value) if _is_whole(value) else value
    match definition.type:
        case MetricType.BOOLEAN:
            return coerce(value, QuestionType.BOOLEAN, reference=_ANY_TIME).value
        case MetricType.INTEGER:
            return coerce(value, QuestionType.INTEGER, reference=_ANY_TIME).value
        case MetricType.FLOAT:
            return _float(value)
        case MetricType.STRING:
            return _string(value, definition.expected_values)


def fit_writes(
    values: Iterable[MetricValue], definition: MetricDefinition | None
) -> tuple[tuple[MetricValue, ...], int]:
    """The writes that fit, in their order, and how many do not."""
    fitted = [fit(value, definition) for value in values]
    fitting = tuple(value for value in fitted if value is not None)
    return fitting, len(fitted) - len(fitting)


def check_metric(name: str, type_: MetricType, expected_values: tuple[str, ...], definition: str) -> None:
    """Refuse a definition that no write could follow; the error names the field and the reason."""
    if not 1 <= len(name) <= MAX_NAME or not name.strip():
        raise BadInput(f"name: must be 1 to {MAX_NAME} characters, not all of them white space", field="name")
    if len(definition) > MAX_DEFINITION:
        raise BadInput(f"definition: at most {MAX_DEFINITION:,} characters", field="definition")
    for field, text in (("name", name), ("definition", definition), ("expected_values", "".join(expected_values))):
        if storable(text) != text:
            raise BadInput(f"{field}: holds a null byte or half a character, which no database stores", field=field)
    if expected_values and type_ is not MetricType.STRING:
        raise BadInput(
            f"expected_values: only a string has expected values, and this is {_article(type_)} {type_}",
            field="expected_values",
        )
    if len(expected_values) > MAX_EXPECTED:
        raise BadInput(f"expected_values: at most {MAX_EXPECTED}", field="expected_values")
    seen: set[str] = set()
    for index, value in enumerate(expected_values):
        where = f"expected_values[{index}]"
        if value != value.strip() or not 1 <= len(value) <= MAX_EXPECTED_TEXT:
            raise BadInput(
                f"{where}: must be 1 to {MAX_EXPECTED_TEXT} characters without white space at its ends", field=where
            )
        if value.casefold() in seen:
            raise BadInput(f"{where}: {value!r} stands twice; upper and lower case are one value", field=where)
        seen.add(value.casefold())


def _article(type_: MetricType) -> str:
    return "an" if type_ is MetricType.INTEGER else "a"


def _is_whole(value: MetricValue) -> bool:
    return isinstance(value, float) and abs(value) < _EXACT_FLOAT and value == int(value)


def _float(value: MetricValue) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if not _DECIMAL.fullmatch(text):
            whole = read_whole(text)
            return None if whole is None else _as_float(whole)
        value = float(text)
    return _as_float(value)


def _as_float(number: float) -> float | None:
    try:
        wanted = float(number)
    except OverflowError:  # an integer beyond every float
        return None
    return (wanted or 0.0) if math.isfinite(wanted) else None  # -0.0 is 0.0


def _string(value: MetricValue, expected: tuple[str, ...]) -> str | None:
    if isinstance(value, float) and _is_whole(value):
        value = int(value)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if not expected:
        return text or None
    if text in expected:
        return text
    folded = text.casefold()
    return next((choice for choice in expected if choice.casefold() == folded), None)
