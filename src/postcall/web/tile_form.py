"""The form of one tile: from a tile to its fields, and from the fields that come back to a tile.

Fields are numbered: `m0_kind` is the kind of the first measure, `c1_f0_name` what the first condition of the second
column is about. A row that was left empty means nothing, so rows are taken away by emptying them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from postcall.domain.calls import Json, JsonScalar
from postcall.domain.dashboard_checks import most_groups
from postcall.domain.dashboards import (
    MAX_COLUMNS,
    Divisor,
    EmptyBuckets,
    Sort,
    SortBy,
    TableColumn,
    Tile,
    TileData,
    TileFormat,
    TileKind,
    Unit,
)
from postcall.domain.queries import All, Condition, Denominator, Filter, Measure, MeasureKind
from postcall.errors import BadInput
from postcall.reporting.filter_format import read_filters, read_name, write_filters
from postcall.reporting.filter_words import value_in_words
from postcall.reporting.reading import read_scalar
from postcall.web.filter_rows import FilterForm, FilterRow, filters_of, rows_of

MEASURES = 8
CONDITIONS = 20
Fields = Mapping[str, str]
Kinds = Mapping[str, str]
"""What each metric's values are, by its name."""
Member = TypeVar("Member", bound=StrEnum)


def fields_of(tile: Tile) -> dict[str, str]:
    """A tile as the fields of its form."""
    data, form = tile.data, tile.format
    fields = {
        "title": tile.title,
        "kind": tile.kind.value,
        "x": str(tile.x),
        "y": str(tile.y),
        "w": str(tile.w),
        "h": str(tile.h),
        "group_0": data.group_by[0] if data.group_by else "",
        "group_1": data.group_by[1] if len(data.group_by) > 1 else "",
        "sort": data.sort.value if data.sort is Sort.NONE else f"{data.sort_by}-{data.sort}",
        "limit": "" if data.limit is None else str(data.limit),
        "show_as": form.show_as.value if form.show_as else "",
        "currency": form.currency,
        "multiplier": _fraction(form.multiplier),
        "suffix": form.suffix,
        "decimals": "" if form.decimals is None else str(form.decimals),
        "colour": str(form.colour),
        "empty": form.empty.value,
        "y_label": form.y_label,
        **_filter_fields("", data.filters),
        **_divisor_fields("d_", data.divided_by),
    }
    flags = {
        "show_missing": data.show_missing,
        "show_change": form.show_change,
        "area": form.area,
        "gridlines": form.gridlines,
    }
    fields |= {name: "yes" for name, on in flags.items() if on}
    for index, measure in enumerate(data.measures):
        fields |= _measure_fields(f"m{index}_", measure)
    for index, column in enumerate(tile.columns):
        at = f"c{index}_"
        fields |= {
            f"{at}title": column.title,
            f"{at}show_as": column.show_as.value if column.show_as else "",
            **_measure_fields(at, column.measure),
            **_divisor_fields(f"{at}d_", column.divided_by),
            **_filter_fields(at, column.filters),
        }
    return fields


def read_tile_form(fields: Fields, tile_id: str, kinds: Kinds) -> Tile:
    """The tile that the fields describe. BadInput, whose `field` is the field's name, where one cannot be read."""
    kind = _member(TileKind, fields.get("kind", ""), "kind")
    sort_by, _, sort = fields.get("sort", "none").rpartition("-")
    measures = [read_measure_fields(fields, f"m{index}_", kinds) for index in range(MEASURES)]
    # What a form shows no field for cannot be wrong: of a kind that takes fewer groups, the others stay unread.
    groups = tuple(
        read_name(name, f"group_{index}") if "." in name else name
        for index in range(most_groups(kind))
        if (name := fields.get(f"group_{index}", "").strip())
    )
    data = TileData(
        measures=tuple(each for each in measures if each is not None) or TileData().measures,
        group_by=groups,
        sort=_member(Sort, sort, "sort"),
        sort_by=_member(SortBy, sort_by or SortBy.VALUE, "sort"),
        limit=_whole(fields, "limit", None),
        filters=_read_filters(fields, "", kinds),
        divided_by=_read_divisor(fields, "d_", kinds),
        show_missing="show_missing" in fields,
    )
    columns = [_read_column(fields, index, kinds) for index in range(MAX_COLUMNS)]
    return Tile(
        id=tile_id,
        title=" ".join(fields.get("title", "").split()),
        kind=kind,
        x=_whole(fields, "x", 0) or 0,
        y=_whole(fields, "y", 0) or 0,
        w=_whole(fields, "w", 6) or 1,
        h=_whole(fields, "h", 4) or 1,
        data=data,
        format=_read_format(fields),
        columns=tuple(each for each in columns if each is not None) if kind is TileKind.TABLE else (),
    )


