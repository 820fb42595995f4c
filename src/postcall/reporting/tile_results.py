"""From the results of a tile's queries to the tile's numbers: divided, in order, and no more than it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from postcall.domain.dashboards import Sort, SortBy, Tile, is_bucket
from postcall.domain.queries import GroupValue, Interval, Measure, Number, Result, Row
from postcall.reporting.tiles import ADDITIVE, Asked, Question, groups_shown

GroupKey: TypeAlias = tuple[tuple[bool, GroupValue], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a tile, ready to be written."""

    value: float | None
    """Divided where the tile says so; neither multiplied nor rounded."""
    number: Number
    """What was measured."""
    divisor: Number | None
    previous: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class TileRow:
    """One group, with a figure for each column."""

    group: tuple[GroupValue, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class TileNumbers:
    """All numbers of a tile."""

    tile: Tile
    question: Question
    rows: tuple[TileRow, ...]
    calls: int
    """How many calls match."""
    in_progress: int
    notes: tuple[str, ...]
    truncated: bool
    """There are more groups than are shown."""
    lag_s: float
    """How far the numbers are behind the record."""


def read_tile(tile: Tile, question: Question, results: Sequence[Result]) -> TileNumbers:
    """The tile's numbers, from the results of its queries in their order."""
    main = results[0]
    by_group = [{group_key(row.group): row for row in result.rows} for result in results]
    groups = [row.group for row in main.rows if tile.data.show_missing or None not in row.group]
    if not tile.data.group_by:
        groups = [()]
    rows = [TileRow(group, tuple(_figure(each, group, by_group) for each in question.columns)) for group in groups]
    kept, truncated = _keep(rows, tile, question)
    return TileNumbers(
        tile=tile,
        question=question,
        rows=kept,
        calls=main.calls,
        in_progress=main.in_progress,
        notes=main.notes,
        truncated=truncated,
        lag_s=max(result.lag_s for result in results),
    )


def group_key(group: tuple[GroupValue, ...]) -> GroupKey:
    """A group to look up by: true and 1 are equal, and yet two groups."""
    return tuple((isinstance(value, bool), value) for value in group)


def interval_of(figure: Figure) -> Interval | None:
    """The interval of what is shown; a quotient of two measures has none."""
    return None if figure.divisor is not None else figure.number.interval


def _figure(asked: Asked, group: tuple[GroupValue, ...], results: Sequence[Mapping[GroupKey, Row]]) -> Figure:
    row = results[asked.query].get(group_key(group))
    number = row.numbers[asked.index] if row else _nothing(asked.measure)
    if asked.divisor is None:
        return Figure(number.value, number, None, number.previous, number.change)
    divisor_row = results[asked.divisor].get(group_key(group))
    divisor = divisor_row.numbers[0] if divisor_row else Number(value=None, n=0)
    value = _divide(number.value, divisor.value)
    previous = _divide(number.previous, divisor.previous)
    change = None if value is None or previous is None else value - previous
    return Figure(value, number, divisor, previous, change)


def _nothing(measure: Measure) -> Number:
    return Number(value=0.0 if measure.kind in ADDITIVE else None, n=0)


def _divide(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by


def _keep(rows: list[TileRow], tile: Tile, question: Question) -> tuple[tuple[TileRow, ...], bool]:
    """The rows in their order, no more groups than the tile shows, and whether there were more."""
    groups, most = question.queries[0].group_by, groups_shown(tile)
    if not groups or (len(groups) == 1 and is_bucket(groups[0])):
        return tuple(rows), False
    # What is sorted and limited: beside time the lines, otherwise what stands along the axis.
    place = 1 if is_bucket(groups[0]) else 0
    of_place: dict[GroupKey, list[TileRow]] = {}
    for row in rows:
        of_place.setdefault(group_key(row.group[place : place + 1]), []).append(row)
    keys = list(of_place)
    if not question.sorted:
        keys = _sorted(of_place, tile, question.columns[0], single=len(groups) == 1)
    return tuple(row for key in keys[:most] for row in of_place[key]), len(keys) > most


def _sorted(rows: Mapping[GroupKey, Sequence[TileRow]], tile: Tile, first: Asked, *, single: bool) -> list[GroupKey]:
    """The groups in their order; those without a value, or without anything to be sorted by, come last."""
    if tile.data.sort is Sort.NONE:
        return list(rows)
    additive = first.measure.kind in ADDITIVE and first.divisor is None
    weights: dict[GroupKey, tuple[float, str]] = {}
    for key, members in rows.items():
        [(_, value)] = key
        if value is None:
            continue
        if tile.data.sort_by is SortBy.LABEL:
            weights[key] = _label_order(value)
            continue
        # Averages and rates do not add up; of several, what most calls stand behind ranks first.
        figures = [member.figures[0] for member in members]
        known = [each.value if single or additive else float(each.number.n) for each in figures]
        if any(each is not None for each in known):
            weights[key] = (sum(each for each in known if each is not None), "")
    ordered = sorted(weights, key=lambda key: weights[key], reverse=tile.data.sort is Sort.DESC)
    return ordered + [key for key in rows if key not in weights]


def _label_order(value: GroupValue) -> tuple[float, str]:
    """Numbers before words, each in their own order."""
    if isinstance(value, bool | int | float):
        return (float(value), "")
    return (float("inf"), str(value).casefold())
