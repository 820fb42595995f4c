"""The process that has imported a project: it forks a worker for each function that runs, and reaps it."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from postcall.runtime.conv.modules import star_names, supplied_modules
from postcall.runtime.functions import control, system
from postcall.runtime.functions.booting import Teller
from postcall.runtime.functions.control import DESCRIPTORS, Order, Record, RecordReader
from postcall.runtime.functions.landlock import confine_files
from postcall.runtime.functions.loader import install
from postcall.runtime.functions.worker import run_worker
from postcall.runtime.protocol import Boot

_SWEEP_MS = 20
"""Looking for strays takes milliseconds, which who waits for a worker should not wait for."""
_SWEEP_S = 0.5


class ParentGone(Exception):
    """The other end of the control socket is closed."""


class Nursery:
    """One thread and no lock: what is forked from it is whole."""

    def __init__(self, connection: socket.socket, boot: Boot) -> None:
        self._control = connection
        self._boot = boot
        self._workers: dict[int, int] = {}
        """Their process ids by their numbers, until they are reaped."""
        self._records = RecordReader()
        self._descriptors: list[int] = []
        self._sweep_from: float | None = None
        """When what ended workers have left behind is ended at the latest."""

    def run(self, teller: Teller, *, blocked: Mapping[str, str]) -> None:
        """Import the project, tell how that went, and serve until the parent is gone."""
        system.adopt_orphans()
        system.confine(self._boot.limits)
        os.environ["TMPDIR"] = str(Path.cwd())
        confine_files(Path.cwd(), *map(Path, self._boot.limits.folders))
        finder = install(self._boot.sources, supplied_modules(), star_names, blocked=blocked, watcher=teller)
        teller.imported(finder.import_all())
        finder.forget_watcher()
        system.end_children(set())
        # What is here now is shared with the workers; the collector would copy it page by page to look at it.
        gc.collect()
        gc.freeze()
        try:
            self._serve()
        except (ParentGone, BrokenPipeError, ConnectionResetError):
            pass
        finally:
            system.end_children(set(self._workers.values()))

    def _serve(self) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        self._wake = (reading, writing)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        while True:
            ready = dict(poll.poll(_SWEEP_MS if self._sweep_from is not None else None))
            if self._control.fileno() in ready:
                self._take_orders()
            if reading in ready:
                os.read(reading, 4096)
                self._reap()
            if self._sweep_from is not None and (not ready or time.monotonic() > self._sweep_from):
                self._sweep_from = None
                system.kill_strays(set(self._workers.values()))

    def _take_orders(self) -> None:
        data, descriptors, _flags, _address = socket.recv_fds(self._control, 4096, 4 * DESCRIPTORS)
        self._descriptors += descriptors
        if not data:
            raise ParentGone
        for record in self._records.feed(data):
            match record.order:
                case Order.FORK:
                    self._fork(record.worker)
                case Order.TRACE if record.worker in self._workers:
                    os.kill(self._workers[record.worker], signal.SIGUSR1)
                case Order.KILL if record.worker in self._workers:
                    system.kill(self._workers[record.worker])
                case _:
                    pass  # about a worker that has ended meanwhile

    def _fork(self, number: int) -> None:
        given, self._descriptors = self._descriptors[:DESCRIPTORS], self._descriptors[DESCRIPTORS:]
        sys.stdout.flush()
        sys.stderr.flush()
        me = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._say(Record(Order.NOT_STARTED, number, error.errno or 0))
            pid = -1
        if pid == 0:
            try:
                self._become_worker(given, me)
            finally:
                os._exit(1)
        for descriptor in given:
            os.close(descriptor)
        if pid > 0:
            self._workers[number] = pid
            self._say(Record(Order.STARTED, number, pid))

    def _become_worker(self, given: list[int], parent: int) -> None:
        signal.set_wakeup_fd(-1)
        for descriptor in (*self._wake, *self._descriptors):
            os.close(descriptor)
        self._control.close()
        connection, output, journal = given
        run_worker(self._boot, connection, output, journal, parent=parent)

    def _reap(self) -> None:
        ended = False
        while (found := system.reap()) is not None:
            pid, code = found
            number = next((number for number, known in self._workers.items() if known == pid), None)
            if number is not None:
                del self._workers[number]
                self._say(Record(Order.ENDED, number, code))
            ended = True
        if ended and self._sweep_from is None:
            self._sweep_from = time.monotonic() + _SWEEP_S

    def _say(self, record: Record) -> None:
        control.send(self._control, record)


def _nothing(_signal: int, _frame: object) -> None:
    """Only so that the signal wakes the poll."""
