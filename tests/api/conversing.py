"""A client of the conversations' interface, and what its replies have to fit."""

from __future__ import annotations

import functools
import json
from typing import Any

import httpx
import jsonschema
from tests.conftest import SHARED
from tests.live_server import LiveServer

from postcall.domain.keys import Scope
from postcall.storage.keys import create_key

LIST = "/v3/default/clinic/conversations"
BY_ID = "/v1/agents/clinic/conversations"
ENVELOPE = ["data", "error", "error_code", "error_id", "error_message", "success"]
WINDOW = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2027-01-01T00:00:00Z"}
FILTER = "GET_CONVERSATIONS_FILTER_PARSE_ERROR"


def client_of(
    server: LiveServer, *scopes: Scope, account: str = "default", agents: list[str] | None = None
) -> httpx.Client:
    """A client for every address of the server."""
    if agents is None:
        headers = dict(server.holder_of(*scopes, account=account).headers)
        return httpx.Client(base_url=server.address, headers=headers, timeout=30)
    desk = server.desk
    made = desk.record.write(
        lambda c: create_key(
            c, account, name="narrow", scopes=frozenset(scopes), expires_at=None, now=desk.clock(), agents=agents
        )
    )
    return httpx.Client(base_url=server.address, headers={"x-api-key": made.secret}, timeout=30)


def listed(client: httpx.Client, path: str = LIST, **query: Any) -> dict[str, Any]:
    """A list, which fits its description."""
    reply = client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    assert reply.headers["x-polyai-correlation-id"]
    fits(reply, "GetConversationsResponse") if not path.startswith("/v1") else None
    found: dict[str, Any] = reply.json()
    return found


def ids(client: httpx.Client, path: str = LIST, **query: Any) -> list[str]:
    """The ids of a list."""
    return [each["id"] for each in listed(client, path, **query)["conversations"]]


def detail(client: httpx.Client, call_id: str, **query: Any) -> dict[str, Any]:
    """One conversation, which fits its description."""
    reply = client.get(f"{BY_ID}/{call_id}", params=query)
    assert reply.status_code == 200, reply.text
    fits(reply, "ConversationDetailResponse")
    found: dict[str, Any] = reply.json()
    return found


def refused(reply: httpx.Response, status: int, code: str) -> str:
    """What an error says, once it is sure that it is one of this interface."""
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert sorted(body) == ENVELOPE
    assert (body["success"], body["data"], body["error_code"]) == (False, None, code), body
    assert body["error_id"] == reply.headers["x-polyai-correlation-id"]
    return str(body["error_message"])


@functools.cache
def described() -> dict[str, Any]:
    """The published description, with nullable fields said as JSON schema says them."""
    file = SHARED / "contracts" / "polyai-conversations-v3.openapi.json"
    text = file.read_text().replace('"nullable": true,', "")
    found: dict[str, Any] = json.loads(text)
    found["components"]["schemas"]["GetConversationsResponse"]["properties"]["cursor"]["type"] = ["string", "null"]
    return found


def fits(reply: httpx.Response, schema: str) -> None:
    """The body is as the description says, dates included."""
    document = {**described(), "$ref": f"#/components/schemas/{schema}"}
    jsonschema.validate(reply.json(), document, format_checker=jsonschema.FormatChecker())
