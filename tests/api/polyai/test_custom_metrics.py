"""The custom-metrics API: the native definitions in the words of the vendor's command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Desk, StepClock, a_call
from tests.live_server import LiveServer, run_server

from postcall.api.metric_yaml import read_metric_yaml, write_metric_yaml
from postcall.api.polyai.data.catalogue import WIRE_TYPES
from postcall.domain.keys import Scope
from postcall.domain.metrics import MetricDefinition, MetricType

PATH = "/adk/v1/accounts/default/projects/{}"
METRICS = "/custom-metrics"
FILE = """
PLAN: {type: string, description: The plan., expected_values: [gold, NO]}
PRICE: {type: float}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder: Path = tmp_path_factory.mktemp("metrics")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        yield server


@pytest.fixture
def project(running: LiveServer, request: pytest.FixtureRequest) -> str:
    """A project of the test's own, with a call."""
    slug = f"p{abs(hash(request.node.name)) % 10**9}"
    running.desk.hand_in(a_call(f"call-{slug}", agent=slug))
    return slug


@pytest.fixture
def client(running: LiveServer, project: str) -> Iterator[httpx.Client]:
    """Of an administrator, at the project's metrics."""
    with at_metrics(running, project, Scope.ADMIN) as made:
        yield made


def at_metrics(server: LiveServer, project: str, *scopes: Scope, account: str = "default") -> httpx.Client:
    secret = Desk(server.services.record, server.desk.clock, account=account).key(*scopes).secret
    return httpx.Client(
        base_url=server.address + PATH.format(project), headers={"x-api-key": secret}, timeout=30, verify=False
    )


def shown(client: httpx.Client) -> list[dict[str, Any]]:
    reply = client.get(METRICS)
    assert reply.status_code == 200, reply.text
    metrics: list[dict[str, Any]] = reply.json()["metrics"]
    return metrics


def refused(reply: httpx.Response, status: int, code: str) -> str:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert (body["success"], body["error_code"], body["data"]) == (False, code, None)
    assert body["error_id"] == reply.headers["x-polyai-correlation-id"]
    return str(body["error_message"])


def import_file(client: httpx.Client, content: str | bytes, **query: Any) -> httpx.Response:
    return client.post(f"{METRICS}/import", params={"type": "yaml", **query}, files={"yaml": ("metrics.yaml", content)})


INVALID = "CONVERSATIONS_VALIDATION_FAILED"


def test_a_metric_is_made_changed_retired_and_listed(client: httpx.Client) -> None:
    made = client.post(METRICS, json={"name": "PLAN", "type": "string", "expected_values": ["gold", "silver"]})
    assert made.status_code == 201, made.text
    about = {"name": "PLAN", "type": "string", "description": "", "active": True, "api": True}
    assert about.items() <= made.json().items()
    changed = client.patch(f"{METRICS}/PLAN", json={"description": "The plan.", "api": False})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["description"], changed.json()["api"]) == ("The plan.", False)
    assert changed.json()["expected_values"] == ["gold", "silver"], "what is not named stays"
    assert (
        client.patch(f"{METRICS}/PLAN", json={"active": False, "expected_values": None}).json()["expected_values"] == []
    )
    assert [(each["name"], each["active"]) for each in shown(client)] == [("PLAN", False)]


@pytest.mark.parametrize("type_", ["string", "int", "bool", "float"])
def test_a_type_is_called_what_the_client_called_it(client: httpx.Client, type_: str) -> None:
    assert client.post(METRICS, json={"name": "N", "type": type_}).json()["type"] == type_
    assert shown(client)[0]["type"] == type_


def test_it_is_the_same_definition_as_natively(running: LiveServer, client: httpx.Client, project: str) -> None:
    client.post(METRICS, json={"name": "N", "type": "int", "description": "How many."})
    native = running.http.get(f"/agents/{project}/metrics/N").json()
    assert (native["type"], native["definition"]) == ("integer", "How many.")


def test_name_and_type_are_fixed(client: httpx.Client) -> None:
    client.post(METRICS, json={"name": "N", "type": "int"})
    assert client.patch(f"{METRICS}/N", json={"name": "N", "type": "int", "description": "x"}).status_code == 200
    assert "keeps its name" in refused(client.patch(f"{METRICS}/N", json={"name": "M"}), 400, INVALID)
    assert "keeps its type" in refused(client.patch(f"{METRICS}/N", json={"type": "bool"}), 400, INVALID)
    refused(client.post(METRICS, json={"name": "N", "type": "int"}), 409, "CUSTOM_METRIC_ALREADY_EXISTS")
    refused(client.patch(f"{METRICS}/NOBODY", json={"active": False}), 404, "NOT_FOUND")


def test_a_fault_is_told_in_the_words_of_the_client(client: httpx.Client) -> None:
    body = {"name": "N", "type": "int", "description": "x\0"}
    assert refused(client.post(METRICS, json=body), 400, INVALID).startswith("description: ")
    client.post(METRICS, json={**body, "description": "x"})
    reply = client.patch(f"{METRICS}/N", json={"description": "x\0"})
    assert refused(reply, 400, INVALID).startswith("description: ")


