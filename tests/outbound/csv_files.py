"""Files of contacts in a line or two."""

from __future__ import annotations

import io
from collections.abc import Sequence

from postcall.domain.audiences import Contact
from postcall.outbound.contacts import BadRow, read_contacts

COLUMNS = ("phoneNumber",)


def read(content: bytes, *, columns: Sequence[str] = COLUMNS, also: str | None = None) -> list[Contact | BadRow]:
    """Every row of a file."""
    return list(read_contacts(io.BytesIO(content), phone_columns=columns, also=also))


def contacts(content: bytes, *, columns: Sequence[str] = COLUMNS) -> list[Contact]:
    """The same, of a file in which every row can be called."""
    rows = read(content, columns=columns)
    assert not [row for row in rows if isinstance(row, BadRow)], rows
    return [row for row in rows if isinstance(row, Contact)]


def phones(content: bytes, *, columns: Sequence[str] = COLUMNS) -> list[str]:
    """The numbers of such a file."""
    return [contact.phone for contact in contacts(content, columns=columns)]


def many(count: int, *, line: str = "{number},Person {index}") -> bytes:
    """A file of so many people."""
    rows = (line.format(number=f"+1415{5_000_000 + index}", index=index) for index in range(count))
    return "\n".join(["phoneNumber,name", *rows]).encode()
