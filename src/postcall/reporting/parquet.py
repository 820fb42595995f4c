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
_MEMORY = 192 * 1024 * 1024
"""Beyond it, and what long or many cells take, DuckDB writes to a folder beside the file."""
_OF_COLUMN = 128 * 1024
_LEAST_ROWS, _MOST_ROWS = 2_048, 122_880
"""In a row group, which DuckDB holds whole: it takes no fewer, and of short ones no more."""
_OF_GROUP = 16 * 1024 * 1024
"""Bytes of lines that are enough for one."""
_COPIES = 4
"""Of those rows: as lines, as cells, and as what is written."""
_LEAST_LINE = 1024 * 1024


def key_of(index: int) -> str:
    """What the cell of a column is called in the lines: their own names may differ in case alone."""
    return f"c{index}"


def write_parquet(lines: Path, columns: Sequence[ExportColumn], target: Path, *, rows: int, longest: int) -> None:
    """From so many JSON lines with the keys `c0`, `c1`, …, of which the longest has so many bytes."""
    types = ", ".join(f"{key_of(i)}: {quote(_TYPES[column.type])}" for i, column in enumerate(columns))
    chosen = ", ".join(f"{key_of(i)} AS {_named(column.name)}" for i, column in enumerate(columns))
    room = max(_LEAST_LINE, 2 * longest)
    source = (
        f"read_json({quote(str(lines))}, format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {room})"
    )
    size = lines.stat().st_size
    group = _rows_of_group(size, rows)
    memory = _memory_for(size * min(group, rows) // max(rows, 1), len(columns))
    with duckdb.connect(config={"threads": 1, "memory_limit": memory, "temp_directory": str(target.parent)}) as made:
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}"
        try:
            made.execute(f"COPY (SELECT {chosen} FROM {source}) TO {quote(str(target))} ({options})")
        except duckdb.IOException as error:  # as of any other file that cannot be written
            raise OSError(str(error)) from error


def _rows_of_group(size: int, rows: int) -> int:
    return min(_MOST_ROWS, max(_LEAST_ROWS, _OF_GROUP * rows // max(size, 1)))


def _memory_for(held: int, columns: int) -> str:
    """What DuckDB may take: of a few thousand columns, or of rows of a megabyte, it cannot write any with less."""
    return f"{(_MEMORY + _COPIES * held + _OF_COLUMN * columns) // 1024}KiB"


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
