"""Questions that are too large, numbers that are very large, and what a process that was killed leaves behind."""

from __future__ import annotations

import statistics
import threading
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from tests.builders import NOON, StepClock, a_question
from tests.reporting.counter import Counter, a_query

from postcall.domain.queries import Query
from postcall.errors import QueryTooSlow
from postcall.reporting.deadlines import Deadlines
from postcall.reporting.opening import start_reports
from postcall.settings import Settings
from postcall.storage.database import open_record

ENDLESS = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"


def test_a_question_that_takes_too_long_is_stopped_and_says_so() -> None:
    deadlines = Deadlines(limit_s=0.2)
    with duckdb.connect() as database, pytest.raises(QueryTooSlow, match=r"longer than 0\.2 s"), deadlines.on(database):
        database.execute(ENDLESS).fetchall()
    deadlines.close()


def test_a_question_in_time_is_left_alone() -> None:
    deadlines = Deadlines(limit_s=0.1)
    with duckdb.connect() as database:
        with deadlines.on(database):
            assert database.execute("SELECT 1").fetchone() == (1,)
        time.sleep(0.3)
        assert database.execute("SELECT 2").fetchone() == (2,)
    deadlines.close()


def test_closing_stops_what_still_runs() -> None:
    deadlines = Deadlines(limit_s=60)
    began = time.monotonic()
    with duckdb.connect() as database, pytest.raises(QueryTooSlow):
        threading.Timer(0.2, deadlines.close).start()
        with deadlines.on(database):
            database.execute(ENDLESS).fetchall()
    assert time.monotonic() - began < 30


def test_large_repeated_numbers_keep_their_interval(small_counter: Counter) -> None:
    """Moments in seconds differ in their last digits only."""
    moments = [1_780_000_000 + step for step in (0, 3, 5, 8, 13, 21, 34)]
    small_counter.write("twice", {"AT": [*moments[:3]]})
    small_counter.write("again", {"AT": [*moments[3:5]]})
    for number, moment in enumerate(moments[5:]):
        small_counter.write(f"once-{number}", {"AT": moment})
    average = small_counter.number("average", "metric.AT")
    assert average.value == pytest.approx(statistics.fmean(moments), abs=1e-6)
    assert average.interval is not None
    half = (average.interval.high - average.interval.low) / 2
    t_6 = 2.4469118511449692
    assert half == pytest.approx(t_6 * statistics.stdev(moments) / len(moments) ** 0.5, rel=1e-6)


def test_a_stray_write_does_not_change_what_a_rate_is_a_share_of(small_counter: Counter) -> None:
    small_counter.desk.ask(a_question("booked"))
    assert small_counter.number("rate", "metric.booked").n == 0
    small_counter.take(3)
    assert small_counter.number("rate", "metric.booked").n == 0
    small_counter.write("stray", {"booked": True})
    assert small_counter.number("rate", "metric.booked").n == 1


def test_each_size_of_bucket_is_compared_with_its_own(small_counter: Counter) -> None:
    for day in (1, 2, 3, 4):
        small_counter.write(f"call-{day}", {}, started_at=NOON - timedelta(days=day))
    query = Query(
        a_query().measures, since=NOON - timedelta(days=2), until=NOON, group_by=("day", "hour"), compare=True
    )
    assert [row.numbers[0].previous for row in small_counter.ask(query).rows] == [1, 1]


def test_what_a_killed_process_was_building_is_taken_away(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    (folder / "build-abc").mkdir(parents=True)
    (folder / "build-abc" / "0.ndjson").write_text("{}")
    for name in ("tmpx.ndjson", "index-new.duckdb", "index-new.duckdb.wal", "index-4711.duckdb"):
        (folder / name).write_text("left")
    record = open_record(sqlite_url)
    settings = Settings(data=tmp_path, database_url=sqlite_url, admin_key=None, model=None)
    with start_reports(record, settings, clock=StepClock()) as reports:
        reports.run_now(1, a_query())
        assert sorted(file.name for file in folder.iterdir()) in (
            ["index.duckdb"],
            ["index.duckdb", "index.duckdb.wal"],
        )
    record.close()
