"""Webhook endpoints with inputs that schemathesis makes from the published description, fitting and not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_dict
from tests.builders import StepClock
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.storage.webhooks import list_webhooks

PATH = "/v1/webhook-endpoints"
EXAMPLES = 8
"""Of each operation and of each kind: what fits the description, and what does not."""
OPERATIONS = [
    ("get", PATH),
    ("post", PATH),
    ("get", PATH + "/{endpoint_id}"),
    ("patch", PATH + "/{endpoint_id}"),
    ("post", PATH + "/{endpoint_id}/rotate-secret"),
    ("delete", PATH + "/{endpoint_id}"),
]
BEYOND = {403, 404, 405, 409, 400}
"""Statuses that this interface knows, also where the description of an operation does not name them."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("endpoints-fuzzed")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        yield server


def an_endpoint(server: LiveServer, key: dict[str, str]) -> str:
    """One that is there; made anew where the last was deleted."""
    found = server.services.record.read(lambda c: list_webhooks(c, server.desk.pk))
    if found:
        return f"whe_{found[-1].id}"
    body = {"name": "The CRM", "url": "https://crm.example/calls", "event_types": ["alerts.triggered"]}
    made = requests.post(server.address + PATH, json=body, headers=key, timeout=30)
    assert made.status_code == 201, made.text
    made_id: str = made.json()["id"]
    return made_id


@pytest.mark.shared
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=" ".join)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "not fitting"])
def test_no_input_breaks_it(running: LiveServer, shared: Path, method: str, path: str, mode: GenerationMode) -> None:
    described = json.loads((shared / "contracts" / "polyai-webhooks.openapi.json").read_text())
    operation = from_dict(described)[path][method.upper()]
    key = {"x-api-key": running.desk.key(Scope.ADMIN).secret}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if "endpoint_id" in (case.path_parameters or {}) and mode is GenerationMode.POSITIVE:
            case.path_parameters["endpoint_id"] = an_endpoint(running, key)
        try:
            request = case.as_transport_kwargs(base_url=running.address)
            request["headers"].update(key)
            reply = requests.request(**request, timeout=30, allow_redirects=False)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return  # it cannot be put into a request
        check(described, method, path, reply)

    ask()


def check(described: dict[str, Any], method: str, path: str, reply: requests.Response) -> None:
    """No fault of ours, and a body that is the described one."""
    assert reply.status_code < 500, reply.text
    responses = described["paths"][path][method]["responses"]
    assert str(reply.status_code) in responses or reply.status_code in BEYOND, f"{reply.status_code} {reply.text}"
    if reply.status_code == 204:
        assert reply.content == b""
        return
    schema = {"$ref": "#/components/schemas/Error"}
    if reply.status_code < 300:
        schema = responses[str(reply.status_code)]["content"]["application/json"]["schema"]
    jsonschema.validate(reply.json(), {**described, **schema})
