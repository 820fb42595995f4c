"""Who may ask the Data API for what, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.api.polyai.data.world import World, found, told

from postcall.domain.keys import Scope

ROUTES: dict[str, Callable[[httpx.Client], httpx.Response]] = {
    "metrics": lambda client: client.get("/metrics"),
    "aggregate": lambda client: client.post("/metrics/aggregate", json={"metric": "PLAN", "aggs": ["distinct_count"]}),
    "search": lambda client: client.post("/conversations/search", json={}),
    "transcripts": lambda client: client.get("/transcripts/search", params={"q": "money"}),
    "transcript": lambda client: client.get("/transcripts/conversation/c0"),
}
PERSONAL = {"transcripts", "transcript"}
KEYS: dict[str, tuple[Scope, ...]] = {
    **{scope.value: (scope,) for scope in Scope},
    "conversations+pii": (Scope.CONVERSATIONS, Scope.PII),
    "everything but conversations": tuple(set(Scope) - {Scope.CONVERSATIONS, Scope.ADMIN}),
}


@pytest.mark.parametrize("held", KEYS)
def test_each_key_does_what_its_scopes_allow(world: World, held: str) -> None:
    scopes = set(KEYS[held])
    with world.client(*scopes) as client:
        for name, ask in ROUTES.items():
            may = Scope.ADMIN in scopes or (
                Scope.CONVERSATIONS in scopes and (Scope.PII in scopes or name not in PERSONAL)
            )
            reply = ask(client)
            if may:
                assert reply.status_code == 200, (held, name, reply.text)
            else:
                assert "scope" in told(reply, 403), (held, name)


@pytest.mark.parametrize("name", ROUTES)
def test_without_a_key_there_is_nothing(world: World, name: str) -> None:
    for secret in (None, "pc_wrong"):
        with world.with_secret(secret) as client:
            reply = ROUTES[name](client)
            told(reply, 401)
            assert reply.headers["www-authenticate"].startswith("Bearer")


def test_another_account_sees_nothing_of_this_one(world: World) -> None:
    with world.client(Scope.ADMIN, account="other") as client:
        assert found(client.get("/metrics")) == {"metrics": [], "total": 0}
        assert found(client.post("/conversations/search", json={}))["total"] == 0
        assert found(client.get("/transcripts/search", params={"q": "money"}))["total"] == 0
        told(client.get("/transcripts/conversation/c0"), 404)
        told(client.post("/conversations/search", json={"project_id": "clinic"}), 404)
        assert "no metric 'PLAN'" in told(ROUTES["aggregate"](client))


def test_a_key_for_one_agent_is_kept_to_it_everywhere(world: World) -> None:
    scopes = (Scope.CONVERSATIONS, Scope.PII)
    with world.client(*scopes, agents=("bank",)) as bank, world.client(*scopes, agents=("clinic",)) as clinic:
        body: dict[str, Any] = {"metric": "PLAN", "aggs": ["conversation_count"], "group_by": ["project_id"]}
        assert found(bank.post("/metrics/aggregate", json=body))["rows"] == [["bank", 2]]
        assert found(clinic.post("/metrics/aggregate", json=body))["rows"] == [["clinic", 3]]
        assert found(bank.post("/conversations/search", json={}))["total"] == 2
        assert found(bank.get("/transcripts/search", params={"q": "money"}))["total"] == 0
        assert found(clinic.get("/transcripts/search", params={"q": "money"}))["total"] == 2
        told(bank.get("/transcripts/conversation/c0"), 404)
        found(clinic.get("/transcripts/conversation/c0"))
        for project in ("clinic", "nobody"):
            told(bank.post("/metrics/aggregate", json={**body, "project_id": project}), 404)
            told(bank.post("/conversations/search", json={"project_id": project}), 404)
            told(bank.get("/transcripts/search", params={"q": "money", "project_id": project}), 404)
        assert "did you mean" not in told(bank.post("/metrics/aggregate", json={**body, "metric": "PRICES"}))
        theirs = {"filters": [{"metric": "conversation_id", "op": "eq", "value": "c0"}]}
        assert found(bank.post("/conversations/search", json=theirs))["total"] == 0


def test_a_key_may_ask_a_hundred_times_a_minute(world: World) -> None:
    with world.client(Scope.CONVERSATIONS) as client:
        statuses = [client.get("/metrics", params={"limit": 1}).status_code for _ in range(100)]
        assert set(statuses) == {422}, "requests that are refused count as well"
        reply = client.get("/metrics")
        assert "100 requests a minute" in told(reply, 429)
        assert 0 < int(reply.headers["retry-after"]) <= 60


@pytest.mark.parametrize("name", ROUTES)
def test_another_method_is_told_which_one_it_is(world: World, reader: httpx.Client, name: str) -> None:
    path = str(ROUTES[name](reader).request.url.copy_with(query=None))
    reply = reader.put(path)
    told(reply, 405)
    assert reply.headers["allow"] in ("GET", "POST")


def test_the_other_interface_below_the_same_prefix_is_still_there(world: World) -> None:
    with world.client(Scope.ADMIN) as client:
        assert client.get("/agent").json()["status"] is True
        assert client.get("/nothing/here").json()["status"] is False
