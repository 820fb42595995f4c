"""The result of an answer as a chart, with the calls behind each of its points."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from postcall.analyst.telling.tables import drawn
from postcall.domain.analysis import Asked
from postcall.domain.dashboards import GRID, TileKind
from postcall.domain.queries import All, Query
from postcall.reporting.tiles import numerator_filter
from postcall.reporting.toolbar import CUSTOM, Toolbar
from postcall.web.tile_building import build_tile
from postcall.web.tile_links import calls_address
from postcall.web.tile_view import TileView

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def draw(asked: Asked, *, tile_id: str, now: datetime) -> TileView | None:
    """The chart; None where a sentence or a table says it as well."""
    numbers = drawn(asked, now)
    if numbers is None or numbers.tile.kind is TileKind.KPI or len(numbers.rows) < 2:
        return None
    tile = replace(numbers.tile, id=tile_id, w=GRID)
    view = build_tile(tile, replace(numbers, tile=tile), _toolbar(asked.query, now))
    return view if view.chart is not None else None


def calls_behind_all(query: Query, now: datetime) -> str:
    """The list of all calls that a query finds; of one that is a single number, those counted in it."""
    counted = is_one_number(query) and numerator_filter(query.measures[0])
    filters = query.filters if not counted or counted == All() else All((*query.filters.parts, counted))
    href = calls_address(filters, query, _toolbar(query, now))
    return href if query.text is None else f"{href}&{urlencode({'q': query.text})}"


def is_one_number(query: Query) -> bool:
    """Whether its result is one number of all calls that it finds."""
    return len(query.measures) == 1 and not query.group_by


def _toolbar(query: Query, now: datetime) -> Toolbar:
    """For the links to the calls behind: the query's own period."""
    return Toolbar(
        period=CUSTOM,
        since=query.since or _LONG_AGO,
        until=query.until or now + timedelta(days=1),
        time_zone=query.time_zone,
        agent=query.agent,
        environments=(),
    )
