"""Overview's tiles as postcall asks for them, and the same aggregates as a person would write them in plain SQL."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from benchmarks.big_record import DAYS, END
from postcall.domain.dashboards import Tile
from postcall.domain.queries import Query
from postcall.reporting.buckets import offsets
from postcall.reporting.compile import Compiler, Scope, Statement
from postcall.reporting.dashboard_templates import overview
from postcall.reporting.projection import Trait
from postcall.reporting.tiles import ask_tile
from postcall.reporting.toolbar import DEFAULT_PERIOD, Toolbar, read_toolbar

MAIN_ANSWER = "metric.SITE"
"""The metric that Overview chooses by itself for these calls: the first text that code wrote; `measure` checks it."""
TIMES = 15
PERIODS = {
    "7 days": read_toolbar([("period", DEFAULT_PERIOD)], now=END - timedelta(minutes=1)),
    "a year": read_toolbar(
        [("since", f"{END - timedelta(days=DAYS):%Y-%m-%d}"), ("until", f"{END:%Y-%m-%d}")], now=END
    ),
}
"""What the page shows where nothing is chosen, and all the calls."""
Rows = list[tuple[Any, ...]]

_COLUMNS = {
    "pk": "BIGINT", "account": "INTEGER", "agent": "VARCHAR", "id": "VARCHAR", "started": "BIGINT",
    "version": "INTEGER", "channel": "VARCHAR", "direction": "VARCHAR", "environment": "VARCHAR",
    "variant": "VARCHAR", "language": "VARCHAR", "status": "VARCHAR", "disconnection_reason": "VARCHAR",
    "handoff": "BOOLEAN", "handoff_destination": "VARCHAR", "handoff_reason": "VARCHAR", "from_number": "VARCHAR",
    "to_number": "VARCHAR", "duration": "DOUBLE", "user_turns": "INTEGER", "agent_turns": "INTEGER",
    "latency": "DOUBLE", "extracted": "BOOLEAN",
}  # fmt: skip
_METRICS = {
    "AUTHENTICATED": "BOOLEAN", "TOPIC": "VARCHAR", "ATTEMPTS": "DOUBLE", "ORDER_TOTAL": "DOUBLE", "SITE": "VARCHAR",
    "call_reason": "VARCHAR", "appointment_booked": "BOOLEAN", "caller_name": "VARCHAR", "visits_before": "DOUBLE",
    "sentiment": "VARCHAR", "CALL_COMPLETED": "BOOLEAN", "CONTAINED": "BOOLEAN", "HANDOFF_TO": "VARCHAR",
}  # fmt: skip
_WHERE = (
    "started >= TIMESTAMP '{since}' AND started < TIMESTAMP '{until}' "
    "AND environment = 'live' AND status NOT IN ('pending', 'in_progress')"
)
_PLAIN = {
    "conversations": "SELECT count(*), count(*) FROM calls WHERE {where}",
    "containment": "SELECT count(*) FILTER (metric_CONTAINED), count(*) FROM calls WHERE {where}",
    "handle-time": "SELECT avg(duration), count(duration), stddev_samp(duration) FROM calls WHERE {where}",
    "automated-minutes": "SELECT sum(duration), count(duration) FROM calls WHERE {where} AND metric_CONTAINED",
    "extracted": "SELECT count(*) FILTER (extracted), count(*) FROM calls WHERE {where}",
    "per-day": "SELECT started::DATE, count(*), count(*) FROM calls WHERE {where} GROUP BY 1 ORDER BY 1",
    "containment-per-day": "SELECT started::DATE, count(*) FILTER (metric_CONTAINED), count(*) FROM calls "
    "WHERE {where} GROUP BY 1 ORDER BY 1",
    "top-values": "SELECT metric_SITE, count(*), count(*) FROM calls WHERE {where} "
    "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12",
    "handle-time-per-day": "SELECT day, ends[1], n, ends[2], n FROM (SELECT started::DATE AS day, "
    "quantile_cont(duration, [0.5, 0.95]) AS ends, count(duration) AS n FROM calls WHERE {where} GROUP BY 1) "
    "ORDER BY 1",
    "busy-hours": "SELECT isodow(started), hour(started), count(*), count(*) FROM calls WHERE {where} "
    "GROUP BY 1, 2 ORDER BY 1, 2",
}
"""By the tile's id: the same columns in the same order as postcall's own statement."""


@dataclass(frozen=True, slots=True)
class AskedTile:
    """A tile with what is asked for it."""

    tile: Tile
    query: Query
    plain: str
    """The same in plain SQL over the wide table."""

    @property
    def title(self) -> str:
        """As the page has it, without what is said after a comma."""
        return self.tile.title.partition(",")[0]


def asked_tiles(toolbar: Toolbar) -> list[AskedTile]:
    """Every tile of Overview."""
    where = _WHERE.format(since=f"{toolbar.since:%Y-%m-%d %H:%M:%S}", until=f"{toolbar.until:%Y-%m-%d %H:%M:%S}")
    found = []
    for tile in overview(MAIN_ANSWER):
        [query] = ask_tile(tile, toolbar).queries
        found.append(AskedTile(tile, query, _PLAIN[tile.id].format(where=where)))
    return found


def compiled(query: Query, traits: dict[str, Trait]) -> Statement:
    """The statement with which postcall finds the rows of a query over the one account there is."""
    assert query.since is not None
    assert query.until is not None
    zone = ZoneInfo(query.time_zone)
    day = timedelta(days=1)
    scope = Scope(
        account_pk=1, agent_pks=None, traits=traits, others=frozenset(), questions=frozenset(), zone=zone,
        offsets=offsets(zone, query.since - day, query.until + day),
    )  # fmt: skip
    return Compiler(query, scope).rows()


def make_plain_table(file: Path, lines: Path) -> tuple[duckdb.DuckDBPyConnection, float]:
    """A table with a typed column for every metric, made of the index's own lines; and how many seconds that took."""
    database = duckdb.connect(
        str(file), config={"threads": max(1, min(4, os.cpu_count() or 1)), "preserve_insertion_order": False}
    )
    begun = time.perf_counter()
    fields = ", ".join(f'"{name}" {kind}' for name, kind in _METRICS.items())
    read = ", ".join(f"{name}: '{kind}'" for name, kind in {**_COLUMNS, "metrics": f"STRUCT({fields})"}.items())
    plain = ", ".join("make_timestamp(started) AS started" if name == "started" else name for name in _COLUMNS)
    metrics = ", ".join(f'metrics."{name}" AS metric_{name}' for name in _METRICS)
    database.execute(
        f"CREATE TABLE calls AS SELECT {plain}, {metrics} "
        f"FROM read_json(?, format = 'newline_delimited', columns = {{{read}}})",
        [str(lines)],
    )
    database.execute("CHECKPOINT")
    return database, time.perf_counter() - begun


