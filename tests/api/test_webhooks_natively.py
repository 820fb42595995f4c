"""Webhooks, their log and sending again over the native interface."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_call
from tests.live_server import LiveServer

from postcall.domain.keys import Scope
from postcall.domain.webhooks import DeliveryState
from postcall.storage.webhook_schema import deliveries

URL = "https://crm.example/calls"


def make(server: LiveServer, *events: str, **more: Any) -> dict[str, Any]:
    wanted = [{"event": event, "agent": "clinic"} for event in events]
    reply = server.post({"url": URL, "events": wanted, **more}, "/webhooks")
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def settle(server: LiveServer, state: DeliveryState) -> None:
    server.services.record.write(lambda c: c.execute(deliveries.update().values(state=state.value)).rowcount)


def test_one_is_made_changed_and_deleted(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())
    made = make(any_server, "call.ended", "call.extracted", headers={"X-Team": "two"}, description="CRM")
    path = f"/webhooks/{made['id']}"
    assert len(made["secret"]) == 64
    assert any_server.http.get(path + "/secret").json() == {"secret": made.pop("secret")}
    assert any_server.http.get(path).json() == made
    assert [each["event"] for each in made["events"]] == ["call.ended", "call.extracted"]
    changed = any_server.http.patch(path, json={"events": [{"event": "call.started"}], "enabled": False})
    assert changed.json() == {
        **made,
        "events": [{"event": "call.started", "agent": None}],
        "enabled": False,
    }
    assert any_server.http.get("/webhooks").json()["webhooks"] == [changed.json()]
    with any_server.holder_of(Scope.READ) as reader:
        assert reader.get(path).json()["headers"] == ["X-Team"], "their values may be keys"
    assert any_server.http.patch(path, json={"timeout_ms": 2500}).json()["timeout_ms"] == 2500
    assert any_server.http.delete(path).status_code == 204
    assert any_server.http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://x"}, "url"),
        ({"events": [{"event": "call.melted"}]}, "events[0].event"),
        ({"events": [{"event": "extraction.failed"}]}, "event"),
        ({"format": "morse"}, "format"),
        ({"timeout_ms": 999}, "timeout_ms"),
        ({"events": [{"event": "alerts.triggered"}], "format": "native"}, "event"),
        ({"events": [{"event": "alerts.resolved", "agent": "x"}], "format": "polyai"}, "event"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"colour": "red"}, None),
    ],
    ids=["url", "event", "event of no word", "format", "timeout", "alert", "alert of an agent", "header", "unknown"],
)
def test_what_cannot_be_is_refused(server: LiveServer, change: dict[str, Any], field: str | None) -> None:
    reply = server.post({"url": URL, **change}, "/webhooks")
    assert reply.status_code == 400, reply.text
    assert field is None or reply.json()["error"].get("field") == field
    assert server.http.get("/webhooks").json()["webhooks"] == []


def test_the_log_is_filtered_and_paged(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call("call-0"))
    made = make(any_server, "call.ended")
    for number in range(1, 4):
        any_server.desk.hand_in(a_call(f"call-{number}"))
    first = any_server.http.get("/deliveries", params={"limit": 2}).json()
    assert [each["call"] for each in first["deliveries"]] == ["call-3", "call-2"]
    rest = any_server.http.get("/deliveries", params={"cursor": first["next_cursor"]}).json()
    assert [each["call"] for each in rest["deliveries"]] == ["call-1"] and rest["next_cursor"] is None

    def asked(**wanted: str) -> int:
        return len(any_server.http.get("/deliveries", params=wanted).json()["deliveries"])

    assert asked(webhook=made["id"], call="call-2", event="call.ended", state="waiting,dead") == 1
    assert (asked(state="dead"), asked(event="call.started"), asked(webhook="0" * 24)) == (0, 0, 0)
    assert (asked(since="2026-03-02T12:00:00Z"), asked(until="2026-03-02T12:00:00Z")) == (3, 0)
    for wrong in ({"state": "lost"}, {"since": "soon"}, {"colour": "red"}, {"limit": "0"}):
        assert any_server.http.get("/deliveries", params=wrong).status_code == 400


def test_one_and_a_range_are_sent_again(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call("call-0"))
    made = make(any_server, "call.ended")
    any_server.desk.hand_in(a_call())
    any_server.desk.hand_in(a_call("call-2"))
    newest = any_server.http.get("/deliveries").json()["deliveries"][0]
    path = f"/deliveries/{newest['id']}"
    assert any_server.http.post(path + ":replay").status_code == 409, "it is on its way"
    settle(any_server, DeliveryState.DEAD)
    again = any_server.http.post(path + ":replay")
    assert (again.status_code, again.json()["replay_of"]) == (202, newest["id"])
    assert any_server.http.get(f"/deliveries/{again.json()['id']}").json()["attempts"] == []
    many = any_server.post({"webhook": made["id"], "state": "dead"}, "/deliveries:replay")
    assert (many.status_code, many.json()["replayed"], many.json()["more"]) == (202, 2, False)
    for unbounded in ({}, {"state": "dead"}):
        assert any_server.post(unbounded, "/deliveries:replay").status_code == 400


def test_a_test_is_queued_unless_nothing_would_be_sent(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())
    made = make(any_server)
    path = f"/webhooks/{made['id']}"
    sent = any_server.http.post(path + "/test")
    assert (sent.status_code, sent.json()["event"], sent.json()["call"]) == (202, "test", None)
    any_server.http.patch(path, json={"enabled": False})
    assert any_server.http.post(path + "/test").status_code == 409


def test_a_secret_is_replaced_and_the_old_one_signs_as_long_as_was_asked_for(any_server: LiveServer) -> None:
    made = make(any_server, format="native")
    path = f"/webhooks/{made['id']}"
    first = any_server.http.post(path + "/secret:rotate").json()
    assert first["old_secret_until"] == "2026-03-03T12:00:00Z" and first["secret"] != made["secret"]
    assert any_server.http.get(path + "/secret").json() == {"secret": first["secret"]}
    assert any_server.http.get(path).json()["old_secret_until"] == first["old_secret_until"]
    second = any_server.http.post(path + "/secret:rotate", json={"grace_s": 0}).json()
    assert (second["old_secret_until"], second["secret"] != first["secret"]) == (None, True)
    for wrong in ({"grace_s": -1}, {"grace_s": 10**9}, {"grace_s": "day"}, {"grace": 1}):
        assert any_server.http.post(path + "/secret:rotate", json=wrong).status_code == 400
    assert any_server.http.get(path + "/secret").json() == {"secret": second["secret"]}
    with any_server.holder_of(Scope.READ, Scope.WRITE) as writer:
        assert writer.post(path + "/secret:rotate").status_code == 403
