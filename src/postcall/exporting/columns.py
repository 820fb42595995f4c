"""Which column a metric or an answer gets, and of which type. Plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntFlag

import msgspec

from postcall.domain.calls import MetricValue
from postcall.domain.exports import AlteredColumn, ColumnType, ExportColumn

_EXACT = 2**53
"""Up to here a float says exactly which integer it is."""
_LARGEST = 2**63 - 1
"""Of a column of whole numbers."""


class Kind(IntFlag):
    """What has been seen among the values of one name."""

    BOOLEAN = 1
    INTEGER = 2
    WIDE = 4
    """A whole number that a float cannot tell from its neighbours."""
    FLOAT = 8
    TEXT = 16


_OF_TYPE = {
    ColumnType.BOOLEAN: Kind.BOOLEAN,
    ColumnType.INTEGER: Kind.INTEGER,
    ColumnType.FLOAT: Kind.FLOAT,
    ColumnType.STRING: Kind.TEXT,
}


def kind_of(value: MetricValue) -> int:
    """As a plain number, since every value of every call comes by."""
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            return 16
        return 2 if abs(value) <= _EXACT else 6
    return 8 if isinstance(value, float) else 16


def type_of(kinds: int) -> ColumnType:
    """The narrowest type that holds every value without changing it; text where no other does."""
    seen = Kind(kinds)
    if seen == Kind.BOOLEAN:
        return ColumnType.BOOLEAN
    if seen and seen in (Kind.INTEGER | Kind.WIDE):
        return ColumnType.INTEGER
    if seen and seen in (Kind.INTEGER | Kind.FLOAT):
        return ColumnType.FLOAT
    return ColumnType.STRING


def name_columns(
    kinds: Mapping[str, int], *, taken: Iterable[str], before: Sequence[ExportColumn] = ()
) -> tuple[ExportColumn, ...]:
    """A column for each name: those of the export before, wide enough for both, then the new ones by name.

    A column is called as its metric is, unless a field of the call or another metric is called so too: to most readers
    of such files `Booked` and `booked` are one name. Then it is `metric.NAME`, and with a number after it where even
    that is taken. A name that has a column keeps it for as long as exports go on from one another.
    """
    known = {column.metric for column in before}
    used = {name.casefold() for name in taken} | {column.name.casefold() for column in before}
    columns = [
        ExportColumn(each.name, type_of(kinds.get(each.metric or "", 0) | _OF_TYPE[each.type]), each.metric)
        for each in before
    ]
    for name in sorted(set(kinds) - known):
        chosen = next(each for each in _names_for(name) if each.casefold() not in used)
        used.add(chosen.casefold())
        columns.append(ExportColumn(chosen, type_of(kinds[name]), name))
    return tuple(columns)


def altered(before: Sequence[ExportColumn], now: Sequence[ExportColumn]) -> tuple[AlteredColumn, ...]:
    """What a table of the columns before lacks to hold rows of those of now."""
    types = {column.name: column.type for column in before}
    return tuple(
        AlteredColumn(column.name, column.type, types.get(column.name))
        for column in now
        if types.get(column.name) is not column.type
    )


def _names_for(name: str) -> Iterable[str]:
    yield name
    yield f"metric.{name}"
    number = 2
    while True:
        yield f"metric.{name}.{number}"
        number += 1


def cell_of(value: MetricValue | None, type_: ColumnType) -> MetricValue | None:
    """The value as a cell of a column of this type, which was chosen so that it fits."""
    if value is None or type_ in (ColumnType.BOOLEAN, ColumnType.INTEGER):
        return value
    if type_ is ColumnType.FLOAT:
        return float(value)
    return as_text(value)


def as_text(value: MetricValue) -> str:
    """A value of any kind in a column of text: a string as it is, all else as JSON has it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
