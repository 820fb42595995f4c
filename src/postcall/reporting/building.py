"""Filling an index from the record: a few calls in this process, many in several.

`python -m postcall.reporting.building` is such a process. It is told on its standard input which database to read and
which ranges of calls, one a line, and ends with its input, so also when whoever started it dies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from postcall.reporting.index_file import IndexFile, longest_line
from postcall.reporting.projection import Traits
from postcall.reporting.record_rows import key_ranges, read_range
from postcall.storage.database import Record, open_record

_RANGE = 20_000
"""Calls read at once."""
_FEW = 3
"""Ranges that are not worth another process, which takes a second to begin."""
_PROCESSES = max(1, min(4, os.cpu_count() or 1))

Tell = Callable[[int, int], bool]
"""Hears how many ranges of how many are done; False stops the build."""


class BuildFailed(Exception):
    """A process that read the record ended early; the message holds what it said."""


def fill(index: IndexFile, record: Record, *, tell: Tell) -> Traits:
    """Add every call of the record to an empty index; returns the traits of all names."""
    ranges = record.read(lambda c: list(key_ranges(c, size=_RANGE)))
    if len(ranges) <= _FEW:
        return _fill_here(index, record, ranges, tell)
    return _fill_together(index, record.url, ranges, tell)


def _fill_here(index: IndexFile, record: Record, ranges: list[tuple[int, int]], tell: Tell) -> Traits:
    traits = Traits()
    for done, (after, upto) in enumerate(ranges):
        if not tell(done, len(ranges)):
            break
        lines = record.read(partial(read_range, after=after, upto=upto))
        index.append(lines.rows)
        traits.merge(lines.traits)
    return traits


def _fill_together(index: IndexFile, url: str, ranges: list[tuple[int, int]], tell: Tell) -> Traits:
    """A thread for each process hands it ranges and gives DuckDB the files that come back."""
    waiting, traits, lock = iter(enumerate(ranges)), Traits(), threading.Lock()
    failures: list[BaseException] = []

    def work(folder: Path) -> None:
        try:
            with _helper(url, folder) as (ask, answers):
                while (task := _next(waiting, lock, failures)) is not None:
                    number, (after, upto) = task
                    if not tell(number, len(ranges)):
                        return
                    ask.write(f"{after} {upto}\n")
                    ask.flush()
                    made = _read_answer(answers)
                    index.append_file(Path(made.file), longest=made.longest)
                    Path(made.file).unlink()
                    with lock:
                        traits.merge(made.read_traits())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            failures.append(error)

    with tempfile.TemporaryDirectory(dir=index.path.parent, prefix="build-") as folder:
        threads = [threading.Thread(target=work, args=(Path(folder),)) for _ in range(_PROCESSES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    return traits


Task = tuple[int, tuple[int, int]]


def _next(waiting: Iterator[Task], lock: threading.Lock, failures: list[BaseException]) -> Task | None:
    with lock:
        return None if failures else next(waiting, None)


@contextmanager
def _helper(url: str, folder: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """A process that reads the record; the address goes by its input, since it may hold a password."""
    process = subprocess.Popen(
        [sys.executable, "-m", "postcall.reporting.building"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdin is None or process.stdout is None:
        raise BuildFailed("it has no pipes")
    try:
        process.stdin.write(json.dumps({"url": url, "folder": str(folder)}) + "\n")
        process.stdin.flush()
        yield process.stdin, process.stdout
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


class Made(msgspec.Struct):
    """What a process says of a range it has read."""

    file: str
    longest: int
    """Bytes of the longest line."""
    traits: list[tuple[int, int, dict[str, int]]]
    """Account, agent, and the traits of names."""

    def read_traits(self) -> Traits:
        """As the index gathers them."""
        return Traits({(account, agent): named for account, agent, named in self.traits})


def _read_answer(answers: IO[str]) -> Made:
    line = answers.readline()
    if not line:
        raise BuildFailed("a process that read the record ended early; its own words are in the log")
    return msgspec.json.decode(line, type=Made)


def main(orders: IO[str], answers: IO[str]) -> None:
    """Answer each range with a file of its rows."""
    told = json.loads(orders.readline())
    record = open_record(told["url"])
    for order in orders:
        after, upto = map(int, order.split())
        lines = record.read(partial(read_range, after=after, upto=upto))
        file = Path(told["folder"]) / f"{after}.ndjson"
        file.write_text("\n".join(lines.rows), encoding="utf-8")
        traits = [(account, agent, named) for (account, agent), named in lines.traits.found.items()]
        made = Made(str(file), longest_line(lines.rows), traits)
        answers.write(msgspec.json.encode(made).decode() + "\n")
        answers.flush()
    record.close()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
