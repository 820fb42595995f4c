"""A tile's numbers as JSON and as a table: those that its picture shows, unrounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postcall.domain.dashboards import Tile, TileKind
from postcall.domain.queries import GroupValue
from postcall.errors import PostcallError
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.query_format import write_query
from postcall.reporting.tile_results import Figure, TileNumbers, interval_of


def column_names(numbers: TileNumbers) -> tuple[str, ...]:
    """What each column of figures is called."""
    if numbers.tile.kind is TileKind.TABLE:
        return tuple(column.title for column in numbers.tile.columns)
    words = [measure_in_words(each.measure) for each in numbers.question.columns]
    divided_by = numbers.tile.data.divided_by
    if divided_by is not None:
        words = [f"{each} / {measure_in_words(divided_by.measure)}" for each in words]
    return tuple(words)


def tile_json(numbers: TileNumbers) -> dict[str, Any]:
    """One tile: its columns, its rows, and the queries behind them."""
    tile = numbers.tile
    return {
        "id": tile.id,
        "title": tile.title,
        "kind": tile.kind.value,
        "group_by": list(numbers.question.queries[0].group_by),
        "columns": list(column_names(numbers)),
        "rows": [
            {"group": list(row.group), "values": [_figure_json(tile, figure) for figure in row.figures]}
            for row in numbers.rows
        ],
        "calls": numbers.calls,
        "in_progress": numbers.in_progress,
        "notes": list(numbers.notes),
        "truncated": numbers.truncated,
        "queries": [write_query(query) for query in numbers.question.queries],
    }


def failure_json(tile: Tile, error: PostcallError) -> dict[str, Any]:
    """A tile whose numbers could not be had."""
    return {
        "id": tile.id,
        "title": tile.title,
        "kind": tile.kind.value,
        "error": {"code": error.code, "message": error.message},
    }


def tiles_json(tiles: Sequence[Tile], found: Sequence[TileNumbers | PostcallError]) -> list[dict[str, Any]]:
    """All tiles in their order."""
    return [
        failure_json(tile, each) if isinstance(each, PostcallError) else tile_json(each)
        for tile, each in zip(tiles, found, strict=True)
    ]


def tile_rows(numbers: TileNumbers) -> tuple[tuple[str, ...], list[tuple[GroupValue, ...]]]:
    """The same as a table: its columns, which are the groups and for each figure its value and what it rests on."""
    heads = [head for name in column_names(numbers) for head in (name, f"{name}: n")]
    rows = [
        (*row.group, *(cell for each in row.figures for cell in (_times(numbers.tile, each.value), each.number.n)))
        for row in numbers.rows
    ]
    return (*numbers.question.queries[0].group_by, *heads), rows


def _figure_json(tile: Tile, figure: Figure) -> dict[str, Any]:
    number, interval = figure.number, interval_of(figure)
    return {
        "value": _times(tile, figure.value),
        "n": number.n,
        "count": number.count,
        "interval": None if interval is None else [_times(tile, interval.low), _times(tile, interval.high)],
        "small": number.small,
        "previous": _times(tile, figure.previous),
        "change": _times(tile, figure.change),
        "p_value": None if figure.divisor else number.p_value,
    }


def _times(tile: Tile, value: float | None) -> float | None:
    return None if value is None else value * tile.format.multiplier
