"""A process that has imported postcall and forks for each command that `warm_start.py` hands it.

Importing takes a command over a second, what most tests ask of it a twentieth of that. Each command is still a process
with an environment, a folder, arguments, streams, signals and an exit code of its own.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import selectors
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

_MODULES = (
    "postcall.app",
    "postcall.working",
    "postcall.serving",
    "postcall.extraction.learning.fitting",
    "postcall.reporting.opening",
    "sklearn.linear_model",
    "openai",
    "alembic.command",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.lifespan.on",
)
"""What commands import where they need it."""


@dataclass
class Asked:
    """Whoever waits for a command."""

    by: socket.socket
    process: int
    ended: int
    """Can be read once the process has ended."""


@dataclass
class Order:
    """A command to run."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[int] = field(default_factory=list)


def take_orders(listener: socket.socket, parent: int) -> Order:
    """Fork for each order; returns in the forked process only. Ends with `parent`, whose end of a pipe this reads."""
    with selectors.DefaultSelector() as looking:
        looking.register(listener, selectors.EVENT_READ)
        looking.register(parent, selectors.EVENT_READ)
        while True:
            for key, _ in looking.select():
                if key.fileobj == parent:
                    os._exit(0)
                if key.fileobj is listener:
                    order = _begin(listener, looking)
                    if order is not None:
                        return order
                elif isinstance(key.data, Asked) and key.fd == key.data.ended:
                    _tell_end(key.data, looking)
                elif isinstance(key.data, Asked):
                    _pass_signal(key.data, looking)


def _begin(listener: socket.socket, looking: selectors.BaseSelector) -> Order | None:
    by, _ = listener.accept()
    length, streams, _, _ = socket.recv_fds(by, 8, 3)
    with by.makefile("rb") as sent:
        order = Order(**json.loads(sent.read(int(length))), streams=streams)
    process = os.fork()
    if process == 0:
        by.close()
        return order
    for stream in streams:
        os.close(stream)
    asked = Asked(by, process, os.pidfd_open(process))
    looking.register(asked.ended, selectors.EVENT_READ, asked)
    looking.register(by, selectors.EVENT_READ, asked)
    return None


def _tell_end(asked: Asked, looking: selectors.BaseSelector) -> None:
    _, status = os.waitpid(asked.process, 0)
    looking.unregister(asked.ended)
    os.close(asked.ended)
    if asked.by.fileno() != -1:
        looking.unregister(asked.by)
        with suppress(OSError):  # nobody waits any more
            asked.by.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        asked.by.close()


def _pass_signal(asked: Asked, looking: selectors.BaseSelector) -> None:
    """Pass on what whoever waits was sent; where they were killed, so is the command."""
    if asked.by.fileno() == -1:
        return  # it has just ended
    try:
        sent = asked.by.recv(1)
    except OSError:
        sent = b""
    signal.pidfd_send_signal(asked.ended, sent[0] if sent else signal.SIGKILL)
    if not sent:
        looking.unregister(asked.by)
        asked.by.close()


def become(order: Order) -> None:
    """Take on everything that a process of its own would have had from the beginning."""
    for number, stream in enumerate(order.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv[:] = ["postcall", *order.arguments]
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(os.fdopen(0, "rb"), encoding="utf-8")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _writer(1, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _writer(2, "backslashreplace")  # type: ignore[misc]


def _writer(number: int, errors: str) -> Any:
    at_once = number == 2 or bool(os.environ.get("PYTHONUNBUFFERED"))
    raw: Any = os.fdopen(number, "wb", buffering=0 if at_once else -1)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=at_once, line_buffering=raw.isatty())


def _wait_for_orders(address: str) -> Order:
    from postcall.cli import make_app

    make_app()
    for module in _MODULES:
        import_module(module)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        os.write(1, b"ready\n")
        return take_orders(listener, 0)


def run() -> int:
    """Run the command as `python -m postcall` does; its exit code. What it raises ends the process as it does there."""
    from postcall.cli import main

    try:
        main()
    except SystemExit as ending:
        if isinstance(ending.code, str):
            sys.stderr.write(ending.code + "\n")
            return 1
        return int(ending.code or 0)
    return 0


if __name__ == "__main__":
    become(_wait_for_orders(sys.argv[1]))
    code = run()
    # All that an interpreter does at its end but to take its modules apart, one by one.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)
