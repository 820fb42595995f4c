"""Every number that a tool returned, with what it is a number of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from postcall.analyst.checking.figures import Figure, Unit
from postcall.domain.analysis import Asked
from postcall.domain.queries import GroupValue, Interval, Measure, MeasureKind, Number


class CellKind(Enum):
    """What sort of number it is, which decides how it may be written."""

    COUNT = auto()
    """Exact."""
    SHARE = auto()
    """Between 0 and 1; written as a percentage."""
    POINTS = auto()
    """The difference between two shares."""
    SECONDS = auto()
    OTHER = auto()
    """In a unit that nobody but the metric's author knows."""


class Role(Enum):
    """What a number is in its result; all but the first may only stand where the sentence says so."""

    MAIN = auto()
    """What was measured."""
    BASE = auto()
    """What it is a share or an average of."""
    BEFORE = auto()
    """The same in the period before."""
    CHANGE = auto()
    BOUND = auto()
    """An end of its interval."""
    KNOWN = auto()
    """How many calls have a value."""
    UNKNOWN = auto()
    """How many do not."""
    IN_PROGRESS = auto()
    CHANCE = auto()
    """How likely a change at least so large is where nothing changed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a result."""

    value: float
    kind: CellKind
    row: int | None = None
    """Of the result; None: of all its calls."""
    role: Role = Role.MAIN


_COUNTS = frozenset({MeasureKind.CONVERSATIONS, MeasureKind.COUNT, MeasureKind.DISTINCT})
_SHARES = frozenset({MeasureKind.RATE, MeasureKind.SHARE})
_SECONDS = frozenset({"field.duration", "field.latency"})
_MOST_OFF = 0.05
"""A rounded number may be off by so much of itself: 4 % for 3.9 %, but not 0 % for 0.4 %."""
_BASE = re.compile(
    r"\b(?:of|among|in|from|over|across|all|total|altogether)\W*(?:(?:all|the|these|those|a total of)\W*)*$", re.I
)
_SAID = {
    Role.BEFORE: re.compile(
        r"\b(?:before|previous\w*|earlier|prior|preceding|last|from|was|were|than|vs|versus|against|compared)\b", re.I
    ),
    Role.CHANGE: re.compile(
        r"\b(?:change\w*|rose|risen|fell|fallen|more|less|fewer|up|down|increase\w*|decrease\w*|differ\w*|higher|lower"
        r"|longer|shorter|drop\w*|grew|grown|rise|fall|gain\w*|lost)\b",
        re.I,
    ),
    Role.BOUND: re.compile(r"\b(?:between|interval|confidence|range\w*|margin)\b", re.I),
    Role.KNOWN: re.compile(r"\b(?:knows?|known|have|has|had|answered|with an? (?:value|answer)|recorded)\b", re.I),
    Role.UNKNOWN: re.compile(
        r"\b(?:unknown|missing|not (?:asked|known|say|said|answered)|no (?:answer|value)|invalid|errors?|without)\b",
        re.I,
    ),
    Role.CHANCE: re.compile(r"\bp\s*(?:=|≈|-?value\b)", re.I),
    Role.IN_PROGRESS: re.compile(r"\b(?:in progress|going on|under way|still)\b", re.I),
}
"""What must stand in a sentence for a number of this role."""
_OTHER_UNIT = re.compile(r"\s*(?:days?|weeks?|months?|years?|ms|milliseconds?|dollars?|euros?|[$€£])(?!\w)", re.I)
"""What no count of calls is in."""
_SCALE = {Unit.SECONDS: 1.0, Unit.MINUTES: 60.0, Unit.HOURS: 3600.0}


def cells_of(asked: Asked) -> tuple[Cell, ...]:
    """All numbers of a result that a sentence may say."""
    result = asked.result
    cells = [
        cell
        for index, row in enumerate(result.rows)
        for measure, number in zip(result.query.measures, row.numbers, strict=True)
        for cell in _of_number(measure, number, index)
    ]
    cells.append(Cell(result.calls, CellKind.COUNT, role=Role.BASE))
    cells.append(Cell(result.in_progress, CellKind.COUNT, role=Role.IN_PROGRESS))
    for each in result.coverage:
        cells.append(Cell(each.calls, CellKind.COUNT, role=Role.BASE))
        cells.append(Cell(each.have, CellKind.COUNT, role=Role.KNOWN))
        missing = (each.unknown, each.invalid, each.error, each.not_asked)
        cells += [Cell(count, CellKind.COUNT, role=Role.UNKNOWN) for count in missing]
        if each.calls:
            cells.append(Cell(each.have / each.calls, CellKind.SHARE, role=Role.KNOWN))
            cells.append(Cell(each.unknown / each.calls, CellKind.SHARE, role=Role.UNKNOWN))
    return tuple(cells)


