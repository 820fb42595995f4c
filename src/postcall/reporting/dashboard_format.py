"""Dashboards as JSON, for the interface and for the record. What is left out has its default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from postcall.domain.calls import Json
from postcall.domain.dashboard_checks import check_tiles
from postcall.domain.dashboards import (
    MAX_COLUMNS,
    MAX_GROUPS,
    MAX_NAME,
    MAX_TILES,
    Dashboard,
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
from postcall.domain.queries import Bucket, Measure, Query
from postcall.errors import BadInput
from postcall.reporting.filter_format import read_filters, read_name, write_filters
from postcall.reporting.nearest import did_you_mean
from postcall.reporting.query_format import read_query, write_query
from postcall.reporting.reading import (
    kind_of,
    read_bool,
    read_list,
    read_number,
    read_object,
    read_text,
    read_whole,
    refuse,
)
from postcall.storage.dashboards import StoredDashboard

Kind = TypeVar("Kind", bound=StrEnum)
_TILE = ("id", "title", "kind", "x", "y", "w", "h", "data", "format", "columns")
_DATA = ("measures", "group_by", "sort", "sort_by", "limit", "filters", "divided_by", "show_missing")
_FORMAT = (
    "show_as", "currency", "multiplier", "suffix", "decimals", "show_change", "colour", "area", "gridlines", "empty",
    "y_label",
)  # fmt: skip
_COLUMN = ("title", "measure", "show_as", "divided_by", "filters")


def read_tiles(raw: object, where: str = "tiles") -> tuple[Tile, ...]:
    """The tiles, or BadInput whose `field` is the path to what is wrong, such as `tiles[2].data.group_by`.

    Tiles without an id get one by their place.
    """
    tiles = tuple(
        read_tile(item, f"{where}[{index}]", default_id=f"tile-{index + 1}")
        for index, item in enumerate(read_list(raw, where, most=MAX_TILES))
    )
    check_tiles(tiles)
    return tiles


def read_tile(raw: object, where: str = "tile", *, default_id: str = "tile") -> Tile:
    """One tile; whether it can be shown is for `check_tile` to say."""
    given = read_object(raw, where, _TILE)
    kind = _member(TileKind, given.get("kind"), f"{where}.kind")
    blank = Tile(default_id, "", kind)
    return Tile(
        id=_text(given, "id", where, default_id),
        title=read_text(given.get("title"), f"{where}.title", most=MAX_NAME),
        kind=kind,
        x=_whole(given, "x", where, blank.x),
        y=_whole(given, "y", where, blank.y),
        w=_whole(given, "w", where, blank.w),
        h=_whole(given, "h", where, blank.h),
        data=_read_data(given.get("data"), f"{where}.data"),
        format=_read_format(given.get("format"), f"{where}.format"),
        columns=tuple(
            _read_column(item, f"{where}.columns[{index}]")
            for index, item in enumerate(_items(given, "columns", where, most=MAX_COLUMNS))
        ),
    )


def write_tiles(tiles: Iterable[Tile]) -> list[Any]:
    """The same as JSON; `read_tiles` reads it back as it was."""
    return [write_tile(tile) for tile in tiles]


def write_tile(tile: Tile) -> dict[str, Json]:
    """One tile, with all that it says."""
    data, form = tile.data, tile.format
    return {
        "id": tile.id,
        "title": tile.title,
        "kind": tile.kind.value,
        "x": tile.x,
        "y": tile.y,
        "w": tile.w,
        "h": tile.h,
        "data": {
            "measures": [write_measure(measure) for measure in data.measures],
            "group_by": list(data.group_by),
            "sort": data.sort.value,
            "sort_by": data.sort_by.value,
            "limit": data.limit,
            "filters": write_filters(data.filters),
            "divided_by": _write_divisor(data.divided_by),
            "show_missing": data.show_missing,
        },
        "format": {
            "show_as": form.show_as.value if form.show_as else None,
            "currency": form.currency,
            "multiplier": form.multiplier,
            "suffix": form.suffix,
            "decimals": form.decimals,
            "show_change": form.show_change,
            "colour": form.colour,
            "area": form.area,
            "gridlines": form.gridlines,
            "empty": form.empty.value,
            "y_label": form.y_label,
        },
        "columns": [
            {
                "title": column.title,
                "measure": write_measure(column.measure),
                "show_as": column.show_as.value if column.show_as else None,
                "divided_by": _write_divisor(column.divided_by),
                "filters": write_filters(column.filters),
            }
            for column in tile.columns
        ],
    }


def dashboard_of(stored: StoredDashboard) -> Dashboard:
    """A dashboard as it is kept, with its tiles read."""
    return Dashboard(
        id=stored.id,
        name=stored.name,
        tiles=read_tiles(stored.published),
        draft=None if stored.draft is None else read_tiles(stored.draft),
        position=stored.position,
        is_default=stored.is_default,
        revision=stored.revision,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def read_measure(raw: object, where: str) -> Measure:
    """One measure, in the form that queries have it; without a column's name."""
    if not isinstance(raw, dict):
        refuse(where, f"must be an object, not {kind_of(raw)}")
    try:
        [measure] = read_query({"measures": [{key: value for key, value in raw.items() if key != "as"}]}).measures
    except BadInput as error:
        inside = (error.field or "").removeprefix("measures[0]")
        message = error.message.replace("measures[0]", where, 1)
        raise BadInput(message, field=f"{where}{inside}") from None
    return replace(measure, name="")


