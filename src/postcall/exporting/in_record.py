"""Exports whose files lie in the record, so that whichever machine takes one up goes on from where another was."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from postcall.exporting.progress import Earlier, Progress
from postcall.storage.database import Record
from postcall.storage.exports import HIDDEN, KNOWN, ExportWork, find_earlier, keep_file, keep_step, read_working_file

_QUICK = 1
"""Of zlib: files of the work are written once and read once or twice."""


class RecordShelf:
    """One export on its way; only the one who kept the step before may keep the next.

    Its files come first, one at a time, since they may be many; they count once the progress says so.
    """

    def __init__(self, record: Record, taken_up: ExportWork, folder: Path, *, clock: Callable[[], datetime]) -> None:
        """`folder`: for files that are being read."""
        self._record, self._work, self._folder, self._clock = record, taken_up, folder, clock
        self.step = taken_up.step

    @property
    def progress(self) -> Progress | None:
        """As it was kept last by whoever was at it before."""
        return msgspec.convert(self._work.progress, Progress) if self._work.progress else None

    def fetch(self, name: str) -> Path:
        return self._bring(self._work.pk, name, self._folder / f"read{name}")

    def keep(self, progress: Progress, files: Mapping[str, Path], *, drop: tuple[str, ...] = ()) -> None:
        kept, step = msgspec.to_builtins(progress), self.step + 1
        for name, made in files.items():
            content = _pack(name, made.read_bytes())
            self._record.write(partial(keep_file, work=self._work, name=name, content=content, step=step))
        now = self._clock()
        self._record.write(lambda c: keep_step(c, self._work, kept, drop=drop, step=step, now=now))
        self.step = step
        for made in files.values():
            made.unlink()

    def earlier(self) -> Earlier | None:
        """The export that this one goes on from, where it is incremental."""
        if self._work.wanted.after is None:
            return None
        pk, manifest = self._record.read(lambda c: find_earlier(c, self._work))
        return Earlier(manifest, self._bring(pk, KNOWN, self._folder / "earlier-known"))

    def _bring(self, pk: int, name: str, to: Path) -> Path:
        content = self._record.read(lambda c: read_working_file(c, pk, name))
        to.write_bytes(_unpack(name, content))
        return to


def _pack(name: str, content: bytes) -> bytes:
    return zlib.compress(content, _QUICK) if name.startswith(HIDDEN) else content


def _unpack(name: str, content: bytes) -> bytes:
    return zlib.decompress(content) if name.startswith(HIDDEN) else content
