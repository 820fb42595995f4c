"""The published description of the conversations' interface: requests made from it, and replies held against it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from random import Random
from typing import Any, TypeAlias

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_dict
from tests.api.conversing import WINDOW, client_of, described
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope

AnyCase: TypeAlias = "schemathesis.Case[Any]"
LIST = "/v3/{account_id}/{project_id}/conversations"
DETAIL = "/v1/agents/{agentId}/conversations/{conversationId}"
OPERATIONS = {"list": LIST, "detail": DETAIL, "audio": f"{DETAIL}/audio"}
SCHEMAS = {LIST: "GetConversationsResponse", DETAIL: "ConversationDetailResponse"}
REAL = {
    "account_id": ("default", "ws-default"),
    "project_id": ("clinic",),
    "agentId": ("clinic",),
    "conversationId": ("call-1", "live"),
}
NONSENSE = ("nobody", "é", "a b", "%", "...", "x" * 2_000)
EXAMPLES = 25


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("published")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        assert running.post(a_body(metrics={"N": [1, 2]})).status_code == 202
        assert running.post(a_body("live", status="in_progress")).status_code == 202
        yield running


@functools.cache
def operation(path: str) -> Any:
    return from_dict(described())[path]["GET"]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("path", OPERATIONS.values(), ids=OPERATIONS)
def test_no_request_is_a_servers_fault_and_every_reply_is_as_described(
    server: LiveServer, path: str, mode: GenerationMode
) -> None:
    with client_of(server, Scope.ADMIN) as client:
        key = client.headers["authorization"]
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation(path).as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
    def ask(case: AnyCase, random: Random) -> None:
        put_in(case, random)
        try:
            request = case.as_transport_kwargs(base_url=server.address)
            request["headers"]["authorization"] = key
            request["headers"].pop("x-api-key", None)
            reply = requests.request(**request, timeout=30, allow_redirects=False)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return
        statuses.add(reply.status_code)
        asked = f"{case.path_parameters} {case.query}"[:1000]
        assert reply.status_code < 500, f"{asked}: {reply.text}"
        name = SCHEMAS.get(path, "Error") if reply.status_code == 200 else "Error"
        jsonschema.validate(reply.json(), {**described(), "$ref": f"#/components/schemas/{name}"})

    ask()
    assert statuses <= {200, 400, 403, 404, 405, 414}, statuses
    assert 200 in statuses or path.endswith("/audio") or mode is GenerationMode.NEGATIVE


def put_in(case: AnyCase, random: Random) -> None:
    """Give a request names that exist, mostly, and what makes a mode of it complete: else hardly any gets far."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = random.choice(REAL[name] if random.random() < 0.9 else NONSENSE)
    if isinstance(case.query, dict) and random.random() < 0.5:
        case.query.pop("cursor", None)
        case.query.update(WINDOW)
        if "query_type" in case.query:
            case.query["query"] = "check-up"
            case.query.pop("sample", None)
