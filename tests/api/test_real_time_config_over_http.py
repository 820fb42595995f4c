"""Settings that act at once, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_call
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

PATH = "/agents/clinic/real-time-config/live"
SCHEMA = {"type": "object", "properties": {"open": {"type": "boolean"}}}


@pytest.fixture(autouse=True)
def _agent(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())


def test_what_is_set_is_read_back(any_server: LiveServer) -> None:
    assert any_server.http.get(PATH).json() == {"environment": "live", "schema": {}, "data": {}, "updated_at": None}
    reply = any_server.http.put(PATH, json={"schema": SCHEMA, "data": {"open": True}})
    expected = {
        "environment": "live",
        "schema": SCHEMA,
        "data": {"open": True},
        "updated_at": "2026-03-02T12:00:00Z",
    }
    assert (reply.status_code, reply.json()) == (200, expected)
    assert any_server.http.get(PATH).json() == expected


def test_data_alone_are_checked_by_the_schema_that_is_there(any_server: LiveServer) -> None:
    any_server.http.put(PATH, json={"schema": SCHEMA, "data": {}})
    refused = any_server.http.put(PATH, json={"data": {"open": "no"}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "data.open")
    assert any_server.http.put(PATH, json={"data": {"open": False}}).json()["schema"] == SCHEMA


def test_some_names_are_changed(any_server: LiveServer) -> None:
    any_server.http.put(PATH, json={"schema": SCHEMA, "data": {"open": True, "soup": "leek"}})
    reply = any_server.http.patch(PATH, json={"data": {"open": False, "soup": None, "fish": 1}})
    assert reply.json()["data"] == {"open": False, "fish": 1}
    assert any_server.http.patch(PATH, json={"data": {"open": 1}}).status_code == 400
    assert any_server.http.get(PATH).json()["data"] == {"open": False, "fish": 1}


@pytest.mark.parametrize("body", [{"data": []}, {"data": None}, {}, [], {"data": {}, "more": 1}, {"schema": {}}])
def test_what_is_no_setting_is_refused(any_server: LiveServer, body: Any) -> None:
    assert any_server.http.put(PATH, json=body).status_code == 400
    if body != {"data": {}, "schema": {}}:
        assert any_server.http.patch(PATH, json=body).status_code == 400


def test_an_unknown_environment_or_agent_is_told(any_server: LiveServer) -> None:
    reply = any_server.http.get("/agents/clinic/real-time-config/prod")
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "environment")
    assert any_server.http.get("/agents/nobody/real-time-config/live").status_code == 404


def test_readers_read_and_admins_change(any_server: LiveServer) -> None:
    with any_server.holder_of(Scope.READ, Scope.WRITE) as client:
        assert client.get(PATH).status_code == 200
        assert client.put(PATH, json={"data": {}}).status_code == 403
        assert client.patch(PATH, json={"data": {}}).status_code == 403
