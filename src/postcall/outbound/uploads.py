"""A file of contacts, read and checked whole before anything of it is stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import IO, BinaryIO

import msgspec

from postcall.domain.audiences import Contact
from postcall.errors import BadInput
from postcall.outbound.contacts import BadRow, read_contacts

_SHOWN = 5
_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Contacts that were read from a file, kept on disk until they are stored; every number is there once."""

    count: int
    repeated: int
    """Rows whose number an earlier row has; they are left out."""
    _kept: IO[bytes]

    def __iter__(self) -> Iterator[Contact]:
        self._kept.seek(0)
        for line in self._kept:
            phone, data = _LINE.decode(line)
            yield Contact(phone, {**data})

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()

    def __enter__(self) -> ReadFile:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


_LINE = msgspec.json.Decoder(tuple[str, dict[str, str]])


def read_file(
    file: BinaryIO, *, phone_columns: Sequence[str], also: str | None = None, most: int | None = None
) -> ReadFile:
    """Read every contact of a CSV; BadInput names the first rows that are no contacts, and then nothing is kept.

    Also where there are more than `most` contacts, or none; or no column `also`.
    """
    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with what is returned
    try:
        with closing(read_contacts(file, phone_columns=phone_columns, also=also)) as rows:
            count, repeated = _keep(rows, kept, most=most)
    except BaseException:
        kept.close()
        raise
    return ReadFile(count, repeated, kept)


def _keep(rows: Iterable[Contact | BadRow], kept: IO[bytes], *, most: int | None) -> tuple[int, int]:
    seen: set[int] = set()  # of what a text would take, half
    bad: list[BadRow] = []
    faults = repeated = 0
    for row in rows:
        if isinstance(row, BadRow):
            faults += 1
            bad = [*bad, row][:_SHOWN]
        elif (digits := int(row.phone)) in seen:
            repeated += 1
        else:
            seen.add(digits)
            if most is not None and len(seen) > most:
                raise BadInput(f"Audience cannot exceed {most} members", field="file")
            if not faults:
                kept.write(msgspec.json.encode((row.phone, row.data)) + b"\n")
    if faults:
        raise BadInput(_tell(bad, faults), field="file")
    if not seen:
        raise BadInput("The CSV has no contacts", field="file")
    return len(seen), repeated


def _tell(bad: Sequence[BadRow], faults: int) -> str:
    shown = "; ".join(f"line {row.line}: {row.why}" for row in bad)
    more = f"; and {faults - len(bad)} more" if faults > len(bad) else ""
    return f"Nothing was stored, for {faults} of the rows cannot be called: {shown}{more}"
