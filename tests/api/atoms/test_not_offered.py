"""Every published operation is answered: by what it is for, or by an error that says what postcall does not do."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import APIRouter
from starlette.routing import Match
from tests.api.atoms.published import operations
from tests.live_server import LiveServer

from postcall.api.atoms.elsewhere import ABSENT, PAYMENTS, router
from postcall.api.atoms.routes import ROUTERS

NOT_OFFERED = {route for absent in ABSENT for route in absent.routes}
SOME_ID = "0123456789abcdef01234567"


def nameless(path: str) -> str:
    """A path whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def answering(method: str, path: str) -> tuple[str, APIRouter] | None:
    """The path of the route that takes such a request, and whose it is."""
    asked = {"type": "http", "method": method, "path": re.sub(r"\{[^}]*\}", SOME_ID, path), "root_path": ""}
    for owner in (*ROUTERS, router):
        for route in owner.routes:
            if route.matches(asked)[0] is Match.FULL:
                return str(getattr(route, "path", "")), owner
    return None


def test_every_published_operation_is_served_or_refused_with_a_reason() -> None:
    refused = {(method, nameless(path)) for method, path in NOT_OFFERED}
    for method, path in ((each.upper(), path) for each, path in operations()):
        found = answering(method, path)
        assert found is not None, f"nobody serves {method} {path}, and it is not in api/atoms/elsewhere.py"
        template, owner = found
        if path.startswith("/webhook-events/"):  # no operations, but what receivers are sent: one route says so of all
            assert template.startswith("/webhook-events/")
            continue
        assert nameless(template) == nameless(path), f"{template} takes the requests of {method} {path}"
        assert (owner is router) == ((method, nameless(path)) in refused), path


def test_nothing_is_refused_that_somebody_serves() -> None:
    served = [
        (method, path) for method, path in NOT_OFFERED if (found := answering(method, path)) and found[1] is not router
    ]
    assert served == []


@pytest.fixture
def http(server: LiveServer) -> httpx.Client:
    """Without a key, for any address."""
    return httpx.Client(base_url=server.address, timeout=30)


def test_what_is_not_offered_says_so_in_the_envelope(http: httpx.Client) -> None:
    for absent in (*ABSENT, PAYMENTS):
        for method, path in absent.routes:
            prefix = "" if absent is PAYMENTS else "/atoms/v1"
            reply = http.request(method, prefix + re.sub(r"\{[^}]*\}", SOME_ID, path))
            assert reply.status_code == 501, path
            [text] = reply.json()["errors"]
            assert reply.json()["status"] is False
            assert text.startswith(f"postcall does not offer {absent.what}") and absent.instead in text
            assert reply.headers["x-request-id"]


@pytest.mark.parametrize("prefix", ["/atoms/v1", "/api/v1"])
def test_an_address_that_leads_nowhere_answers_in_the_envelope(http: httpx.Client, prefix: str) -> None:
    for path in ("/nothing", "", "/analytics", "/analytics/summary/more", "/agent/x/y/z"):
        reply = http.get(prefix + path)
        assert (reply.status_code, reply.json()["status"]) == (404, False), path
        assert reply.json()["errors"]


def test_another_method_is_not_another_address(http: httpx.Client) -> None:
    for method, path in (("POST", "/analytics/summary"), ("DELETE", "/knowledgebase"), ("PUT", "/user")):
        reply = http.request(method, f"/atoms/v1{path}")
        assert (reply.status_code, reply.json()["status"]) == (405, False), path
        assert "GET" in reply.headers["allow"]
