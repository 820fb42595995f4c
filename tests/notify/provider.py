"""A provider of text messages on 127.0.0.1 that takes, refuses, stalls or hangs up as a test says."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

HANG_UP = 0
"""In place of a status: it has read the request and says nothing."""


@dataclass
class Asked:
    """A request as it came."""

    path: str
    login: tuple[str, str]
    form: dict[str, str]


@dataclass
class Provider:
    """What it was asked, and what it answers."""

    url: str = ""
    status: int = 201
    body: dict[str, Any] = field(default_factory=lambda: {"sid": "SM1", "status": "queued"})
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    pause: threading.Event | None = None
    """Where it is there, an answer waits for it."""


@contextmanager
def provider(status: int = 201, body: dict[str, Any] | None = None, **headers: str) -> Iterator[Provider]:
    """A provider for one test."""
    made = Provider(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})
    if body is not None:
        made.body = body

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"])).decode()
            user, _, token = base64.b64decode(self.headers["authorization"].split()[1]).decode().partition(":")
            made.asked.append(Asked(self.path, (user, token), dict(parse_qsl(content))))
            if made.pause is not None:
                made.pause.wait(30)
            if made.status == HANG_UP:
                self.close_connection = True
                return
            answer = json.dumps(made.body).encode()
            self.send_response(made.status)
            for name, value in {**made.headers, "content-length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Nothing: the test looks at what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            if made.pause is not None:
                made.pause.set()
            server.shutdown()
            thread.join(5)