def write_measure(measure: Measure) -> dict[str, Json]:
    """The same as JSON."""
    written: Any = write_query(Query(measures=(replace(measure, name="only"),)))["measures"]
    return {key: value for key, value in written[0].items() if key != "as"}


def _read_data(raw: object, where: str) -> TileData:
    if raw is None:
        return TileData()
    given = read_object(raw, where, _DATA)
    blank = TileData()
    limit = given.get("limit")
    return TileData(
        measures=tuple(
            read_measure(item, f"{where}.measures[{index}]")
            for index, item in enumerate(_items(given, "measures", where, most=MAX_COLUMNS))
        )
        or blank.measures,
        group_by=tuple(
            _read_group(item, f"{where}.group_by[{index}]")
            for index, item in enumerate(_items(given, "group_by", where, most=2))
        ),
        sort=_member(Sort, given.get("sort"), f"{where}.sort", blank.sort),
        sort_by=_member(SortBy, given.get("sort_by"), f"{where}.sort_by", blank.sort_by),
        limit=None if limit is None else read_whole(limit, f"{where}.limit", least=1, most=MAX_GROUPS),
        filters=read_filters(given.get("filters"), f"{where}.filters"),
        divided_by=_read_divisor(given.get("divided_by"), f"{where}.divided_by"),
        show_missing=_flag(given, "show_missing", where, blank.show_missing),
    )


def _read_format(raw: object, where: str) -> TileFormat:
    if raw is None:
        return TileFormat()
    given = read_object(raw, where, _FORMAT)
    blank = TileFormat()
    decimals, multiplier = given.get("decimals"), given.get("multiplier")
    return TileFormat(
        show_as=_unit(given, where),
        currency=_text(given, "currency", where, blank.currency),
        multiplier=blank.multiplier if multiplier is None else read_number(multiplier, f"{where}.multiplier"),
        suffix=_text(given, "suffix", where, blank.suffix),
        decimals=None if decimals is None else read_whole(decimals, f"{where}.decimals", least=0, most=6),
        show_change=_flag(given, "show_change", where, blank.show_change),
        colour=_whole(given, "colour", where, blank.colour),
        area=_flag(given, "area", where, blank.area),
        gridlines=_flag(given, "gridlines", where, blank.gridlines),
        empty=_member(EmptyBuckets, given.get("empty"), f"{where}.empty", blank.empty),
        y_label=_text(given, "y_label", where, blank.y_label),
    )


def _read_column(raw: object, where: str) -> TableColumn:
    given = read_object(raw, where, _COLUMN)
    return TableColumn(
        title=read_text(given.get("title"), f"{where}.title", most=MAX_NAME),
        measure=read_measure(given.get("measure"), f"{where}.measure"),
        show_as=_unit(given, where),
        divided_by=_read_divisor(given.get("divided_by"), f"{where}.divided_by"),
        filters=read_filters(given.get("filters"), f"{where}.filters"),
    )


def _read_divisor(raw: object, where: str) -> Divisor | None:
    if raw is None:
        return None
    given = read_object(raw, where, ("measure", "filters"))
    return Divisor(
        measure=read_measure(given.get("measure"), f"{where}.measure"),
        filters=read_filters(given.get("filters"), f"{where}.filters"),
    )


def _write_divisor(divisor: Divisor | None) -> Json:
    if divisor is None:
        return None
    return {"measure": write_measure(divisor.measure), "filters": write_filters(divisor.filters)}


def _read_group(raw: object, where: str) -> str:
    if isinstance(raw, str) and raw in set(Bucket):
        return raw
    return read_name(raw, where)


def _member(kind: type[Kind], raw: object, where: str, default: Kind | None = None) -> Kind:
    if raw is None and default is not None:
        return default
    known = [member.value for member in kind]
    if not isinstance(raw, str) or raw not in known:
        refuse(where, f"must be one of {', '.join(known)}{did_you_mean(str(raw), known)}")
    return kind(raw)


def _unit(given: dict[str, object], where: str) -> Unit | None:
    raw = given.get("show_as")
    return None if raw is None else _member(Unit, raw, f"{where}.show_as")


def _items(given: dict[str, object], key: str, where: str, *, most: int) -> list[object]:
    raw = given.get(key)
    return [] if raw is None else read_list(raw, f"{where}.{key}", most=most)


def _text(given: dict[str, object], key: str, where: str, default: str) -> str:
    raw = given.get(key)
    return default if raw is None or raw == "" else read_text(raw, f"{where}.{key}", most=MAX_NAME)


def _whole(given: dict[str, object], key: str, where: str, default: int) -> int:
    raw = given.get(key)
    return default if raw is None else read_whole(raw, f"{where}.{key}", least=0, most=10_000)


def _flag(given: dict[str, object], key: str, where: str, default: bool) -> bool:
    raw = given.get(key)
    return default if raw is None else read_bool(raw, f"{where}.{key}")