def read_measure_fields(fields: Fields, at: str, kinds: Kinds) -> Measure | None:
    """One measure; None where its row was left empty."""
    text = fields.get(f"{at}kind", "").strip()
    if not text:
        return None
    kind = _member(MeasureKind, text, f"{at}kind")
    of = fields.get(f"{at}of", "").strip() or None
    if of is not None:
        read_name(of, f"{at}of")
    if kind is MeasureKind.CONVERSATIONS:
        of = None
    elif of is None and kind is not MeasureKind.COUNT:
        raise BadInput("Say what is measured, such as field.duration or metric.NAME", field=f"{at}of")
    if kind is not MeasureKind.RATE or of is None:
        return Measure(kind, of)
    denominator, text = fields.get(f"{at}denominator", ""), fields.get(f"{at}value", "").strip()
    unchanged, value = _as_it_was(fields, f"{at}was", [of, text])
    return Measure(
        kind,
        of,
        value=read_scalar(value, f"{at}value") if unchanged else _value(of, text, kinds),
        denominator=_member(Denominator, denominator, f"{at}denominator") if denominator else None,
    )


def row_count(fields: Fields, at: str, most: int) -> int:
    """How many condition rows to show: those that are filled, and an empty one."""
    filled = [index for index in range(most) if fields.get(f"{at}f{index}_name")]
    return min(max(filled, default=-1) + 2, most)


def _read_format(fields: Fields) -> TileFormat:
    show_as = fields.get("show_as", "")
    blank = TileFormat()
    return TileFormat(
        show_as=_member(Unit, show_as, "show_as") if show_as else None,
        currency=fields.get("currency", "").strip().upper() or blank.currency,
        multiplier=_number(fields, "multiplier", blank.multiplier),
        suffix=fields.get("suffix", "").rstrip(),
        decimals=_whole(fields, "decimals", None),
        show_change="show_change" in fields,
        colour=_whole(fields, "colour", 0) or 0,
        area="area" in fields,
        gridlines="gridlines" in fields,
        empty=_member(EmptyBuckets, fields.get("empty") or blank.empty, "empty"),
        y_label=" ".join(fields.get("y_label", "").split()),
    )


def _read_column(fields: Fields, index: int, kinds: Kinds) -> TableColumn | None:
    at = f"c{index}_"
    measure = read_measure_fields(fields, at, kinds)
    if measure is None:
        return None
    show_as = fields.get(f"{at}show_as", "")
    return TableColumn(
        title=" ".join(fields.get(f"{at}title", "").split()),
        measure=measure,
        show_as=_member(Unit, show_as, f"{at}show_as") if show_as else None,
        divided_by=_read_divisor(fields, f"{at}d_", kinds),
        filters=_read_filters(fields, at, kinds),
    )


def _read_divisor(fields: Fields, at: str, kinds: Kinds) -> Divisor | None:
    measure = read_measure_fields(fields, at, kinds)
    return None if measure is None else Divisor(measure, _read_filters(fields, at, kinds))


def _read_filters(fields: Fields, at: str, kinds: Kinds) -> All:
    """The conditions of the rows, then those that have no place in rows, which come along as they were."""
    rest: tuple[Filter, ...] = ()
    if (kept := fields.get(f"{at}f_rest", "")) and f"{at}f_drop" not in fields:
        try:
            rest = read_filters(msgspec.json.decode(kept), f"{at}f_rest").parts
        except msgspec.DecodeError as error:
            raise BadInput(f"the filters kept beside the rows cannot be read: {error}", field=f"{at}f_rest") from None
    rows: list[Filter] = []
    for index in range(CONDITIONS):
        name = fields.get(f"{at}f{index}_name", "").strip()
        if not name:
            continue
        row = FilterRow(name, fields.get(f"{at}f{index}_op", ""), fields.get(f"{at}f{index}_value", "").strip())
        unchanged, condition = _as_it_was(fields, f"{at}f{index}_was", [row.name, row.op, row.value])
        if unchanged:
            rows += read_filters(condition, f"{at}f{index}_was").parts
            continue
        try:
            rows += filters_of(FilterForm((row,)), kinds).parts
        except BadInput as error:
            words = error.message.partition(": ")[2] or error.message
            raise BadInput(f"Condition {index + 1}: {words}", field=f"{at}f{index}_value") from None
    return All((*rows, *rest))


