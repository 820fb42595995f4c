"""Calls of the record into parts: files of lines from which, later, the tables are written."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from postcall.exporting.known import Known, digest_of, known_line
from postcall.exporting.progress import Part
from postcall.exporting.tables import CallBody, body_of, kinds_in
from postcall.storage.export_rows import RecordedCall

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(CallBody).decode


class PartWriter:
    """A part, being written into a folder."""

    def __init__(self, folder: Path, name: str, kinds: dict[str, int]) -> None:
        """`kinds` gathers what the values of each name are."""
        self._folder, self._name, self._kinds = folder, name, kinds
        made = Part(name, 0)
        self._lines = (folder / made.lines).open("wb")
        self._keys = (folder / made.keys).open("w", encoding="utf-8", newline="\n")
        self.calls = 0
        self.bytes = 0

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lines.close()
        self._keys.close()

    def add(self, found: Sequence[RecordedCall]) -> None:
        """Put these calls after the others; their keys rise."""
        for recorded in found:
            body = body_of(recorded)
            kinds_in(body, self._kinds)
            line = _encode(body)
            self._lines.write(b"%d\t%s\n" % (recorded.call.pk, line))
            self._keys.write(known_line(Known(recorded.call.pk, digest_of(line), recorded.call.id)))
            self.bytes += len(line)
        self.calls += len(found)

    @property
    def part(self) -> Part:
        """What has been written."""
        return Part(self._name, self.calls)

    @property
    def files(self) -> dict[str, Path]:
        """Its files, by the names under which they are kept."""
        return {name: self._folder / name for name in (self.part.lines, self.part.keys)}


def read_part(file: Path, chosen: Sequence[int]) -> Iterator[CallBody]:
    """Those calls of a part whose keys are chosen; both are in the order of keys."""
    at: int | None = None
    with file.open("rb") as lines:
        for line in lines:
            key, _, body = line.partition(b"\t")
            pk = int(key)
            if at is None:
                at = bisect_left(chosen, pk)
            while at < len(chosen) and chosen[at] < pk:
                at += 1
            if at == len(chosen):
                return
            if chosen[at] == pk:
                yield _decode(body)


def write_numbers(numbers: Iterable[int], file: Path) -> None:
    """Keys of calls, eight bytes each."""
    with file.open("wb") as out:
        array("q", numbers).tofile(out)


def read_numbers(file: Path) -> array[int]:
    """The inverse of `write_numbers`."""
    found = array("q")
    found.frombytes(file.read_bytes())
    return found
