"""Calls that a search found, as a condition on the index's rows."""

from __future__ import annotations

from collections.abc import Sequence

from postcall.reporting.dialect import Parameters

_FEW = 1_000
"""Keys that are cheaper listed."""
_SPREAD = 50
"""Calls for each one that was found, up to which a bit for every call is cheaper than a list of those found."""


def is_found(found: Sequence[int], parameters: Parameters) -> str:
    """The condition that a call is one of these."""
    if len(found) > _FEW:
        first, last = min(found), max(found)
        if last - first < _SPREAD * len(found):
            return _is_marked(found, first, last, parameters)
    return f"pk IN (SELECT unnest({parameters.add(list(found))}::BIGINT[]))"


def _is_marked(found: Sequence[int], first: int, last: int, parameters: Parameters) -> str:
    """By one bit for each key from the first to the last: DuckDB takes a second for a list of a million numbers."""
    marks = bytearray(b"0") * (last - first + 1)
    for pk in found:
        marks[pk - first] = ord("1")
    marked = f"get_bit({parameters.add(marks.decode())}::BIT, (pk - {first})::INTEGER) = 1"
    # Not by AND, whose parts may be tried in any order: a bit beyond the last is an error.
    return f"(CASE WHEN pk BETWEEN {first} AND {last} THEN {marked} ELSE false END)"
