"""Whether somebody in an audience is who is being looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from postcall.domain.audiences import Member
from postcall.domain.calls import Json
from postcall.domain.folding import plain

Matches: TypeAlias = Callable[[Member], bool]
_OF_A_NUMBER = re.compile(r"[+0-9 ().\-/]+")


def anywhere(term: str) -> Matches:
    """Those of whom anything that is known holds the term; accents and capitals make no difference."""
    return lambda member: _in_number(term, member) or any(_holds(value, term) for value in member.data.values())


def in_columns(wanted: Mapping[str, str], *, phone_column: str) -> Matches:
    """Those of whom each of these columns holds its term; a number is found however it was written."""

    def matches(member: Member) -> bool:
        return all(
            _holds(member.data.get(column), term) or (column == phone_column and _in_number(term, member))
            for column, term in wanted.items()
        )

    return matches


def _holds(value: Json, term: str) -> bool:
    return value is not None and plain(term.strip()) in plain(_text(value))


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_number(term: str, member: Member) -> bool:
    digits = re.sub(r"[^0-9]", "", term)
    return bool(digits) and _OF_A_NUMBER.fullmatch(term) is not None and digits in member.phone
