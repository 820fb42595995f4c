"""The results of an answer as tables and charts; a chart is a tile, so that it can be pinned to a dashboard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from postcall.analyst.telling.group_words import known_rows
from postcall.analyst.telling.number_words import SHARES, plain, unit_of, write_interval, write_value
from postcall.analyst.telling.query_words import goes_without_saying, group_in_words, query_in_words
from postcall.domain.analysis import Asked
from postcall.domain.dashboards import MAX_NAME, Sort, Tile, TileData, TileKind
from postcall.domain.queries import All, Bucket, Condition, Filter, Measure, Number, Operator, Query
from postcall.reporting.filter_words import name_in_words, title_of
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.periods import read_zone
from postcall.reporting.tile_results import Figure, TileNumbers, TileRow
from postcall.reporting.tiles import Asked as Column
from postcall.reporting.tiles import Question as TileQuestion

_BUCKETS = frozenset(Bucket)
MOST_ROWS = 200
"""That a table shows; the query has them all."""
RESTS_ON = "Rests on"
"""The head of the column behind each measure."""


@dataclass(frozen=True, slots=True)
class Table:
    """A result as people read it."""

    id: str
    """The query's: `q1`."""
    title: str
    heads: tuple[str, ...]
    """The groups, then for each measure its number and what it rests on."""
    rows: tuple[tuple[str, ...], ...]
    more: int
    """Rows that are left out."""


def table_of(asked: Asked, now: datetime) -> Table:
    """Every row of a result; what is too small to rely on says so."""
    query, zone = asked.query, read_zone(asked.query.time_zone)
    heads = [_head(name) for name in query.group_by]
    for measure in query.measures:
        heads.extend((measure_in_words(measure), RESTS_ON))
    rows = []
    for row in asked.result.rows[:MOST_ROWS]:
        cells = [group_in_words(name, value, zone) for name, value in zip(query.group_by, row.group, strict=True)]
        for measure, number in zip(query.measures, row.numbers, strict=True):
            cells.extend((write_value(number.value, unit_of(measure)), _rests_on(measure, number)))
        rows.append(tuple(cells))
    return Table(asked.id, title_in_words(query, now), tuple(heads), tuple(rows), len(asked.result.rows) - len(rows))


def tile_of(asked: Asked, now: datetime) -> Tile | None:
    """The same as a tile; None where there is nothing to draw.

    A tile has no period, agent or search of its own: the agent becomes a filter, the dashboard says the period, and
    what searches transcripts or keeps only some groups cannot be drawn.
    """
    query = asked.query
    if query.text is not None or query.having or len(query.group_by) > 2 or "field.id" in query.group_by:
        return None
    return Tile(
        id=asked.id,
        title=title_in_words(query, now)[:MAX_NAME],
        kind=_kind(query),
        data=TileData(
            measures=query.measures,
            group_by=_buckets_first(query.group_by),
            sort=_sort(query),
            limit=query.limit,
            filters=_with_agent(query),
        ),
    )


def drawn(asked: Asked, now: datetime) -> TileNumbers | None:
    """That tile with the numbers of this very result: what the pages' charts are drawn from."""
    tile = tile_of(asked, now)
    if tile is None:
        return None
    query, result = asked.query, asked.result
    places = [query.group_by.index(name) for name in tile.data.group_by]
    rows = tuple(
        TileRow(tuple(row.group[place] for place in places), tuple(map(_figure, row.numbers)))
        for row in known_rows(asked)[:MOST_ROWS]
    )
    columns = tuple(Column(measure, 0, index, None) for index, measure in enumerate(query.measures))
    question = TileQuestion((replace(query, group_by=tile.data.group_by),), columns, sorted=True)
    return TileNumbers(
        tile=tile,
        question=question,
        rows=rows,
        calls=result.calls,
        in_progress=result.in_progress,
        notes=result.notes,
        truncated=len(result.rows) > MOST_ROWS,
        lag_s=result.lag_s,
    )


def title_in_words(query: Query, now: datetime) -> str:
    """`Average duration by channel since 1 March 2026`."""
    measured = ", ".join(measure_in_words(each) for each in query.measures)
    by = " and ".join("call" if name == "field.id" else name_in_words(name) for name in query.group_by)
    parts = query.filters.parts
    told = replace(query, filters=All(tuple(part for part in parts if not goes_without_saying(part, parts))))
    return f"{measured}{f' by {by}' if by else ''}{query_in_words(told, now)}"


def _head(name: str) -> str:
    return "Call" if name == "field.id" else title_of(name)


def _rests_on(measure: Measure, number: Number) -> str:
    parts = []
    if measure.kind in SHARES and number.count is not None:
        parts.append(f"{number.count:,} of {number.n:,}")
    elif number.value is not None and number.value != number.n:
        parts.append(f"n = {plain(number.n)}")
    if number.interval is not None:
        parts.append(write_interval(number.interval, unit_of(measure)))
    if number.small and measure.kind in SHARES:
        parts.append("few")
    return "; ".join(parts)


def _figure(number: Number) -> Figure:
    return Figure(number.value, number, None, number.previous, number.change)


def _kind(query: Query) -> TileKind:
    if not query.group_by:
        return TileKind.KPI
    return TileKind.LINE if any(name in _BUCKETS for name in query.group_by) and not query.order else TileKind.BAR


def _buckets_first(group_by: tuple[str, ...]) -> tuple[str, ...]:
    """Time stands along the axis."""
    return tuple(sorted(group_by, key=lambda name: name not in _BUCKETS))


def _sort(query: Query) -> Sort:
    measured = {measure.name for measure in query.measures}
    by = [each for each in query.order if each.column in measured]
    if not by:
        return Sort.NONE
    return Sort.DESC if by[0].descending else Sort.ASC


def _with_agent(query: Query) -> All:
    agent: tuple[Filter, ...] = ()
    if query.agent is not None:
        agent = (Condition("field.agent", Operator.EQ, query.agent),)
    return All((*agent, *query.filters.parts))
