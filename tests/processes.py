"""postcall as its users start it: processes of their own."""

from __future__ import annotations

import atexit
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_START_S = 60.0
_HERE = Path(__file__).parent


def environment(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with no setting of postcall's but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTCALL_")}
    return {**kept, "POSTCALL_DATA": str(data), "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **(more or {})}


@cache
def warm_postcall() -> tuple[str, ...]:
    """How `postcall` begins at once: by a process of this one that has imported it, and forks."""
    folder = tempfile.mkdtemp(prefix="postcall-warm-")
    address = f"{folder}/socket"
    process = subprocess.Popen(
        [sys.executable, "-P", str(_HERE / "warm_process.py"), address],
        env=environment(Path(folder)),
        cwd="/",
        stdin=subprocess.PIPE,  # which it reads, and so ends when this process does
        stdout=subprocess.PIPE,
    )
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(process.wait)
    atexit.register(process.kill)  # first of the three: what was registered last is called first
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return sys.executable, "-I", "-S", str(_HERE / "warm_start.py"), address


def run_cli(
    data: Path, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a process of its own that need not import postcall anew."""
    return subprocess.run(
        [*warm_postcall(), *arguments],
        env=environment(data, env),
        cwd=cwd or data.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


@dataclass
class Running:
    """A command that goes on until it is ended."""

    process: subprocess.Popen[str]
    data: Path
    log: Path
    """What it has written to stderr."""
    lines: list[str] = field(default_factory=list)
    """What it has printed, as far as it was read."""

    @property
    def address(self) -> str:
        """Where the server said that it listens."""
        return next(found[0] for line in self.lines if (found := _ADDRESS.search(line)))

    @property
    def key(self) -> str:
        """The API key that is kept in the data folder."""
        return (self.data / "api-key").read_text().strip()

    def client(self) -> httpx.Client:
        """A client that carries the key and speaks relative to /postcall/v1."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.address + "/postcall/v1", headers=headers, timeout=30, verify=False)

    def peak_memory(self) -> int:
        """The most bytes that the process has held so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()
        self._close()

    def end(self) -> int:
        """Ask it to end, as Ctrl-C does; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=20)
        finally:
            if self.process.poll() is None:
                self.kill()
            self._close()

    def read_until(self, wanted: str, *, patience_s: float = _START_S) -> None:
        """Read its output up to a line that holds `wanted`."""
        assert self.process.stdout is not None
        impatient = threading.Timer(patience_s, self.process.kill)
        impatient.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line.rstrip("\n"))
                if wanted in line:
                    return
        finally:
            impatient.cancel()
        raise AssertionError(f"it never said {wanted!r}: {self.lines} {self.log.read_text()[-2000:]}")

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


def start(
    data: Path, *arguments: str, env: Mapping[str, str] | None = None, until: str | None = None, warm: bool = False
) -> Running:
    """Start a command, and wait until it has printed `until`. A `warm` one is begun as `run_cli` does; its process id
    is not the command's own.
    """
    log = data.parent / f"{arguments[0]}.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [*(warm_postcall() if warm else (sys.executable, "-m", "postcall")), *arguments],
            env=environment(data, env),
            cwd=data.parent,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            bufsize=1,
        )
    running = Running(process, data, log)
    if until is not None:
        try:
            running.read_until(until)
        except BaseException:
            running.kill()
            raise
    return running


def quiet_port() -> int:
    """A free port below those that outgoing connections take: a client that knocks while no server is there can
    otherwise be given the server's own port, and so keep it from coming back.
    """
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def start_server(
    data: Path, *arguments: str, port: int = 0, env: Mapping[str, str] | None = None, warm: bool = False
) -> Running:
    """`postcall serve`, on any free port unless one is named; returns once it answers."""
    running = start(data, *(arguments or ("serve",)), "--port", f"{port}", env=env, until="Analyser", warm=warm)
    end = time.monotonic() + _START_S
    while True:
        try:
            httpx.get(running.address + "/postcall/v1/calls", timeout=10, verify=False)
        except httpx.TransportError:
            if running.process.poll() is not None or time.monotonic() > end:
                running.kill()
                raise
            time.sleep(0.02)
        else:
            return running


@contextmanager
def serving(data: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server that ends with the block."""
    running = start_server(data, *arguments, env=env, warm=True)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end()
