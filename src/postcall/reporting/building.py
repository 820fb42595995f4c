"""Filling an index from the record: a few calls in this process, many in several.

`python -m postcall.reporting.building` is such a process. It is told on its standard input which database to read and
which ranges of calls, one a line, and ends with its input, so also when whoever started it dies.
"""

from __future__ import annotations

import json
import os
import queue
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

_RANGE = 61_440
"""Calls given to DuckDB at once: half of one of its blocks, since filling blocks bit by bit takes twice as long."""
_AT_ONCE = 10_240
"""Calls held in memory."""
_FEW = 1
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
    """Processes turn ranges into files; this thread gives the files to DuckDB one after the other.

    One after the other fills DuckDB's blocks; side by side would leave many of them half empty.
    """
    waiting, traits = iter(ranges), Traits()
    taking = threading.Lock()
    done: queue.Queue[Made | BaseException | None] = queue.Queue(maxsize=2 * _PROCESSES)

    def take_range() -> tuple[int, int] | None:
        with taking:
            return next(waiting, None)

    def work(folder: Path) -> None:
        """One process: hand it ranges while there are any."""
        try:
            with _helper(url, folder) as ask:
                while (wanted := take_range()) is not None:
                    done.put(ask(*wanted))
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            done.put(error)
        done.put(None)

    def stop() -> None:
        with taking:
            for _ in waiting:
                pass

    with tempfile.TemporaryDirectory(dir=index.path.parent, prefix="build-") as folder:
        threads = [threading.Thread(target=work, args=(Path(folder),)) for _ in range(_PROCESSES)]
        for thread in threads:
            thread.start()
        failure = _append_all(index, done, traits, len(ranges), tell, stop)
        for thread in threads:
            thread.join()
    if failure is not None:
        raise failure
    return traits


def _append_all(
    index: IndexFile,
    done: queue.Queue[Made | BaseException | None],
    traits: Traits,
    total: int,
    tell: Tell,
    stop: Callable[[], None],
) -> BaseException | None:
    """Append what the processes have made until every one has ended; returns what went wrong first."""
    failure: BaseException | None = None
    running, number = _PROCESSES, 0
    while running:
        made = done.get()
        if made is None:
            running -= 1
        elif failure is not None:
            continue  # only so that nobody waits for room
        elif isinstance(made, BaseException):
            failure = made
            stop()
        else:
            try:
                index.append_file(Path(made.file), longest=made.longest)
            except BaseException as error:  # noqa: BLE001 - returned, once the processes have ended
                failure = error
                stop()
                continue
            Path(made.file).unlink()
            traits.merge(made.read_traits())
            number += 1
            if not tell(number, total):
                stop()
    return failure


@contextmanager
def _helper(url: str, folder: Path) -> Iterator[Callable[[int, int], Made]]:
    """A process that reads the record; the address goes by its input, since it may hold a password."""
    process = subprocess.Popen(
        [sys.executable, "-m", "postcall.reporting.building"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdin is None or process.stdout is None:
        raise BuildFailed("it has no pipes")
    orders, answers = process.stdin, process.stdout

    def ask(after: int, upto: int) -> Made:
        orders.write(f"{after} {upto}\n")
        orders.flush()
        return _read_answer(answers)

    try:
        orders.write(json.dumps({"url": url, "folder": str(folder)}) + "\n")
        orders.flush()
        yield ask
    finally:
        orders.close()
        process.wait()
        answers.close()


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
    record = open_record(told["url"], migrate=False)
    for order in orders:
        after, upto = map(int, order.split())
        made = _write_range(record, after, upto, Path(told["folder"]) / f"{after}.ndjson")
        answers.write(msgspec.json.encode(made).decode() + "\n")
        answers.flush()
    record.close()


def _write_range(record: Record, after: int, upto: int, file: Path) -> Made:
    traits, longest = Traits(), 0
    with file.open("w", encoding="utf-8") as out:
        for first in range(after, upto, _AT_ONCE):
            lines = record.read(partial(read_range, after=first, upto=min(first + _AT_ONCE, upto)))
            out.writelines(line + "\n" for line in lines.rows)
            traits.merge(lines.traits)
            longest = max(longest, longest_line(lines.rows))
    named = [(account, agent, each) for (account, agent), each in traits.found.items()]
    return Made(str(file), longest, named)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
