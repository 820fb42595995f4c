"""A disk that is full for a while costs a wait: no number is wrong after, and nothing is tried without a pause."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.builders import Desk, StepClock, a_call
from tests.reporting.counter import Counter

from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.database import open_record

_BEGIN = """
import logging, resource, signal, sys, time
from pathlib import Path
from tests.builders import Desk, StepClock
from tests.reporting.counter import Counter
from postcall.errors import ReportsBuilding
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.database import open_record

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def fill_disk(largest):
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

clock = StepClock()
record = open_record(sys.argv[1])
index = Index(record, Path(sys.argv[2]), clock=clock)
reports = Reports(record, index)
counter = Counter(Desk(record, clock), index, reports)
"""
_ASKING = f"""{_BEGIN}
print(counter.count())
sys.stdin.readline()
fill_disk(30_000)
try:
    counter.count()
except ReportsBuilding as error:
    print("it says so:", "cannot be written" in str(error))
fill_disk(resource.RLIM_INFINITY)
print(counter.count(), counter.groups("metric.A"))
reports.close()
"""
_BUILDING = f"""{_BEGIN}
told = []
handler = logging.Handler()
handler.emit = told.append
logging.getLogger().addHandler(handler)
fill_disk(10_000)  # less than the head of a file
index.start()
time.sleep(2)
print("builds:", len(told), index.failed, index.is_ready, [file.name for file in Path(sys.argv[2]).parent.iterdir()])
fill_disk(resource.RLIM_INFINITY)
reports.close()
"""


def _run(script: str, url: str, file: Path, meanwhile: Desk | None = None) -> list[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, url, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    first = []
    if meanwhile is not None:
        first = [process.stdout.readline()]
        for number in range(20):
            meanwhile.hand_in(a_call(f"call-{number}", metrics={"A": ["x", "y"], f"LONG_{number}": "z" * 5_000}))
    said, _ = process.communicate("go on\n", timeout=60)
    assert process.returncode == 0
    return [*map(str.strip, first), *said.splitlines()]


def test_what_came_while_the_disk_was_full_is_right_also_after_a_restart(
    sqlite_url: str, index_file: Path, clock: StepClock
) -> None:
    record = open_record(sqlite_url)
    desk = Desk(record, clock)
    assert _run(_ASKING, sqlite_url, index_file, desk) == [
        "0",
        "it says so: True",
        "20.0 {'x': 20.0, 'y': 20.0}",
    ]
    index = Index(record, index_file, clock=clock)
    with Reports(record, index) as reports:
        counter = Counter(desk, index, reports)
        assert counter.groups("metric.A") == {"x": 20, "y": 20}
        assert len(counter.names()) == 21
        assert counter.index.reason is None
    record.close()


def test_an_index_that_cannot_be_built_is_tried_again_after_a_pause(sqlite_url: str, index_file: Path) -> None:
    assert _run(_BUILDING, sqlite_url, index_file) == ["builds: 1 True False []"]
