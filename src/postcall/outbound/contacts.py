"""Contacts in a CSV file, as spreadsheets and programs write them.

The file is read as a stream, so that its length costs no memory. What is in its cells is data and nothing else.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from postcall.domain.audiences import Contact
from postcall.errors import BadInput
from postcall.outbound.numbers import read_number

PHONE_COLUMN = "phoneNumber"
"""What the column of numbers is called where nobody says."""
MAX_COLUMNS = 100
MAX_COLUMN_NAME = 100
"""With the bound on columns: what one short row can become when it is stored with its headings."""
_DELIMITERS = (",", ";", "\t")
"""A comma; else what spreadsheets write where a comma stands within numbers."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1 << 16
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that names nobody who could be called."""

    line: int
    """Where it begins in the file, from 1."""
    why: str


def read_contacts(
    file: BinaryIO, *, phone_columns: Sequence[str], also: str | None = None
) -> Generator[Contact | BadRow]:
    """Every row as a contact, or as what is wrong with it; empty rows are passed over.

    Their numbers are in the first of `phone_columns` that the file has; the column `also` has to be there too. The
    encoding is that of the byte-order mark, else UTF-8, else that of western Windows, of which Latin-1 is a part.
    BadInput where the file cannot be read as a table of text, or lacks a column; also in the middle, so use nothing
    before the end is reached. Close it before the file.
    """
    encoding = _encoding_of(file)
    delimiter = _delimiter_of(file, encoding, phone_columns)
    with closing(_rows(file, encoding, delimiter)) as rows:
        _, header = next(rows, (0, []))
        columns = _check_header(header)
        place = _place(columns, phone_columns)
        if also is not None:
            _place(columns, [also])
        for line, row in rows:
            yield _read_row(line, row, columns, place)


def _delimiter_of(file: BinaryIO, encoding: str, phone_columns: Sequence[str]) -> str:
    for delimiter in _DELIMITERS:
        try:
            _, header = next(_rows(file, encoding, delimiter), (0, []))
        except BadInput:  # said again, of the comma, where no other fits
            continue
        if _find(header, phone_columns) is not None:
            return delimiter
    return _DELIMITERS[0]


def _read_row(line: int, row: list[str], columns: Sequence[str], place: int) -> Contact | BadRow:
    if any(cell.strip() for cell in row[len(columns) :]):
        return BadRow(line, f"{len(row)} cells under {len(columns)} headings: a cell with a comma needs quotes")
    written = row[place].strip() if len(row) > place else ""
    if not written:
        return BadRow(line, "no phone number")
    try:
        phone = read_number(written)
    except BadInput:
        return BadRow(line, f"{written[:_SHOWN]!r} is not a phone number")
    return Contact(phone, dict(zip(columns, row, strict=False)))


def _find(header: Sequence[str], names: Sequence[str]) -> int | None:
    plain = [column.strip().casefold() for column in header]
    places = (plain.index(name.strip().casefold()) for name in names if name.strip().casefold() in plain)
    return next(places, None)


def _place(columns: Sequence[str], names: Sequence[str]) -> int:
    place = _find(columns, names)
    if place is not None:
        return place
    if not all(column.isprintable() for column in columns):
        raise _no_text()
    there = ", ".join(column[:_SHOWN] for column in columns[:10])
    raise BadInput(f"The CSV has no column {names[0][:_SHOWN]!r}; it has {there}", field="file")


def _check_header(header: Sequence[str]) -> list[str]:
    """The names of the columns; one without a name is called by its place."""
    if not header:
        raise BadInput("The CSV file is empty", field="file")
    columns = [cell.strip() or f"column {place}" for place, cell in enumerate(header, 1)]
    if len(columns) > MAX_COLUMNS:
        raise BadInput(f"The CSV has {len(columns)} columns; at most {MAX_COLUMNS} are taken", field="file")
    long = next((column for column in columns if len(column) > MAX_COLUMN_NAME), None)
    if long is not None:
        raise BadInput(f"The heading {long[:_SHOWN]}… has more than {MAX_COLUMN_NAME} characters", field="file")
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise BadInput(f"The CSV has the column {twice!r} more than once", field="file")
    return columns


def _rows(file: BinaryIO, encoding: str, delimiter: str) -> Generator[tuple[int, list[str]]]:
    """The line on which each row begins, and its cells; without rows that hold nothing."""
    file.seek(0)
    with closing(_lines(file, encoding)) as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                where = f"in the row that begins on line {line}"
                raise BadInput(f"The CSV cannot be read {where}: {error}", field="file") from None
            if any(cell.strip() for cell in row):
                yield line, row


def _lines(file: BinaryIO, encoding: str) -> Generator[str]:
    """With their ends, since those within quotes belong to cells."""
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        for line in text:
            if "\0" in line:
                raise _no_text()
            yield line.translate(_WINDOWS) if encoding == "latin-1" else line
    except UnicodeDecodeError:
        raise _no_text() from None
    finally:
        text.detach()  # else the file is closed with it


def _encoding_of(file: BinaryIO) -> str:
    file.seek(0)
    beginning = file.read(4)
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise _no_text()
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _no_text() -> BadInput:
    return BadInput("The file is not a CSV of text", field="file")


def _windows_signs() -> dict[int, str]:
    """Where Latin-1 has control characters, Windows has quotes, dashes and the euro sign."""
    signs = {}
    for code in range(0x80, 0xA0):
        try:
            signs[code] = bytes([code]).decode("cp1252")
        except UnicodeDecodeError:  # five have no sign
            continue
    return signs


_WINDOWS = _windows_signs()