def test_an_import_makes_what_is_missing_and_changes_nothing(client: httpx.Client) -> None:
    client.post(METRICS, json={"name": "PLAN", "type": "string", "description": "Ours."})
    foreseen = import_file(client, FILE, dry_run="true")
    assert foreseen.json() == {"metadata": {"created": ["PRICE"], "ignored": ["PLAN"]}}
    assert [each["name"] for each in shown(client)] == ["PLAN"], "a dry run makes nothing"
    assert import_file(client, FILE, dry_run="false").json() == foreseen.json()
    assert import_file(client, FILE).json()["metadata"] == {"created": [], "ignored": ["PLAN", "PRICE"]}
    assert [(each["name"], each["description"]) for each in shown(client)] == [("PLAN", "Ours."), ("PRICE", "")]


def test_an_address_may_end_with_a_slash(client: httpx.Client) -> None:
    assert client.post(f"{METRICS}/", json={"name": "N", "type": "int"}).status_code == 201
    assert client.get(f"{METRICS}/").json()["metrics"] == shown(client)


def test_a_file_with_a_fault_is_refused_whole(client: httpx.Client) -> None:
    faults: list[tuple[str | bytes, str]] = [
        ("GOOD: {type: int}\nBAD: {type: money}", "line 2, 'BAD'"),
        ("GOOD: {type: int}\nGOOD: {type: int}", "twice"),
        ("- a list", "names with their definitions"),
        (b"\xff", "UTF-8"),
        ("a: &b {type: int}\nc: *b", "aliases"),
    ]
    for content, said in faults:
        assert said in refused(import_file(client, content), 400, INVALID)
        assert said in refused(import_file(client, content, dry_run="true"), 400, INVALID)
    assert shown(client) == []
    assert "only yaml" in refused(import_file(client, FILE, type="csv"), 400, INVALID)
    assert "dry_run" in refused(import_file(client, FILE, dry_run="perhaps"), 400, INVALID)
    assert "no such field" in refused(client.post(f"{METRICS}/import", files={"file": ("a", FILE)}), 400, INVALID)
    assert "form" in refused(client.post(f"{METRICS}/import", json={}), 400, INVALID)


def test_an_export_is_what_an_import_takes(client: httpx.Client, running: LiveServer) -> None:
    assert yaml.safe_load(client.get(f"{METRICS}/export").text) == {}
    assert import_file(client, FILE).status_code == 200
    exported = client.get(f"{METRICS}/export").text
    assert yaml.safe_load(exported)["PRICE"]["type"] == "float"
    assert yaml.safe_load(exported)["PLAN"]["description"] == "The plan."
    running.desk.hand_in(a_call("elsewhere", agent="elsewhere"))
    with at_metrics(running, "elsewhere", Scope.ADMIN) as other:
        assert import_file(other, exported).json()["metadata"]["created"] == ["PLAN", "PRICE"]
        assert other.get(f"{METRICS}/export").text == exported


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=20).filter(str.strip),
        st.tuples(st.sampled_from(MetricType), st.text(max_size=30)),
        max_size=4,
    )
)
def test_every_definition_survives_the_vendors_spelling(metrics: dict[str, tuple[MetricType, str]]) -> None:
    now = StepClock()()
    defined = [
        MetricDefinition("a", name.replace("\x00", ""), type_, (), text.replace("\x00", ""), True, True, now, now)
        for name, (type_, text) in metrics.items()
        if name.replace("\x00", "").strip()
    ]
    names = [each.name for each in defined]
    if len(set(names)) < len(names):
        return
    text = write_metric_yaml(defined, types=WIRE_TYPES, definition="description")
    read = read_metric_yaml(text.encode())
    assert read.problems == ()
    assert [(each.name, each.type, each.definition) for each in read.metrics] == [
        (each.name, each.type, each.definition) for each in defined
    ]


def test_reading_needs_read_and_changing_needs_admin(running: LiveServer, project: str) -> None:
    with at_metrics(running, project, Scope.READ) as reader:
        assert reader.get(METRICS).status_code == reader.get(f"{METRICS}/export").status_code == 200
        for reply in (
            reader.post(METRICS, json={"name": "N", "type": "int"}),
            reader.patch(f"{METRICS}/N", json={}),
            import_file(reader, FILE),
        ):
            refused(reply, 403, "USER_ACCESS_FORBIDDEN")
    with at_metrics(running, project, Scope.CONVERSATIONS) as other:
        refused(other.get(METRICS), 403, "USER_ACCESS_FORBIDDEN")
    with at_metrics(running, project, Scope.ADMIN, account="other") as stranger:
        refused(stranger.get(METRICS), 404, "ACCOUNT_NOT_FOUND")
    with at_metrics(running, "nobody", Scope.ADMIN) as lost:
        refused(lost.get(METRICS), 404, "PROJECT_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"name": "N"}', b'{"name": 5, "type": "int"}', b'{"name": "N", "type": "money"}',
     b'{"name": "", "type": "int"}', b'{"name": "a\\u0000", "type": "int"}',
     b'{"name": "N", "type": "int", "expected_values": ["1"]}'],
    ids=["empty", "broken", "list", "no type", "number", "type", "no name", "nul", "values"],
)  # fmt: skip
def test_a_body_that_says_no_metric_is_a_400(client: httpx.Client, body: bytes) -> None:
    refused(client.post(METRICS, content=body), 400, INVALID)
    assert shown(client) == []
