"""A server with its worker tells a receiver of a call, from the Atoms interface to the signature."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from tests.api.atoms.test_webhooks_over_http import EVENTS, atoms, make
from tests.builders import AGENT, StepClock, a_body, a_question
from tests.live_server import run_server
from tests.notify.receiver import receiver

from postcall.settings import WebhookSettings


def test_a_receiver_hears_of_a_call_in_order_and_can_tell_who_speaks(sqlite_url: str, tmp_path: Path) -> None:
    settings = WebhookSettings(to=("private",))
    with (
        receiver() as mine,
        run_server(sqlite_url, tmp_path, clock=StepClock(), worker=True, webhooks=settings) as server,
    ):
        agent = server.post({"slug": AGENT}, "/agents").json()["id"]
        server.desk.ask(a_question())
        with atoms(server) as client:
            webhook = make(client, agent, url=mine.url)
            client.patch(f"/webhook/{webhook}", json={"headers": {"X-Team": "two"}})
            secret = client.get("/webhook", params={"webhookId": webhook}).json()["data"]["decryptedSecretKey"]
            action = {"url": mine.url, "body": '{"call": "{{call_id}}", "booked": {{booked}}}'}
            body = {"agentId": agent, "category": "post-call", "provider": "crm", "config": action}
            acted = client.post("/call-actions", json=body).json()["data"]
        server.post(a_body("CALL-1772445600000-ab12cd", status="in_progress"))
        server.post({}, "/calls/CALL-1772445600000-ab12cd/end")
        got = mine.wait_for(4, seconds=20)
    told = [each for each in got if "metadata" in each.json]
    assert [each.json["metadata"]["eventType"] for each in told] == EVENTS
    assert len({each.json["id"] for each in told}) == 3
    for each in told:
        assert each.headers["x-signature"] == hmac.new(secret.encode(), each.body, hashlib.sha256).hexdigest()
        assert (each.headers["x-team"], each.json["event"].partition(".")[0]) == ("two", agent)
    [request] = [each for each in got if "metadata" not in each.json]
    assert request.json["call"] == "CALL-1772445600000-ab12cd" and "booked" in request.json
    key = acted["decryptedSecretKey"].encode()
    assert request.headers["x-signature"] == hmac.new(key, request.body, hashlib.sha256).hexdigest()
