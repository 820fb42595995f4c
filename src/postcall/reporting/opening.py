"""Opening the reports of a data folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.settings import Settings
from postcall.storage.database import Record


def start_reports(record: Record, settings: Settings, *, clock: Callable[[], datetime]) -> Reports:
    """Reports that follow the record until they are closed; a first question may have to wait for the index."""
    _clear(settings.index_file.parent)
    index = Index(record, settings.index_file, clock=clock)
    index.start()
    return Reports(record, index)


def _clear(folder: Path) -> None:
    """Take away what a process that was killed was about to build; the folder is this server's alone."""
    for left in [*folder.glob("build-*"), *folder.glob("*.tmp")]:
        shutil.rmtree(left, ignore_errors=True)
    for left in [*folder.glob("*.ndjson"), *folder.glob("index-*.duckdb*")]:
        left.unlink(missing_ok=True)


def open_reports(record: Record, settings: Settings, *, clock: Callable[[], datetime]) -> Reports:
    """Reports whose index is opened by the first question: for commands, where no server runs."""
    return Reports(record, Index(record, settings.index_file, clock=clock))
