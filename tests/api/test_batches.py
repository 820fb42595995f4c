"""POST /calls:batch: NDJSON of any length, a result for each line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.builders import a_body
from tests.live_server import LiveServer
from tests.processes import Running, serving

MB = 1 << 20


def ndjson(*lines: dict[str, Any] | bytes) -> bytes:
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


def send(server: LiveServer, content: bytes | Iterator[bytes], **params: str) -> list[dict[str, Any]]:
    reply = server.http.post("/calls:batch", content=content, params=params)
    assert reply.status_code == 200, reply.text
    return [json.loads(line) for line in reply.text.splitlines()]


def outcomes(results: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(result["line"], result["status"]) for result in results]


def test_each_line_has_its_result_in_order(any_server: LiveServer) -> None:
    any_server.post(a_body("there"))
    any_server.post(a_body("other", "user: Something else."))
    results = send(
        any_server,
        ndjson(
            a_body("one"),
            b"{half",
            a_body("there"),
            a_body("bad") | {"turns": [{"role": "robot", "text": "Beep."}]},
            a_body("other"),
            a_body(None),
            b"",
            b"\xff\xfe",
            a_body("last"),
        ),
    )
    assert outcomes(results) == [(1, 202), (2, 400), (3, 200), (4, 400), (5, 409), (6, 202), (8, 400), (9, 202)]
    assert results[3]["error"]["field"] == "turns[0].role"
    assert results[4]["error"]["code"] == "call_differs"
    assert results[0]["id"] == "one"
    assert {row.call.id for row in any_server.desk.page().rows} == {
        "one",
        "there",
        "other",
        results[5]["id"],
        "last",
    }


def test_odd_lines_do_not_cost_the_others(any_server: LiveServer) -> None:
    """Each of these once broke somebody's server."""
    odd: list[dict[str, Any] | bytes] = [
        a_body("years") | {"started_at": "0001-01-01T00:00:00+14:00"},
        a_body("late") | {"started_at": "9999-12-31T23:00:00Z", "duration_s": 100_000},
        b'{"agent": "a", "metadata": {"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
        b'{"agent": "a", "metadata": {"n": ' + b"9" * 5_000 + b"}}",
        b'{"agent": "a", "turns": [{"role": "user", "text": "\\ud800"}]}',
        b"NaN",
        b"\x00",
    ]
    results = send(any_server, ndjson(a_body("first"), *odd, a_body("last")))
    assert len(results) == len(odd) + 2
    assert (results[0]["status"], results[-1]["status"]) == (202, 202)
    assert all(result["status"] in {202, 400} for result in results)


def test_the_same_batch_again_adds_nothing(server: LiveServer) -> None:
    content = ndjson(*(a_body(f"{n}") for n in range(50)))
    assert {result["status"] for result in send(server, content)} == {202}
    assert {result["status"] for result in send(server, content)} == {200}
    assert server.desk.count() == 50


def test_a_line_twice_in_one_batch_is_one_call(server: LiveServer) -> None:
    results = send(server, ndjson(a_body("one"), a_body("one"), a_body("one", "user: Other words.")))
    assert outcomes(results) == [(1, 202), (2, 200), (3, 409)]
    assert len(server.desk.claim()) == 1


def test_a_batch_may_replace(server: LiveServer) -> None:
    server.post(a_body())
    [result] = send(server, ndjson(a_body("call-1", "user: Other words.")), replace="true")
    assert (result["status"], result["revision"]) == (202, 2)


def test_the_last_line_needs_no_line_break(server: LiveServer) -> None:
    assert outcomes(send(server, ndjson(a_body("one"), a_body("two")).rstrip())) == [(1, 202), (2, 202)]


def test_windows_line_breaks_do_no_harm(server: LiveServer) -> None:
    content = ndjson(a_body("one"), a_body("two")).replace(b"\n", b"\r\n") + b"\r\n"
    assert outcomes(send(server, content)) == [(1, 202), (2, 202)]


def test_an_empty_batch_has_no_results(server: LiveServer) -> None:
    assert send(server, b"") == []


def test_lines_come_apart_right_however_the_stream_is_cut(server: LiveServer) -> None:
    content = ndjson(*(a_body(f"{n}") for n in range(5)))
    pieces = (content[at : at + 7] for at in range(0, len(content), 7))
    assert outcomes(send(server, pieces)) == [(n, 202) for n in range(1, 6)]


def _many(count: int, size: int, *, too_long_after: int) -> Iterator[bytes]:
    words = "word " * (size // 5)
    for number in range(count):
        yield ndjson(a_body(f"{number}", f"user: {words}"))
        if number == too_long_after:
            yield b'{"agent": "clinic", "variant": "'
            for _ in range(20):
                yield b"x" * MB
            yield b'"}\n'


def test_a_batch_of_any_length_takes_no_more_memory(tmp_path: Path) -> None:
    """150 MB in 1,500 lines, and one of 20 MB that is refused in its place."""
    with serving(tmp_path / "data", "serve", "--no-worker") as running, running.client() as http:
        _warm_up(running)
        before = running.peak_memory()
        content = _many(1_500, 100_000, too_long_after=700)
        reply = http.post("/calls:batch", content=content, timeout=120)
        results = [json.loads(line) for line in reply.text.splitlines()]
        grown = running.peak_memory() - before
        shown = http.get("/calls", params={"limit": "500"}).json()["calls"]
    refused = [result for result in results if result["status"] != 202]
    assert [(result["line"], result["status"]) for result in refused] == [(702, 413)]
    assert len(results) == 1_501
    assert len(shown) == 500
    assert grown < 100 * MB, f"it grew by {grown / MB:.0f} MB"


def _warm_up(running: Running) -> None:
    with running.client() as http:
        for number in range(20):
            http.post("/calls", json=a_body(f"warm-{number}", "user: " + "word " * 20_000))
