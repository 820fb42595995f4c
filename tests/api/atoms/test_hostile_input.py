"""What nobody's client sends: refused with a reason or taken without harm, and never a fault of postcall's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from tests.api.atoms.test_webhooks_over_http import atoms, errors
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

NUL = "a\x00b"
DEEP = "[" * 500 + "]" * 500
AGENT_BODY = {"name": "Bakery", "globalPrompt": "Sell bread."}


@contextmanager
def a_baker(server: LiveServer) -> Iterator[tuple[httpx.Client, str]]:
    with atoms(server) as client:
        yield client, client.post("/agent", json=AGENT_BODY).json()["data"]


def test_null_bytes_in_bodies_are_dropped_or_refused(any_server: LiveServer) -> None:
    with a_baker(any_server) as (client, agent):
        made = client.post("/agent", json={"name": NUL, "description": NUL, "defaultVariables": {NUL: NUL}})
        shown = client.get(f"/agent/{made.json()['data']}").json()["data"]
        assert (shown["name"], shown["description"], shown["defaultVariables"]) == ("ab", "ab", {"ab": "ab"})
        assert errors(client.patch(f"/agent/{agent}", json={"telephonyProductId": [NUL]})) == ["Invalid product id"]
        assert client.post("/conversation/search", json={"callIds": [NUL]}).json()["data"]["total"] == 0
        errors(client.post("/conversation/cancel", json={"callId": NUL}), 404)
        errors(client.post(f"/agent/{agent}/drafts", json={"sourceDraftId": NUL}), 404)
        action = {"agentId": agent, "category": "post-call", "provider": NUL, "config": {"body": NUL, NUL: NUL}}
        kept = client.post("/call-actions", json=action).json()["data"]
        assert (kept["provider"], kept["config"]["body"], kept["config"]["ab"]) == ("ab", "ab", "ab")
        hook = client.post("/webhook", json={"endpoint": "https://crm.example", "description": "", "events": []})
        assert client.patch(f"/webhook/{hook.json()['data']}", json={"description": NUL}).status_code == 200
        token = {"agent_id": agent, "variables": {NUL: NUL, "none": None}}
        assert client.post("/conversation/register-call", json=token).status_code == 201


def test_a_null_byte_in_an_address_is_refused_in_this_interfaces_envelope(server: LiveServer) -> None:
    with atoms(server) as client:
        for address in ("/conversation/%00", "/conversation?search=%00"):
            assert errors(client.get(address)) == ["the address holds a null byte"]


NESTED = {
    "/agent": '{"name":"q","widgetConfig":{"x":%s}}',
    "/conversation/outbound": '{"agentId":"AGENT","phoneNumber":"+14155550123","operatorData":%s}',
    "/call-actions": '{"agentId":"AGENT","category":"post-call","provider":"x","config":{"a":%s}}',
}


def test_a_body_nested_deeper_than_anybody_can_walk_over_is_refused(server: LiveServer) -> None:
    with a_baker(server) as (client, agent):
        for path, body in NESTED.items():
            raw = (body % DEEP).replace("AGENT", agent)
            assert errors(client.post(path, content=raw)) == ["the body is nested more than 64 levels deep"]


def test_variables_of_a_call_are_flat_on_every_way_to_call(server: LiveServer) -> None:
    with a_baker(server) as (client, agent):
        outbound = {"agentId": agent, "phoneNumber": "+14155550123"}
        for path, body in (("/conversation/outbound", outbound), ("/conversation/register-call", {"agent_id": agent})):
            wrong: dict[str, Any] = {**body, "variables": {"name": ["Ann"]}}
            assert errors(client.post(path, json=wrong)) == ["Invalid input"]


def test_what_would_swell_every_delivery_is_refused(server: LiveServer) -> None:
    with a_baker(server) as (client, agent):
        long = {"endpoint": "https://crm.example", "description": "x" * 501, "events": []}
        assert errors(client.post("/webhook", json=long)) == ["description: at most 500 characters, not 501"]
        hook = client.post("/webhook", json={**long, "description": "x" * 500}).json()["data"]
        errors(client.patch(f"/webhook/{hook}", json={"description": "x" * 501}))
        condition = {"field": "call_status", "operator": "eq", "value": "completed"}
        action = {
            "agentId": agent,
            "category": "post-call",
            "provider": "x",
            "config": {"conditions": [condition] * 101},
        }
        assert errors(client.post("/call-actions", json=action)) == ["config.conditions: at most 100, not 101"]


EDGES = (
    ("/analytics/concurrency", {"date": "0001-01-01"}),
    ("/analytics/concurrency", {"date": "9999-12-31"}),
    ("/analytics/call-start-distribution", {"date": "0001-01-01"}),
    ("/analytics/summary", {"dateFrom": "0001-01-01", "dateTo": "0001-01-03"}),
    ("/analytics/call-volume-timeseries", {"dateFrom": "0001-01-01", "dateTo": "9999-12-30"}),
    ("/conversation", {"dateTo": "9999-12-31T23:59:59.999999-14:00"}),
)
PAGED = ("/agent", "/conversation", "/campaign", "/dnc", "/analytics/call-counts-log")


def test_the_ends_of_the_calendar_and_of_lists_are_no_fault_of_ours(server: LiveServer) -> None:
    with atoms(server) as client:
        for path, query in EDGES:
            reply = client.get(path, params=query)
            assert reply.status_code in {200, 400}, f"{path} {query}: {reply.text}"
        for path in PAGED:
            far = {"page": "999999999999999999", "offset": "99999999999", "limit": "99999999999"}
            assert client.get(path, params=far).status_code == 200, path
            errors(client.get(path, params={"page": "x"}))


def test_who_may_not_is_told_so_with_an_object_beside_the_texts(server: LiveServer) -> None:
    with atoms(server, Scope.READ) as reader:
        refused = reader.post("/agent", json=AGENT_BODY)
        assert refused.json()["data"] == {} and len(errors(refused, 403)) == 1
