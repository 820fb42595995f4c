"""What a key could still find out, or do too often, beside what the rules of each interface say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.conversing import BY_ID, client_of, detail
from tests.builders import StepClock, a_body, an_answer
from tests.live_server import LiveServer, run_server, wait_until

from postcall.domain.keys import Scope

BOTH = {"measures": [{"measure": "conversations"}]}


@pytest.fixture(scope="module")
def shop(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A call of each of three agents, which wrote a metric of its own; the clinic's has answers and a score."""
    folder = tmp_path_factory.mktemp("edges")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        written: dict[str, dict[str, Any]] = {
            "clinic": {"BOOKED": True, "poly_score": 4},
            "bistro": {"TABLE": True},
            "bakery": {"LOAVES": 2},
        }
        for agent, metrics in written.items():
            body = a_body(f"call-{agent}", agent=agent, metrics=metrics, environment="live")
            assert running.post(body).status_code == 202
            if agent == "clinic":
                running.desk.extract(an_answer("booked"))
        wait_until(
            lambda: running.post(BOTH, "/query").json().get("calls") == 3,
            what=lambda: running.post(BOTH, "/query").text,
        )
        yield running


def key_for(server: LiveServer, *agents: str, scopes: tuple[str, ...] = ("read",), **more: Any) -> httpx.Client:
    made = server.post({"name": "narrow", "scopes": list(scopes), "agents": list(agents), **more}, "/keys")
    assert made.status_code == 201, made.text
    return server.client(made.json()["secret"])


@pytest.mark.parametrize(
    "body",
    [
        {"measures": [{"measure": "count", "of": "metric.BOOKED"}]},
        {"measures": [{"measure": "count", "of": "metric.BOOKE"}]},
        {**BOTH, "group_by": ["metric.BOOKED"]},
        {**BOTH, "filters": {"field": "metric.BOOKED", "op": "exists"}},
    ],
    ids=["measured", "misspelt", "grouped", "filtered"],
)
def test_a_key_for_two_agents_learns_no_names_of_a_third(shop: LiveServer, body: dict[str, Any]) -> None:
    reply = key_for(shop, "bistro", "bakery").post("/query", json=body)
    assert reply.status_code == 400, reply.text
    assert "BOOKED" not in reply.text.replace("there is no 'metric.BOOKED'", "")


def test_a_key_for_two_agents_measures_what_both_of_them_write(shop: LiveServer) -> None:
    body = {"measures": [{"measure": "count", "of": "metric.TABLE"}], "group_by": ["field.agent"]}
    reply = key_for(shop, "bistro", "bakery").post("/query", json=body)
    assert reply.status_code == 200, reply.text
    assert [row[0] for row in reply.json()["rows"]] == ["bakery", "bistro"]


def test_how_many_rows_were_read_is_not_for_a_key_for_chosen_agents(shop: LiveServer) -> None:
    reply = key_for(shop, "bistro").post("/query:explain", json=BOTH)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "not_allowed"), reply.text


def test_requests_that_are_not_for_a_narrow_key_count_as_well(shop: LiveServer) -> None:
    holder = key_for(shop, "bistro", per_minute=2)
    assert [holder.get("/agents").status_code for _ in range(3)] == [403, 403, 429]


def test_a_socket_counts_as_a_request(shop: LiveServer) -> None:
    made = shop.post({"name": "caller", "scopes": ["write"], "per_minute": 1}, "/keys").json()
    headers = {
        "Authorization": f"Bearer {made['secret']}",
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    address = f"{shop.address}/atoms/v1/agent/connect?agent_id={'0' * 24}"
    replies = [httpx.get(address, headers=headers).status_code for _ in range(2)]
    assert replies == [401, 429], "the first is let in as far as the agent, which is not there"


def test_a_score_that_its_definition_keeps_back_is_in_no_list(shop: LiveServer) -> None:
    with client_of(shop, Scope.CONVERSATIONS) as client:
        assert detail(client, "call-clinic")["polyScore"] == 4
        defined = {"name": "poly_score", "type": "integer", "definition": "How good it was.", "api": False}
        assert shop.post(defined, "/agents/clinic/metrics").status_code == 201
        assert "polyScore" not in detail(client, "call-clinic")
        [listed] = client.get(BY_ID).json()["conversations"]
        assert "polyScore" not in listed


def test_a_summary_is_not_told_by_the_data_api_where_the_transcript_is_off(shop: LiveServer) -> None:
    address = f"{shop.address}/api/v1/conversations/search"
    with client_of(shop, Scope.CONVERSATIONS, Scope.PII) as client:
        body = {"project_id": "clinic"}
        assert client.post(address, json=body).json()["conversations"][0]["metrics"]["call_summary"]
        put = shop.http.patch("/agents/clinic/api-settings", json={"show_transcripts": False})
        assert put.status_code == 200
        [shown] = client.post(address, json=body).json()["conversations"]
        assert "call_summary" not in shown["metrics"] and shown["metrics"]["booked"] is True
        shop.http.patch("/agents/clinic/api-settings", json={"show_transcripts": True})
