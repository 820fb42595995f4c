"""The first process of a project: it keeps the one that imports the project and forks its workers.

Started by the parent with a socket and a clean environment. It runs nothing of the project's itself, so that it can
end an import that hangs and try again without that module, and so that nothing is left when the parent is gone.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from postcall.runtime.functions import system
from postcall.runtime.functions.booting import Began, Ended, Imported, Teller, decode_progress
from postcall.runtime.functions.frames import FrameReader, framed, read_frame
from postcall.runtime.functions.nursery import Nursery
from postcall.runtime.protocol import Blocked, Boot, Booted, BrokenModule, decode_to_process, encode

_PATIENCE = 3
"""How many times a module's time may pass where no module is to blame, as on a machine that hardly moves."""

_HANG_UP_S = 0.5
"""How long a process takes to end after its last descriptor is closed, at the most."""


class ParentGone(Exception):
    """Nobody needs this project any more."""


class CannotImport(Exception):
    """The importing process ended where no module is to blame."""


class Keeper:
    """Looks after one project's processes until the parent, or the process that forks the workers, is gone."""

    def __init__(self, control: socket.socket, boot: Boot) -> None:
        self._control = control
        self._boot = boot
        self._blocked = dict(boot.blocked)
        """Why a module is not imported, by its name."""

    def run(self) -> None:
        """Until the end; then no child is left."""
        try:
            zygote, booted = self._boot_up()
            self._control.sendall(framed(encode(booted)))
            self._wait_for_end(zygote)
        except ParentGone:
            pass
        finally:
            system.end_children(set())

    def _boot_up(self) -> tuple[int, Booted]:
        """Import until it works: each time without the module that made it fail the time before."""
        while True:
            pid, pipe = self._fork()
            try:
                broken = self._watch(pid, pipe)
            finally:
                os.close(pipe)
            if broken is not None:
                return pid, Booted(broken)
            system.end_children({pid})

    def _fork(self) -> tuple[int, int]:
        reading, writing = os.pipe()
        keeper = os.getpid()
        pid = os.fork()
        if pid:
            os.close(writing)
            return pid, reading
        try:
            os.close(reading)
            os.setsid()
            system.end_with_parent(keeper)
            Nursery(self._control, self._boot).run(Teller(writing), blocked=self._blocked)
        finally:
            os._exit(1)

    def _watch(self, pid: int, pipe: int) -> tuple[BrokenModule, ...] | None:
        """What is broken, once all is imported; None where one more module is blocked and the rest is to be tried."""
        reader, running, overdue = FrameReader(), list[str](), 0
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        poll.register(self._control, 0)
        while True:
            ready = dict(poll.poll(self._boot.limits.import_s * 1000))
            if self._control.fileno() in ready:
                raise ParentGone
            if not ready:
                overdue += 1
                if running:
                    self._block(running[-1], f"takes longer than {self._boot.limits.import_s:g} s to import")
                    return None
                if overdue == _PATIENCE:
                    raise CannotImport("importing does not come to an end")
                continue
            data = os.read(pipe, 65536)
            if not data:
                if running:
                    self._block(running[-1], f"ends its process when it is imported: {_how(pid)}")
                    return None
                raise CannotImport(f"the process that imports the project ended: {_how(pid)}")
            for content in reader.feed(data):
                match decode_progress(content):
                    case Began(module):
                        running.append(module)
                    case Ended(module, threads=True):
                        self._block(module, "leaves a thread running when it is imported; begin it in a function")
                        return None
                    case Ended(module):
                        running.remove(module)
                    case Imported(broken):
                        return broken

    def _block(self, module: str, why: str) -> None:
        """Do without it."""
        self._blocked[module] = why
        self._control.sendall(framed(encode(Blocked(module, why))))

    def _wait_for_end(self, zygote: int) -> None:
        """Until the zygote or the parent is gone; the children of either come here, and end."""
        poll = select.poll()
        poll.register(self._control, 0)
        ended = os.pidfd_open(zygote) if hasattr(os, "pidfd_open") else None
        if ended is not None:
            poll.register(ended, select.POLLIN)
        while not poll.poll(None if ended is not None else 1000):
            if os.waitpid(zygote, os.WNOHANG)[0]:
                return


def _how(pid: int) -> str:
    """How a process ended that has hung up; one that goes on has closed what is not its own, and is ended."""
    until = time.monotonic() + _HANG_UP_S
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return system.ending(os.waitstatus_to_exitcode(status))
        time.sleep(0.001)
    return "it closed descriptors that are not its own"


def main(arguments: list[str]) -> None:
    """`python -m postcall.runtime.functions.zygote DESCRIPTOR`: the folder it is started in is its own, and goes."""
    folder = Path.cwd()
    control = socket.socket(fileno=int(arguments[0]))
    control.set_inheritable(False)
    try:
        content = read_frame(control)
        boot = decode_to_process(content) if content is not None else None
        if isinstance(boot, Boot):
            system.adopt_orphans()
            gc.freeze()
            Keeper(control, boot).run()
    finally:
        with suppress(OSError):
            os.chdir("/")
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
