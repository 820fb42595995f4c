"""Days that callers name, also as bare digits."""

from __future__ import annotations

import re
from datetime import date, datetime

from postcall.domain.moments import Misread, read_moment
from postcall.domain.numbers import digits_in
from postcall.runtime.texts.entity_numbers import read_digits

_MONTH_FIRST = ("en-us", "en-ca", "es-us", "en")
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")


def read_day(said: str, now: datetime, language: str) -> date | str:
    """The day, or why it is not clear.

    Where a date in figures could be read in two ways, the habit of the language's country decides.
    """
    trimmed = said.strip().rstrip(".")
    moment = read_moment(trimmed, now)
    if isinstance(moment, str):
        return date.fromisoformat(moment[:10])
    month_first = language.lower().replace("_", "-") in _MONTH_FIRST
    numeric = _NUMERIC.fullmatch(trimmed)
    if numeric:
        return _in_figures(numeric[1], numeric[3], numeric[4], now, month_first=month_first) or moment.reason
    dictated = "".join(digits_in(trimmed)) if _is_dictated(trimmed) else ""
    if len(dictated) in (6, 8):
        parts = dictated[:2], dictated[2:4], dictated[4:]
        return _in_figures(*parts, now, month_first=month_first) or moment.reason
    return moment.reason if isinstance(moment, Misread) else str(moment)


def _in_figures(first: str, second: str, year: str, now: datetime, *, month_first: bool) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= (now.year + 10) % 100 else 1900
    orders = [(int(first), int(second)), (int(second), int(first))]
    for month, day in orders if month_first else reversed(orders):
        try:
            return date(number, month, day)
        except ValueError:
            continue
    return None


def _is_dictated(said: str) -> bool:
    """Whether it is nothing but digits, written or spoken."""
    return bool(re.fullmatch(r"[\d\s,.-]+", read_digits(said)))
