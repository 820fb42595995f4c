"""Reports over a new record: on each database in turn, or on SQLite where the record plays no part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import Desk, StepClock
from tests.reporting.counter import Counter

from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.database import open_record


@pytest.fixture
def index_file(tmp_path: Path) -> Path:
    """Where the index is."""
    return tmp_path / "reports" / "index.duckdb"


@pytest.fixture
def counter(desk: Desk, index_file: Path) -> Iterator[Counter]:
    """Who asks about the desk's calls, on each database in turn; the index follows only questions."""
    index = Index(desk.record, index_file, clock=desk.clock)
    with Reports(desk.record, index) as reports:
        yield Counter(desk, index, reports)


@pytest.fixture
def small_counter(sqlite_url: str, index_file: Path, clock: StepClock) -> Iterator[Counter]:
    """The same on SQLite only."""
    record = open_record(sqlite_url)
    index = Index(record, index_file, clock=clock)
    with Reports(record, index) as reports:
        yield Counter(Desk(record, clock), index, reports)
    record.close()