def fits(figure: Figure, cell: Cell, text: str) -> bool:
    """Whether the figure says this number, rounded to as many places as were written, in its role."""
    if cell.kind is CellKind.COUNT and _OTHER_UNIT.match(text, figure.end):
        return False
    return _same(figure, cell) and _in_role(figure, cell.role, text)


def paired(asked: Asked) -> frozenset[tuple[float, float]]:
    """What may stand before and behind `of`: a numerator with its denominator, a row's calls with all calls."""
    pairs: set[tuple[float, float]] = set()
    for row in asked.result.rows:
        for measure, number in zip(asked.result.query.measures, row.numbers, strict=True):
            if number.count is not None:
                pairs.add((number.count, number.n))
            elif measure.kind is MeasureKind.CONVERSATIONS and number.value is not None:
                pairs.add((number.value, asked.result.calls))
    for each in asked.result.coverage:
        pairs |= {(part, each.calls) for part in (each.have, each.unknown, each.invalid, each.error, each.not_asked)}
    return frozenset(pairs)


def interval_of(figure: Figure, asked: Asked) -> Interval | None:
    """The interval of the share that the figure says; shares of one sample that are equal have the same one."""
    numbers = (number for row in asked.result.rows for number in row.numbers)
    fitting = (n.interval for n in numbers if n.value is not None and _same(figure, Cell(n.value, CellKind.SHARE)))
    return next(fitting, None)


def main_numbers(asked: Asked) -> list[tuple[tuple[GroupValue, ...], float]]:
    """The first measure of each group that has one."""
    rows = ((row.group, row.numbers[0].value) for row in asked.result.rows if row.numbers)
    return [(group, value) for group, value in rows if value is not None]


def _of_number(measure: Measure, number: Number, row: int) -> Iterator[Cell]:
    kind = kind_of(measure)
    if number.value is not None:
        yield Cell(number.value, kind, row)
    if number.count is not None:
        yield Cell(number.count, CellKind.COUNT, row)
    yield Cell(number.n, CellKind.COUNT, row, Role.BASE)
    if number.previous is not None:
        yield Cell(number.previous, kind, row, Role.BEFORE)
    if number.interval is not None:
        yield Cell(number.interval.low, kind, row, Role.BOUND)
        yield Cell(number.interval.high, kind, row, Role.BOUND)
    if number.change is not None:
        if number.p_value is not None:
            yield Cell(number.p_value, CellKind.OTHER, row, Role.CHANCE)
        yield Cell(number.change, CellKind.POINTS if kind is CellKind.SHARE else kind, row, Role.CHANGE)


def _same(figure: Figure, cell: Cell) -> bool:
    value = abs(cell.value)
    match cell.kind:
        case CellKind.COUNT:
            return figure.unit is Unit.NONE and figure.value == value
        case CellKind.SHARE:
            return figure.unit is Unit.PERCENT and _rounded(figure, value * 100)
        case CellKind.POINTS:
            return figure.unit is Unit.POINTS and _rounded(figure, value * 100)
        case CellKind.SECONDS:
            return figure.unit in _SCALE and _rounded(figure, value / _SCALE[figure.unit])
        case CellKind.OTHER:
            return figure.unit is Unit.NONE and _rounded(figure, value)


def _in_role(figure: Figure, role: Role, text: str) -> bool:
    if role is Role.MAIN:
        return True
    if role is Role.BASE:
        return _BASE.search(text[: figure.start]) is not None
    return _SAID[role].search(text) is not None


def kind_of(measure: Measure) -> CellKind:
    """What sort of number a measure gives."""
    if measure.kind in _COUNTS:
        return CellKind.COUNT
    if measure.kind in _SHARES:
        return CellKind.SHARE
    return CellKind.SECONDS if measure.of in _SECONDS else CellKind.OTHER


def _rounded(figure: Figure, value: float) -> bool:
    off = abs(figure.value - value)
    if off < 1e-9 * max(1.0, value):
        return True
    return off <= 0.5 * 10.0**-figure.decimals + 1e-9 and off <= _MOST_OFF * value
