"""Tables as CSV, for every address that ends in `.csv`: RFC 4180 in UTF-8, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from postcall.domain.csv_cells import Cell, csv_cell

__all__ = ["Cell", "attachment", "csv_cell", "csv_lines", "csv_reply"]

_CHUNK = 64 * 1024


def csv_reply(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]] | AsyncIterable[Sequence[Cell]], filename: str
) -> StreamingResponse:
    """A file to download; `rows` are written as they come, so their number does not matter."""
    chunks = _async_chunks(columns, rows) if isinstance(rows, AsyncIterable) else _chunks(columns, rows)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=attachment(filename))


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The head and a line for each row; lines end with CR LF, save those that a cell holds."""
    yield _line(columns)
    for row in rows:
        yield _line(row)


def attachment(filename: str) -> dict[str, str]:
    """The header by which a browser saves the reply under this name."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", filename).strip("-.") or "export"
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"}


def _line(cells: Sequence[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([csv_cell(cell) for cell in cells])
    return out.getvalue()


def _chunks(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    held = io.StringIO()
    for line in csv_lines(columns, rows):
        held.write(line)
        if held.tell() >= _CHUNK:
            yield held.getvalue().encode("utf-8", "replace")
            held = io.StringIO()
    yield held.getvalue().encode("utf-8", "replace")


async def _async_chunks(columns: Sequence[str], rows: AsyncIterable[Sequence[Cell]]) -> AsyncIterator[bytes]:
    yield _line(columns).encode("utf-8", "replace")
    held = io.StringIO()
    async for row in rows:
        held.write(_line(row))
        if held.tell() >= _CHUNK:
            yield held.getvalue().encode("utf-8", "replace")
            held = io.StringIO()
    yield held.getvalue().encode("utf-8", "replace")
