"""A live call, as a client tells it while it happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.builders import StepClock, a_body, a_question, an_answer
from tests.live_server import LiveServer, run_server

LIVE = a_body() | {"status": "in_progress", "turns": []}


def send(server: LiveServer, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return server.post(body, f"/calls/call-1/{path}", headers=headers)


def test_a_call_is_told_as_it_happens_and_answered_when_it_ends(any_server: LiveServer) -> None:
    server = any_server
    server.desk.ask(a_question())
    assert server.post(LIVE).status_code == 202
    assert send(server, "turns", {"turns": [{"role": "agent", "text": "Hello?"}]}, "1").status_code == 202
    server.desk.clock.advance(5)
    assert send(server, "turns", {"turns": [{"role": "user", "text": "Book me in."}]}, "2").status_code == 202
    assert send(server, "metrics", {"metrics": {"BOOKED": True, "STEP": ["a", "b"]}}, "3").status_code == 202
    call = server.call()
    assert (call["status"], call["extraction"]["status"]) == ("in_progress", "live")
    ended = send(server, "end", {"disconnection_reason": "user_hangup"}, "4")
    assert ended.status_code == 202
    call = server.call()
    assert [turn["text"] for turn in call["turns"]] == ["Hello?", "Book me in."]
    assert call["metrics"]["STEP"]["values"] == ["a", "b"]
    assert call["metrics"]["STEP"]["source"] == "live"
    assert call["metrics"]["STEP"]["at"] == "2026-03-02T12:00:05Z"
    assert (call["status"], call["disconnection_reason"]) == ("completed", "user_hangup")
    assert call["ended_at"] == "2026-03-02T12:00:05Z"
    server.desk.extract(an_answer())
    assert server.call()["extraction"]["answers"][0]["value"] is True


def test_a_repeated_request_gets_the_same_answer_and_counts_once(server: LiveServer) -> None:
    server.post(LIVE)
    body = {"turns": [{"role": "user", "text": "Hi."}]}
    first, again = (send(server, "turns", body, "k") for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len(server.call()["turns"]) == 1


def test_a_key_that_comes_with_another_request_is_a_409(server: LiveServer) -> None:
    server.post(LIVE)
    send(server, "turns", {"turns": [{"role": "user", "text": "Hi."}]}, "k")
    for path, body in (
        ("turns", {"turns": [{"role": "user", "text": "Ho."}]}),
        ("metrics", {"metrics": {"N": 1}}),
        ("end", {}),
    ):
        reply = send(server, path, body, "k")
        assert (reply.status_code, reply.json()["error"]["field"]) == (409, "Idempotency-Key")
    assert server.call()["status"] == "in_progress"


def test_a_repeated_end_with_its_key_is_no_error(server: LiveServer) -> None:
    server.post(LIVE | {"turns": [{"role": "user", "text": "Hi."}]})
    first, again = (send(server, "end", {}, "k") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert len(server.desk.claim()) == 1


def test_a_call_may_be_ended_without_a_body(server: LiveServer) -> None:
    server.post(LIVE)
    assert server.http.post("/calls/call-1/end").status_code == 202
    assert server.call()["status"] == "completed"


@pytest.mark.parametrize(
    ("path", "body"),
    [("turns", {"turns": [{"role": "user", "text": "Hi."}]}), ("metrics", {"metrics": {"N": 1}}), ("end", {})],
)
def test_a_finished_call_takes_nothing_more(server: LiveServer, path: str, body: dict[str, Any]) -> None:
    server.post(a_body())
    before = server.call()
    reply = send(server, path, body, "k")
    assert reply.status_code == 409
    assert "completed" in reply.json()["error"]["message"]
    assert server.call() == before


def test_a_live_call_that_falls_silent_is_ended_by_postcall(sqlite_url: str, tmp_path: Path, clock: StepClock) -> None:
    with run_server(sqlite_url, tmp_path, clock=clock, worker=True, live_silence_s=1.0) as server:
        server.post(LIVE | {"turns": [{"role": "user", "text": "Hello? Is anybody there?"}]})
        call = server.wait_for(lambda call: call["status"] != "in_progress")
        assert (call["status"], call["disconnection_reason"]) == ("completed", "timeout")
        assert server.answered()["extraction"]["status"] == "finished"
