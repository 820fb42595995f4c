"""The form of one tile as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from postcall.domain.dashboards import MAX_COLUMNS, EmptyBuckets, Sort, SortBy, TileKind, Unit
from postcall.domain.queries import Bucket, Denominator
from postcall.errors import BadInput
from postcall.reporting.filter_format import read_filters
from postcall.reporting.filter_words import filters_in_words
from postcall.reporting.measure_words import MEASURES
from postcall.reporting.reports import KnownName
from postcall.web.dashboard_toolbar import Choice
from postcall.web.filter_rows import OPERATORS, kinds_of, names_offered
from postcall.web.tile_form import CONDITIONS, Fields, row_count
from postcall.web.tile_form import MEASURES as MOST_MEASURES

_KINDS = {
    TileKind.KPI: "One number",
    TileKind.LINE: "Lines",
    TileKind.BAR: "Bars",
    TileKind.PIE: "Pie",
    TileKind.DONUT: "Donut",
    TileKind.TABLE: "Table",
    TileKind.HEATMAP: "Heatmap",
}
_UNITS = {
    Unit.NUMBER: "Number",
    Unit.PERCENT: "Percent (0.412 is 41.2 %)",
    Unit.CURRENCY: "Currency",
    Unit.DURATION: "Duration (of seconds)",
}
_DENOMINATORS = {
    Denominator.CALLS: "all calls",
    Denominator.ANSWERED: "calls with a value",
    Denominator.ASKED: "calls that were asked",
}
_EMPTY = {EmptyBuckets.ZERO: "Zero", EmptyBuckets.CONNECT: "Connect the points around", EmptyBuckets.GAP: "A gap"}
_SORTS = {
    "none": "As they come",
    f"{SortBy.VALUE}-{Sort.DESC}": "Largest first",
    f"{SortBy.VALUE}-{Sort.ASC}": "Smallest first",
    f"{SortBy.LABEL}-{Sort.ASC}": "By name, A to Z",
    f"{SortBy.LABEL}-{Sort.DESC}": "By name, Z to A",
}
_BUCKETS = {Bucket.HOUR: "Hour", Bucket.DAY: "Day", Bucket.WEEK: "Week", Bucket.MONTH: "Month"}


@dataclass(frozen=True, slots=True)
class MeasureFields:
    """What is measured."""

    at: str
    """What its fields' names begin with."""
    kinds: tuple[Choice, ...]
    of: str
    value: str
    was: str
    """What it meant, as long as it says the same."""
    denominators: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ConditionFields:
    """One condition."""

    at: str
    name: str
    ops: tuple[Choice, ...]
    value: str
    was: str


@dataclass(frozen=True, slots=True)
class FilterFields:
    """The conditions of one place, and what stands beside them."""

    at: str
    rows: tuple[ConditionFields, ...]
    rest: str
    """As JSON; empty where there is nothing."""
    rest_in_words: str


@dataclass(frozen=True, slots=True)
class ColumnFields:
    """One column of a table."""

    number: int
    at: str
    title: str
    units: tuple[Choice, ...]
    measure: MeasureFields
    divisor: MeasureFields
    divisor_filters: FilterFields
    filters: FilterFields
    open: bool
    """It divides or filters, so that part is shown unfolded."""


@dataclass(frozen=True, slots=True)
class TileFormView:
    """The whole form."""

    values: Mapping[str, str]
    """The plain fields."""
    kinds: tuple[Choice, ...]
    measures: tuple[MeasureFields, ...]
    groups: tuple[tuple[Choice, ...], tuple[Choice, ...]]
    sorts: tuple[Choice, ...]
    filters: FilterFields
    divisor: MeasureFields
    divisor_filters: FilterFields
    units: tuple[Choice, ...]
    empties: tuple[Choice, ...]
    colours: tuple[Choice, ...]
    columns: tuple[ColumnFields, ...]
    names: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """What can be measured and filtered by, in groups: name and label."""
    is_table: bool
    part: str
    """`data` or `format`: which tab is open."""


_PLAIN = (
    "title", "x", "y", "w", "h", "limit", "currency", "multiplier", "suffix", "decimals", "y_label", "show_missing",
    "show_change", "area", "gridlines",
)  # fmt: skip


