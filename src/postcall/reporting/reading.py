"""Small checks of JSON that may hold anything; each says where it is wrong and what would be right."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NoReturn

from postcall.domain.calls import JsonScalar
from postcall.errors import BadInput
from postcall.reporting.nearest import did_you_mean

MAX_TEXT = 10_000
MAX_NAME = 300
_LARGEST = 2**63 - 1


def refuse(where: str, what: str) -> NoReturn:
    """BadInput at this place."""
    raise BadInput(f"{where}: {what}", field=where)


def read_object(raw: object, where: str, known: Iterable[str]) -> dict[str, object]:
    """An object with none but the known keys."""
    if not isinstance(raw, dict):
        refuse(where, f"must be an object, not {kind_of(raw)}")
    names = tuple(known)
    for key in raw:
        if key not in names:
            shown = str(key)[:100]
            place = shown if where == "body" else f"{where}.{shown}"
            raise BadInput(f"{place}: unknown key{did_you_mean(shown, names)}", field=place)
    return raw


def read_list(raw: object, where: str, *, most: int) -> list[object]:
    """A list of at most so many."""
    if not isinstance(raw, list | tuple):
        refuse(where, f"must be a list, not {kind_of(raw)}")
    if len(raw) > most:
        refuse(where, f"at most {most:,} are taken, not {len(raw):,}")
    return list(raw)


def read_text(raw: object, where: str, *, most: int = MAX_TEXT) -> str:
    """A text that is not empty and that every database can take."""
    if not isinstance(raw, str):
        refuse(where, f"must be text, not {kind_of(raw)}")
    if not raw.strip():
        refuse(where, "must not be empty")
    return _sound(raw, where, most=most)


def read_bool(raw: object, where: str) -> bool:
    """True or false."""
    if not isinstance(raw, bool):
        refuse(where, f"must be true or false, not {kind_of(raw)}")
    return raw


def read_whole(raw: object, where: str, *, least: int, most: int) -> int:
    """A whole number between two bounds."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        refuse(where, f"must be a whole number from {least:,} to {most:,}")
    return raw


def read_number(raw: object, where: str) -> float:
    """A finite number."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        refuse(where, f"must be a number, not {kind_of(raw)}")
    return float(_fitting(raw, where))


def read_scalar(raw: object, where: str) -> str | int | float | bool:
    """A text, a number, or true or false."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return _sound(raw, where, most=MAX_TEXT)
    if isinstance(raw, int | float):
        return _fitting(raw, where)
    refuse(where, f"must be text, a number, true or false, not {kind_of(raw)}")


def kind_of(raw: object) -> str:
    """What it is, in words."""
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return "text"
    if isinstance(raw, int | float):
        return "a number"
    if isinstance(raw, list | tuple):
        return "a list"
    return "an object"


def shown(value: JsonScalar) -> str:
    """A value in an error's words."""
    return repr(value[:100]) if isinstance(value, str) else str(value).lower() if value is None else str(value)


def _sound(text: str, where: str, *, most: int) -> str:
    if len(text) > most:
        refuse(where, f"at most {most:,} characters are taken, not {len(text):,}")
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        refuse(where, "holds a character that no database can store")
    return text


def _fitting(number: float, where: str) -> int | float:
    if isinstance(number, float):
        if not math.isfinite(number):
            refuse(where, "must be a finite number")
    elif abs(number) > _LARGEST:
        refuse(where, f"must lie between -{_LARGEST} and {_LARGEST}")
    return number
