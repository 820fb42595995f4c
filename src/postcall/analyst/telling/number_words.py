"""Measured numbers as an answer writes them: 1,234, 41.2 %, 192.4 s (3 min 12 s)."""

from __future__ import annotations

from enum import StrEnum

from postcall.domain.analysis import Asked
from postcall.domain.queries import Interval, Measure, MeasureKind

NOTHING = "nothing to measure"
SURE = 0.05
"""Up to so small a chance a difference is called more than chance."""
_MINUS = "\N{MINUS SIGN}"
_TIMES = frozenset({"field.duration", "field.latency", "metric.CALL_DURATION", "metric.duration"})
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


def tell_value(value: float | None, unit: Unit) -> str:
    """The same within a sentence, where nobody reckons with it: a time in the units that people use."""
    if value is None or unit is not Unit.SECONDS:
        return write_value(value, unit)
    if abs(value) < 59.95:
        return (
            f"{value:.1f} s".replace(".0 s", " s").replace("-", _MINUS)
            if abs(value) >= 10
            else write_value(value, unit)
        )
    sign, whole = _MINUS if value < 0 else "", round(abs(value))
    if whole < 3600:
        return f"{sign}{whole // 60} min" + (f" {whole % 60:02} s" if whole % 60 else "")
    return f"{sign}{whole // 3600:,} h" + (f" {whole % 3600 // 60:02} min" if whole % 3600 // 60 else "")


def tell_interval(interval: Interval, unit: Unit) -> str:
    """An interval within a sentence."""
    return f"95 % interval {tell_value(interval.low, unit)} to {tell_value(interval.high, unit)}"


def tell_size(change: float, unit: Unit) -> str:
    """How far two numbers are apart, without a sign: `3.5 points`, `1 min 20 s`, `1,204`."""
    if unit is Unit.SHARE:
        return f"{abs(change) * 100:,.1f} points"
    return tell_value(abs(change), unit)


def tell_chance(p_value: float | None) -> str:
    """Whether that is more than chance; empty where nothing was tested."""
    if p_value is None:
        return ""
    return (
        f"; that is more than chance ({write_chance(p_value)})"
        if p_value < SURE
        else (f"; that may be chance ({write_chance(p_value)})")
    )


def write_interval(interval: Interval, unit: Unit) -> str:
    """`95 % interval 37.1 % to 45.4 %`."""
    if unit is Unit.SECONDS:
        return f"95 % interval {plain(interval.low)} s to {plain(interval.high)} s"
    return f"95 % interval {write_value(interval.low, unit)} to {write_value(interval.high, unit)}"


def write_chance(p_value: float) -> str:
    """`p = 0.03`, `p < 0.001`."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


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
