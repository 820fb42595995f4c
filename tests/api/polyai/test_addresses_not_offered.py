"""What postcall does not do is refused in the interface's own envelope, with what to use instead."""

from __future__ import annotations

import json

import httpx
import pytest
from tests.conftest import SHARED
from tests.live_server import LiveServer

from postcall.api.polyai.errors import speaks_here

ENVELOPE = ["data", "error", "error_code", "error_id", "error_message", "success"]
BUILDER = (
    "/v1/accounts/default/agents",
    "/v1/agents/x/behavior",
    "/v1/agents/x/branches",
    "/v1/agents/x/branches/b/merge",
    "/v1/agents/x/branches/b/functions/f/execute",
    "/v1/agents/x/knowledge-base/topics",
    "/v1/agents/x/attributes",
    "/v1/agents/x/variants",
    "/v1/agents/x/deployments/d/promote",
    "/v1/agents/x/deployments/active",
    "/v1/agents/x/real-time-configs/live/schema",
    "/v1/agents/x/testing/test-runs/trigger",
    "/v1/agents/x/functions/validate",
    "/adk/v1/accounts/a/projects/p/branches",
    "/data-mcp",
)


def refused(reply: httpx.Response, status: int, code: str) -> str:
    assert (reply.status_code, reply.json()["error_code"]) == (status, code), reply.text
    assert sorted(reply.json()) == ENVELOPE
    assert reply.headers["x-polyai-correlation-id"] == reply.json()["error_id"]
    return str(reply.json()["error_message"])


def test_whatever_is_not_offered_says_what_to_use_instead(server: LiveServer) -> None:
    with httpx.Client(base_url=server.address, timeout=30) as http:  # without a key: none would help
        for path in BUILDER:
            for method in ("GET", "POST", "PATCH", "DELETE"):
                said = refused(http.request(method, path), 501, "NOT_OFFERED")
                assert said.startswith("postcall does not offer ")
                assert len(said.partition(": ")[2]) > 20, said
        refused(http.get("/v1/agents/x/nothing-of-the-kind"), 404, "NOT_FOUND")
        said = refused(http.post("/v4/default/x/chat/create"), 404, "NOT_FOUND")
        assert "no version 'v4'" in said and "v1, v2, v3" in said
        refused(http.get("/v1/alert-rules/%00"), 400, "CONVERSATIONS_VALIDATION_FAILED")
        refused(http.delete("/v1/default/x/handoff_state"), 405, "METHOD_NOT_ALLOWED")
        refused(http.put("/adk/v1/accounts/a/projects/p/custom-metrics/export"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.shared
def test_every_operation_on_alerts_is_refused_with_a_reason(server: LiveServer) -> None:
    with (SHARED / "contracts/polyai-alerts.openapi.json").open() as file:
        paths = json.load(file)["paths"]
    with httpx.Client(base_url=server.address, timeout=30) as http:
        for path, operations in paths.items():
            for method in operations:
                said = refused(http.request(method, path.replace("{", "").replace("}", "")), 501, "NOT_OFFERED")
                assert "/postcall/v1/query" in said


def test_nothing_is_refused_that_somebody_serves(server: LiveServer) -> None:
    served = [
        (method, path)
        for path, operations in server.app.openapi()["paths"].items()
        for method in operations
        if speaks_here(path)
    ]
    assert len(served) > 20
    with httpx.Client(base_url=server.address, timeout=30) as http:
        found = {each: http.request(each[0], each[1].replace("{", "").replace("}", "")) for each in served}
    assert [each for each, reply in found.items() if reply.status_code != 401] == []
