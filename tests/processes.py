"""postcall as its users start it: processes of their own."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_START_S = 60.0


def environment(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with no setting of postcall's but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTCALL_")}
    return {**kept, "POSTCALL_DATA": str(data), "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **(more or {})}


def run_cli(
    data: Path, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "postcall", *arguments],
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


def start(data: Path, *arguments: str, env: Mapping[str, str] | None = None, until: str | None = None) -> Running:
    """Start a command, and wait until it has printed `until`."""
    log = data.parent / f"{arguments[0]}.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "postcall", *arguments],
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


def start_server(data: Path, *arguments: str, port: int = 0, env: Mapping[str, str] | None = None) -> Running:
    """`postcall serve`, on any free port unless one is named; returns once it answers."""
    running = start(data, *(arguments or ("serve",)), "--port", f"{port}", env=env, until="Analyser")
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
    running = start_server(data, *arguments, env=env)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end()
