"""What every test may ask for: a record on either database, a real server, a scripted model's settings."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.builders import Desk, StepClock
from tests.live_server import LiveServer, run_server
from tests.postgres import Cluster, find_binaries

from postcall.storage.database import Record, open_record

settings.register_profile("postcall", deadline=None, print_blob=True)  # a busy machine is no failure
settings.load_profile("postcall")

_MEMORY = Path("/dev/shm")
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 4 << 30:
    # Records are written to disk with each commit, and disks differ: there, waiting for them costs minutes.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

IN_CI = os.environ.get("CI") == "true"
ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("POSTCALL_SHARED", ROOT / ".." / "shared"))


def miss(what: str) -> None:
    """Skip a test for want of something; in CI, where nothing is skipped, fail it."""
    if IN_CI:
        pytest.fail(f"in CI nothing is skipped, but {what}", pytrace=False)
    pytest.skip(what)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: collecting garbage need not walk through it every few tests."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end all of it may go, or libraries in C complain that it does not."""
    gc.unfreeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that read the labelled conversations need them."""
    if item.get_closest_marker("shared") is not None and not (SHARED / "data").is_dir():
        miss(f"there are no labelled conversations in {SHARED / 'data'}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the labelled conversations; for tests marked `shared`."""
    return SHARED


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that ends with the tests."""
    binaries = find_binaries()
    if binaries is None:
        miss("PostgreSQL's binaries (initdb, postgres) are not installed")
        raise AssertionError
    made = Cluster(binaries)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "postcall.db"
    open_record(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[str]:
    """The URL of a new record, on each database in turn."""
    if request.param == "sqlite":
        shutil.copy(migrated_file, tmp_path / "postcall.db")
        yield f"sqlite:///{tmp_path / 'postcall.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.new_database()
    yield url
    cluster.give_back(url)


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    """A new record, on each database in turn."""
    opened = open_record(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> StepClock:
    """A clock that stands at noon until it is moved."""
    return StepClock()


@pytest.fixture
def desk(record: Record, clock: StepClock) -> Desk:
    """The default account of a new record, on each database in turn."""
    return Desk(record, clock)


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The URL of a new record in a file."""
    shutil.copy(migrated_file, tmp_path / "postcall.db")
    return f"sqlite:///{tmp_path / 'postcall.db'}"


@pytest.fixture
def server(sqlite_url: str, tmp_path: Path, clock: StepClock) -> Iterator[LiveServer]:
    """A real server on SQLite, without a worker, whose time stands still."""
    with run_server(sqlite_url, tmp_path, clock=clock) as running:
        yield running


@pytest.fixture
def any_server(database_url: str, tmp_path: Path, clock: StepClock) -> Iterator[LiveServer]:
    """Like `server`, on each database in turn."""
    with run_server(database_url, tmp_path, clock=clock) as running:
        yield running
