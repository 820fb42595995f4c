"""Measured numbers as an answer writes them: 1,234, 41.2 %, 192.4 s (3 min 12 s)."""

from __future__ import annotations

from enum import StrEnum

from postcall.domain.analysis import Asked
from postcall.domain.queries import Interval, Measure, MeasureKind, Number

NOTHING = "nothing to measure"
_MINUS = "\N{MINUS SIGN}"
_TIMES = frozenset({"field.duration", "field.latency"})
_COUNTS = frozenset({MeasureKind.CONVERSATIONS, MeasureKind.COUNT, MeasureKind.DISTINCT})
SHARES = frozenset({MeasureKind.RATE, MeasureKind.SHARE})


class Unit(StrEnum):
    """What a number is a number of."""

    PLAIN = "plain"
    SHARE = "share"
    """0 to 1, written as percent."""
    SECONDS = "seconds"


def mark(asked: Asked) -> str:
    """What stands behind a number of this query."""
    return f"[{asked.id}]"


def unit_of(measure: Measure) -> Unit:
    """Rates are percent, sums and averages of times are seconds; counts and the rest are plain."""
    if measure.kind in SHARES:
        return Unit.SHARE
    if measure.of in _TIMES and measure.kind not in _COUNTS:
        return Unit.SECONDS
    return Unit.PLAIN


def write_value(value: float | None, unit: Unit) -> str:
    """One number; in words where there is none."""
    if value is None:
        return NOTHING
    if unit is Unit.SHARE:
        return f"{value * 100:,.1f} %".replace("-", _MINUS)
    if unit is Unit.SECONDS:
        return _seconds(value)
    return plain(value)


def write_change(change: float, unit: Unit) -> str:
    """A difference with its sign; of percent in points."""
    sign = _MINUS if change < 0 else "+"
    if unit is Unit.SHARE:
        return f"{sign}{abs(change) * 100:,.1f} points"
    return sign + (f"{plain(abs(change))} s" if unit is Unit.SECONDS else plain(abs(change)))


def write_interval(interval: Interval, unit: Unit) -> str:
    """`95 % interval 37.1 % to 45.4 %`."""
    if unit is Unit.SECONDS:
        return f"95 % interval {plain(interval.low)} s to {plain(interval.high)} s"
    return f"95 % interval {write_value(interval.low, unit)} to {write_value(interval.high, unit)}"


def write_chance(p_value: float) -> str:
    """`p = 0.03`, `p < 0.001`."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def write_basis(number: Number, measure: Measure, of: str = "calls") -> str:
    """What a number rests on: `212 of 514 calls; 95 % interval 37.1 % to 45.4 %`; empty of a count."""
    parts = []
    if number.count is not None:
        parts.append(f"{number.count:,} of {number.n:,} {of}")
    elif measure.kind not in _COUNTS:
        parts.append("1 value" if number.n == 1 else f"{number.n:,} values")
    if number.interval is not None:
        parts.append(write_interval(number.interval, unit_of(measure)))
    return "; ".join(parts)


def counted_calls(asked: Asked, number: Number) -> str:
    """What a share of an ungrouped query is a share of: of all the calls that match, or of those with a value."""
    return "calls" if number.n == asked.result.calls else "calls in which it is known"


def plain(value: float) -> str:
    """`1,234`, `12.35`: no digits that mean nothing."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", _MINUS)
    return f"{value:,.2f}".replace("-", _MINUS) if abs(value) >= 1 else f"{value:.3g}".replace("-", _MINUS)


def _seconds(value: float) -> str:
    whole = round(abs(value))
    written = f"{plain(value)} s"
    if whole < 60:
        return written
    if whole < 3600:
        return f"{written} ({whole // 60} min {whole % 60:02} s)"
    return f"{written} ({whole // 3600:,} h {whole % 3600 // 60:02} min)"
