"""A server started as a reader would start it, for the examples of one page."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import ROOT, miss
from tests.processes import warm_postcall

from postcall.testing import ScriptedModel, load_script

BIN = Path(sys.executable).parent
ADDRESS = "http://127.0.0.1:8000"
"""Where the examples say that the server is."""
_PATIENCE_S = 60.0
_SETTING = re.compile(r"(POSTCALL_[A-Z_]+)=(\S+)")


@dataclass
class Reader:
    """Somebody who tries a page's examples in order, in one folder and one shell."""

    folder: Path
    address: str = ""
    printed: str = ""
    """What the last block that printed something printed."""
    names: dict[str, Any] = field(default_factory=dict)
    """What the page's Python blocks have defined."""
    running: ExitStack = field(default_factory=ExitStack)
    """The server, and the model that it asks."""

    def serve(self, settings: Mapping[str, str] | None = None) -> None:
        """Start a server with these settings over the reader's folder, in the place of the one that runs."""
        self.running.close()
        self.address = self.running.enter_context(serving(self.folder, settings or {}))

    def serve_with_model(self, commands: str, script: str) -> None:
        """Start what a block of commands starts: the scripted model with its file, and a server with its settings."""
        assert script in commands
        self.running.close()
        with ExitStack() as opened:
            model = opened.enter_context(ScriptedModel())
            load_script(self.folder / script)(model)
            settings = dict(_SETTING.findall(commands)) | {"POSTCALL_LLM_BASE_URL": model.url}
            self.address = opened.enter_context(serving(self.folder, settings))
            self.running = opened.pop_all()

    def run_shell(self, commands: str) -> None:
        """Run a block; variables that it sets are there for the next."""
        script = (
            f"set -a; [ -f .reader-env ] && . ./.reader-env; set -euo pipefail\n{self.translate(commands)}\n"
            "set +e; export -p | grep -v -e ' PWD' -e ' OLDPWD' -e ' SHLVL' > .reader-env"
        )
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=_environ(), capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise AssertionError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        self.printed = done.stdout
        self.wait_for_answers()

    def run_python(self, code: str) -> None:
        """Run a block in the page's own namespace, on a thread: a browser test before may have left a running loop."""
        block = compile(self.translate(code), "<example>", "exec")
        with ThreadPoolExecutor(1) as thread, redirect_stdout(io.StringIO()) as printed:
            thread.submit(exec, block, self.names).result()
        self.printed = printed.getvalue() or self.printed

    def run_client(self, code: str, which: str) -> None:
        """Run a block of Python in the environment of a vendor's client."""
        python = ROOT / ".venv" / f"sdk-{which}" / "bin" / "python"
        if not python.exists():
            miss(f"`make .venv/sdk-{which}/installed` has not been run")
        done = subprocess.run(
            [python, "-W", "ignore", "-c", self.translate(code)],
            cwd=self.folder,
            env=_environ(),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        self.printed = done.stdout

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
    reader = Reader(tmp_path)
    try:
        reader.serve()
        yield reader
    finally:
        reader.running.close()


@contextmanager
def serving(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """`postcall serve` on a free port until the block ends."""
    (folder / ".postcall" / "server").unlink(missing_ok=True)  # of a server before, perhaps
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*warm_postcall(), "serve", "--port", "0"],
            cwd=folder,
            env={**_environ(), **settings},
            stdout=log,
            stderr=log,
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
    return {**kept, "PATH": f"{_commands()}:{BIN}:{os.environ['PATH']}", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}


@cache
def _commands() -> str:
    """A folder with a `postcall` that begins at once, to stand before the installed one."""
    folder = Path(warm_postcall()[-1]).parent
    command = folder / "postcall"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(warm_postcall())} "$@"\n')
    command.chmod(0o755)
    return str(folder)
