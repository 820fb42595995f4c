"""A share within a sentence, with what it is a share of: no more digits than so many calls bear."""

from __future__ import annotations

import math

from postcall.analyst.telling.number_words import Unit, write_value
from postcall.domain.queries import Interval, Number

_BEARS_DIGITS = 100
"""With fewer calls than this one call is more than a point, and a tenth of one means nothing."""


def share_in_words(number: Number) -> str:
    """`54 % (7 of 13)`, `12.7 % (80 of 628)`."""
    return f"{_percent(number.value, number)} ({number.count or 0:,} of {number.n:,})"


def sampled_share_in_words(number: Number) -> str:
    """The same with the interval, where there is one: `54 % (7 of 13; 95 % interval 29 % to 77 %)`."""
    if number.interval is None:
        return share_in_words(number)
    told = f"{number.count or 0:,} of {number.n:,}; {_interval(number.interval, number)}"
    return f"{_percent(number.value, number)} ({told})"


def _interval(interval: Interval, number: Number) -> str:
    return f"95 % interval {_percent(interval.low, number)} to {_percent(interval.high, number)}"


def _percent(value: float | None, number: Number) -> str:
    if value is None:
        return write_value(value, Unit.SHARE)
    if value in {0.0, 1.0} or number.n < _BEARS_DIGITS:
        return f"{math.floor(value * 100 + 0.5)} %"  # 72.5 is 73 to people, not the even 72
    if value >= 0.9995:
        return "over 99.9 %"
    return "under 0.1 %" if value < 0.0005 else write_value(value, Unit.SHARE)
