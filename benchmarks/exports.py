"""Exports of 100,000 calls, or as many as POSTCALL_BENCH_CALLS says, by the command as users give it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.big_record import write_record
from benchmarks.figures import Figure
from postcall.domain.exports import ExportFormat, Manifest
from postcall.exporting.filing import load_manifest

CALLS = int(os.environ.get("POSTCALL_BENCH_CALLS", "100000"))
_COPY = {
    ExportFormat.CSV: "(FORMAT csv, HEADER)",
    ExportFormat.JSONL: "(FORMAT json)",
    ExportFormat.PARQUET: "(FORMAT parquet, COMPRESSION zstd)",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    seconds: float
    most_mib: float
    """Of its memory."""


def measure() -> list[Figure]:
    """Each format beside DuckDB's own COPY of the same rows; the most memory at all calls and at a tenth of them."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        few = _record(folder / "few", CALLS // 10)
        many = _record(folder / "many", CALLS)
        for format_ in (ExportFormat.PARQUET, ExportFormat.CSV, ExportFormat.JSONL):
            out = folder / f"out-{format_.value}"
            small = _export(few, folder / f"few-{format_.value}", format_)
            ran = _export(many, out, format_)
            rows = sum(file.rows for file in _manifest(out / "0001").files)
            bare = rows / _copy_seconds(folder, format_)
            figures += [
                Figure(
                    f"export of {CALLS:,} calls as {format_.value}",
                    rows / ran.seconds,
                    "rows/s",
                    "DuckDB's COPY of the same rows",
                    rows / ran.seconds / bare,
                ),
                Figure(
                    f"most memory meanwhile, {format_.value}",
                    ran.most_mib,
                    "MiB",
                    "that of a tenth of the calls",
                    ran.most_mib / small.most_mib,
                ),
            ]
        again = _export(many, folder / "out-parquet", ExportFormat.PARQUET, "--incremental")
        figures.append(Figure("an incremental export of which nothing has changed", again.seconds, "s"))
    return figures


def _record(data: Path, count: int) -> Path:
    data.mkdir()
    write_record(data / "postcall.db", count)
    return data


def _export(data: Path, out: Path, format_: ExportFormat, *more: str) -> Ran:
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "postcall",
        "export",
        str(out),
        "--format",
        format_.value,
        "--data",
        str(data),
        *more,
    ]
    process, most_kib = subprocess.Popen(command, stdout=subprocess.DEVNULL), 0
    while process.poll() is None:
        most_kib = max(most_kib, _most_kib(process.pid))
        time.sleep(0.02)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Ran(time.perf_counter() - began, most_kib / 1024)


def _most_kib(pid: int) -> int:
    """The most memory that a process has had; what the system says of it once it has ended counts its parent's too."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _manifest(folder: Path) -> Manifest:
    return load_manifest(folder / "manifest.json")


def _copy_seconds(folder: Path, format_: ExportFormat) -> float:
    """How long DuckDB takes to write the same tables, which it has in memory, to files of this format."""
    took = 0.0
    with duckdb.connect() as database:
        for table in ("calls", "answers", "metric_writes"):
            files = folder / "out-parquet" / "0001" / f"{table}-*.parquet"
            database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{files}')")
            began = time.perf_counter()
            database.execute(f"COPY {table} TO '{folder / f'bare-{table}'}' {_COPY[format_]}")
            took += time.perf_counter() - began
    return took
