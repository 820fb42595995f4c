"""Bringing in a file of calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from postcall.errors import PostcallError
from postcall.intake.line_format import read_line
from postcall.intake.service import take_call
from postcall.storage.calls import Accepted
from postcall.storage.database import Record
from postcall.storage.jobs import PRIORITY_BACKGROUND

_UNDER_WAY = 256
"""Writes waiting for a commit at once."""


@dataclass(slots=True)
class ImportResult:
    """What became of the lines."""

    added: int = 0
    there: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Line number, from 1, and why."""


MAX_LINE = 16 * 1024 * 1024


def _bounded(lines: BinaryIO) -> Iterator[bytes]:
    while line := lines.readline(MAX_LINE + 1):
        yield line


def _skip_line(lines: BinaryIO) -> int:
    """Read past the rest of a line; returns how long it was."""
    skipped = 0
    while part := lines.readline(1 << 20):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def import_file(
    record: Record,
    account_pk: int,
    file: Path,
    *,
    agent: str,
    gold_as_metrics: bool,
    clock: Callable[[], datetime],
    on_progress: Callable[[int], None],
) -> ImportResult:
    """Store every good line of a file; `on_progress` is told how many bytes are done.

    Memory grows only by a digest for each line without an id. Lines stored already are counted, not stored again.
    """
    result = ImportResult()
    under_way: deque[tuple[int, Future[Accepted]]] = deque()
    seen: dict[str, int] = {}
    done = 0

    def settle() -> None:
        number, accepted = under_way.popleft()
        try:
            if accepted.result().created:
                result.added += 1
            else:
                result.there += 1
        except PostcallError as error:
            result.refused.append((number, error.message))

    with file.open("rb") as lines:
        for number, line in enumerate(_bounded(lines), 1):
            done += len(line)
            if len(line) > MAX_LINE:
                result.refused.append((number, f"the line is longer than {MAX_LINE:,} bytes"))
                done += _skip_line(lines)
            elif line.strip():
                try:
                    call = read_line(line, agent=agent, gold_as_metrics=gold_as_metrics, seen=seen)
                except PostcallError as error:
                    result.refused.append((number, error.message))
                else:
                    work = take_call(account_pk, call, now=clock(), replace=False, priority=PRIORITY_BACKGROUND)
                    under_way.append((number, record.submit(work)))
            if len(under_way) >= _UNDER_WAY:
                settle()
                on_progress(done)
    while under_way:
        settle()
    on_progress(done)
    return result
