"""Webhook endpoints, as a client of the vendor's would use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from tests.builders import Desk, StepClock, a_call
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.domain.webhooks import CallMoment
from postcall.settings import WebhookSettings
from postcall.storage.delivery_log import DeliveryFilter, list_deliveries
from postcall.storage.keys import create_key
from postcall.storage.webhooks import find_webhook, list_webhooks

PATH = "/v1/webhook-endpoints"
BODY: dict[str, Any] = {
    "name": "The CRM",
    "url": "https://crm.example/calls",
    "event_types": ["call.ended", "alerts.triggered"],
}
ENVELOPE = ["data", "error", "error_code", "error_id", "error_message", "success"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("endpoints")
    settings = WebhookSettings(to=("hooks.internal", "10.0.0.0/8"))
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock(), webhooks=settings) as server:
        yield server


@pytest.fixture
def client(running: LiveServer) -> Iterator[httpx.Client]:
    """Of an administrator; every endpoint is gone again afterwards."""
    with client_of(running, Scope.ADMIN) as made:
        yield made
        for each in made.get(PATH).json()["data"]:
            assert made.delete(f"{PATH}/{each['id']}").status_code == 204


def client_of(server: LiveServer, *scopes: Scope, account: str = "default") -> httpx.Client:
    secret = Desk(server.services.record, server.desk.clock, account=account).key(*scopes).secret
    return httpx.Client(base_url=server.address, headers={"x-api-key": secret}, timeout=30)


def make(client: httpx.Client, **more: Any) -> dict[str, Any]:
    reply = client.post(PATH, json={**BODY, **more})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def refused(reply: httpx.Response, status: int, code: str) -> str:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert sorted(body) == ENVELOPE and body["error_code"] == code
    assert body["error_id"] == reply.headers["x-polyai-correlation-id"]
    said: str = body["error_message"]
    return said


def schema_of(shared: Path, name: str) -> dict[str, Any]:
    """A published schema, with our events among those that it knows."""
    described = json.loads((shared / "contracts" / "polyai-webhooks.openapi.json").read_text())
    events = described["components"]["schemas"]["WebhookEventType"]["enum"]
    events += list(CallMoment)
    return {**described, "$ref": f"#/components/schemas/{name}"}


@pytest.mark.shared
def test_every_reply_fits_the_published_description(client: httpx.Client, shared: Path) -> None:
    made = make(client, headers={"X-Team": "two"})
    path = f"{PATH}/{made['id']}"
    for reply, name in (
        (made, "WebhookEndpointCreateResponse"),
        (client.get(path).json(), "WebhookEndpoint"),
        (client.patch(path, json={"name": "Ours"}).json(), "WebhookEndpoint"),
        (client.get(PATH).json(), "WebhookEndpointListResponse"),
        (client.post(path + "/rotate-secret").json(), "RotateSigningSecretResponse"),
        (client.get(path + "x").json(), "Error"),
    ):
        jsonschema.validate(reply, schema_of(shared, name))


def test_an_endpoint_is_made_read_changed_and_deleted(client: httpx.Client) -> None:
    made = make(client, headers={"X-Team": "two"})
    secret = made.pop("signing_secret")
    assert len(bytes.fromhex(secret)) == 32
    assert (made["timeout_ms"], made["enabled"], made["headers"]) == (5000, True, {"X-Team": "two"})
    assert made["event_types"] == BODY["event_types"]
    path = f"{PATH}/{made['id']}"
    assert client.get(path).json() == made, "the secret is shown once"
    assert client.get(PATH).json() == {"data": [made]}
    change = {"name": "Ours", "event_types": ["call.extracted"], "timeout_ms": 30_000, "enabled": False, "headers": {}}
    changed = client.patch(path, json=change)
    assert changed.status_code == 200 and changed.json() == {**made, **change}
    assert client.patch(path, json={}).json() == changed.json()
    assert client.delete(path).status_code == 204
    for gone in (
        client.get(path),
        client.patch(path, json={}),
        client.delete(path),
        client.post(path + "/rotate-secret"),
    ):
        refused(gone, 404, "NOT_FOUND")


def test_rotating_gives_another_secret_each_time(client: httpx.Client) -> None:
    made = make(client)
    replies = [client.post(f"{PATH}/{made['id']}/rotate-secret").json() for _ in range(2)]
    assert len({made["signing_secret"], *(reply["signing_secret"] for reply in replies)}) == 3


def test_the_eleventh_is_refused_until_one_goes(client: httpx.Client) -> None:
    made = [make(client) for _ in range(10)]
    assert "there are 10 webhooks" in refused(client.post(PATH, json=BODY), 409, "WEBHOOK_ENDPOINTS_FULL")
    assert client.delete(f"{PATH}/{made[0]['id']}").status_code == 204
    make(client)


def test_the_list_is_narrowed_by_state_and_event(client: httpx.Client) -> None:
    on, off = make(client)["id"], make(client, enabled=False, event_types=["alerts.resolved"])["id"]

    def ids(**wanted: str) -> list[str]:
        return [each["id"] for each in client.get(PATH, params=wanted).json()["data"]]

    assert (ids(), ids(enabled="true"), ids(enabled="false")) == ([on, off], [on], [off])
    assert ids(event_type="alerts.resolved") == [off] and ids(event_type="call.ended", enabled="false") == []
    for wrong in ({"enabled": "perhaps"}, {"event_type": "call.melted"}, {"event_type": "x" * 30_000}):
        refused(client.get(PATH, params=wrong), 400, "CONVERSATIONS_VALIDATION_FAILED")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"name": None},
        {"url": "http://crm.example/calls"},
        {"url": "ftp://crm.example"},
        {"url": "https://user:pw@crm.example"},
        {"url": "https://"},
        {"event_types": []},
        {"event_types": ["call.melted"]},
        {"event_types": "call.ended"},
        {"timeout_ms": 999},
        {"timeout_ms": 30_001},
        {"timeout_ms": 1500.5},
        {"timeout_ms": 10**400},
        {"enabled": "yes"},
        {"headers": {"Host": "elsewhere"}},
        {"headers": {"X-PolyAI-Signature": "mine"}},
        {"headers": {"X-Team": "a\r\nb"}},
        {"colour": "red"},
    ],
    ids=lambda wrong: "-".join(f"{key}={str(value)[:12]}" for key, value in wrong.items()).replace("\r\n", "."),
)
def test_what_cannot_be_is_refused_and_makes_nothing(client: httpx.Client, wrong: dict[str, Any]) -> None:
    refused(client.post(PATH, json={**BODY, **wrong}), 400, "CONVERSATIONS_VALIDATION_FAILED")
    assert client.get(PATH).json() == {"data": []}
    made = make(client)
    refused(client.patch(f"{PATH}/{made['id']}", json=wrong), 400, "CONVERSATIONS_VALIDATION_FAILED")
    made.pop("signing_secret")
    assert client.get(f"{PATH}/{made['id']}").json() == made


def test_who_names_an_event_that_there_is_not_is_told_those_there_are(client: httpx.Client) -> None:
    said = refused(
        client.post(PATH, json={**BODY, "event_types": ["call.nope"]}), 400, "CONVERSATIONS_VALIDATION_FAILED"
    )
    assert "it must be one of alerts.triggered, alerts.resolved, call.started" in said


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"name": "\\ud800"}', b"{}"], ids=repr)
def test_a_body_that_is_none_is_refused(client: httpx.Client, body: bytes) -> None:
    refused(client.post(PATH, content=body), 400, "CONVERSATIONS_VALIDATION_FAILED")


@pytest.mark.parametrize("url", ["http://hooks.internal/x", "http://10.1.2.3:8080/x", "HTTPS://Crm.Example/x"])
def test_a_plain_address_is_taken_where_the_operator_has_named_its_host(client: httpx.Client, url: str) -> None:
    assert make(client, url=url)["url"] == url


@pytest.mark.parametrize(
    "name", ["whe_", "whe_x", "0" * 24, "whe_" + "0" * 24, "whe_%ff", "whe_" + "a" * 5000], ids=len
)
def test_an_endpoint_that_is_none_is_not_there(client: httpx.Client, name: str) -> None:
    refused(client.get(f"{PATH}/{name}"), 404, "NOT_FOUND")


def test_each_needs_the_right_key(running: LiveServer, client: httpx.Client) -> None:
    made = make(client, headers={"Authorization": "Bearer hidden"})
    path = f"{PATH}/{made['id']}"
    with client_of(running, Scope.READ) as reader:
        shown = reader.get(path)
        assert shown.status_code == 200 and "hidden" not in shown.text + reader.get(PATH).text
        for reply in (
            reader.post(PATH, json=BODY),
            reader.patch(path, json={}),
            reader.delete(path),
            reader.post(path + "/rotate-secret"),
        ):
            refused(reply, 403, "USER_ACCESS_FORBIDDEN")
    with client_of(running, Scope.CONVERSATIONS, Scope.HANDOFF) as other:
        refused(other.get(PATH), 403, "USER_ACCESS_FORBIDDEN")
    with client_of(running, Scope.ADMIN, account="other") as stranger:
        assert stranger.get(PATH).json() == {"data": []}
        for reply in (stranger.get(path), stranger.patch(path, json={"name": "x"}), stranger.delete(path)):
            refused(reply, 404, "NOT_FOUND")
    refused(httpx.get(running.address + PATH), 401, "AUTH_USER_UNAUTHORISED")
    assert client.get(path).json()["name"] == "The CRM"


def test_a_key_for_chosen_agents_sees_none(running: LiveServer) -> None:
    running.desk.hand_in(a_call("narrow-1"))
    made = running.services.record.write(
        lambda c: create_key(
            c,
            "default",
            name="narrow",
            scopes=frozenset({Scope.READ, Scope.WRITE}),
            expires_at=None,
            agents=["clinic"],
            now=running.desk.clock(),
        )
    )
    reply = httpx.get(running.address + PATH, headers={"x-api-key": made.secret})
    refused(reply, 403, "USER_ACCESS_FORBIDDEN")


def test_the_same_webhook_stands_in_the_native_interface_and_those_of_other_formats_not_here(
    running: LiveServer, client: httpx.Client
) -> None:
    made = make(client)
    native = running.http.get(f"/webhooks/{made['id'].removeprefix('whe_')}").json()
    assert (native["format"], native["description"]) == ("polyai", "The CRM")
    other = running.post({"url": BODY["url"], "format": "native"}, "/webhooks").json()["id"]
    assert [each["id"] for each in client.get(PATH).json()["data"]] == [made["id"]]
    refused(client.get(f"{PATH}/whe_{other}"), 404, "NOT_FOUND")
    running.http.delete(f"/webhooks/{other}")


def test_what_was_subscribed_is_queued_and_alerts_are_kept_for_the_day_they_are_told(
    running: LiveServer, client: httpx.Client
) -> None:
    webhook_id = make(client)["id"].removeprefix("whe_")
    desk, record = running.desk, running.services.record
    desk.hand_in(a_call("told-1"))
    page = record.read(lambda c: list_deliveries(c, desk.pk, DeliveryFilter(webhook_id=webhook_id)))
    assert [(each.event, each.call_id) for each in page.deliveries] == [("call.ended", "told-1")]
    kept = record.read(lambda c: find_webhook(c, desk.pk, webhook_id))
    assert [each.moment.value for each in kept.subscriptions] == BODY["event_types"]
    assert record.read(lambda c: list_webhooks(c, desk.pk)) == (kept,)
