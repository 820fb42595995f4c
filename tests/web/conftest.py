"""What tests of the pages ask for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.builders import Desk, StepClock
from tests.conftest import miss
from tests.web.sites import Site, make_site

from postcall.storage.database import open_record

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP postcall.test 127.0.0.1",  # so that a site can be seen as from another machine
)


@pytest.fixture
def page_desk(tmp_path: Path, migrated_file: Path, clock: StepClock) -> Iterator[Desk]:
    """The default account of a new record on SQLite: pages use the record only through functions that run on both."""
    shutil.copy(migrated_file, tmp_path / "postcall.db")
    record = open_record(f"sqlite:///{tmp_path / 'postcall.db'}")
    yield Desk(record, clock)
    record.close()


@pytest.fixture
def site(page_desk: Desk, tmp_path: Path) -> Site:
    """The application with the built-in analyser."""
    return make_site(page_desk, tmp_path)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    if not CHROMIUM.exists():
        miss(f"there is no {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        yield browser
        browser.close()
