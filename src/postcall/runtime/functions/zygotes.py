"""The parent's side of a project's processes: starting them, and telling them to fork and to end workers."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping
from typing import Protocol

import msgspec

from postcall.runtime.functions import control
from postcall.runtime.functions.control import Order, Record, RecordReader
from postcall.runtime.functions.frames import BadFrame, FrameReader, framed
from postcall.runtime.functions.output import Output
from postcall.runtime.protocol import Blocked, Boot, Booted, BrokenModule, decode_from_process, encode

log = logging.getLogger(__name__)

_KEPT_ENVIRONMENT = (
    "PATH",
    "PYTHONPATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)
"""All that functions get to see of this process's environment; no key and no address of a database is among them."""
_END_S = 5.0
"""How long a zygote may take to end its workers and itself."""
_FULL_S = 0.002
"""After which it is tried again to tell it something when it has not read what it was told before."""


class CannotStart(Exception):
    """A project's processes could not be started; the message says why."""

    def __init__(self, why: str, *, blocked: Mapping[str, str] | None = None) -> None:
        super().__init__(why)
        self.blocked = blocked or {}
        """The modules that took their part of the time, with what is wrong with each."""


class NoProcess(CannotStart):
    """There was no process to be had: nothing is known of the project by that."""


class Hearer(Protocol):
    """Who hears of one worker."""

    def started(self) -> None:
        """It was forked."""

    def ended(self, code: int | None) -> None:
        """It is gone, with this exit code (a signal as a negative number) where that is known."""

    def not_started(self, error: int) -> None:
        """There was no process to be had."""


