"""Bodies that are too large are refused with 413, without being read into memory."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.builders import a_body
from tests.processes import Running, serving

MB = 1 << 20


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all of these."""
    with serving(tmp_path_factory.mktemp("large") / "data", "serve", "--no-worker") as started:
        yield started


def converse(running: Running, path: str, length: str, body: Iterator[bytes]) -> tuple[int, dict[str, object], int]:
    """Send by hand, as far as the server takes it: the status, the reply's JSON and how many bytes were sent."""
    parts = urlsplit(running.address)
    sent = 0
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as wire:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {running.key}\r\n{length}\r\n\r\n"
        wire.sendall(head.encode())
        try:
            for piece in body:
                wire.sendall(piece)
                sent += len(piece)
        except OSError:
            pass  # it hung up, which is its right once it has answered
        received = b""
        while b"\r\n\r\n" not in received or not received.endswith(b"}"):
            try:
                more = wire.recv(65_536)
            except ConnectionResetError:
                break
            if not more:
                break
            received += more
    top, _, rest = received.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(rest), sent


def chunks(total: int) -> Iterator[bytes]:
    for _ in range(total // MB):
        yield b"100000\r\n" + b"x" * MB + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.parametrize(
    "path",
    ["/calls", "/calls/call-1/turns", "/calls/call-1/metrics", "/calls/call-1/end", "/agents", "/agents/a/versions"],
)
def test_fifty_megabytes_are_refused_before_they_are_sent(running: Running, path: str) -> None:
    length = f"Content-Length: {50 * MB}\r\nIdempotency-Key: k"
    status, reply, _ = converse(running, f"/postcall/v1{path}", length, iter(()))
    assert status == 413
    error = reply["error"]
    assert isinstance(error, dict)
    assert error["field"] == "body"
    assert f"{50 * MB:,}" in error["message"]


def test_fifty_megabytes_of_unknown_length_are_not_held_in_memory(running: Running) -> None:
    with running.client() as http:
        http.post("/calls", json=a_body("warm", "user: " + "x" * 8 * MB))
    before = running.peak_memory()
    with running.client() as http:
        reply = http.post("/calls", content=(b"x" * MB for _ in range(10)))
        assert reply.status_code == 400
    status, _, _ = converse(running, "/postcall/v1/calls", "Transfer-Encoding: chunked", chunks(50 * MB))
    grown = running.peak_memory() - before
    assert status == 413
    assert grown < 40 * MB, f"it grew by {grown / MB:.0f} MB"


def test_a_body_up_to_the_limit_is_taken(running: Running) -> None:
    with running.client() as http:
        assert http.post("/calls", json=a_body("large", "user: " + "x" * 15 * MB)).status_code == 202
        assert len(http.get("/calls/large").json()["turns"][0]["text"]) == 15 * MB
        assert http.post("/calls", json=a_body("larger", "user: " + "x" * 16 * MB)).status_code == 413
        assert http.get("/calls/larger").status_code == 404


def test_the_server_goes_on_after_all_that(running: Running) -> None:
    with running.client() as http:
        assert http.post("/calls", json=a_body("after")).status_code == 202
