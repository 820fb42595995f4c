"""The job that makes an export which somebody asked for over the interface or on a page."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import Connection

from postcall.errors import ExportStopped, PostcallError
from postcall.exporting.in_record import RecordShelf
from postcall.exporting.making import make_export
from postcall.exporting.work import ExportHalted, PartSize, Work
from postcall.jobs.worker import Store
from postcall.storage.database import Record
from postcall.storage.exports import EXPORT, fail_export, finish_export, take_up_export
from postcall.storage.jobs import Job

PART = PartSize(calls=10_000, bytes=16 * 1024 * 1024)
"""Each is a row or a few of the record, and is downloaded as one file."""


class MakeExport:
    """Makes one export at a time; the work goes on in a thread, so that the worker's other jobs do."""

    kind = EXPORT
    limit = 1

    def __init__(
        self, record: Record, *, keep: timedelta, clock: Callable[[], datetime], size: PartSize = PART
    ) -> None:
        """`keep`: how long the files stay after it is finished."""
        self._record, self._keep, self._clock, self._size = record, keep, clock, size

    async def run(self, job: Job) -> Store:
        stopping = threading.Event()
        try:
            return await asyncio.to_thread(self._make, str(job.payload["export"]), stopping)
        except asyncio.CancelledError:  # the thread ends within a few hundred calls; the next worker goes on from there
            stopping.set()
            raise

    def _make(self, export_id: str, stopping: threading.Event) -> Store:
        try:
            taken_up = self._record.write(lambda c: take_up_export(c, export_id, now=self._clock()))
            with tempfile.TemporaryDirectory(prefix="postcall-export-") as name:
                shelf = RecordShelf(self._record, taken_up, Path(name), clock=self._clock)
                work = Work(
                    record=self._record,
                    account_pk=taken_up.account_pk,
                    id=export_id,
                    wanted=taken_up.wanted,
                    earlier=shelf.earlier(),
                    shelf=shelf,
                    folder=Path(name),
                    size=self._size,
                    clock=self._clock,
                    goes_on=lambda: not stopping.is_set(),
                )
                manifest = make_export(work, shelf.progress)
        except (ExportStopped, ExportHalted):  # cancelled, deleted, or this worker ends: there is nothing to store
            return _nothing
        now, last = self._clock(), shelf.step + 1
        return lambda c: finish_export(c, taken_up, manifest, step=last, now=now, keep=self._keep)

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        now = self._clock()
        return lambda c: fail_export(c, str(job.payload["export"]), failure.message, now=now)


def _nothing(connection: Connection) -> None:
    """What is left to store of an export that nobody wants any more."""
