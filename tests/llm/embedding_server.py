"""An endpoint for vectors on this machine, whose model knows six subjects by their words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from postcall.endpoint_settings import EmbeddingSettings

SUBJECTS = (
    ("doctor", "physician", "clinic", "appointment"),
    ("refund", "money", "paid", "charge"),
    ("pizza", "food", "table", "dinner"),
    ("train", "ticket", "travel", "station"),
    ("password", "login", "account", "locked"),
    ("rain", "weather", "forecast", "sunny"),
)


@dataclass
class EmbeddingServer:
    """What it was asked, and how it is to behave."""

    address: str = ""
    asked: list[list[str]] = field(default_factory=list)
    """The texts of each request."""
    refuses: str = "\0"
    """A request that holds this is answered with 400."""
    fails: bool = False
    """Every request is answered with 503."""
    size: int = len(SUBJECTS)

    def settings(self, model: str = "subjects", **more: Any) -> EmbeddingSettings:
        """To reach it."""
        return EmbeddingSettings(f"{self.address}/v1", model, "a-key-of-tests", **more)

    def reply(self, texts: list[str]) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        self.asked.append(texts)
        if self.fails:
            return 503, {"error": {"message": "out of order"}}
        if any(self.refuses in text for text in texts):
            return 400, {"error": {"message": "the input is not acceptable"}}
        return 200, {
            "data": [{"index": index, "embedding": self._vector(text)} for index, text in enumerate(texts)][::-1]
        }

    def _vector(self, text: str) -> list[float]:
        said = text.lower()
        return [0.01 + sum(said.count(word) for word in subject) for subject in SUBJECTS][: self.size]


@contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    """It listens until the end of the block."""
    made = EmbeddingServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/v1/embeddings"
            assert self.headers["authorization"] == "Bearer a-key-of-tests"
            status, reply = made.reply(body["input"])
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