def _filter_fields(at: str, filters: All) -> dict[str, str]:
    fields: dict[str, str] = {}
    shown = rows_of(filters)
    # One of several is no row here: all rows must hold.
    rows, rest = ((), filters.parts) if shown.any else (shown.rows, shown.rest)
    conditions = [part for part in filters.parts if isinstance(part, Condition)]
    for index, (row, condition) in enumerate(zip(rows, conditions, strict=False)):
        if index >= CONDITIONS:
            rest = (*conditions[CONDITIONS:], *rest)
            break
        fields |= {
            f"{at}f{index}_name": row.name,
            f"{at}f{index}_op": row.op,
            f"{at}f{index}_value": row.value,
            f"{at}f{index}_was": _was([row.name, row.op, row.value], write_filters(All((condition,)))),
        }
    if rest:
        fields[f"{at}f_rest"] = msgspec.json.encode(write_filters(All(rest))).decode()
    return fields


def _divisor_fields(at: str, divisor: Divisor | None) -> dict[str, str]:
    if divisor is None:
        return {}
    return {**_measure_fields(at, divisor.measure), **_filter_fields(at, divisor.filters)}


def _measure_fields(at: str, measure: Measure) -> dict[str, str]:
    fields = {f"{at}kind": measure.kind.value, f"{at}of": measure.of or ""}
    if measure.kind is MeasureKind.RATE:
        text = measure.value if isinstance(measure.value, str) else value_in_words(measure.value)
        fields[f"{at}value"] = text
        fields[f"{at}was"] = _was([measure.of, text], measure.value)
        fields[f"{at}denominator"] = measure.denominator.value if measure.denominator else ""
    return fields


def _was(shown: list[str | None], value: Json) -> str:
    """What a row said, and what it meant: yes may be true or the word, and only whoever types it anew changes that."""
    said = [text and text.strip() for text in shown]
    return msgspec.json.encode({"shown": said, "meant": value}).decode()


def _as_it_was(fields: Fields, name: str, shown: list[str | None]) -> tuple[bool, object]:
    """Whether the row says what it said when the form was made, and what that meant."""
    try:
        was = msgspec.json.decode(fields.get(name) or "{}", type=dict[str, object])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False, None
    return "meant" in was and was.get("shown") == shown, was.get("meant")


def _fraction(number: float) -> str:
    """`1/60` rather than 0.016666666666666666."""
    if 0 < abs(number) < 1 and 1 / round(1 / number) == number:
        return f"1/{round(1 / number)}"
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def _value(name: str, text: str, kinds: Kinds) -> JsonScalar:
    """What a text means as a value of this name; of a flag nothing has to be said."""
    if not text:
        return True
    [part] = filters_of(FilterForm((FilterRow(name, "eq", text),)), kinds).parts
    value: JsonScalar = getattr(part, "value", None)
    if value is not None:
        return value
    values: tuple[JsonScalar, ...] = getattr(part, "values", ())
    return values[0]


def _member(kind: type[Member], text: str, field: str) -> Member:
    try:
        return kind(text)
    except ValueError:
        raise BadInput(f"{field}: {text[:50]!r} is none of {', '.join(kind)}", field=field) from None


def _whole(fields: Fields, name: str, default: int | None) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadInput(f"{name}: must be a whole number, not {text[:20]!r}", field=name)
    return int(text)


def _number(fields: Fields, name: str, default: float) -> float:
    text = fields.get(name, "").strip()
    if not text:
        return default
    try:
        top, _, bottom = text.partition("/")
        return float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        raise BadInput(f"{name}: must be a number such as 0.5 or 1/60, not {text[:20]!r}", field=name) from None
