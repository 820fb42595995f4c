"""A server started as a reader would start it, for the examples of one page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

BIN = Path(sys.executable).parent
ADDRESS = "http://127.0.0.1:8000"
"""Where the examples say that the server is."""
_PATIENCE_S = 30.0


@dataclass
class Reader:
    """Somebody who tries a page's examples in order, in one folder and one shell."""

    folder: Path
    address: str
    printed: str = ""
    """What the last block of shell commands printed."""
    names: dict[str, Any] = field(default_factory=dict)
    """What the page's Python blocks have defined."""

    def run_shell(self, commands: str) -> None:
        """Run a block; variables that it sets are there for the next."""
        script = (
            f"set -a; [ -f .reader-env ] && . ./.reader-env; set -euo pipefail\n{self.translate(commands)}\n"
            "set +e; export -p | grep -v -e ' PWD' -e ' OLDPWD' -e ' SHLVL' > .reader-env"
        )
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=_environ(), capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise AssertionError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        self.printed = done.stdout
        self.wait_for_answers()

    def run_python(self, code: str) -> None:
        """Run a block in the page's own namespace, on a thread: a browser test before may have left a running loop."""
        block = compile(self.translate(code), "<example>", "exec")
        with ThreadPoolExecutor(1) as thread:
            thread.submit(exec, block, self.names).result()

    def last_reply(self) -> Any:
        """The JSON that was printed last: all of it, or the last of several replies."""
        try:
            return json.loads(self.printed)
        except ValueError:
            pass
        decoder, last, at = json.JSONDecoder(), None, 0
        text = self.printed.strip()
        while at < len(text):
            last, end = decoder.raw_decode(text, at)
            at = end + len(text[end:]) - len(text[end:].lstrip())
        return last

    def translate(self, text: str) -> str:
        """The block with this server's address in the place of the examples'."""
        return text.replace(ADDRESS, self.address)

    def wait_for_answers(self) -> None:
        """Readers are slower than the worker; wait until no call is waiting for it."""
        key = (self.folder / ".postcall" / "api-key").read_text().strip()
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            reply = httpx.get(self.address + "/postcall/v1/calls?limit=500", headers={"x-api-key": key}, timeout=30)
            states = [
                httpx.get(f"{self.address}/postcall/v1/calls/{call['id']}", headers={"x-api-key": key}, timeout=30)
                for call in reply.json()["calls"]
            ]
            if not {one.json()["extraction_state"]["state"] for one in states} & {"queued", "running", "retrying"}:
                return
            time.sleep(0.05)
        raise AssertionError("the worker did not answer")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A reader in a fresh folder, with a server that has a fresh data folder."""
    with serving(tmp_path) as address:
        yield Reader(tmp_path, address)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """`postcall serve` on a free port until the block ends."""
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [str(BIN / "postcall"), "serve", "--port", "0"], cwd=folder, env=_environ(), stdout=log, stderr=log
        )
        try:
            yield _address(folder, server)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _address(folder: Path, server: subprocess.Popen[bytes]) -> str:
    told = folder / ".postcall" / "server"
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and server.poll() is None:
        if told.exists() and (address := told.read_text().strip()):
            try:
                httpx.get(address + "/postcall/v1/openapi.json", timeout=30)
                return address
            except httpx.TransportError:
                pass
        time.sleep(0.05)
    raise AssertionError((folder / "server.log").read_text())


def _environ() -> dict[str, str]:
    """The reader's: `postcall` on the path, no settings, and tables as wide as in the pages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTCALL_")}
    return {**kept, "PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
