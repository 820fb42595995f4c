"""Values that are given as text, in an address or a field of a form."""

from __future__ import annotations

import msgspec

from postcall.domain.calls import JsonScalar
from postcall.reporting.filter_format import is_number


def spellings(text: str) -> tuple[JsonScalar, ...]:
    """What a value given as text may stand for: `5` is the number as well as the text."""
    found: list[JsonScalar] = [text]
    if text.casefold() in {"true", "false"}:
        found.append(text.casefold() == "true")
    number = read_number_text(text)
    return (*found, number) if number is not None else tuple(found)


def read_number_text(text: str) -> int | float | None:
    """The number that a text is; None where it is none, or one that no JSON can say."""
    cleaned = text.strip()
    if len(cleaned) > 40 or not cleaned.isascii() or "_" in cleaned:
        return None
    try:
        number = msgspec.json.decode(cleaned.removeprefix("+"))
    except msgspec.DecodeError:
        return None
    return number if is_number(number) and abs(number) < 2**63 else None
