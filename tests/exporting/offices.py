"""A folder of exports for tests: make them, cut them off, and read them back as a reader of the files would."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.builders import Desk

from postcall.domain.exports import ExportFormat, ExportWanted, Manifest
from postcall.exporting.filing import load_manifest
from postcall.exporting.folder import open_shelf
from postcall.exporting.making import make_export
from postcall.exporting.work import PartSize, Work
from postcall.storage.exports import check_wanted

SMALL = PartSize(calls=3, bytes=10_000_000)


@dataclass
class Office:
    """Exports calls of a desk into a folder."""

    desk: Desk
    folder: Path
    size: PartSize = SMALL
    steps: list[str] = field(default_factory=list)

    def export(
        self,
        format_: ExportFormat = ExportFormat.JSONL,
        *,
        incremental: bool = False,
        die_after: int | None = None,
        **wanted: Any,
    ) -> Path:
        """As the command does; with `die_after`, it is cut off after so many checks that it may go on."""
        left = [die_after]

        def goes_on() -> bool:
            if left[0] is not None:
                left[0] -= 1
            return left[0] is None or left[0] >= 0

        asked = self.desk.record.read(lambda c: check_wanted(c, self.desk.pk, ExportWanted(format=format_, **wanted)))
        with open_shelf(self.folder, asked, incremental=incremental) as shelf:
            work = Work(
                record=self.desk.record,
                account_pk=self.desk.pk,
                id=shelf.kept.id,
                wanted=shelf.kept.wanted,
                earlier=shelf.earlier,
                shelf=shelf,
                folder=shelf.making,
                size=self.size,
                clock=self.desk.clock,
                goes_on=goes_on,
            )
            make_export(work, shelf.kept.progress, tell=lambda progress: self.steps.append(progress.stage))
            return shelf.publish()


def manifest_of(folder: Path) -> Manifest:
    """What the export in a folder says of itself."""
    return load_manifest(folder / "manifest.json")


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, from JSON lines or CSV, in the order of the files."""
    return [row for file in sorted(folder.glob(f"{table}-*")) for row in _read(file)]


def _read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8", newline="") as lines:
        if file.suffix == ".csv":
            yield from csv.DictReader(lines)
        else:
            yield from (json.loads(line) for line in lines)


def check_hashes(folder: Path) -> None:
    """Every file is as its manifest says, and there is no other."""
    manifest = manifest_of(folder)
    told = {file.name: (file.bytes, file.sha256) for file in manifest.files}
    there = {
        file.name: (file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
        for file in folder.iterdir()
        if file.name not in {"manifest.json", ".known"}
    }
    assert there == told


@dataclass
class Copy:
    """What somebody has who takes in one export after the other, by the rule that the manual gives."""

    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def take_in(self, folder: Path) -> None:
        """First what is gone, then what is new or different, with all that belongs to it."""
        deleted = [row["call_id"] for row in rows(folder, "deleted")]
        new = {row["call_id"]: row for row in rows(folder, "calls")}
        for call_id in (*deleted, *new):
            self.calls.pop(call_id, None)
            for table in self.rows.values():
                table.pop(call_id, None)
        self.calls |= new
        for name in ("answers", "metric_writes", "turns"):
            for row in rows(folder, name):
                self.rows.setdefault(name, {}).setdefault(row["call_id"], []).append(row)
