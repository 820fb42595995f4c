"""Rows as a Parquet file, which DuckDB writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from postcall.domain.exports import ColumnType, ExportColumn
from postcall.reporting.dialect import quote

_TYPES = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.JSON: "VARCHAR",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.FLOAT: "DOUBLE",
    ColumnType.TIMESTAMP: "TIMESTAMPTZ",
}
_MEMORY = "192MB"
"""Beyond it DuckDB writes to a folder beside the file."""
_LEAST_LINE = 1024 * 1024


def key_of(index: int) -> str:
    """What the cell of a column is called in the lines: their own names may differ in case alone."""
    return f"c{index}"


def write_parquet(lines: Path, columns: Sequence[ExportColumn], target: Path, *, longest: int) -> None:
    """From JSON lines with the keys `c0`, `c1`, …, of which the longest has so many bytes."""
    types = ", ".join(f"{key_of(i)}: {quote(_TYPES[column.type])}" for i, column in enumerate(columns))
    chosen = ", ".join(f"{key_of(i)} AS {_named(column.name)}" for i, column in enumerate(columns))
    room = max(_LEAST_LINE, 2 * longest)
    source = (
        f"read_json({quote(str(lines))}, format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {room})"
    )
    with duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(target.parent)}) as made:
        made.execute(f"COPY (SELECT {chosen} FROM {source}) TO {quote(str(target))} (FORMAT parquet, COMPRESSION zstd)")


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