def show_tile_form(fields: Fields, names: Sequence[KnownName]) -> TileFormView:
    """The form with what was typed, and with an empty row wherever there may be one more."""
    used = [value for key, value in fields.items() if key.endswith(("_of", "_name", "group_0", "group_1"))]
    offered = names_offered(kinds_of(names), used)
    filled = [index for index in range(MOST_MEASURES) if fields.get(f"m{index}_kind")]
    columns = [index for index in range(MAX_COLUMNS) if fields.get(f"c{index}_kind")]
    return TileFormView(
        values={name: fields.get(name, "") for name in _PLAIN},
        kinds=_choices(_KINDS.items(), fields.get("kind", "")),
        measures=tuple(
            _measure(fields, f"m{index}_", optional=index > 0)
            for index in range(min(max(filled, default=0) + 2, MOST_MEASURES))
        ),
        groups=(_groups(offered, fields.get("group_0", "")), _groups(offered, fields.get("group_1", ""))),
        sorts=_choices(_SORTS.items(), fields.get("sort", "none")),
        filters=_filters(fields, ""),
        divisor=_measure(fields, "d_", optional=True),
        divisor_filters=_filters(fields, "d_"),
        units=_units(fields.get("show_as", "")),
        empties=_choices(_EMPTY.items(), fields.get("empty", "")),
        colours=_choices(((str(number), f"Colour {number + 1}") for number in range(8)), fields.get("colour", "0")),
        columns=tuple(_column(fields, index) for index in range(min(max(columns, default=-1) + 2, MAX_COLUMNS))),
        names=offered,
        is_table=fields.get("kind") == TileKind.TABLE,
        part=fields.get("part", "data"),
    )


def _column(fields: Fields, index: int) -> ColumnFields:
    at = f"c{index}_"
    return ColumnFields(
        number=index + 1,
        at=at,
        title=fields.get(f"{at}title", ""),
        units=_units(fields.get(f"{at}show_as", "")),
        measure=_measure(fields, at, optional=True),
        divisor=_measure(fields, f"{at}d_", optional=True),
        divisor_filters=_filters(fields, f"{at}d_"),
        filters=_filters(fields, at),
        open=any(
            value and key.startswith((f"{at}d_", f"{at}f")) and not key.endswith("_op") for key, value in fields.items()
        ),
    )


def _measure(fields: Fields, at: str, *, optional: bool) -> MeasureFields:
    kinds = _choices(MEASURES.items(), fields.get(f"{at}kind", ""))
    return MeasureFields(
        at=at,
        kinds=(Choice("", "–", not fields.get(f"{at}kind")), *kinds) if optional else kinds,
        of=fields.get(f"{at}of", ""),
        value=fields.get(f"{at}value", ""),
        was=fields.get(f"{at}was", ""),
        denominators=(
            Choice("", "the usual", not fields.get(f"{at}denominator")),
            *_choices(_DENOMINATORS.items(), fields.get(f"{at}denominator", "")),
        ),
    )


def _filters(fields: Fields, at: str) -> FilterFields:
    rest = fields.get(f"{at}f_rest", "")
    return FilterFields(
        at=at,
        rows=tuple(
            ConditionFields(
                at=f"{at}f{index}_",
                name=fields.get(f"{at}f{index}_name", ""),
                ops=_choices(OPERATORS, fields.get(f"{at}f{index}_op", "")),
                value=fields.get(f"{at}f{index}_value", ""),
                was=fields.get(f"{at}f{index}_was", ""),
            )
            for index in range(row_count(fields, at, CONDITIONS))
        ),
        rest=rest,
        rest_in_words=_in_words(rest) if rest else "",
    )


def _in_words(rest: str) -> str:
    try:
        return filters_in_words(read_filters(msgspec.json.decode(rest)))
    except (msgspec.DecodeError, BadInput):
        return rest  # it will be refused; until then it is shown as it came


def _groups(offered: Sequence[tuple[str, Sequence[tuple[str, str]]]], chosen: str) -> tuple[Choice, ...]:
    names = [*_BUCKETS.items(), *(each for _, members in offered for each in members)]
    return (Choice("", "–", not chosen), *_choices(names, chosen))


def _units(chosen: str) -> tuple[Choice, ...]:
    return (Choice("", "As the measure is", not chosen), *_choices(_UNITS.items(), chosen))


def _choices(pairs: Iterable[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(value), label, str(value) == chosen) for value, label in pairs)
