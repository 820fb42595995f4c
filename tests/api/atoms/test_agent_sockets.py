"""Conversations over the documented socket, by a real client: begun with a ticket or a key, held in writing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.api.front import Front, run_front
from tests.live_server import wait_until
from tests.runtime.hosting.stage import AGENT
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from postcall.domain.keys import Scope

NOBODYS = "0" * 24


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("sockets")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, worker=False) as running:
        yield running


@pytest.fixture
def atoms(front: Front) -> Iterator[httpx.Client]:
    with client_of(front, Scope.READ, Scope.WRITE) as client:
        yield client


def client_of(front: Front, *scopes: Scope, account: str = "default") -> httpx.Client:
    headers = front.server.holder_of(*scopes, account=account).headers
    return httpx.Client(
        base_url=front.server.address + "/atoms/v1", headers={"authorization": headers["authorization"]}, timeout=30
    )


def agent_id(front: Front) -> str:
    found: str = front.server.http.get(f"/agents/{AGENT}").json()["id"]
    return found


def register(front: Front, atoms: httpx.Client, **more: Any) -> str:
    reply = atoms.post("/conversation/register-call", json={"agent_id": agent_id(front), **more})
    assert reply.status_code == 201, reply.text
    fits("post", "/conversation/register-call", reply)
    data = reply.json()["data"]
    assert (data["expires_in"], data["sample_rate"]) == (30, 24000)
    token: str = data["access_token"]
    assert token.startswith("wct_")
    return token


def address(front: Front, query: str) -> str:
    return front.server.address.replace("http", "ws", 1) + f"/atoms/v1/agent/connect?{query}"


@contextmanager
def opened(front: Front, query: str, **headers: str) -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
    with connect(address(front, query), additional_headers=headers, proxy=None) as socket:
        created = json.loads(socket.recv(20))
        assert created["type"] == "session.created", created
        yield socket, created


def say(socket: ClientConnection, text: str) -> None:
    socket.send(json.dumps({"type": "input_text.send", "text": text}))


def until(socket: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """What is told up to the first of this type."""
    told: list[dict[str, Any]] = []
    while not told or told[-1]["type"] != kind:
        told.append(json.loads(socket.recv(20)))
    return told


def call_of(atoms: httpx.Client, call_id: str) -> dict[str, Any]:
    found: dict[str, Any] = atoms.get(f"/conversation/{call_id}").json()["data"]
    return found


def test_a_chat_is_held_in_writing_and_is_a_call_afterwards(front: Front, atoms: httpx.Client) -> None:
    token = register(front, atoms, mode="chat")
    with opened(front, f"token={token}") as (socket, created):
        assert (created["sample_rate"], created["channels"]) == (24000, 1)
        greeting = until(socket, "agent_stop_talking")
        assert greeting[0] == {"type": "agent_start_talking"}
        assert greeting[-2]["role"] == "assistant" and greeting[-2]["text"]
        say(socket, "order")
        told = until(socket, "agent_stop_talking")
        assert told[0] == {"type": "transcript", "role": "user", "text": "order"}
        assert told[-2] == {"type": "transcript", "role": "assistant", "text": "Order 1."}
        deltas = [each["text"] for each in told if each["type"] == "transcript.delta"]
        assert deltas == sorted(deltas, key=len) and deltas[-1] == "Order 1."
        socket.send(json.dumps({"type": "session.close"}))
        assert until(socket, "session.closed")[-1]["reason"] == "client_requested"
        with pytest.raises(ConnectionClosed):
            socket.recv(20)
        assert socket.close_code == 1000
    call = call_of(atoms, created["call_id"])
    assert (call["type"], call["status"], call["disconnectionReason"]) == ("chat", "completed", "user_hangup")
    assert [turn["content"] for turn in call["transcript"]][1:] == ["order", "Order 1."]
    assert "tool_call_end" in {event["event_type"] for event in call["events"]}


def test_a_ticket_opens_once(front: Front, atoms: httpx.Client) -> None:
    token = register(front, atoms)
    with opened(front, f"token={token}"):
        pass
    for bad in (token, "wct_1_nonsense", "wct_", "wct_zz_x", "sk_unknown", ""):
        with pytest.raises(InvalidStatus) as refused:
            connect(address(front, f"token={bad}"), proxy=None)
        assert refused.value.response.status_code == 401, bad
        assert json.loads(refused.value.response.body or b"")["status"] is False


def test_variables_reach_the_agent_but_those_that_a_call_has_by_itself(front: Front, atoms: httpx.Client) -> None:
    variables = {"plan": "gold", "visits": 3, "call_id": "forged", "timezone": "Mars"}
    token = register(front, atoms, mode="chat", variables=variables)
    with opened(front, f"token={token}") as (socket, created):
        until(socket, "agent_stop_talking")
        say(socket, "attributes")
        assert until(socket, "agent_stop_talking")[-2]["text"] == "{'variables': {'plan': 'gold', 'visits': 3}}"
    assert call_of(atoms, created["call_id"])["variables"] == {"plan": "gold", "visits": 3}
    nested = atoms.post("/conversation/register-call", json={"agent_id": agent_id(front), "variables": {"a": {"b": 1}}})
    assert (nested.status_code, nested.json()["errors"]) == (400, ["Invalid input"])


def test_a_web_call_is_told_that_there_is_no_voice_and_goes_on_in_writing(front: Front, atoms: httpx.Client) -> None:
    secret = atoms.headers["authorization"].removeprefix("Bearer ")
    query = f"agent_id={agent_id(front)}&mode=webcall&sample_rate=16000&variables={quote(json.dumps({'a': 1}))}"
    with opened(front, query, Authorization=f"Bearer {secret}") as (socket, created):
        assert created["sample_rate"] == 16000
        until(socket, "agent_stop_talking")
        for message in ("input_audio_buffer.commit", "session.update"):
            socket.send(json.dumps({"type": message}))
        strange: tuple[str | bytes, ...] = (
            json.dumps({"type": "input_audio_buffer.append", "audio": "AAAA"}),
            json.dumps({"type": "dance"}),
            json.dumps({"type": "input_text.send"}),
            "not json",
            b"\x00\xff",
            "[]",
        )
        for each in strange:
            socket.send(each)
            [told] = until(socket, "error")
            assert told["message"]
        say(socket, "goodbye")
        assert until(socket, "session.closed")[-1]["reason"] == "ended"
    call = call_of(atoms, created["call_id"])
    assert (call["type"], call["disconnectionReason"]) == ("webcall", "agent_hangup")
    assert [row["callId"] for row in atoms.get("/conversation?callTypes=webcall").json()["data"]["logs"]]


def test_whoever_goes_away_has_hung_up(front: Front, atoms: httpx.Client) -> None:
    with opened(front, f"token={register(front, atoms)}") as (socket, created):
        until(socket, "agent_stop_talking")
    wait_until(
        lambda: call_of(atoms, created["call_id"])["status"] == "completed",
        what=lambda: call_of(atoms, created["call_id"]),
    )


@pytest.mark.parametrize("way", ["chat", "webcall"])
def test_a_chat_that_was_begun_by_http_is_gone_on_with_at_its_host(front: Front, atoms: httpx.Client, way: str) -> None:
    reply = atoms.post(f"/conversation/{way}", json={"agentId": agent_id(front)})
    fits("post", f"/conversation/{way}", reply)
    data = reply.json()["data"]
    assert data["conversationId"] != data["callId"]
    assert call_of(atoms, data["callId"])["status"] == "in_progress"
    with connect(f"{data['host']}?token={data['token']}", proxy=None) as socket:
        assert json.loads(socket.recv(20))["call_id"] == data["callId"]
        until(socket, "agent_stop_talking")
        wait_until(lambda: call_of(atoms, data["callId"])["transcript"], what=lambda: call_of(atoms, data["callId"]))
        assert atoms.post("/conversation/cancel", json={"callId": data["callId"]}).status_code == 200
        say(socket, "order")
        assert until(socket, "session.closed")[-1]["reason"] == "ended"
    assert call_of(atoms, data["callId"])["status"] == "cancelled"


def test_an_agent_that_is_not_there_has_no_chats(front: Front, atoms: httpx.Client) -> None:
    for path, name in (("chat", "agentId"), ("webcall", "agentId"), ("register-call", "agent_id")):
        route = f"/conversation/{path}"
        assert atoms.post(route, json={}).json()["errors"] == [f"{name}: Required"]
        assert atoms.post(route, json={name: "bakery"}).json()["errors"] == ["Invalid agent id"]
        assert atoms.post(route, json={name: NOBODYS}).json()["errors"] == ["No agent found"]
        with client_of(front, Scope.WRITE, account="other") as other:
            assert other.post(route, json={name: agent_id(front)}).json()["errors"] == ["No agent found"]
    secret = atoms.headers["authorization"].removeprefix("Bearer ")
    for wrong in (f"token={secret}&agent_id={NOBODYS}", f"token={secret}"):
        with pytest.raises(InvalidStatus) as refused:
            connect(address(front, wrong), proxy=None)
        assert refused.value.response.status_code == 401
