"""One export, and what it takes to make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from postcall.domain.exports import ExportWanted
from postcall.exporting.progress import Earlier, Progress, Shelf
from postcall.storage.database import Record

CHANGED, OF_SCAN, OF_LAST = ".changed", ".of-scan", ".of-last"
"""Keys: of calls that changed meanwhile, and of those that go into files, from the scan's parts and from the last."""
LAST = "last-"
"""What the names of the parts that the catching up makes begin with."""


class ExportHalted(Exception):
    """The work is no longer wanted here, as when a worker is stopped; what was kept stays."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """How large a part may get before it is kept."""

    calls: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Work:
    """What every step is given besides how far things have come."""

    record: Record
    account_pk: int
    id: str
    wanted: ExportWanted
    earlier: Earlier | None
    """Of an incremental export."""
    shelf: Shelf
    folder: Path
    """For files that are being made."""
    size: PartSize
    clock: Callable[[], datetime]
    goes_on: Callable[[], bool] = lambda: True
    """Asked often; False ends the work with ExportHalted."""

    def check(self) -> None:
        """Raise ExportHalted where nobody wants the work any more."""
        if not self.goes_on():
            raise ExportHalted

    def keep(
        self, progress: Progress, files: Mapping[str, Path] | None = None, *, drop: tuple[str, ...] = ()
    ) -> Progress:
        """Put what a step made on the shelf."""
        self.shelf.keep(progress, files or {}, drop=drop)
        return progress
