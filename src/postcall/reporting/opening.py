"""Opening the reports of a data folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.settings import Settings
from postcall.storage.database import Record


def start_reports(record: Record, settings: Settings, *, clock: Callable[[], datetime]) -> Reports:
    """Reports that follow the record until they are closed; a first question may have to wait for the index."""
    index = Index(record, settings.index_file, clock=clock)
    index.start()
    return Reports(record, index)


def open_reports(record: Record, settings: Settings, *, clock: Callable[[], datetime]) -> Reports:
    """Reports whose index is opened by the first question: for commands, where no server runs."""
    return Reports(record, Index(record, settings.index_file, clock=clock))
