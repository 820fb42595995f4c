"""Dashboards: tiles in a grid, each of which asks for numbers and says how to show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from postcall.domain.queries import All, Bucket, Measure, MeasureKind

MAX_TILES = 40
"""On one dashboard."""
MAX_DASHBOARDS = 100
"""In one account."""
MAX_COLUMNS = 12
"""Of one table."""
MAX_GROUPS = 200
"""Groups that one tile shows at most."""
GRID = 12
"""Columns of the grid; a row is 80 px."""
MAX_NAME = 100


class TileKind(StrEnum):
    """What a tile is drawn as."""

    KPI = "kpi"
    """One large number."""
    LINE = "line"
    BAR = "bar"
    PIE = "pie"
    DONUT = "donut"
    TABLE = "table"
    HEATMAP = "heatmap"


class Sort(StrEnum):
    """In which order groups stand; stretches of time always stand as they pass."""

    NONE = "none"
    ASC = "asc"
    DESC = "desc"


class SortBy(StrEnum):
    """What groups are ordered by."""

    VALUE = "value"
    LABEL = "label"


class Unit(StrEnum):
    """How a number is written."""

    NUMBER = "number"
    PERCENT = "percent"
    """0.412 is 41.2 %."""
    CURRENCY = "currency"
    DURATION = "duration"
    """Seconds."""


class EmptyBuckets(StrEnum):
    """What a stretch of time without a call shows."""

    ZERO = "zero"
    CONNECT = "connect"
    """The line goes on to the next point."""
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Divisor:
    """What a tile's number is divided by, group by group."""

    measure: Measure
    filters: All = field(default_factory=All)
    """Instead of the tile's own; those of the toolbar hold as well."""


@dataclass(frozen=True, slots=True)
class TileData:
    """What is asked."""

    measures: tuple[Measure, ...] = (Measure(MeasureKind.CONVERSATIONS),)
    """Several are several lines or sets of bars."""
    group_by: tuple[str, ...] = ()
    """`field.NAME`, `metric.NAME` or a bucket: first what stands along the axis, then what makes lines or colours."""
    sort: Sort = Sort.NONE
    sort_by: SortBy = SortBy.VALUE
    limit: int | None = None
    """How many groups at most: of the second where the first is a stretch of time."""
    filters: All = field(default_factory=All)
    divided_by: Divisor | None = None
    show_missing: bool = False
    """Also show the group of calls that have no value."""


@dataclass(frozen=True, slots=True)
class TileFormat:
    """How it is shown."""

    show_as: Unit | None = None
    """None: as the measure is, so rates as percent and durations as durations."""
    currency: str = "EUR"
    """An ISO 4217 code."""
    multiplier: float = 1.0
    suffix: str = ""
    decimals: int | None = None
    show_change: bool = False
    """Against the period of the same length before; of a KPI."""
    colour: int = 0
    """0 to 7: a place in the palette."""
    area: bool = False
    gridlines: bool = True
    empty: EmptyBuckets = EmptyBuckets.ZERO
    """Holds for counts and sums; an average or rate of nothing is never zero, but a gap."""
    y_label: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of numbers in a table, whose rows are the groups."""

    title: str
    measure: Measure
    show_as: Unit | None = None
    divided_by: Divisor | None = None
    filters: All = field(default_factory=All)
    """Besides the tile's."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile."""

    id: str
    """Unique on its dashboard."""
    title: str
    kind: TileKind
    x: int = 0
    y: int = 0
    w: int = 6
    h: int = 4
    data: TileData = field(default_factory=TileData)
    format: TileFormat = field(default_factory=TileFormat)
    columns: tuple[TableColumn, ...] = ()
    """Of a table; its `data.measures` are not looked at."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A stored dashboard."""

    id: str
    """24 hex digits."""
    name: str
    tiles: tuple[Tile, ...]
    """As published."""
    draft: tuple[Tile, ...] | None
    """As edited and not yet published; None where nothing is."""
    position: int
    is_default: bool
    revision: int
    """Counts every change, from 1: whoever saves names the revision they saw, so that nobody overwrites unseen."""
    created_at: datetime
    updated_at: datetime

    @property
    def edited(self) -> tuple[Tile, ...]:
        """The tiles that an editor goes on from."""
        return self.tiles if self.draft is None else self.draft


def is_bucket(group: str) -> bool:
    """Whether a group is a stretch of time."""
    return group in set(Bucket)


def find_tile(tiles: Sequence[Tile], tile_id: str) -> Tile | None:
    """The tile of this id."""
    return next((tile for tile in tiles if tile.id == tile_id), None)


def next_row(tiles: Sequence[Tile]) -> int:
    """The first row below every tile."""
    return max((tile.y + tile.h for tile in tiles), default=0)


def copy_tile(tile: Tile, tiles: Sequence[Tile], *, new_id: str) -> Tile:
    """The tile once more, below all others."""
    return replace(tile, id=new_id, title=f"{tile.title} (copy)"[:MAX_NAME], x=0, y=next_row(tiles))
