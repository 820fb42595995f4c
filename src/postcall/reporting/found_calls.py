"""Calls that a search found, as a condition on the index's rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256

from postcall.reporting.dialect import Parameters

_FEW = 1_000
"""Keys that are cheaper listed."""
_SPREAD = 50
"""Calls for each one that was found, up to which a bit for every call is cheaper than a list of those found."""


class Found:
    """Their keys. One question asks for the same search in many statements, which is made ready once."""

    def __init__(self, keys: Iterable[int]) -> None:
        self._keys = array("q", keys)

    def __len__(self) -> int:
        return len(self._keys)

    @cached_property
    def digest(self) -> str:
        """What tells these calls from others."""
        return sha256(self._keys.tobytes()).hexdigest()

    def condition(self, parameters: Parameters) -> str:
        """That a call is one of these."""
        if self._marks is None:
            return f"pk IN (SELECT unnest({parameters.add(list(self._keys))}::BIGINT[]))"
        first, marks = self._marks
        marked = f"get_bit({parameters.add(marks)}::BIT, (pk - {first})::INTEGER) = 1"
        # Not by AND, whose parts may be tried in any order: a bit beyond the last is an error.
        return f"(CASE WHEN pk BETWEEN {first} AND {first + len(marks) - 1} THEN {marked} ELSE false END)"

    @cached_property
    def _marks(self) -> tuple[int, str] | None:
        """The first key, and one bit for each from there to the last; None where they are better listed.

        DuckDB takes a second for a list of a million numbers.
        """
        if len(self) <= _FEW:
            return None
        first, last = min(self._keys), max(self._keys)
        if last - first >= _SPREAD * len(self):
            return None
        marks = bytearray(b"0") * (last - first + 1)
        for pk in self._keys:
            marks[pk - first] = ord("1")
        return first, marks.decode()
