"""A receiver of webhooks on 127.0.0.1 that takes, refuses, stalls, babbles or hangs up as a test says."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

HANG = "hang"
CLOSE = "close"
ENDLESS = "endless"
DRIP = "drip"


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Says:
    """An answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"


Behaviour: TypeAlias = "Callable[[int, Got], int | str | Says]"
"""What to do with a request, which is the n-th (from 0): a status, an answer, or one of the words above."""


@dataclass
class Receiver:
    """What it was given, in the order in which it came."""

    behave: Behaviour
    port: int = 0
    got: list[Got] = field(default_factory=list)
    answered: list[tuple[Got, int | str]] = field(default_factory=list)
    """What it took note of, with the status or the word for what it did."""
    ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _server: socketserver.ThreadingTCPServer | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hook"

    def wait_for(self, count: int, *, seconds: float = 10.0) -> list[Got]:
        """The requests, once there are so many."""
        until = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < until:
            time.sleep(0.005)
        assert len(self.got) >= count, f"{len(self.got)} of {count} requests came"
        return list(self.got)

    def start(self) -> None:
        """Listen; again on the same port after `stop`."""
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with receiver.quietly():
                    while receiver.serve(self):
                        pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """A sender that goes away is no fault of the test's."""
        try:
            yield
        except (OSError, ValueError):
            return

    def serve(self, handler: socketserver.StreamRequestHandler) -> bool:
        """One request; whether another may follow on the connection."""
        first = handler.rfile.readline().decode().split()
        if len(first) < 2:
            return False
        headers = {}
        while (line := handler.rfile.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        body = handler.rfile.read(length)
        if not line or len(body) < length:  # the sender was killed in the middle: this is no request
            return False
        got = Got(first[1], headers, body, time.monotonic())
        with self.lock:
            number = len(self.got)
            self.got.append(got)
        does = self.behave(number, got)
        with self.lock:
            self.answered.append((got, does.status if isinstance(does, Says) else does))
        return self._answer(handler, does)

    def _answer(self, handler: socketserver.StreamRequestHandler, does: int | str | Says) -> bool:
        if does == CLOSE:
            return False
        if does == HANG:
            self.ending.wait(30)
            return False
        if does == DRIP:
            for char in "HTTP/1.1 200 OK\r\n" + "x-more: y\r\n" * 100:
                handler.wfile.write(char.encode())
                if self.ending.wait(0.05):
                    return False
        if does == ENDLESS:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not self.ending.is_set():
                handler.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        says = does if isinstance(does, Says) else Says(does if isinstance(does, int) else 500)
        lines = [f"HTTP/1.1 {says.status} Said", f"Content-Length: {len(says.body)}"]
        lines += [f"{name}: {value}" for name, value in says.headers.items()]
        handler.wfile.write("\r\n".join([*lines, "", ""]).encode() + says.body)
        return True


@contextmanager
def receiver(behave: Behaviour | int | str | Says = 200) -> Iterator[Receiver]:
    """A receiver for one test, which always does the same unless it is told otherwise."""
    always = behave
    made = Receiver(always if callable(always) else lambda _number, _got: always)
    made.start()
    try:
        yield made
    finally:
        made.ending.set()
        made.stop()


def closed_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
