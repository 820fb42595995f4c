"""Any Python value as JSON and as text: nothing that a project keeps or logs may stop a frame from leaving."""

from __future__ import annotations

import math
from typing import Any

DEPTH = 40
"""Deeper, or in a circle, a value is shown as its text."""
_INT = 1 << 63
"""MessagePack and the databases have 64 bits for a whole number."""


def plain_text(text: str) -> str:
    """The text itself, or without what UTF-8 cannot say (lone surrogates)."""
    text = str.__str__(text)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def as_text(value: Any) -> str:
    """`str(value)`, also of a value whose own `__str__` fails."""
    try:
        return plain_text(value if isinstance(value, str) else str(value))
    except BaseException as error:  # noqa: BLE001 - a project's own __str__ may raise anything; the text says so
        return f"<{type(value).__name__} without a text: {type(error).__name__}>"


def as_json(value: Any, *, depth: int = DEPTH) -> Any:
    """The value as JSON has it: what JSON cannot say, at any depth, is its text."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int):
        return int(value) if -_INT <= value < _INT else as_text(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else as_text(value)
    if depth == 0:
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        return {as_text(key): as_json(item, depth=depth - 1) for key, item in list(value.items())}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item, depth=depth - 1) for item in list(value)]
    return as_text(value)


def as_json_or_text(value: Any) -> Any:
    """`as_json`, for values whose own methods may fail: dictionaries and lists of a project's own making."""
    try:
        return as_json(value)
    except BaseException as error:  # noqa: BLE001 - the same: kept as a text that names the fault
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def is_set(flag: Any) -> bool:
    """Whether a flag is set. One that cannot tell counts as set: personal data hidden, a metric written once."""
    try:
        return bool(flag)
    except BaseException:  # noqa: BLE001 - a project's own object; the answer is the careful one
        return True
