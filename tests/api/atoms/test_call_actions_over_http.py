"""Call actions over the Atoms interface: kept, checked, changed and taken away."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.atoms.published import fits
from tests.api.atoms.test_webhooks_over_http import an_agent, atoms, errors
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

NOBODYS = "0" * 24
CONFIG: dict[str, Any] = {
    "url": "https://crm.example/contacts",
    "conditions": [{"field": "booked", "operator": "eq", "value": "true"}],
    "body": '{"call": "{{call_id}}"}',
    "mapping": {"kept": True},
}


def new(agent: str, **changes: Any) -> dict[str, Any]:
    return {"agentId": agent, "category": "post-call", "provider": "hubspot", "config": CONFIG, **changes}


def test_an_action_is_kept_read_changed_and_deleted(any_server: LiveServer) -> None:
    agent = an_agent(any_server)
    with atoms(any_server) as client:
        made = client.post("/call-actions", json=new(agent, action_type="create", object="contact"))
        fits("post", "/call-actions", made)
        assert (made.status_code, made.json()["success"]) == (201, True)
        action = made.json()["data"]
        assert (action["agentId"], action["action_type"], action["object"]) == (agent, "create", "contact")
        assert action["config"] == CONFIG
        assert len(action["decryptedSecretKey"]) == 64 and "warnings" not in action
        path = f"/call-actions/{action['_id']}"
        one = client.get(path)
        fits("get", "/call-actions/{id}", one)
        assert one.json()["data"] == action
        after = client.put(path, json={"object": "deal", "config": {"conditions": []}})
        fits("put", "/call-actions/{id}", after)
        changed = after.json()["data"]
        assert (changed["object"], changed["provider"], changed["config"]) == (
            "deal",
            "hubspot",
            {**CONFIG, "conditions": []},
        )
        gone = client.delete(path)
        fits("delete", "/call-actions/{id}", gone)
        assert gone.json() == {"success": True, "data": {"message": "Call action deleted successfully"}}
        errors(client.get(path), 404)
        errors(client.put(path, json={"object": "x"}), 404)
        errors(client.delete(path), 404)


def test_the_list_is_one_agents_paged_and_filtered(any_server: LiveServer) -> None:
    agent = an_agent(any_server)
    with atoms(any_server) as client:
        for provider in ("hubspot", "salesforce", "hubspot"):
            client.post("/call-actions", json=new(agent, provider=provider))
        client.post("/call-actions", json=new(agent, category="trigger", config={"phoneNumberFieldName": "mobile"}))
        listed = client.get("/call-actions", params={"agentId": agent, "limit": 2, "page": 2})
        fits("get", "/call-actions", listed)
        data = listed.json()["data"]
        assert (len(data["callActions"]), data["totalCount"], data["page"], data["limit"]) == (2, 4, 2, 2)
        for wanted, count in (({"category": "trigger"}, 1), ({"provider": "hubspot"}, 3), ({"provider": "x"}, 0)):
            found = client.get("/call-actions", params={"agentId": agent, **wanted}).json()["data"]
            assert (len(found["callActions"]), found["totalCount"]) == (count, count)
        assert errors(client.get("/call-actions")) == ["agentId: Required"]
        assert errors(client.get("/call-actions", params={"agentId": NOBODYS})) == ["No agent found"]
        assert errors(client.get("/call-actions", params={"agentId": agent, "page": "x"}))


def test_what_sends_nothing_says_so_when_it_is_kept(server: LiveServer) -> None:
    agent = an_agent(server)
    with atoms(server) as client:
        nowhere = client.post("/call-actions", json=new(agent, config={"body": "x"})).json()["data"]
        assert "without an address nothing is sent" in nowhere["warnings"][0]
        trigger = new(agent, category="trigger", config={"phoneNumberFieldName": "mobile"})
        assert "starts no calls" in client.post("/call-actions", json=trigger).json()["data"]["warnings"][0]


CONDITION: dict[str, Any] = {"field": "x", "operator": "eq", "value": "1"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"agentId": None, "category": None, "provider": None, "config": None}, "agentId: Required"),
    "agent": ({"agentId": "x"}, "Invalid agent id"),
    "no such agent": ({"agentId": NOBODYS}, "No agent found"),
    "category": ({"category": "pre-call"}, "category: must be trigger or post-call"),
    "action type": ({"action_type": "delete"}, "action_type: must be create or update"),
    "config": ({"config": []}, "config: must be an object"),
    "trigger": ({"category": "trigger", "config": {}}, "config.phoneNumberFieldName: Required"),
    "address": ({"config": {"url": "file:///etc/passwd"}}, "config.url: must be an http:// or https://"),
    "body": ({"config": {"body": 5}}, "config.body: must be a string"),
    "conditions": ({"config": {"conditions": "x"}}, "config.conditions: must be a list"),
    "operator": ({"config": {"conditions": [{**CONDITION, "operator": "like"}]}}, "config.conditions[0].operator"),
    "half a condition": ({"config": {"conditions": [{"field": "x"}]}}, "config.conditions[0].operator: Required"),
}


@pytest.mark.parametrize(("changes", "text"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_action_is_a_400_and_is_not_kept(server: LiveServer, changes: dict[str, Any], text: str) -> None:
    agent = an_agent(server)
    with atoms(server) as client:
        assert errors(client.post("/call-actions", json=new(agent, **changes)))[0].startswith(text)
        assert client.get("/call-actions", params={"agentId": agent}).json()["data"]["totalCount"] == 0


def test_another_account_and_a_reader(server: LiveServer) -> None:
    agent = an_agent(server)
    with atoms(server) as client, atoms(server, account="other") as stranger, atoms(server, Scope.READ) as reader:
        path = f"/call-actions/{client.post('/call-actions', json=new(agent)).json()['data']['_id']}"
        errors(stranger.get(path), 404)
        errors(stranger.put(path, json={"object": "x"}), 404)
        errors(stranger.delete(path), 404)
        assert errors(stranger.post("/call-actions", json=new(agent))) == ["No agent found"]
        shown = reader.get(path)
        assert shown.status_code == 200 and "decryptedSecretKey" not in shown.text
        assert reader.put(path, json={"object": "x"}).status_code == 403
        assert errors(client.get("/call-actions/x")) == ["Invalid call action id"]
