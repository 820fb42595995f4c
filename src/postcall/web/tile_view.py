"""A tile of a dashboard as it is shown: templates and the pages' script receive these, ready to show.

A page with tiles imports from `_tile.html`: `tile_head()` into its block `head`, and `tiles(views)` for the whole grid
(with the line that says why charts appear as tables, where they do), or `tile(view)` for one, `chart(view, id, title)`
for a chart outside a tile (then also `table_line()` once), `table(view, label)` for a table. The editor of dashboards
adds `editor_head()`; its markup is told in static/editor.js.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class KpiView:
    """One large number."""

    text: str
    """Such as `41.2 %`, or an em dash where there is nothing to measure."""
    detail: str
    """What it rests on, such as `212 of 514 calls; 95 % interval 37–45 %`; may be empty."""
    change: str
    """Against the period before, such as `+2.1 points`; empty where not compared."""
    tone: Literal["up", "down", "flat"] = "flat"
    significance: str = ""
    """Such as `p = 0.03` or `within chance`."""


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One line, one set of bars, or one row of a heatmap."""

    name: str
    values: tuple[float | None, ...]
    """One for each category, already multiplied and divided: 41.2 for 41.2 %, seconds for a duration. None is a gap."""
    texts: tuple[str, ...]
    """The same as they are read out, such as `41.2 % (212 of 514)`; empty for a gap."""
    hrefs: tuple[str | None, ...]
    """The calls behind each."""
    low: tuple[float | None, ...] = ()
    """The ends of the 95 % intervals, in the unit of the values; empty where there are none."""
    high: tuple[float | None, ...] = ()
    colour: int = 0
    """0 to 7: a place in the palette."""


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart; its numbers stand in a table beside it for whoever cannot see it."""

    type: Literal["line", "bar", "pie", "donut", "heatmap"]
    categories: tuple[str, ...]
    series: tuple[SeriesView, ...]
    category_label: str = ""
    value_label: str = ""
    unit: Literal["number", "percent", "currency", "duration"] = "number"
    prefix: str = ""
    suffix: str = ""
    area: bool = False
    gridlines: bool = True
    connect: bool = False
    """Draw a line over gaps instead of breaking it."""
    horizontal: bool = False
    centre: str = ""
    """What stands in the middle of a donut, such as its total."""


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of a table."""

    text: str
    href: str | None = None
    detail: str = ""
    """Shown smaller, such as an interval."""


@dataclass(frozen=True, slots=True)
class TableView:
    """Columns and rows."""

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[CellView, ...], ...]


@dataclass(frozen=True, slots=True)
class TileView:
    """One tile. Exactly one of kpi, chart, table and message is there; a chart brings its table as well."""

    id: str
    title: str
    x: int
    y: int
    w: int
    h: int
    """Place and size in a grid of 12 columns; a row is 80 px."""
    kpi: KpiView | None = None
    chart: ChartView | None = None
    table: TableView | None = None
    message: str = ""
    """Why there is nothing to show and what would help; for an empty result or an error."""
    failed: bool = False
    """`message` tells of an error."""
    notes: tuple[str, ...] = ()
    """Such as `Few calls: read with care`."""
    calls_href: str = ""
    """The calls behind the whole tile."""
    ask_href: str = ""
    """The analyst, asked for the same; empty where that cannot be asked in one query."""
    json_href: str = ""
    csv_href: str = ""
