"""The outbox over HTTP: what a call asked to send, and sending one of it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.builders import StepClock, a_call
from tests.live_server import LiveServer, run_server

from postcall.domain.conversations import OutboxKind, OutboxState, Outgoing
from postcall.domain.keys import Scope
from postcall.settings import SmtpSettings
from postcall.storage import outbox
from postcall.storage.calls import find_call_row

SMTP = SmtpSettings("127.0.0.1", 1, tls=False, sender="desk@clinic.example")
EMAIL = Outgoing(OutboxKind.EMAIL, "mara@clinic.example", {"subject": "Visit", "body": "Tuesday"})
HANDOFF = Outgoing(OutboxKind.HANDOFF, "billing", {"reason": "a refund"})


def fill(server: LiveServer, *outgoings: Outgoing, sendable: bool = False) -> list[str]:
    server.desk.hand_in(a_call())

    def add(connection: Any) -> list[str]:
        call = find_call_row(connection, server.desk.pk, "call-1")
        return outbox.add_outgoing(
            connection, call.pk, 2, outgoings, sendable=lambda _: sendable, now=server.desk.clock()
        )

    return server.services.record.write(add)


def test_a_call_shows_what_it_asked_to_send(any_server: LiveServer) -> None:
    ids = fill(any_server, EMAIL, HANDOFF)
    shown = any_server.http.get("/calls/call-1/outbox").json()["outbox"]
    assert [each["id"] for each in shown] == ids
    assert shown[0] == {
        "id": ids[0],
        "turn": 2,
        "kind": "email",
        "to": "mara@clinic.example",
        "content": {"subject": "Visit", "body": "Tuesday"},
        "state": "recorded",
        "error": None,
        "attempts": 0,
        "created_at": "2026-03-02T12:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
    }
    assert shown[1]["kind"] == "handoff"


def test_a_call_that_asked_for_nothing_has_an_empty_one_and_no_call_has_none(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())
    assert any_server.http.get("/calls/call-1/outbox").json() == {"outbox": []}
    assert any_server.http.get("/calls/gone/outbox").status_code == 404


def test_a_message_in_doubt_is_sent_again_on_purpose_only(database_url: str, tmp_path: Path) -> None:
    with run_server(database_url, tmp_path, clock=StepClock(), smtp=SMTP) as server:
        [item_id] = fill(server, EMAIL, sendable=True)
        path = f"/outbox/{item_id}/send"
        assert server.http.post(path).status_code == 409, "it waits already"
        now = server.desk.clock()
        server.services.record.write(lambda c: outbox.begin_sending(c, item_id, now=now))
        server.services.record.write(
            lambda c: outbox.settle_sending(c, item_id, 1, OutboxState.UNCERTAIN, error="it did not say", now=now)
        )
        reply = server.http.post(path)
        assert (reply.status_code, reply.json()["state"], reply.json()["error"]) == (202, "queued", None)


def test_what_nothing_can_send_stays_recorded(any_server: LiveServer) -> None:
    email, handoff = fill(any_server, EMAIL, HANDOFF)
    for item_id in (email, handoff):
        assert any_server.http.post(f"/outbox/{item_id}/send").status_code == 409
    assert any_server.http.post(f"/outbox/{'f' * 24}/send").status_code == 404
    states = [each["state"] for each in any_server.http.get("/calls/call-1/outbox").json()["outbox"]]
    assert states == ["recorded", "recorded"]


def test_the_outbox_of_another_account_is_not_there(any_server: LiveServer) -> None:
    [item_id] = fill(any_server, EMAIL)
    with any_server.holder_of(Scope.ADMIN, account="other") as client:
        assert client.get("/calls/call-1/outbox").status_code == 404
        assert client.post(f"/outbox/{item_id}/send").status_code == 404
    with any_server.holder_of(Scope.READ) as client:
        assert client.get("/calls/call-1/outbox").status_code == 200
        assert client.post(f"/outbox/{item_id}/send").status_code == 403
