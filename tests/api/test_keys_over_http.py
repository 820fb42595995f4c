"""Who may do what, on every route."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.storage.keys import revoke_key

LIVE_HEADERS = {"Idempotency-Key": "k"}
QUESTIONS: dict[str, object] = {"questions": []}
COUNT = {"measures": [{"measure": "conversations"}]}
ROUTES: list[tuple[str, str, object]] = [
    ("POST", "/calls", a_body("new")),
    ("POST", "/calls:batch", a_body("new")),
    ("GET", "/calls", None),
    ("GET", "/calls:search", None),
    ("GET", "/calls:similar", None),
    ("GET", "/calls/{call_id}", None),
    ("GET", "/calls/{call_id}/events", None),
    ("POST", "/calls/{call_id}/turns", {"turns": [{"role": "user", "text": "Hi."}]}),
    ("POST", "/calls/{call_id}/metrics", {"metrics": {"N": 1}}),
    ("POST", "/calls/{call_id}/end", {}),
    ("POST", "/calls/{call_id}/extractions", None),
    ("POST", "/calls/{call_id}/labels", {"identifier": "booked", "value": True}),
    ("GET", "/calls/{call_id}/remarks", None),
    ("POST", "/calls/{call_id}/remarks", {"kind": "good", "turn": 0}),
    ("DELETE", "/calls/{call_id}/remarks/{remark}", None),
    ("POST", "/analyst", {"question": "How many calls?"}),
    ("GET", "/analyst/threads", None),
    ("GET", "/analyst/threads/{thread}", None),
    ("DELETE", "/analyst/threads/{thread}", None),
    ("POST", "/agents", {"slug": "new"}),
    ("GET", "/do-not-call", None),
    ("POST", "/do-not-call", {"phone": "+14155550123"}),
    ("DELETE", "/do-not-call/{entry_id}", None),
    ("GET", "/agents", None),
    ("GET", "/agents/{agent}", None),
    ("POST", "/agents/{agent}:archive", None),
    ("POST", "/agents/{agent}:restore", None),
    ("GET", "/agents/{agent}/learning", None),
    ("PUT", "/agents/{agent}/project", {}),
    ("GET", "/agents/{agent}/project", None),
    ("GET", "/agents/{agent}/versions", None),
    ("POST", "/agents/{agent}/versions", QUESTIONS),
    ("GET", "/agents/{agent}/versions/{number}", None),
    ("PATCH", "/agents/{agent}/versions/{number}", {"label": "first"}),
    ("GET", "/agents/{agent}/versions/{number}/diff", None),
    ("POST", "/agents/{agent}/versions/{number}:activate", None),
    ("GET", "/agents/{agent}/questions/{identifier}/history", None),
    ("GET", "/agents/{agent}/drafts", None),
    ("POST", "/agents/{agent}/drafts", {"name": "next"}),
    ("GET", "/agents/{agent}/drafts/{draft}", None),
    ("PUT", "/agents/{agent}/drafts/{draft}", {"revision": 1, **QUESTIONS}),
    ("DELETE", "/agents/{agent}/drafts/{draft}", None),
    ("GET", "/agents/{agent}/drafts/{draft}/diff", None),
    ("POST", "/agents/{agent}/drafts/{draft}:publish", {"revision": 1}),
    ("POST", "/agents/{agent}/drafts/{draft}:rebase", {"revision": 1}),
    ("GET", "/agents/{agent}/metrics", None),
    ("POST", "/agents/{agent}/metrics", {"name": "N", "type": "integer"}),
    ("GET", "/agents/{agent}/metrics.yaml", None),
    ("POST", "/agents/{agent}/metrics:import", {"N": {"type": "int"}}),
    ("GET", "/agents/{agent}/metrics:lint", None),
    ("GET", "/agents/{agent}/metrics/{name}", None),
    ("PATCH", "/agents/{agent}/metrics/{name}", {"definition": "How many."}),
    ("GET", "/calls/{call_id}/outbox", None),
    ("GET", "/calls/{call_id}/recording", None),
    ("PUT", "/calls/{call_id}/recording", {"url": "https://example.org/call.wav"}),
    ("POST", "/outbox/{item_id}/send", None),
    ("GET", "/webhooks", None),
    ("POST", "/webhooks", {"url": "https://crm.example/calls"}),
    ("GET", "/webhooks/{webhook_id}", None),
    ("GET", "/webhooks/{webhook_id}/secret", None),
    ("POST", "/webhooks/{webhook_id}/secret:rotate", {"grace_s": 0}),
    ("PATCH", "/webhooks/{webhook_id}", {"description": "The CRM"}),
    ("DELETE", "/webhooks/{webhook_id}", None),
    ("POST", "/webhooks/{webhook_id}/test", None),
    ("GET", "/deliveries", None),
    ("GET", "/deliveries/{delivery_id}", None),
    ("POST", "/deliveries/{delivery_id}:replay", None),
    ("POST", "/deliveries:replay", {"since": "2026-03-01"}),
    ("GET", "/agents/{agent}/secrets", None),
    ("PUT", "/agents/{agent}/secrets/{name}", {"value": "hunter22"}),
    ("DELETE", "/agents/{agent}/secrets/{name}", None),
    ("GET", "/agents/{agent}/real-time-config/{environment}", None),
    ("PUT", "/agents/{agent}/real-time-config/{environment}", {"data": {}}),
    ("PATCH", "/agents/{agent}/real-time-config/{environment}", {"data": {}}),
    ("GET", "/agents/{agent}/api-settings", None),
    ("PATCH", "/agents/{agent}/api-settings", {"show_transcripts": True}),
    ("GET", "/dashboards", None),
    ("POST", "/dashboards", {"name": "Monday"}),
    ("GET", "/dashboards/{id}", None),
    ("PUT", "/dashboards/{id}", {"revision": 1, "name": "Monday", "tiles": []}),
    ("DELETE", "/dashboards/{id}", None),
    ("GET", "/dashboards/{id}/data", None),
    ("POST", "/dashboards/{id}:publish", {"revision": 1}),
    ("GET", "/keys", None),
    ("POST", "/keys", {"name": "recorder", "scopes": ["write"]}),
    ("GET", "/keys/{key_id}", None),
    ("PATCH", "/keys/{key_id}", {"name": "recorder"}),
    ("DELETE", "/keys/{key_id}", None),
    ("GET", "/audit", None),
    ("GET", "/names", None),
    ("POST", "/query", COUNT),
    ("POST", "/query:calls", COUNT),
    ("POST", "/query:explain", COUNT),
    ("GET", "/question-templates", None),
    ("POST", "/questions:lint", QUESTIONS),
    ("GET", "/exports", None),
    ("POST", "/exports", {}),
    ("GET", "/exports/{export_id}", None),
    ("POST", "/exports/{export_id}:cancel", None),
    ("GET", "/exports/{export_id}/files/{name}", None),
    ("DELETE", "/exports/{export_id}", None),
    ("GET", "/reports", None),
    ("POST", "/reports:rebuild", None),
]
ASKING = {"/analyst", "/query", "/query:calls", "/query:explain", "/questions:lint"}
"""Sent by POST, since they are long, and change nothing."""
ADMINS = {"/keys", "/keys/{key_id}", "/audit", "/agents/{agent}/secrets", "/webhooks/{webhook_id}/secret"}
"""Not even read by anybody else."""
NOBODYS = "0" * 24
FILLED = {
    "call_id": "call-1",
    "agent": "clinic",
    "number": "1",
    "identifier": "booked",
    "name": "N",
    "draft": NOBODYS,
    "remark": NOBODYS,
    "thread": NOBODYS,
    "id": NOBODYS,
    "item_id": NOBODYS,
    "webhook_id": NOBODYS,
    "delivery_id": NOBODYS,
    "entry_id": NOBODYS,
    "key_id": NOBODYS,
    "export_id": NOBODYS,
    "environment": "live",
}
NAMES = [f"{method} {path}" for method, path, _ in ROUTES]
MAKING = {("PUT", "/agents/{agent}/project")}
"""Where there is no such agent, it is made."""
ABOUT_ONE_THING = [route for route in ROUTES if "{" in route[1] and route[:2] not in MAKING]


def ask(client: httpx.Client, method: str, path: str, body: object) -> httpx.Response:
    return client.request(method, path.format(**FILLED), json=body, headers=LIVE_HEADERS)


def two_calls(server: LiveServer) -> None:
    """A live one and a finished one."""
    server.post(a_body() | {"status": "in_progress"})
    server.post(a_body("call-2"))


def test_every_route_is_tried_here(server: LiveServer) -> None:
    described = server.client(None).get("/openapi.json").json()["paths"]
    there = {
        (method.upper(), path.removeprefix("/postcall/v1"))
        for path, methods in described.items()
        if path.startswith("/postcall/v1")
        for method in methods
        if path != "/postcall/v1"  # says where everything is, and nothing else
    }
    assert there == {(method, path) for method, path, _ in ROUTES}


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=NAMES)
def test_without_a_key_every_route_is_a_401(server: LiveServer, method: str, path: str, body: object) -> None:
    two_calls(server)
    before = server.call()
    for secret in (None, "x", "pc_wrong", "Zoë"):
        sent = [] if secret is None else [(b"Authorization", f"Bearer {secret}".encode())]
        with httpx.Client(base_url=server.http.base_url, headers=sent, verify=False) as client:
            reply = ask(client, method, path, body)
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert reply.json()["error"]["code"] == "not_authenticated"
    assert server.call() == before
    assert server.desk.count() == 2


@pytest.mark.parametrize(("method", "path", "body"), ABOUT_ONE_THING, ids=[f"{m} {p}" for m, p, _ in ABOUT_ONE_THING])
def test_what_belongs_to_another_account_is_a_404_on_every_route(
    server: LiveServer, method: str, path: str, body: object
) -> None:
    two_calls(server)
    before, agent = server.call(), server.http.get("/agents/clinic").json()
    stranger = server.holder_of(Scope.ADMIN, account="other")
    assert ask(stranger, method, path, body).status_code == 404
    by_id = path.replace("{agent}", agent["id"])
    assert ask(stranger, method, by_id, body).status_code == 404
    assert (server.call(), server.http.get("/agents/clinic").json()) == (before, agent)


def test_another_account_lists_only_its_own(server: LiveServer) -> None:
    two_calls(server)
    stranger = server.holder_of(Scope.ADMIN, account="other")
    assert stranger.get("/calls").json()["calls"] == []
    assert stranger.get("/agents").json()["agents"] == []
    assert stranger.post("/calls", json=a_body("call-2")).status_code == 202, "ids are each account's own"
    assert [call["id"] for call in stranger.get("/calls").json()["calls"]] == ["call-2"]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=NAMES)
def test_a_key_does_only_what_its_scopes_allow(server: LiveServer, method: str, path: str, body: object) -> None:
    two_calls(server)
    reader, writer, other = (server.holder_of(scope) for scope in (Scope.READ, Scope.WRITE, Scope.CONVERSATIONS))
    only_read = method == "GET" or path in ASKING
    for holder in [other, writer if only_read else reader]:
        reply = ask(holder, method, path, body)
        assert reply.status_code == 403, reply.text
        assert reply.json()["error"]["code"] == "not_allowed"
    assert server.desk.count() == 2
    allowed = reader if only_read and path not in ADMINS else server.holder_of(Scope.ADMIN)
    assert ask(allowed, method, path, body).status_code not in {401, 403}


def test_a_writer_may_hand_in_but_not_configure(server: LiveServer) -> None:
    writer = server.holder_of(Scope.WRITE)
    assert writer.post("/calls", json=a_body()).status_code == 202
    assert writer.post("/agents", json={"slug": "x"}).status_code == 403


def test_a_key_expires_to_the_second(server: LiveServer) -> None:
    key = server.desk.key(expires_at=server.desk.clock() + timedelta(seconds=60))
    client = server.client(key.secret)
    assert client.get("/calls").status_code == 200
    server.desk.clock.advance(60)
    assert client.get("/calls").status_code == 401


def test_a_revoked_key_is_refused_by_the_next_request(any_server: LiveServer) -> None:
    key = any_server.desk.key()
    client = any_server.client(key.secret)
    assert client.get("/calls").status_code == 200
    any_server.desk.record.write(lambda c: revoke_key(c, "default", key.key.id, now=any_server.desk.clock()))
    assert client.get("/calls").status_code == 401
    assert any_server.http.get("/calls").status_code == 200


@pytest.mark.parametrize("headers", [{"x-api-key": "KEY"}, {"Authorization": "bearer KEY"}])
def test_a_key_may_be_sent_in_either_header(server: LiveServer, headers: dict[str, str]) -> None:
    secret = server.desk.key().secret
    sent = {name: value.replace("KEY", secret) for name, value in headers.items()}
    assert httpx.get(f"{server.http.base_url}calls", headers=sent).status_code == 200


def test_a_key_in_the_address_opens_nothing(server: LiveServer) -> None:
    secret = server.desk.key().secret
    assert server.client(None).get("/calls", params={"api_key": secret}).status_code == 401


def test_the_operators_own_key_is_an_admin_of_the_default_account(
    sqlite_url: str, tmp_path: Path, clock: StepClock
) -> None:
    with run_server(sqlite_url, tmp_path, clock=clock, admin_key="a-long-enough-secret") as server:
        client = server.client("a-long-enough-secret")
        assert client.post("/agents", json={"slug": "desk"}).status_code == 201
        assert client.post("/calls", json=a_body()).status_code == 202
        assert server.call()["id"] == "call-1"
        assert server.client("a-long-enough-secres").get("/calls").status_code == 401
