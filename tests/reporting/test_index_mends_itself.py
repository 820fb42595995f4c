"""Whatever happens to the index's file, the question is answered, and rightly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from tests.builders import Desk, StepClock, a_call
from tests.reporting.counter import Counter, eventually

from postcall.errors import ReportsBuilding
from postcall.reporting.index import Index, wait_until_ready
from postcall.reporting.reports import Reports
from postcall.storage.changes import KEPT, forget_old_changes
from postcall.storage.database import Record, open_record


@contextmanager
def opened(record: Record, file: Path, clock: StepClock, *, following: bool = False) -> Iterator[Counter]:
    """The reports of one process after another."""
    index = Index(record, file, clock=clock)
    if following:
        index.start()
        assert wait_until_ready(index, timeout_s=20)
    with Reports(record, index) as reports:
        yield Counter(Desk(record, clock), index, reports)


@pytest.fixture
def small_record(sqlite_url: str) -> Iterator[Record]:
    record = open_record(sqlite_url)
    yield record
    record.close()


def remove(file: Path) -> None:
    file.unlink()


def fill_with_garbage(file: Path) -> None:
    file.write_bytes(os.urandom(50_000))


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def cut_to_its_head(file: Path) -> None:
    os.truncate(file, 5_000)


def spoil_the_middle(file: Path) -> None:
    with file.open("r+b") as opened_file:
        opened_file.seek(12_288)
        opened_file.write(os.urandom(file.stat().st_size - 12_288))


def fill_with_words(file: Path) -> None:
    file.write_text("this was never a database\n" * 100)


def tell(name: str, value: str) -> Callable[[Path], None]:
    def work(file: Path) -> None:
        with duckdb.connect(str(file)) as database:
            database.execute("UPDATE about SET value = ? WHERE name = ?", [value, name])

    work.__name__ = f"of_another_{name}"
    return work


def of_a_stranger(file: Path) -> None:
    file.unlink()
    with duckdb.connect(str(file)) as database:
        database.execute("CREATE TABLE sheep (name VARCHAR)")


@pytest.mark.parametrize(
    "spoil",
    [
        remove,
        fill_with_garbage,
        empty,
        cut_short,
        cut_to_its_head,
        spoil_the_middle,
        fill_with_words,
        tell("format", "0"),
        tell("duckdb", "0.1"),
        tell("upto", "soon"),
        of_a_stranger,
    ],
    ids=lambda spoil: spoil.__name__,
)
@pytest.mark.parametrize("following", [False, True], ids=["asked", "followed"])
def test_a_file_that_is_lost_or_broken_is_made_anew(
    small_record: Record, index_file: Path, clock: StepClock, spoil: Callable[[Path], None], following: bool
) -> None:
    with opened(small_record, index_file, clock) as counter:
        counter.take(3, metrics={"A": "x"})
        assert counter.count() == 3
    spoil(index_file)
    with opened(small_record, index_file, clock, following=following) as counter:
        counter.take(1, first=3)
        assert counter.count() == 4
        assert counter.groups("metric.A") == {"x": 3, None: 1}
        assert counter.index.reason is not None
        assert "another process" not in counter.index.reason
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 4
        assert counter.index.reason is None


@pytest.mark.parametrize("following", [False, True], ids=["asked", "followed"])
def test_a_file_that_is_taken_away_while_open_is_made_anew(
    small_record: Record, index_file: Path, clock: StepClock, following: bool
) -> None:
    with opened(small_record, index_file, clock, following=following) as counter:
        counter.take(2)
        assert counter.count() == 2
        index_file.unlink()
        counter.take(1, first=2)
        assert counter.count() == 3
        eventually(index_file.exists, within_s=10)
        assert counter.count() == 3
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 3


def test_an_index_that_was_away_for_longer_than_changes_are_kept_is_made_anew(
    desk: Desk, index_file: Path, clock: StepClock
) -> None:
    with opened(desk.record, index_file, clock) as counter:
        counter.take(2)
        assert counter.count() == 2
    counter.take(2, first=2)
    clock.advance((KEPT + timedelta(days=1)).total_seconds())
    counter.take(1, first=4)
    desk.record.write(lambda c: forget_old_changes(c, now=clock()))
    with opened(desk.record, index_file, clock) as counter:
        assert counter.count() == 5
        assert "longer" in (counter.index.reason or "")


def test_an_index_of_another_record_is_made_anew(
    small_record: Record, index_file: Path, clock: StepClock, tmp_path: Path
) -> None:
    with opened(small_record, index_file, clock) as counter:
        counter.take(3)
        assert counter.count() == 3
    other = open_record(f"sqlite:///{tmp_path / 'other.db'}")
    with opened(other, index_file, clock) as counter:
        assert counter.count() == 0
        counter.take(1)
        assert counter.count() == 1
    other.close()


DYING = """
import os, sys
from pathlib import Path
from tests.builders import StepClock
from postcall.reporting.index import Index
from postcall.storage.database import open_record
index = Index(open_record(sys.argv[1]), Path(sys.argv[2]), clock=StepClock())
index.start()
for line in sys.stdin:
    with index.reading() as cursor:
        print(cursor.execute("SELECT count(*) FROM calls").fetchone()[0], flush=True)
