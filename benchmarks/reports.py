"""Reports over a million calls with their transcripts, or as many as POSTCALL_BENCH_CALLS says, for trying this out.

Making the record takes some minutes; POSTCALL_BENCH_RECORD may name one that `big_record.write_record` made before,
which is copied instead. It must hold as many calls.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks.big_record import write_record
from benchmarks.figures import Figure
from benchmarks.index_growth import project_calls
from benchmarks.material import Running, running
from benchmarks.overview_tiles import (
    MAIN_ANSWER,
    PERIODS,
    AskedTile,
    asked_tiles,
    asking,
    check_same,
    compiled,
    make_plain_table,
    medians_ms,
    write_lines,
)
from benchmarks.report_pages import measure_lag, measure_pages
from postcall.domain.queries import Query
from postcall.reporting.index import Index
from postcall.reporting.main_answer import find_main_answer
from postcall.reporting.projection import Traits
from postcall.reporting.reports import Reports
from postcall.serving import utc_now
from postcall.storage.database import open_record

CALLS = int(os.environ.get("POSTCALL_BENCH_CALLS", "1000000"))
_ACCOUNT = 1


def measure() -> list[Figure]:
    """Tiles beside plain SQL, pages, the lag of the index, its size, the server's memory, and a rebuild."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        record_file = folder / "postcall.db"
        put_record(record_file)
        record_bytes = record_file.stat().st_size
        database, plain_s = _make_plain(folder)
        with closing(database):
            tiles = _measure_tiles(folder, database)
        with running(["postcall", "serve", "--port", "0", "--data", name]) as server:
            key = (folder / "api-key").read_text().strip()
            server.await_rest()
            index_bytes = (folder / "reports" / "index.duckdb").stat().st_size
            figures = [
                *tiles.figures,
                *measure_pages(server.url, tiles.plain_ms),
                *measure_lag(server.url, key),
                Figure("size of the index", index_bytes / 2**20, "MiB", "the record", index_bytes / record_bytes),
                Figure("size of the index for each call", index_bytes / CALLS, "bytes"),
                *_memory(server, "with reports"),
                _measure_rebuild(folder, server, plain_s),
                *_memory(server, "after the rebuild"),
            ]
    return figures


def put_record(file: Path) -> None:
    """The record of so many calls, made now or copied."""
    made = os.environ.get("POSTCALL_BENCH_RECORD")
    if made:
        shutil.copyfile(made, file)
    else:
        write_record(file, CALLS)


def _make_plain(folder: Path) -> tuple[duckdb.DuckDBPyConnection, float]:
    """The plain table, and the seconds in which DuckDB reads it from the index's lines."""
    lines = folder / "lines.ndjson"
    write_lines(lines, project_calls(CALLS, Traits()))
    made = make_plain_table(folder / "plain.duckdb", lines)
    lines.unlink()
    return made


@dataclass(frozen=True, slots=True)
class Tiles:
    """What was measured of the tiles."""

    figures: list[Figure]
    plain_ms: dict[str, float]
    """What plain SQL takes for all of them together, by period."""


def _measure_tiles(folder: Path, database: duckdb.DuckDBPyConnection) -> Tiles:
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    index = Index(record, folder / "reports" / "index.duckdb", clock=utc_now)
    with closing(record), Reports(record, index) as reports:
        names = asyncio.run(reports.names(_ACCOUNT))  # builds the index
        if find_main_answer((), names) != MAIN_ANSWER:
            raise RuntimeError(f"Overview counts {find_main_answer((), names)}, and {MAIN_ANSWER} is measured")
        figures, plain_ms = [], {}
        for period, toolbar in PERIODS.items():
            plain_ms[period] = 0.0
            for asked in asked_tiles(toolbar):
                ours, plain, whole = _time_tile(asked, index, reports, database)
                plain_ms[period] += plain
                what, floor = f"{asked.title}, {period}", f"plain SQL, {plain:.3g} ms"
                figures += [
                    Figure(f"tile's query: {what}", ours, "ms", floor, ours / plain, "at most 3"),
                    Figure(f"tile's whole answer: {what}", whole, "ms", floor, whole / plain),
                ]
    return Tiles(figures, plain_ms)


def _time_tile(
    asked: AskedTile, index: Index, reports: Reports, database: duckdb.DuckDBPyConnection
) -> tuple[float, float, float]:
    """Milliseconds of postcall's statement, of plain SQL, and of all that postcall does for the tile's numbers."""
    statement = compiled(asked.query, index.traits(_ACCOUNT, None))
    with index.reading(fresh=False) as cursor:
        ask = asking(cursor, statement.sql, statement.parameters)
        ask_plainly = asking(database, asked.plain)
        check_same(asked.title, ask(0), ask_plainly(0))
        ours, plain = medians_ms(ask, ask_plainly)
    [whole] = medians_ms(lambda turn: reports.run_now(_ACCOUNT, _never_asked(asked.query, turn)))
    return ours, plain, whole


def _never_asked(query: Query, turn: int) -> Query:
    """The same query in words that no result is remembered for."""
    assert query.until is not None
    return replace(query, until=query.until + timedelta(microseconds=turn + 10))


def _memory(server: Running, when: str) -> list[Figure]:
    return [
        Figure(f"the server's memory {when}", server.memory_mib(), "MiB"),
        Figure(f"the server's memory {when}, at its highest", server.peak_mib(), "MiB", aim="1,024 MiB"),
    ]


def _measure_rebuild(folder: Path, server: Running, plain_s: float) -> Figure:
    server.await_rest()  # until the worker has seen to the calls that were handed in
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "postcall", "reports", "rebuild", "--data", str(folder)], check=True)
    spent = time.perf_counter() - begun
    return Figure("`postcall reports rebuild` while the server serves", spent, "s",
                  "reading the same lines into a plain DuckDB table", spent / plain_s, "30 s")  # fmt: skip
