"""Keys made over HTTP, and the log of what they did."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

from postcall.domain.keys import Scope


@pytest.fixture(scope="module")
def refusing(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with an agent, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("refusing")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        running.post({"slug": "clinic"}, "/agents")
        yield running


def a_key(server: LiveServer, **fields: Any) -> dict[str, Any]:
    made = server.post({"name": "recorder", "scopes": ["read", "write"], **fields}, "/keys")
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()
    return shown


def log_of(server: LiveServer, **wanted: str) -> list[dict[str, Any]]:
    """The lines, the oldest first, without those of asking for them."""
    events = server.http.get("/audit", params={**wanted, "limit": "500"}).json()["events"]
    return [each for each in reversed(events) if each["subject_kind"] != "audit"]


def test_a_key_is_shown_once_and_lives_until_it_is_revoked(any_server: LiveServer) -> None:
    any_server.post({"slug": "clinic"}, "/agents")
    made = a_key(any_server, agents=["clinic"], per_minute=60, expires_at="2099-01-01T00:00:00Z")
    key_id, secret = made["id"], made["secret"]
    shown = any_server.http.get(f"/keys/{key_id}").json()
    assert "secret" not in shown and secret not in any_server.http.get("/keys").text
    assert (shown["agents"], shown["per_minute"], shown["state"]) == (["clinic"], 60, "active")
    holder = any_server.client(secret)
    assert holder.get("/calls").status_code == 200
    wait_until(lambda: any_server.http.get(f"/keys/{key_id}").json()["last_used_at"], what=lambda: shown)
    patched = any_server.http.patch(f"/keys/{key_id}", json={"name": "night", "scopes": ["write"], "per_minute": None})
    assert (patched.json()["name"], patched.json()["scopes"], patched.json()["per_minute"]) == (
        "night",
        ["write"],
        None,
    )
    assert holder.get("/calls").status_code == 403
    assert any_server.http.delete(f"/keys/{key_id}").status_code == 204
    assert holder.get("/calls").status_code == 401
    assert any_server.http.get(f"/keys/{key_id}").json()["state"] == "revoked"
    again = any_server.http.patch(f"/keys/{key_id}", json={"name": "x"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "a\u0000b"}, 400, "name"),
        ({"name": "x" * 101}, 400, "name"),
        ({"scopes": []}, 400, "scopes"),
        ({"scopes": ["everything"]}, 400, "scopes[0]"),
        ({"scopes": ["admin"], "agents": ["clinic"]}, 400, "agents"),
        ({"agents": []}, 400, "agents"),
        ({"agents": ["nobody"]}, 404, None),
        ({"agents": ["a\u0000b"]}, 404, None),
        ({"per_minute": 0}, 400, "per_minute"),
        ({"per_minute": 10**30}, 400, "per_minute"),
        ({"expires_at": "2001-01-01"}, 400, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, 400, "expires_at"),
        ({"agent": "clinic"}, 400, "agent"),
    ],
    ids=str,
)
def test_a_key_that_cannot_be_is_refused_with_what_is_wrong(
    refusing: LiveServer, changes: dict[str, Any], status: int, field: str | None
) -> None:
    reply = refusing.post({"name": "recorder", "scopes": ["read"], **changes}, "/keys")
    assert (reply.status_code, reply.json()["error"].get("field")) == (status, field), reply.text


def test_the_log_tells_who_read_changed_and_was_refused_what(any_server: LiveServer) -> None:
    made = a_key(any_server, name="Zoe's script")
    holder = any_server.client(made["secret"])
    for call_id in ("call-1", "call-2", "call-3"):
        assert holder.post("/calls", json=a_body(call_id)).status_code == 202
    for _ in range(2):
        assert holder.get("/calls/call-1").status_code == 200
    assert holder.get("/calls/nowhere").status_code == 404
    assert holder.post("/agents", json={"slug": "x"}).status_code == 403
    assert any_server.client("pc_stranger").get("/calls").status_code == 401
    assert any_server.http.delete(f"/keys/{made['id']}").status_code == 204
    told = wait_until(
        lambda: len(lines := log_of(any_server, actor=made["id"])) == 3 and lines, what=lambda: log_of(any_server)
    )
    lines = {(each["action"], each["request"], each["subject"], each["status"], each["times"]) for each in told}
    assert lines == {
        ("changed", "POST /postcall/v1/calls", None, 202, 3),
        ("read", "GET /postcall/v1/calls/{call_id}", "call-1", 200, 2),
        ("refused", "POST /postcall/v1/agents", None, 403, 1),
    }
    assert {each["actor"]["name"] for each in told} == {"Zoe's script"}
    (revoked,) = log_of(any_server, subject=made["id"], action="changed")
    assert revoked["request"] == "DELETE /postcall/v1/keys/{key_id}"
    assert made["secret"] not in any_server.http.get("/audit?limit=500").text


def test_who_tries_a_key_that_was_revoked_or_has_expired_is_in_the_log(server: LiveServer) -> None:
    in_an_hour = (server.desk.clock() + timedelta(hours=1)).isoformat()
    revoked, expired = a_key(server, name="old till"), a_key(server, name="guest", expires_at=in_an_hour)
    assert server.http.delete(f"/keys/{revoked['id']}").status_code == 204
    server.desk.clock.advance(7_200)
    for made in (revoked, expired):
        assert server.client(made["secret"]).get("/calls/call-1").status_code == 401
        (line,) = wait_until(
            lambda made=made: log_of(server, actor=made["id"]),  # type: ignore[misc]
            what=lambda: log_of(server),
        )
        assert (line["action"], line["status"], line["subject"]) == ("refused", 401, "call-1")
        assert server.http.get(f"/keys/{made['id']}").json()["last_used_at"] is None


def test_a_change_is_in_the_log_when_its_answer_comes(server: LiveServer) -> None:
    for number in range(5):
        server.post({"slug": f"agent-{number}"}, "/agents")
        assert len(log_of(server, subject_kind="agents", action="changed")) == number + 1


def test_what_people_look_at_on_pages_is_in_the_log(server: LiveServer) -> None:
    server.post(a_body())
    assert httpx.get(f"{server.address}/calls/call-1").status_code == 200
    (line,) = wait_until(
        lambda: [each for each in log_of(server, subject="call-1") if each["request"].startswith("GET /calls/")],
        what=lambda: log_of(server),
    )
    assert line["actor"] == {"kind": "machine", "id": None, "name": None} and line["subject_kind"] == "call"


def test_pages_of_the_log_go_on_where_the_one_before_ended(server: LiveServer) -> None:
    for number in range(4):
        server.post({"slug": f"agent-{number}"}, "/agents")
    wanted = {"subject_kind": "agents", "limit": "3"}
    first = server.http.get("/audit", params=wanted).json()
    rest = server.http.get("/audit", params={**wanted, "cursor": first["next_cursor"]}).json()
    ids = [each["id"] for each in (*first["events"], *rest["events"])]
    assert len(ids) == 4 and ids == sorted(set(ids), reverse=True) and rest["next_cursor"] is None


@pytest.mark.parametrize("query", ["cursor=x", f"cursor={'9' * 40}", "limit=0", "action=ate", "since=noon", "who=me"])
def test_a_question_to_the_log_that_makes_no_sense_is_refused(refusing: LiveServer, query: str) -> None:
    reply = refusing.http.get(f"/audit?{query}")
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, query.partition("=")[0])


def test_no_request_is_missing_from_the_log_of_a_server_that_ends(server: LiveServer) -> None:
    """Reads are counted by many at once and written down behind; closing writes what is left."""
    holder = server.holder_of(Scope.READ)
    threads = [threading.Thread(target=lambda: [holder.get("/calls") for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = wait_until(
        lambda: sum(each["times"] for each in log_of(server, actor_name="test", subject_kind="calls")) >= 40,
        what=lambda: log_of(server),
    )
    assert counted
    assert sum(each["times"] for each in log_of(server, actor_name="test", subject_kind="calls")) == 40
