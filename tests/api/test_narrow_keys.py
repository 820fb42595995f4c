"""A key for chosen agents sees and changes nothing of the others, and cannot tell that there are any."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

CLINICS, BISTROS = "call-clinic", "call-bistro"
BOTH = {"measures": [{"measure": "conversations"}]}
ALL = {"read", "write"}


@pytest.fixture(scope="module")
def shop(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A call of each of two agents, which wrote a metric of its own; shared by the tests, which add only keys."""
    folder = tmp_path_factory.mktemp("narrow")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        for call, agent, metric in ((CLINICS, "clinic", "BOOKED"), (BISTROS, "bistro", "TABLE")):
            reply = running.post(a_body(call, agent=agent, metrics={metric: True}, environment="live"))
            assert reply.status_code == 202, reply.text
        wait_until(
            lambda: running.post(BOTH, "/query").json().get("calls") == 2,
            what=lambda: running.post(BOTH, "/query").text,
        )
        yield running


def key_for(server: LiveServer, *agents: str, **more: Any) -> httpx.Client:
    body = {"name": "narrow", "scopes": sorted(ALL), "agents": list(agents), **more}
    made = server.post(body, "/keys")
    assert made.status_code == 201, made.text
    return server.client(made.json()["secret"])


def test_lists_searches_and_reports_hold_only_its_agents(shop: LiveServer) -> None:
    holder = key_for(shop, "bistro")
    assert [each["id"] for each in holder.get("/calls").json()["calls"]] == [BISTROS]
    for name, ids in (("TABLE", [BISTROS]), ("BOOKED", [])):
        asked = {f"metric.{name}": "true"}
        assert len(shop.http.get("/calls", params=asked).json()["calls"]) == 1
        assert [each["id"] for each in holder.get("/calls", params=asked).json()["calls"]] == ids
    found = holder.get("/calls:search", params={"q": "appointment OR check-up OR book*"}).json()
    everything = shop.http.get("/calls:search", params={"q": "appointment OR check-up OR book*"}).json()
    assert everything["total"] == 2 and [each["id"] for each in found["calls"]] == [BISTROS] and found["total"] == 1
    assert holder.post("/query", json=BOTH).json()["calls"] == 1
    assert holder.post("/query:calls", json={}).json()["calls"] == [BISTROS]
    names = {each["name"] for each in holder.get("/names").json()["metrics"]}
    assert "metric.TABLE" in names and "metric.BOOKED" not in names
    unknown = holder.post("/query", json={"measures": [{"measure": "count", "of": "metric.BOOKE"}]})
    assert unknown.status_code == 400 and "BOOKED" not in unknown.text


def test_a_key_for_two_agents_sees_both(shop: LiveServer) -> None:
    holder = key_for(shop, "bistro", "clinic", "bistro")
    assert {each["id"] for each in holder.get("/calls").json()["calls"]} == {CLINICS, BISTROS}
    assert holder.post("/query", json=BOTH).json()["calls"] == 2
    assert holder.post("/query", json={**BOTH, "agent": "clinic"}).json()["calls"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/calls/{CLINICS}", None),
        ("GET", f"/calls/{CLINICS}/events", None),
        ("HEAD", f"/calls/{CLINICS}/events", None),
        ("POST", f"/calls/{CLINICS}/turns", {"turns": [{"role": "user", "text": "Hi."}]}),
        ("POST", f"/calls/{CLINICS}/metrics", {"metrics": {"N": 1}}),
        ("POST", f"/calls/{CLINICS}/end", {}),
        ("POST", f"/calls/{CLINICS}/extractions", None),
        ("GET", "/calls?agent=clinic", None),
        ("GET", "/calls:search?q=book&agent=clinic", None),
        ("GET", "/names?agent=clinic", None),
        ("GET", "/agents/clinic/metrics", None),
        ("GET", "/agents/clinic/metrics.yaml", None),
        ("GET", "/agents/clinic/metrics:lint", None),
        ("GET", "/agents/clinic/metrics/BOOKED", None),
        ("POST", "/query", {**BOTH, "agent": "clinic"}),
        ("POST", "/query:calls", {"agent": "clinic"}),
        ("POST", "/calls", a_body("call-new", agent="clinic")),
        ("POST", "/calls", a_body("call-new", agent="nobody-yet")),
    ],
    ids=str,
)
def test_what_is_not_of_its_agents_is_not_there(shop: LiveServer, method: str, path: str, body: object) -> None:
    before = shop.call(CLINICS)
    reply = key_for(shop, "bistro").request(method, path, json=body, headers={"Idempotency-Key": "k"})
    assert reply.status_code == 404, reply.text
    nowhere = path.replace(CLINICS, "nowhere").replace("clinic", "nowhere")
    if body is None and method == "GET":
        told = reply.text.replace(CLINICS, "nowhere").replace("clinic", "nowhere")
        assert told == key_for(shop, "bistro").get(nowhere).text, "it says the same as of what does not exist"
    assert shop.call(CLINICS) == before
    assert "nobody-yet" not in shop.http.get("/agents").text


def test_a_call_of_another_agent_is_not_replaced_by_one_of_its_own(shop: LiveServer) -> None:
    before = shop.call(CLINICS)
    holder = key_for(shop, "bistro")
    taken = holder.post("/calls?replace=true", json=a_body(CLINICS, agent="bistro"))
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "call_differs")
    lines = holder.post("/calls:batch", content=httpx.Request("POST", "http://x", json=a_body(CLINICS)).content)
    assert lines.json()["status"] == 404
    assert shop.call(CLINICS) == before


def test_it_hands_in_calls_of_its_own_agent(shop: LiveServer) -> None:
    holder = key_for(shop, "bistro")
    assert holder.post("/calls", json=a_body(BISTROS, agent="bistro", metrics={"TABLE": True}, environment="live")
                       ).status_code == 200  # fmt: skip


@pytest.mark.parametrize("path", ["/agents", "/webhooks", "/dashboards", "/do-not-call", "/keys", "/audit", "/reports"])
def test_what_is_about_the_whole_account_is_not_for_it(shop: LiveServer, path: str) -> None:
    reply = key_for(shop, "bistro").get(path)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "not_allowed")


def test_a_key_whose_limit_is_used_up_is_told_when_to_come_back(shop: LiveServer) -> None:
    holder = key_for(shop, "bistro", per_minute=2)
    replies = [holder.get("/calls") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert 1 <= int(replies[-1].headers["retry-after"]) <= 60
    atoms = httpx.get(
        f"{shop.address}/atoms/v1/conversation", headers=dict(key_for(shop, "bistro", per_minute=1).headers)
    )
    assert atoms.status_code == 403, "this interface knows no keys for chosen agents"


def test_atoms_clients_read_the_limit_in_either_of_its_published_forms(shop: LiveServer) -> None:
    made = shop.post({"name": "often", "scopes": ["read"], "per_minute": 1}, "/keys").json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    first, second = (httpx.get(f"{shop.address}/atoms/v1/conversation", headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    told = second.json()
    assert told["status"] is False and told["errors"] and told["error"] == "Rate limit exceeded"
    assert told["code"] == "RATE_LIMIT_EXCEEDED" and told["rateLimit"]["limit"] == 1
    assert told["retry_after"] == told["rateLimit"]["retryAfterSec"] == int(second.headers["retry-after"])