os._exit(9)
"""


def test_a_build_that_was_cut_short_is_not_taken_for_an_index(
    small_record: Record, index_file: Path, clock: StepClock
) -> None:
    with opened(small_record, index_file, clock) as counter:
        counter.take(3)
    with pytest.raises(ReportsBuilding):  # closing ends what is being built
        counter.index.rebuild("the test asked for it")
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 3


def test_a_process_that_dies_leaves_an_index_to_go_on_from(
    sqlite_url: str, small_record: Record, index_file: Path, clock: StepClock
) -> None:
    desk = Desk(small_record, clock)
    process = subprocess.Popen(
        [sys.executable, "-c", DYING, sqlite_url, str(index_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        desk.hand_in(a_call(f"call-{number}"))
        process.stdin.write("how many?\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{number + 1}\n"
    process.stdin.close()
    assert process.wait() == 9
    process.stdout.close()
    assert index_file.with_name(index_file.name + ".wal").exists()
    desk.hand_in(a_call("call-3"))
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 4
        assert counter.index.reason is None


def test_a_log_that_is_broken_or_torn_costs_no_call(
    small_record: Record, index_file: Path, clock: StepClock, tmp_path: Path
) -> None:
    log = index_file.with_name(index_file.name + ".wal")
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 0
        for number in range(6):
            counter.take(1, first=number)
            assert counter.count() == number + 1
        index, written = index_file.read_bytes(), log.read_bytes()  # as a process that dies now leaves them
    for torn in (written[: len(written) // 2], written[:-7], os.urandom(len(written)), b""):
        copy = tmp_path / "torn" / "index.duckdb"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(index)
        copy.with_name(log.name).write_bytes(torn)
        with opened(small_record, copy, clock) as counter:
            assert counter.count() == 6
            assert len(counter.ids()) == 6


HOLDER = """
import duckdb, sys
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(file: Path) -> Iterator[None]:
    """Another process has the file open."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def test_a_file_that_another_process_holds_is_left_to_it(
    small_record: Record, index_file: Path, clock: StepClock
) -> None:
    with opened(small_record, index_file, clock) as counter:
        counter.take(2)
        assert counter.count() == 2
    with held_elsewhere(index_file), opened(small_record, index_file, clock) as counter:
        counter.take(1, first=2)
        assert counter.count() == 3
        assert "another process" in (counter.index.reason or "")
    assert [file.name for file in index_file.parent.iterdir() if file.is_file()] == [index_file.name]
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 3
        assert counter.index.reason is None


def fill_record(desk: Desk, count: int) -> None:
    """Many calls quickly: the same call, copied."""
    desk.hand_in(a_call("call-1", metrics={"A": "x", "PRICE": 2}))
    columns = sa.inspect(desk.record.read(lambda c: c.engine)).get_columns("calls")
    names = [column["name"] for column in columns if column["name"] not in ("pk", "id")]

    def copy(connection: Any) -> None:
        connection.exec_driver_sql(
            f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
            f"INSERT INTO calls (id, {', '.join(names)}) SELECT 'call-' || i || hex(randomblob(40)), "
            f"{', '.join(names)} "
            "FROM calls, n WHERE id = 'call-1'"
        )

    desk.record.write(copy)


def test_garbage_in_the_open_file_costs_a_wait_and_no_wrong_number(
    small_record: Record, index_file: Path, clock: StepClock
) -> None:
    desk = Desk(small_record, clock)
    fill_record(desk, 20_000)
    with opened(small_record, index_file, clock):
        pass
    with opened(small_record, index_file, clock) as counter:
        counter.count()
    with opened(small_record, index_file, clock, following=True) as counter:
        with index_file.open("r+b") as file:  # of which so far nothing but the beginning was read
            file.seek(12_288)
            file.write(os.urandom(index_file.stat().st_size - 12_288))
        answers: list[float] = []

        def asks() -> bool:
            try:
                answers.append(counter.count())
                answers.append(counter.number("distinct", "field.id").value or 0)
                return counter.index.reason is not None
            except ReportsBuilding:
                return False

        eventually(asks, within_s=20)
        assert set(answers) == {20_000}
        counter.take(1, first=30_000)
        assert counter.count() == 20_001
        assert "broken" in (counter.index.reason or "") or counter.index.reason == "there was none"


def test_a_file_that_breaks_under_writes_costs_a_wait_and_no_wrong_number(
    small_record: Record, index_file: Path, clock: StepClock
) -> None:
    with opened(small_record, index_file, clock, following=True) as counter:
        for number in range(12):
            counter.take(1, first=number, metrics={"A": number})
            with index_file.open("r+b") as file:
                file.write(os.urandom(max(20_000, index_file.stat().st_size)))
            wal = index_file.with_name(index_file.name + ".wal")
            if number % 3 == 2 and wal.exists():
                os.truncate(wal, wal.stat().st_size // 2)

            def right(expected: int = number + 1) -> bool:
                try:
                    return counter.count() == expected == counter.number("count", "metric.A").value
                except ReportsBuilding:
                    return False

            eventually(right, within_s=20)
    with opened(small_record, index_file, clock) as counter:
        assert counter.count() == 12
