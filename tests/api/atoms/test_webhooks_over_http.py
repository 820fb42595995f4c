"""Webhooks and subscriptions over the Atoms interface, with its exact words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.builders import AGENT, a_call
from tests.live_server import LiveServer

from postcall.domain.keys import Scope
from postcall.storage.agents import find_agent, list_agents

URL = "https://crm.example/calls"
NOBODYS = "0" * 24
EVENTS = ["pre-conversation", "post-conversation", "analytics-completed"]


@contextmanager
def atoms(server: LiveServer, *scopes: Scope, account: str = "default") -> Iterator[httpx.Client]:
    with server.holder_of(*(scopes or (Scope.ADMIN,)), account=account) as holder:
        headers = {"authorization": holder.headers["authorization"]}
        with httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30) as client:
            yield client


def an_agent(server: LiveServer) -> str:
    server.desk.hand_in(a_call())
    return server.desk.record.read(lambda c: find_agent(c, server.desk.pk, AGENT)).id


def make(client: httpx.Client, agent: str, *, url: str = URL, events: list[str] | None = None) -> str:
    wanted = [{"agentId": agent, "eventType": event} for event in (EVENTS if events is None else events)]
    reply = client.post("/webhook", json={"endpoint": url, "description": "CRM", "events": wanted})
    assert reply.status_code == 201, reply.text
    fits("post", "/webhook", reply)
    made: str = reply.json()["data"]
    return made


def errors(reply: httpx.Response, status: int = 400) -> list[str]:
    assert reply.status_code == status, reply.text
    assert reply.json()["status"] is False
    found: list[str] = reply.json()["errors"]
    return found


def test_one_is_made_read_changed_and_deleted(any_server: LiveServer) -> None:
    agent = an_agent(any_server)
    with atoms(any_server) as client:
        made = make(client, agent)
        one, every = client.get("/webhook", params={"webhookId": made}), client.get("/webhook")
        fits("get", "/webhook", one)
        fits("get", "/webhook", every)
        assert every.json()["data"] == [one.json()["data"]]
        shown = one.json()["data"]
        assert (shown["url"], shown["status"], shown["description"]) == (URL, "enabled", "CRM")
        assert "endpoint" not in shown and len(shown["decryptedSecretKey"]) == 64
        assert [each["eventType"] for each in shown["subscriptions"]] == EVENTS
        assert shown["subscriptions"][0]["agentId"]["_id"] == agent
        changed = client.patch(f"/webhook/{made}", json={"endpoint": URL + "/2", "headers": {"X-Team": "two"}})
        fits("patch", "/webhook/{id}", changed)
        assert changed.json() == {"status": True, "data": made}
        after = client.get("/webhook", params={"webhookId": made}).json()["data"]
        assert (after["url"], after["headers"], after["description"]) == (URL + "/2", {"X-Team": "two"}, "CRM")
        client.patch(f"/webhook/{made}", json={"headers": {}})
        assert client.get("/webhook", params={"webhookId": made}).json()["data"]["headers"] == {}
        assert errors(client.delete(f"/webhook/{made}")) == [
            "Cannot delete webhook: It is currently assigned to one or more agents. "
            "Please remove all agent assignments first."
        ]
        client.delete(f"/agent/{agent}/webhook-subscriptions")
        gone = client.delete(f"/webhook/{made}")
        fits("delete", "/webhook/{id}", gone)
        assert gone.json() == {"status": True, "data": "Webhook deleted successfully"}
        assert client.get("/webhook").json() == {"status": True, "data": []}
        errors(client.delete(f"/webhook/{made}"), 404)


def test_subscribing_replaces_all_that_the_agent_had(any_server: LiveServer) -> None:
    agent = an_agent(any_server)
    path = f"/agent/{agent}/webhook-subscriptions"
    with atoms(any_server) as client:
        first, second = make(client, agent), make(client, agent, url=URL + "/2", events=[])
        made = client.post(path, json={"eventTypes": ["analytics-completed"], "webhookId": second})
        fits("post", "/agent/{agentId}/webhook-subscriptions", made)
        assert (made.status_code, made.json()["data"]) == (201, "Subscriptions created successfully")
        listed = client.get(path)
        fits("get", "/agent/{agentId}/webhook-subscriptions", listed)
        [one] = listed.json()["data"]
        assert (one["webhookId"], one["agentId"], one["eventType"]) == (second, agent, "analytics-completed")
        assert client.get("/webhook", params={"webhookId": first}).json()["data"]["subscriptions"] == []
        removed = client.delete(path)
        fits("delete", "/agent/{agentId}/webhook-subscriptions", removed)
        assert removed.json()["data"] == "Subscriptions deleted successfully"
        assert client.get(path).json()["data"] == []


def test_the_old_client_is_not_told_of_an_event_that_it_would_choke_on(server: LiveServer) -> None:
    agent = an_agent(server)
    with atoms(server) as client:
        made = make(client, agent)
        client.headers["user-agent"] = "OpenAPI-Generator/1.0.0/python"
        listed = client.get(f"/agent/{agent}/webhook-subscriptions").json()["data"]
        assert [each["eventType"] for each in listed] == EVENTS[:2]
        one = client.get("/webhook", params={"webhookId": made}).json()["data"]
        assert [each["eventType"] for each in one["subscriptions"]] == EVENTS[:2]


def test_the_same_url_twice_is_refused_in_the_vendors_words(any_server: LiveServer) -> None:
    agent = an_agent(any_server)
    with atoms(any_server) as client:
        make(client, agent)
        other = make(client, agent, url=URL + "/2", events=[])
        twice = client.post("/webhook", json={"endpoint": URL, "description": "", "events": []})
        taken = ["A webhook with this URL has already been registered"]
        assert errors(twice) == taken
        assert errors(client.patch(f"/webhook/{other}", json={"endpoint": URL})) == taken
        assert len(client.get("/webhook").json()["data"]) == 2


NEW: dict[str, Any] = {"endpoint": URL, "description": "", "events": []}
WRONG = {
    "nothing": ({}, ["endpoint: Required", "description: Required", "events: Required"]),
    "null": ({**NEW, "events": None}, ["events: Required"]),
    "no address": (
        {**NEW, "endpoint": "crm"},
        ["endpoint: must be an http:// or https:// address in plain characters"],
    ),
    "a number": ({**NEW, "endpoint": 5}, ["endpoint: must be a string"]),
    "events no list": ({**NEW, "events": {}}, ["events: must be a list of objects"]),
    "half an event": ({**NEW, "events": [{"agentId": NOBODYS}]}, ["events[0].eventType: Required"]),
    "no id": ({**NEW, "events": [{"agentId": "x", "eventType": EVENTS[0]}]}, ["Invalid agent id"]),
    "no such agent": ({**NEW, "events": [{"agentId": NOBODYS, "eventType": EVENTS[0]}]}, ["No agent found"]),
    "no such event": (
        {**NEW, "events": [{"agentId": NOBODYS, "eventType": "call.start"}]},
        ["events[0].eventType: must be one of pre-conversation, post-conversation, analytics-completed"],
    ),
}


@pytest.mark.parametrize(("body", "texts"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_body_is_a_400_and_makes_nothing(server: LiveServer, body: dict[str, Any], texts: list[str]) -> None:
    with atoms(server) as client:
        assert errors(client.post("/webhook", json=body)) == texts
        assert client.get("/webhook").json()["data"] == []


BAD_HEADERS: dict[str, Any] = {
    "eleven": {f"X-{n}": "v" for n in range(11)},
    "too long a value": {"X-A": "v" * 1025},
    "no token": {"X A": "v"},
    "reserved": {"X-Signature": "v"},
    "another reserved": {"content-length": "5"},
    "a line break": {"X-A": "v\r\nX-B: w"},
    "a number": {"X-A": 5},
    "a list": ["X-A"],
}


@pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=list(BAD_HEADERS))
def test_headers_that_could_change_the_request_are_refused(server: LiveServer, headers: Any) -> None:
    agent = an_agent(server)
    with atoms(server) as client:
        made = make(client, agent)
        client.patch(f"/webhook/{made}", json={"headers": {"X-Before": "v" * 1024}})
        [text] = errors(client.patch(f"/webhook/{made}", json={"headers": headers}))
        assert text.startswith("headers:")
        shown = client.get("/webhook", params={"webhookId": made}).json()["data"]
        assert shown["headers"] == {"X-Before": "v" * 1024}


def test_ids_that_are_none_or_somebody_elses(server: LiveServer) -> None:
    agent = an_agent(server)
    invalid = ["The provided Webhook ID is invalid."]
    with atoms(server) as client, atoms(server, account="other") as stranger:
        made = make(client, agent)
        for wrong in ("x", NOBODYS):
            assert errors(client.get("/webhook", params={"webhookId": wrong})) == invalid
            body = {"eventTypes": [EVENTS[0]], "webhookId": wrong}
            assert errors(client.post(f"/agent/{agent}/webhook-subscriptions", json=body)) == invalid
        assert errors(client.patch("/webhook/x", json={"description": "y"})) == invalid
        errors(client.patch(f"/webhook/{NOBODYS}", json={"description": "y"}), 404)
        assert "At least one of" in errors(client.patch(f"/webhook/{made}", json={}))[0]
        assert errors(stranger.get("/webhook", params={"webhookId": made})) == invalid
        errors(stranger.delete(f"/webhook/{made}"), 404)
        assert errors(stranger.get(f"/agent/{agent}/webhook-subscriptions")) == ["No agent found"]
        assert errors(client.get("/agent/x/webhook-subscriptions")) == ["Invalid agent id"]
        assert len(client.get(f"/agent/{agent}/webhook-subscriptions").json()["data"]) == 3


def test_who_may_only_read_sees_no_secret_and_changes_nothing(server: LiveServer) -> None:
    agent = an_agent(server)
    with atoms(server) as client, atoms(server, Scope.READ) as reader:
        made = make(client, agent)
        client.patch(f"/webhook/{made}", json={"headers": {"Authorization": "Bearer hidden"}})
        for reply in (reader.get("/webhook"), reader.get("/webhook", params={"webhookId": made})):
            assert reply.status_code == 200
            assert "decryptedSecretKey" not in reply.text and "hidden" not in reply.text
        for reply in (reader.delete(f"/webhook/{made}"), reader.post("/webhook", json=NEW)):
            assert reply.status_code == 403
    assert len(server.desk.record.read(lambda c: list_agents(c, server.desk.pk))) == 1


@pytest.mark.parametrize("event", EVENTS)
def test_the_addresses_that_describe_events_say_that_they_take_none(server: LiveServer, event: str) -> None:
    with atoms(server) as client:
        [text] = errors(client.post(f"/webhook-events/{event}", json={}), 501)
        assert "your own receiver" in text