def asking(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None
) -> Callable[[int], Rows]:
    """Runs a statement; which turn it is makes no difference."""
    return lambda _: cursor.execute(sql, parameters).fetchall()


def medians_ms(*works: Callable[[int], object], times: int = TIMES) -> list[float]:
    """The median of each, in turns after two that do not count, so that a busy moment costs all of them alike."""
    spent: list[list[float]] = [[] for _ in works]
    for turn in range(-2, times):
        for work, seen in zip(works, spent, strict=True):
            begun = time.perf_counter()
            work(turn)
            if turn >= 0:
                seen.append((time.perf_counter() - begun) * 1000)
    return [statistics.median(seen) for seen in spent]


def check_same(what: str, ours: Rows, plain: Rows) -> None:
    """Both must have found the same numbers, or their times say nothing."""
    if len(ours) != len(plain) or not all(map(_same_row, ours, plain)):
        raise RuntimeError(f"{what}: postcall finds {ours[:3]} and plain SQL {plain[:3]}")


def _same_row(ours: Sequence[Any], plain: Sequence[Any]) -> bool:
    return len(ours) == len(plain) and all(map(_same, ours, plain))


def _same(ours: Any, plain: Any) -> bool:
    if isinstance(ours, float) and isinstance(plain, float | int):
        return math.isclose(ours, plain, rel_tol=1e-9)
    return bool(ours == plain)


def write_lines(file: Path, lines: Iterable[str]) -> None:
    """A file of them."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