class Zygote:
    """The processes of one version of a project, as long as they live. `start` makes one."""

    def __init__(
        self, name: str, process: subprocess.Popen[bytes], connection: socket.socket, output: Output, folder: str
    ) -> None:
        self._name = name
        self._process = process
        self._control = connection
        self._output = output
        self._folder = folder
        self._hearers: dict[int, Hearer] = {}
        self._untold: deque[tuple[Record, tuple[int, ...]]] = deque()
        self._numbers = 0
        self._reader: asyncio.Task[None] | None = None
        self.broken: dict[str, BrokenModule] = {}
        """By module."""
        self.blocked: dict[str, str] = {}
        """What is wrong with the modules that were left out."""
        self.alive = True

    @classmethod
    async def start(cls, boot: Boot, *, environ: Mapping[str, str], boot_s: float) -> Zygote:
        """Start the processes and wait until all is imported. Raises CannotStart."""
        try:
            zygote = await cls._spawn(boot.project.project_id, environ)
        except OSError as error:
            raise NoProcess(str(error)) from error
        zygote.blocked.update(boot.blocked)
        try:
            async with asyncio.timeout(boot_s):
                zygote.broken = {found.module: found for found in await zygote._boot(boot)}
        except (TimeoutError, OSError, BadFrame, msgspec.MsgspecError) as error:
            why = f"importing took longer than {boot_s:g} s" if isinstance(error, TimeoutError) else str(error)
            said = zygote._said()
            await zygote.close()
            raise CannotStart("; ".join([why, *said[-3:]]), blocked=zygote.blocked) from error
        except BaseException:
            await zygote.close()
            raise
        zygote._reader = asyncio.create_task(zygote._listen())
        return zygote

    @classmethod
    async def _spawn(cls, name: str, environ: Mapping[str, str]) -> Zygote:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        output = Output()
        folder = tempfile.mkdtemp(prefix="postcall-functions-")
        try:
            with theirs:
                process = await _started_process(theirs.fileno(), output.fd, folder, environ)
        except BaseException:
            ours.close()
            output.close()
            os.rmdir(folder)  # noqa: PTH106 - a name, not a Path
            raise
        return cls(name, process, ours, output, folder)

    def fork(self, hearer: Hearer, descriptors: tuple[int, ...]) -> int:
        """Ask for a worker, which gets copies of the descriptors; returns its number."""
        self._numbers += 1
        self._hearers[self._numbers] = hearer
        self._tell(Record(Order.FORK, self._numbers), descriptors)
        return self._numbers

    def trace(self, number: int) -> None:
        """Let a worker write where it stands into its output."""
        self._tell(Record(Order.TRACE, number))

    def kill(self, number: int) -> None:
        """End a worker; one that has ended already is no matter."""
        if number in self._hearers:
            self._tell(Record(Order.KILL, number))

    def destroy(self) -> None:
        """End everything at once, where it does not do as it is told."""
        if self.alive:
            log.error("the processes of %s do not answer; they are ended", self._name)
            self._process.kill()

    async def close(self) -> None:
        """End everything, and wait until it has ended."""
        if self._reader is None:
            self._end()
        elif self.alive:
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            await asyncio.to_thread(self._process.wait, _END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        # Gone already, unless the process that it belongs to was killed.
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        if self._reader is not None:
            await self._reader

    async def _boot(self, boot: Boot) -> tuple[BrokenModule, ...]:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._control, framed(encode(boot)))
        frames = FrameReader()
        while data := await loop.sock_recv(self._control, 1 << 16):
            for content in frames.feed(data):
                match decode_from_process(content):
                    case Blocked(module, why):
                        self.blocked[module] = why
                    case Booted(broken):
                        self._say()
                        return broken
        raise ConnectionError("they ended while the project was imported")

    async def _listen(self) -> None:
        loop, records = asyncio.get_running_loop(), RecordReader()
        try:
            while data := await loop.sock_recv(self._control, 4096):
                for record in records.feed(data):
                    self._hear(record)
        except (OSError, ValueError) as error:
            log.warning("the processes of %s: %s", self._name, error)
        finally:
            self._end()

    def _hear(self, record: Record) -> None:
        hearer = self._hearers.get(record.worker)
        if hearer is None:
            return
        if record.order is Order.STARTED:
            hearer.started()
            return
        del self._hearers[record.worker]
        if record.order is Order.NOT_STARTED:
            hearer.not_started(record.value)
        else:
            hearer.ended(record.value)

    def _end(self) -> None:
        self.alive = False
        self._control.close()
        self._say()
        self._output.close()
        hearers, self._hearers = list(self._hearers.values()), {}
        for hearer in hearers:
            hearer.ended(None)

    def _tell(self, record: Record, descriptors: tuple[int, ...] = ()) -> None:
        if self._untold or not self._sent(record, descriptors):
            # The caller closes its own; these wait.
            self._untold.append((record, tuple(os.dup(descriptor) for descriptor in descriptors)))
            if len(self._untold) == 1:
                asyncio.get_running_loop().call_later(_FULL_S, self._tell_again)

    def _tell_again(self) -> None:
        while self._untold and self._sent(*self._untold[0]):
            for descriptor in self._untold.popleft()[1]:
                os.close(descriptor)
        if self._untold:
            asyncio.get_running_loop().call_later(_FULL_S, self._tell_again)

    def _sent(self, record: Record, descriptors: tuple[int, ...]) -> bool:
        """Whether nothing is left to send; False where it has more to read than it may have."""
        if not self.alive:
            return True
        try:
            control.send(self._control, record, descriptors)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ETOOMANYREFS):
                return False
            log.warning("the processes of %s cannot be told anything: %s", self._name, error)
            self.destroy()
        return True

    def _said(self) -> tuple[str, ...]:
        return self._output.take()

    def _say(self) -> None:
        for line in self._said():
            log.info("%s: %s", self._name, line)


async def _started_process(
    connection: int, output: int, folder: str, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Also when it is cancelled it uses the descriptors no longer once it returns, and leaves no process."""
    starting = asyncio.create_task(asyncio.to_thread(_start_process, connection, output, folder, environ))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting})
        if starting.exception() is None:
            starting.result().kill()
            await asyncio.to_thread(starting.result().wait)
        raise


def _start_process(connection: int, output: int, folder: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", "postcall.runtime.functions.zygote", str(connection)],
        pass_fds=(connection,),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=folder,
        env={
            **{name: environ[name] for name in _KEPT_ENVIRONMENT if name in environ},
            # Each thread would otherwise reserve 64 MiB of address space for its memory.
            "MALLOC_ARENA_MAX": "2",
            "PYTHONUNBUFFERED": "1",
        },
        start_new_session=True,
    )
