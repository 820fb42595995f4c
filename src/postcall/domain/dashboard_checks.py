"""What a dashboard must be like to be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postcall.domain.dashboards import (
    GRID,
    MAX_COLUMNS,
    MAX_GROUPS,
    MAX_NAME,
    MAX_TILES,
    Tile,
    TileFormat,
    TileKind,
    is_bucket,
)
from postcall.domain.queries import Measure, MeasureKind
from postcall.errors import BadInput

_TILE_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ROWS, _HIGHEST = 119, 24
"""The last row that a tile may begin in, and how many it may take: what the sheet of tiles has places for."""


def check_name(name: str) -> str:
    """The dashboard's name without space around it; BadInput where it is empty or long."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > MAX_NAME:
        raise BadInput(f"name: must have 1 to {MAX_NAME} characters", field="name")
    return cleaned


def check_tiles(tiles: Sequence[Tile]) -> None:
    """Refuse what cannot be shown, with the place that is at fault, such as `tiles[2].data.group_by`."""
    if len(tiles) > MAX_TILES:
        raise BadInput(f"tiles: a dashboard has at most {MAX_TILES}, not {len(tiles)}", field="tiles")
    seen: set[str] = set()
    for index, tile in enumerate(tiles):
        place = f"tiles[{index}]"
        if tile.id in seen:
            _refuse(f"{place}.id", f"{tile.id!r} stands twice")
        seen.add(tile.id)
        check_tile(tile, place)


def check_tile(tile: Tile, place: str = "tile") -> None:
    """Refuse a tile that cannot be shown."""
    if not _TILE_ID.fullmatch(tile.id) or tile.id == "new":  # the editor's word for one that is not there yet
        _refuse(f"{place}.id", "must be 1 to 40 letters, digits, - or _, and not new")
    if not tile.title.strip() or len(tile.title) > MAX_NAME:
        _refuse(f"{place}.title", f"must have 1 to {MAX_NAME} characters")
    _check_place(tile, place)
    _check_groups(tile, place)
    _check_format(tile.format, f"{place}.format")
    _check_measures(tile, place)


def _check_place(tile: Tile, place: str) -> None:
    if not (0 <= tile.x < GRID and 1 <= tile.w <= GRID and tile.x + tile.w <= GRID):
        _refuse(f"{place}.w", f"x and w must lie in a grid of {GRID} columns")
    if not 0 <= tile.y <= _ROWS:
        _refuse(f"{place}.y", f"must be a whole number from 0 to {_ROWS}")
    if not 1 <= tile.h <= _HIGHEST:
        _refuse(f"{place}.h", f"must be a whole number from 1 to {_HIGHEST}")


_GROUPS = {
    TileKind.KPI: (0, 0),
    TileKind.LINE: (1, 2),
    TileKind.BAR: (1, 2),
    TileKind.PIE: (1, 1),
    TileKind.DONUT: (1, 1),
    TileKind.TABLE: (1, 1),
    TileKind.HEATMAP: (2, 2),
}
"""How many groups each kind takes."""


def most_groups(kind: TileKind) -> int:
    """How many groups a tile of this kind takes at most."""
    return _GROUPS[kind][1]


def _check_groups(tile: Tile, place: str) -> None:
    at_least, at_most = _GROUPS[tile.kind]
    groups = tile.data.group_by
    if not at_least <= len(groups) <= at_most:
        wanted = str(at_least) if at_least == at_most else f"{at_least} or {at_most}"
        counted = "group" if wanted == "1" else "groups"
        _refuse(f"{place}.data.group_by", f"a {tile.kind} tile takes {wanted} {counted}, not {len(groups)}")
    if len(set(groups)) != len(groups):
        _refuse(f"{place}.data.group_by", "the same group stands twice")
    if len(groups) == 2 and is_bucket(groups[1]) and tile.kind is not TileKind.HEATMAP:
        _refuse(f"{place}.data.group_by", f"{groups[1]} must come first: time stands along the axis")
    limit = tile.data.limit
    if limit is not None and not 1 <= limit <= MAX_GROUPS:
        _refuse(f"{place}.data.limit", f"must be a whole number from 1 to {MAX_GROUPS}")


def _check_format(form: TileFormat, place: str) -> None:
    if not 0 <= form.colour <= 7:
        _refuse(f"{place}.colour", "must be a whole number from 0 to 7")
    if form.decimals is not None and not 0 <= form.decimals <= 6:
        _refuse(f"{place}.decimals", "must be a whole number from 0 to 6")
    if not _CURRENCY.fullmatch(form.currency):
        _refuse(f"{place}.currency", "must be three capital letters, such as EUR")
    if not abs(form.multiplier) <= 1e12 or form.multiplier == 0:
        _refuse(f"{place}.multiplier", "must be a number other than 0")
    if len(form.suffix) > 20:
        _refuse(f"{place}.suffix", "must have at most 20 characters")
    if len(form.y_label) > MAX_NAME:
        _refuse(f"{place}.y_label", f"must have at most {MAX_NAME} characters")


def _check_measures(tile: Tile, place: str) -> None:
    if tile.kind is TileKind.TABLE:
        if not 1 <= len(tile.columns) <= MAX_COLUMNS:
            _refuse(f"{place}.columns", f"a table takes 1 to {MAX_COLUMNS} columns, not {len(tile.columns)}")
        for index, column in enumerate(tile.columns):
            if not column.title.strip() or len(column.title) > MAX_NAME:
                _refuse(f"{place}.columns[{index}].title", f"must have 1 to {MAX_NAME} characters")
            _check_measure(column.measure, f"{place}.columns[{index}].measure")
        return
    at_most = 8 if tile.kind in {TileKind.LINE, TileKind.BAR} and len(tile.data.group_by) == 1 else 1
    if not 1 <= len(tile.data.measures) <= at_most:
        wanted = "1" if at_most == 1 else f"1 to {at_most}"
        _refuse(f"{place}.data.measures", f"this tile takes {wanted}, not {len(tile.data.measures)}")
    for index, measure in enumerate(tile.data.measures):
        _check_measure(measure, f"{place}.data.measures[{index}]")
    if tile.data.divided_by is not None:
        _check_measure(tile.data.divided_by.measure, f"{place}.data.divided_by")


def _check_measure(measure: Measure, place: str) -> None:
    needs_name = measure.kind not in {MeasureKind.CONVERSATIONS, MeasureKind.COUNT}
    if needs_name and not measure.of:
        _refuse(f"{place}.of", f"{measure.kind} needs the name of what is measured, such as field.duration")
    if measure.kind is MeasureKind.CONVERSATIONS and measure.of:
        _refuse(f"{place}.of", "conversations are counted, not measured: leave the name out")


def _refuse(place: str, message: str) -> None:
    raise BadInput(f"{place}: {message}", field=place)
