"""How far an export has come: kept after each step, so that whoever takes it up goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from postcall.domain.exports import ExportColumn, ExportFile, Manifest
from postcall.errors import BadInput
from postcall.storage.changes import Mark

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stage(StrEnum):
    """What comes next."""

    SCAN = "scan"
    """Every wanted call is read, a part at a time, while others write."""
    CATCH_UP = "catch_up"
    """What has changed since the mark is read in one view: with it, all is as that view has it."""
    COMPARE = "compare"
    """What was exported before is laid beside what is there now."""
    WRITE = "write"
    """Parts become files."""
    FINISH = "finish"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Part:
    """Calls on their way: `.calls-NAME` holds them, `.keys-NAME` their keys."""

    name: str
    calls: int

    @property
    def lines(self) -> str:
        """The file of the calls."""
        return f".calls-{self.name}"

    @property
    def keys(self) -> str:
        """The file of the keys, which rise."""
        return f".keys-{self.name}"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an export stands. Names of files that belong to the work begin with a dot."""

    stage: Stage
    mark: Mark
    """Changes after it are still to be read; once they have been, how far."""
    scans: bool
    """Whether every call is read; else only those that have changed."""
    as_of: datetime
    total: int
    """Calls to read, more or less."""
    calls: int = 0
    """Calls read."""
    after_pk: int = 0
    parts: tuple[Part, ...] = ()
    """Of the scan, in the order of keys; then those of the catching up, in that order again."""
    caught: int = 0
    """How many of them, at the end, the catching up made."""
    kinds: dict[str, int] = field(default_factory=dict)
    """What the values of each name are."""
    columns: tuple[ExportColumn, ...] = ()
    """Those of the metrics."""
    written: int = 0
    """Parts that have become files."""
    exported: int = 0
    deleted: int = 0
    files: tuple[ExportFile, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """The export that an incremental one goes on from."""

    manifest: Manifest
    known: Path
    """The key, the digest and the id of each call that had been exported by then."""


class Shelf(Protocol):
    """Where an export's files lie while it is made."""

    def fetch(self, name: str) -> Path:
        """A file that was kept, to be read and left as it is."""

    def keep(self, progress: Progress, files: Mapping[str, Path], *, drop: tuple[str, ...] = ()) -> None:
        """Store what a step made, all or nothing, and take away what is no longer needed."""


def write_watermark(mark: Mark) -> str:
    """A mark as manifests have it."""
    at = "" if mark.last_at is None else str((mark.last_at - _EPOCH) // timedelta(microseconds=1))
    return f"{mark.upto}-{mark.last_pk}-{at}"


def read_watermark(text: str) -> Mark:
    """The inverse of `write_watermark`."""
    try:
        upto, last_pk, at = text.split("-")
        last_at = _EPOCH + timedelta(microseconds=int(at)) if at else None
        return Mark(int(upto), int(last_pk), last_at)
    except (ValueError, OverflowError):
        raise BadInput("watermark: this is not a watermark that postcall wrote", field="watermark") from None
