"""A tile's numbers as people read them: 41.2 %, $1,204.50, 3 min 12 s, +2.1 points."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.domain.dashboards import TileFormat, Unit
from postcall.domain.queries import Measure, MeasureKind, Number
from postcall.reporting.tile_results import Figure, interval_of
from postcall.web import words

NOTHING = "—"
_MINUS = "\N{MINUS SIGN}"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_TIMES = frozenset({"field.duration", "field.latency"})
_KEEPS_UNIT = frozenset(
    {
        MeasureKind.SUM,
        MeasureKind.AVERAGE,
        MeasureKind.MIN,
        MeasureKind.MAX,
        MeasureKind.P50,
        MeasureKind.P90,
        MeasureKind.P95,
        MeasureKind.P99,
    }
)


@dataclass(frozen=True, slots=True)
class Writing:
    """How one column's numbers are written."""

    unit: Unit
    currency: str = "EUR"
    multiplier: float = 1.0
    suffix: str = ""
    decimals: int | None = None

    def number(self, value: float | None) -> str:
        """One number with its unit; a dash where there is none."""
        if value is None:
            return NOTHING
        return self._unit(value * self.multiplier) + self.suffix

    def change(self, change: float) -> str:
        """A difference with its sign; of percent in points."""
        times = change * self.multiplier
        if self.unit is Unit.PERCENT:
            points = _signed(times * 100, f"{abs(times) * 100:,.{self._digits(1)}f}")
            return f"{points} points"
        return _signed(times, self._unit(abs(times)) + self.suffix)

    @property
    def prefix(self) -> str:
        """What an axis puts before its numbers."""
        return _SIGNS.get(self.currency, "") if self.unit is Unit.CURRENCY else ""

    @property
    def ending(self) -> str:
        """What an axis puts behind its numbers."""
        code = f" {self.currency}" if self.unit is Unit.CURRENCY and self.currency not in _SIGNS else ""
        return code + self.suffix

    def _digits(self, default: int) -> int:
        return default if self.decimals is None else self.decimals

    def _unit(self, value: float) -> str:
        if self.unit is Unit.PERCENT:
            return f"{value * 100:,.{self._digits(1)}f} %".replace("-", _MINUS)
        if self.unit is Unit.CURRENCY:
            code = "" if self.currency in _SIGNS else f" {self.currency}"
            text = f"{self.prefix}{abs(value):,.{self._digits(2)}f}{code}"
            return _MINUS + text if value < 0 else text
        if self.unit is Unit.DURATION:
            text = _duration(abs(value), self.decimals)
            return _MINUS + text if value < 0 else text
        return _plain(value, self.decimals).replace("-", _MINUS)


def writing_of(measure: Measure, form: TileFormat, *, show_as: Unit | None = None, divided: bool = False) -> Writing:
    """How the numbers of a measure are written: as is said, otherwise as the measure is."""
    return Writing(
        unit=show_as or form.show_as or natural_unit(measure, divided=divided),
        currency=form.currency,
        multiplier=form.multiplier,
        suffix=form.suffix,
        decimals=form.decimals,
    )


def natural_unit(measure: Measure, *, divided: bool = False) -> Unit:
    """Rates are percent and durations are durations; a quotient is a plain number."""
    if divided:
        return Unit.NUMBER
    if measure.kind in {MeasureKind.RATE, MeasureKind.SHARE}:
        return Unit.PERCENT
    if measure.of in _TIMES and measure.kind in _KEEPS_UNIT:
        return Unit.DURATION
    return Unit.NUMBER


def figure_text(figure: Figure, writing: Writing) -> str:
    """The number with what it is a share of: `41.2 % (212 of 514)`."""
    text = writing.number(figure.value)
    of = share_of(figure)
    return f"{text} ({of})" if of and figure.value is not None else text


def share_of(figure: Figure) -> str:
    """`212 of 514`; empty of what is no share."""
    number = figure.number
    if number.count is None or figure.divisor is not None:
        return ""
    return f"{number.count:,} of {number.n:,}"


def rests_on(figure: Figure, measure: Measure, writing: Writing) -> str:
    """What a number rests on, such as `212 of 514 calls; 95 % interval 37.1 % to 45.4 %`."""
    number, parts = figure.number, []
    if figure.divisor is not None:
        above, below = (
            _plain(each.value, None) if each.value is not None else NOTHING for each in (number, figure.divisor)
        )
        return f"{above} by {below}"
    if number.count is not None:
        parts.append(f"{share_of(figure)} calls")
    elif measure.kind in _KEEPS_UNIT and number.n:
        parts.append("of " + words.count(number.n, "call" if (measure.of or "").startswith("field.") else "value"))
    interval = interval_of(figure)
    if interval is not None:
        low, high = writing.number(interval.low), writing.number(interval.high)
        parts.append(f"95 % interval {low} to {high}")
    return "; ".join(parts)


def significance(number: Number) -> str:
    """Whether a change is more than chance."""
    if number.p_value is None:
        return ""
    if number.p_value >= 0.05:
        return f"within chance (p = {number.p_value:.2f})"
    return "p < 0.001" if number.p_value < 0.001 else f"p = {number.p_value:.3f}".rstrip("0")


def _plain(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:,.{decimals}f}"
    if value == round(value):
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 0.1 else 4
    return f"{value:,.{digits}f}"


def _duration(seconds: float, decimals: int | None) -> str:
    if seconds < 10 and round(seconds, 1) != round(seconds):
        return f"{seconds:.{1 if decimals is None else decimals}f} s"
    return words.duration(seconds)


def _signed(value: float, text: str) -> str:
    # By what is shown: a change that rounds to nothing has no direction.
    if not any(digit in text for digit in "123456789"):
        return "±" + text
    return ("+" if value > 0 else _MINUS) + text
