"""Rows into files: CSV, JSON lines or Parquet, one row after the other."""

from __future__ import annotations

import csv
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from postcall.domain.csv_cells import csv_cell
from postcall.domain.exports import ColumnType, ExportFile, ExportFormat, ExportTable
from postcall.exporting.tables import Row

_READ = 1024 * 1024
_TO_CHECK = frozenset({ColumnType.STRING, ColumnType.JSON, ColumnType.BOOLEAN})
"""Columns whose cells CSV spells otherwise than the writer of the library does."""


class TableFile(ABC):
    """One file of a table, being written."""

    def __init__(self, table: ExportTable, path: Path) -> None:
        self._table = table
        self.path = path
        self.rows = 0

    def add(self, row: Row) -> None:
        """Put a row after the others."""
        self._put(row)
        self.rows += 1

    def add_all(self, rows: Iterable[Row]) -> None:
        """Put these after the others."""
        for row in rows:
            self.add(row)

    def finish(self) -> ExportFile:
        """No more rows; what the manifest says of the file."""
        self.close()
        size, digest = 0, hashlib.sha256()
        with self.path.open("rb") as content:
            while chunk := content.read(_READ):
                size += len(chunk)
                digest.update(chunk)
        return ExportFile(self.path.name, self._table.name, self.rows, size, digest.hexdigest())

    @abstractmethod
    def _put(self, row: Row) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """Let go of it, also where nothing more will come of it."""


class _CsvFile(TableFile):
    """RFC 4180 in UTF-8, with a head."""

    def __init__(self, table: ExportTable, path: Path) -> None:
        super().__init__(table, path)
        self._out = path.open("w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._out, lineterminator="\r\n")
        self._writer.writerow([csv_cell(column.name) for column in table.columns])
        # What numbers and our own times look like is known, and every cell of every call comes by here.
        self._to_check = [i for i, column in enumerate(table.columns) if column.type in _TO_CHECK]

    def _put(self, row: Row) -> None:
        cells = list(row)
        for index in self._to_check:
            if cells[index] is not None:
                cells[index] = csv_cell(cells[index])
        self._writer.writerow(cells)

    def close(self) -> None:
        self._out.close()


class _LinesFile(TableFile):
    """One JSON object a line; a metric that a call does not have is left out of its line."""

    def __init__(self, table: ExportTable, path: Path) -> None:
        super().__init__(table, path)
        self._out = path.open("wb")
        self._encoder = msgspec.json.Encoder()
        self._names = [column.name for column in table.columns]
        self._always = sum(column.metric is None for column in table.columns)
        self._json = [i for i, column in enumerate(table.columns) if column.type is ColumnType.JSON]

    def _put(self, row: Row) -> None:
        cells: list[Any] = list(row)
        for index in self._json:
            if cells[index] is not None:
                cells[index] = msgspec.Raw(cells[index].encode())
        held = {
            name: cell
            for index, (name, cell) in enumerate(zip(self._names, cells, strict=True))
            if index < self._always or cell is not None
        }
        self._out.write(self._encoder.encode(held) + b"\n")

    def close(self) -> None:
        self._out.close()


class _ParquetFile(TableFile):
    """Typed lines first, which DuckDB then turns into the file."""

    def __init__(self, table: ExportTable, path: Path) -> None:
        super().__init__(table, path)
        from postcall.reporting.parquet import key_of  # DuckDB takes memory, and few exports need it

        self._lines = path.with_name(path.name + ".lines")
        self._out = self._lines.open("wb")
        self._encoder = msgspec.json.Encoder()
        self._keys = [key_of(index) for index in range(len(table.columns))]
        self._longest = 0

    def _put(self, row: Row) -> None:
        line = self._encoder.encode({key: cell for key, cell in zip(self._keys, row, strict=True) if cell is not None})
        self._longest = max(self._longest, len(line))
        self._out.write(line + b"\n")

    def finish(self) -> ExportFile:
        from postcall.reporting.parquet import write_parquet

        self._out.close()
        write_parquet(self._lines, self._table.columns, self.path, rows=self.rows, longest=self._longest)
        return super().finish()

    def close(self) -> None:
        self._out.close()
        self._lines.unlink(missing_ok=True)


_FILES: dict[ExportFormat, type[TableFile]] = {
    ExportFormat.CSV: _CsvFile,
    ExportFormat.JSONL: _LinesFile,
    ExportFormat.PARQUET: _ParquetFile,
}


def open_table(format_: ExportFormat, table: ExportTable, folder: Path, *, number: int) -> TableFile:
    """A new file, such as `calls-0001.csv`."""
    return _FILES[format_](table, folder / f"{table.name}-{number:04d}.{format_.value}")
