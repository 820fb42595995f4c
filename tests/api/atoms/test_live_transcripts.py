"""A call as it goes on, as the interface's server-sent events."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.front import RESPOND, Front, run_front
from tests.builders import a_body
from tests.live_server import wait_until

from postcall.domain.keys import Scope

ALWAYS = {"event_type", "event_id", "timestamp", "call_id"}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("events")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder) as running:
        yield running


def client_of(front: Front, *scopes: Scope, account: str = "default") -> httpx.Client:
    headers = front.server.holder_of(*scopes, account=account).headers
    return httpx.Client(
        base_url=front.server.address + "/atoms/v1", headers={"authorization": headers["authorization"]}, timeout=30
    )


class Listener:
    """Reads a stream on a thread of its own, until the server closes it."""

    def __init__(self, front: Front, call_id: str) -> None:
        self.told: list[dict[str, Any]] = []
        self.kind = ""
        self._client = client_of(front, Scope.READ)
        self._thread = threading.Thread(target=self._read, args=(call_id,), daemon=True)
        self._thread.start()

    def _read(self, call_id: str) -> None:
        with self._client, self._client.stream("GET", f"/events?callId={call_id}") as reply:
            self.kind = reply.headers["content-type"]
            for line in reply.iter_lines():
                if line.startswith("data: "):
                    self.told.append(json.loads(line.removeprefix("data: ")))

    def heard(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.told if event["event_type"] == kind]

    def wait_for(self, kind: str) -> None:
        wait_until(lambda: self.heard(kind), what=lambda: self.told)

    def to_the_end(self) -> list[dict[str, Any]]:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.told


def test_turns_and_functions_are_told_while_the_call_goes_on(front: Front) -> None:
    call_id = front.talk("order")
    listener = Listener(front, call_id)
    listener.wait_for("user_transcription")
    with front.client(Scope.WRITE) as client:
        client.post(RESPOND, json={"conversation_id": call_id, "message": "raises"})
        listener.wait_for("tool_call_error")
        client.post(RESPOND, json={"conversation_id": call_id, "message": "goodbye"})
    told = listener.to_the_end()
    assert listener.kind.startswith("text/event-stream")
    kinds = [event["event_type"] for event in told]
    assert (kinds[0], kinds[1], kinds[-2], kinds[-1]) == ("sse_init", "call_start", "call_end", "sse_close")
    assert [event["user_transcription_text"] for event in listener.heard("user_transcription")] == [
        "order",
        "raises",
        "goodbye",
    ]
    assert {"Order 1.", "Bye."} <= {event["tts_text"] for event in listener.heard("tts_completed")}
    [end] = [event for event in listener.heard("tool_call_end") if event["function_name"] == "order"]
    assert end["success"] is True and end["latency_ms"] >= 0
    assert listener.heard("tool_call_error")[0]["error"]
    assert all(isinstance(event["metrics"], list) for event in listener.heard("metrics"))
    assert {"ORDERS": 1} in [event["variables"] for event in listener.heard("variable_extraction")]
    assert listener.heard("call_end")[0]["metadata"]["disconnection_reason"] == "agent_hangup"
    middle = told[1:-1]
    assert all(event.keys() >= ALWAYS and event["call_id"] == call_id for event in middle)
    assert len({event["event_id"] for event in middle}) == len(middle)
    assert {told[0].keys() == {"event_type", "event_time"}, told[-1].keys() == {"event_type", "event_time"}} == {True}


def test_a_call_from_elsewhere_is_told_too(front: Front) -> None:
    front.server.post(a_body("elsewhere", status="in_progress"))
    listener = Listener(front, "elsewhere")
    listener.wait_for("tts_completed")
    front.server.post({}, "/calls/elsewhere/end")
    assert [event["event_type"] for event in listener.to_the_end()] == [
        "sse_init",
        "call_start",
        "tts_completed",
        "user_transcription",
        "call_end",
        "sse_close",
    ]


def test_a_cancelled_call_says_so(front: Front) -> None:
    call_id = front.talk("order")
    listener = Listener(front, call_id)
    listener.wait_for("tts_completed")
    with client_of(front, Scope.WRITE) as client:
        assert client.post("/conversation/cancel", json={"callId": call_id}).status_code == 200
    assert [event["event_type"] for event in listener.to_the_end()][-2:] == ["call_cancelled", "sse_close"]


def test_only_live_calls_of_the_account_can_be_followed(front: Front) -> None:
    front.server.post(a_body("over"))
    front.server.post(a_body("live", status="in_progress"))
    with client_of(front, Scope.READ) as client:
        for query, status, text in (
            ("", 400, "callId: Required"),
            ("?callId=a%20b", 400, "Invalid call ID format"),
            ("?callId=over", 400, "Call over is not active"),
            ("?callId=nobody", 404, "No conversation found"),
        ):
            reply = client.get(f"/events{query}")
            assert (reply.status_code, reply.json()) == (status, {"status": False, "errors": [text]})
    with client_of(front, Scope.READ, account="other") as client:
        assert client.get("/events?callId=live").status_code == 404
    with client_of(front, Scope.WRITE) as client:
        assert client.get("/events?callId=live").status_code == 403
    assert httpx.get(front.server.address + "/atoms/v1/events?callId=live").status_code == 401
