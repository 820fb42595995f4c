"""Agents over the Atoms interface: made, listed, described, put away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits, misfits
from tests.builders import a_body
from tests.live_server import LiveServer

from postcall.domain.keys import Scope
from postcall.storage.agents import find_agent, find_agent_row
from postcall.storage.campaigns import NewCampaign, add_campaign
from postcall.storage.outbound_schema import audiences, campaigns
from postcall.storage.phone_numbers import ensure_number

PATHS = {"one": "/agent/{id}", "archive": "/agent/{id}/archive", "workflow": "/agent/{id}/workflow"}
HEX = re.compile(r"[0-9a-f]{24}")
VERSIONED = "Agent has versioning enabled. Config changes must be made through drafts."


def client_of(server: LiveServer, *scopes: Scope, account: str = "default") -> httpx.Client:
    headers = {"authorization": server.holder_of(*scopes, account=account).headers["authorization"]}
    return httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30)


@pytest.fixture
def atoms(server: LiveServer) -> Iterator[httpx.Client]:
    with client_of(server, Scope.ADMIN) as client:
        yield client


@pytest.fixture
def any_atoms(any_server: LiveServer) -> Iterator[httpx.Client]:
    with client_of(any_server, Scope.ADMIN) as client:
        yield client


def made(atoms: httpx.Client, name: str = "Sales", **more: Any) -> str:
    reply = atoms.post("/agent", json={"name": name, **more})
    assert reply.status_code == 201, reply.text
    fits("post", "/agent", reply)
    agent_id: str = reply.json()["data"]
    return agent_id


def shown(atoms: httpx.Client, agent: str, **params: str) -> dict[str, Any]:
    reply = atoms.get(f"/agent/{agent}", params=params)
    assert reply.status_code == 200, reply.text
    fits("get", PATHS["one"], reply)
    found: dict[str, Any] = reply.json()["data"]
    return found


def listed(atoms: httpx.Client, **params: Any) -> dict[str, Any]:
    reply = atoms.get("/agent", params=params)
    assert reply.status_code == 200, reply.text
    fits("get", "/agent", reply)
    found: dict[str, Any] = reply.json()["data"]
    return found


def errors(reply: httpx.Response, status: int = 400) -> list[str]:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert body["status"] is False
    texts: list[str] = body["errors"]
    return texts


def test_a_new_agent_has_a_published_and_active_first_version(any_atoms: httpx.Client, any_server: LiveServer) -> None:
    """The body is that of the client of 2025."""
    body = {"description": "Sells.", "backgroundSound": "", "slmModel": "electron", "globalPrompt": "You sell."}
    agent = made(any_atoms, "Sales Agent", **body)
    assert HEX.fullmatch(agent)
    one = shown(any_atoms, agent)
    assert HEX.fullmatch(one["activeVersionId"])
    assert one["versionId"] == one["activeVersionId"]
    assert (one["name"], one["description"], one["archived"], one["totalCalls"]) == ("Sales Agent", "Sells.", False, 0)
    assert (one["globalPrompt"], one["slmModel"], one["workflowType"]) == ("You sell.", "electron", "single_prompt")
    resolved = one["_resolvedConfig"]
    assert (resolved["prompt"], resolved["modelName"], resolved["tools"]) == ("You sell.", "electron", [])
    assert resolved["postCallAnalyticsConfig"]["dispositionMetrics"] == []
    assert "_configSource" not in one
    stored = any_server.services.record.read(lambda c: find_agent(c, any_server.desk.pk, agent))
    assert stored.slug == "sales-agent"
    assert any_server.http.get(f"/agents/{agent}/project").status_code == 200, "it can be hosted"


def test_both_prefixes_serve_the_same_agent(server: LiveServer, atoms: httpx.Client) -> None:
    agent = made(atoms)
    headers = {"authorization": atoms.headers["authorization"]}
    for address in (f"/api/v1/agent/{agent}", f"/atoms/v1//agent/{agent}/"):
        reply = httpx.get(server.address + address, headers=headers, follow_redirects=False)
        assert (reply.status_code, reply.json()["data"]["_id"]) == (200, agent)


def test_agents_of_one_name_are_told_apart(any_atoms: httpx.Client, any_server: LiveServer) -> None:
    ids = [made(any_atoms, name) for name in ("Front desk", "Front-Desk!", "☎", "☎")]
    read = any_server.services.record.read
    slugs = [read(lambda c, each=agent: find_agent(c, any_server.desk.pk, each).slug) for agent in ids]  # type: ignore[misc]
    assert slugs == ["front-desk", "front-desk-2", "agent", "agent-2"]


def test_faults_of_a_new_agent_are_all_told_and_nothing_is_made(atoms: httpx.Client) -> None:
    assert errors(atoms.post("/agent", json={})) == ["name: Required"]
    assert errors(atoms.post("/agent", json={"name": " "})) == ["name: Must not be empty"]
    assert errors(atoms.post("/agent", content=b"[]")) == ["the body must be a JSON object"]
    bad = {"name": "x", "firstMessage": "x" * 501, "language": {"default": 5}}
    assert errors(atoms.post("/agent", json=bad)) == [
        "language.default: Must be a string",
        "firstMessage: Must have at most 500 characters, not 501",
    ]
    assert errors(atoms.post("/agent", json={"name": "x", "telephonyProductId": ["0" * 24]})) == ["Invalid product id"]
    assert listed(atoms)["total"] == 0


def test_a_null_is_as_if_it_were_absent(atoms: httpx.Client) -> None:
    agent = made(atoms, description=None, globalPrompt=None, language={"switching": {"isEnabled": False}})
    assert shown(atoms, agent)["description"] == ""
    assert shown(atoms, agent)["_resolvedConfig"]["languageSwitching"] == {"isEnabled": False}


def test_an_unknown_agent_and_what_is_no_id_are_400_in_the_exact_words(atoms: httpx.Client) -> None:
    assert errors(atoms.get(f"/agent/{'0' * 24}")) == ["No agent found"]
    assert errors(atoms.get("/agent/nonsense")) == ["Invalid agent id"]
    assert errors(atoms.patch(f"/agent/{'0' * 24}", json={"name": "x"})) == ["No agent found"]


def test_an_agent_of_another_account_looks_missing(server: LiveServer, atoms: httpx.Client) -> None:
    agent = made(atoms)
    with client_of(server, Scope.ADMIN, account="other") as other:
        assert errors(other.get(f"/agent/{agent}")) == ["No agent found"]
        assert errors(other.delete(f"/agent/{agent}/archive")) == ["No agent found"]
        assert listed(other)["total"] == 0


def test_a_key_that_may_only_read_makes_no_agent(server: LiveServer) -> None:
    with client_of(server, Scope.READ) as reading:
        assert reading.post("/agent", json={"name": "x"}).status_code == 403
        assert reading.get("/agent").status_code == 200
    with httpx.Client(base_url=server.address + "/atoms/v1") as nobody:
        assert errors(nobody.get("/agent"), 401)[0].startswith("Unauthorized: ")


def test_lists_have_pages_searches_and_orders(any_atoms: httpx.Client) -> None:
    for name in ("Beta", "alpha", "Gamma line"):
        made(any_atoms, name, description="The line." if name == "Beta" else "")
    made(any_atoms, "Graph", workflowType="workflow_graph")

    def names(**params: Any) -> list[str]:
        return [each["name"] for each in listed(any_atoms, **params)["agents"]]

    assert names() == ["Graph", "Gamma line", "alpha", "Beta"]
    assert names(sortField="name", sortOrder="asc") == ["alpha", "Beta", "Gamma line", "Graph"]
    assert names(search="LINE") == ["Gamma line", "Beta"]
    assert names(type="workflow_graph") == ["Graph"]
    assert names(type="single_prompt", sortOrder="asc") == ["Beta", "alpha", "Gamma line"]
    assert names(sortField="workflowType")[0] == "Graph"
    page = listed(any_atoms, page=2, offset=3)
    assert [each["name"] for each in page["agents"]] == ["Beta"]
    counts = {name: value for name, value in page.items() if name != "agents"}
    assert counts == {"total": 4, "totalCount": 4, "totalPages": 2, "hasMore": False, "isSearchResults": False}
    assert listed(any_atoms, offset=100_000_000)["hasMore"] is False
    assert errors(any_atoms.get("/agent", params={"page": "x"})) == ["page: must be a number, not 'x'"]
    assert errors(any_atoms.get("/agent", params={"sortField": "age"}))[0].startswith("sortField: must be one of ")


def test_lists_hold_nothing_that_an_old_client_refuses_them_for(atoms: httpx.Client) -> None:
    made(
        atoms,
        slmModel="gpt-4.1",
        backgroundSound="cafe",
        synthesizer={"speed": 1.2, "voiceConfig": {"model": "waves_lightning_v3_1", "voiceId": "nyah"}},
    )
    [agent] = listed(atoms)["agents"]
    assert not {"slmModel", "backgroundSound", "_resolvedConfig"} & agent.keys()
    assert agent["synthesizer"] == {"speed": 1.2, "voiceConfig": {"voiceId": "nyah"}}
    assert HEX.fullmatch(agent["activeVersionId"])
    one = shown(atoms, agent["_id"])
    assert (one["slmModel"], one["backgroundSound"]) == ("gpt-4.1", "cafe")


def test_what_no_version_holds_is_changed_at_once(any_atoms: httpx.Client, any_server: LiveServer) -> None:
    agent, desk = made(any_atoms, "Sales", globalPrompt="You sell."), any_server.desk
    number = any_server.services.record.write(lambda c: ensure_number(c, desk.pk, desk.clock()))
    before = shown(any_atoms, agent)
    change = {"name": "Support", "description": "Helps.", "avatarUrl": "https://example.org/a.png"}
    flags = {"allowInboundCall": False, "visibleToEveryone": True}
    reply = any_atoms.patch(f"/agent/{agent}", json={**change, **flags, "telephonyProductId": number.id})
    fits("patch", PATHS["one"], reply)
    assert reply.json() == {"status": True, "data": agent}
    after = shown(any_atoms, agent)
    assert {name: after[name] for name in (*change, *flags)} == {**change, **flags}
    assert after["phoneNumber"] == [number.number]
    assert after["activeVersionId"] == before["activeVersionId"]
    any_atoms.patch(f"/agent/{agent}", json={"telephonyProductId": []})
    assert "phoneNumber" not in shown(any_atoms, agent)


def test_config_fields_are_refused_there_unless_they_change_nothing(atoms: httpx.Client) -> None:
    agent = made(atoms, globalPrompt="You sell.")
    same = {"name": "Sales 2", "slmModel": "electron", "globalPrompt": "You sell."}
    assert atoms.patch(f"/agent/{agent}", json=same).status_code == 200
    for other in ({"globalPrompt": "You help."}, {"slmModel": "gpt-4o"}, {"firstMessage": "x" * 501}):
        assert errors(atoms.patch(f"/agent/{agent}", json={"name": "Lost", **other})) == [VERSIONED]
    assert shown(atoms, agent)["name"] == "Sales 2"


def test_a_draft_or_a_version_is_shown_where_it_is_named(atoms: httpx.Client) -> None:
    agent = made(atoms, globalPrompt="One.")
    first = shown(atoms, agent)["activeVersionId"]
    atoms.patch(f"/workflow/{agent}", json={"type": "single_prompt", "singlePromptConfig": {"prompt": "Two."}})
    now, then = shown(atoms, agent), shown(atoms, agent, versionId=first)
    assert (now["_resolvedConfig"]["prompt"], then["_resolvedConfig"]["prompt"]) == ("Two.", "One.")
    assert (then["_configSource"], then["activeVersionId"]) == ("version", now["activeVersionId"])
    draft = atoms.post(f"/agent/{agent}/drafts", json={"sourceVersionId": first}).json()["data"]["draftId"]
    assert shown(atoms, agent, draftId=draft)["_configSource"] == "draft"
    assert errors(atoms.get(f"/agent/{agent}", params={"versionId": "1"})) == ["Invalid version id"]
    assert "there is no version" in errors(atoms.get(f"/agent/{agent}", params={"versionId": "0" * 24}))[0]


def test_the_workflow_of_an_agent_is_read_and_written_by_itself(any_atoms: httpx.Client) -> None:
    agent = made(any_atoms, globalPrompt="One.")
    tool = {"type": "end_call", "name": "bye", "description": "Ends it."}
    change = {"type": "single_prompt", "singlePromptConfig": {"prompt": "Two.", "tools": [tool]}}
    assert any_atoms.patch(f"/workflow/{agent}", json=change).json() == {"status": True, "data": agent}
    reply = any_atoms.get(f"/agent/{agent}/workflow")
    # Each of the two shapes that `data` may have as published takes any object, and only one of them may.
    assert [each for each in misfits("get", PATHS["workflow"], reply) if " data.data: " not in each] == []
    prompt = {"prompt": "Two.", "tools": [tool]}
    assert reply.json()["data"] == {**prompt, "type": "single_prompt", "data": prompt}
    assert errors(any_atoms.patch(f"/workflow/{agent}", json={})) == ["type: Required"]
    assert errors(any_atoms.get(f"/agent/{'0' * 24}/workflow"), 404) == ["No agent found"]


def test_an_archived_agent_leaves_the_lists_and_stays_where_it_was(
    any_atoms: httpx.Client, any_server: LiveServer
) -> None:
    agent = made(any_atoms)
    any_server.post({**a_body(), "agent": agent})
    gone = any_atoms.delete(f"/agent/{agent}/archive", params={"on": "true"})
    fits("delete", PATHS["archive"], gone)
    assert gone.json() == {"status": True, "data": {"message": "Agent archived"}}
    assert listed(any_atoms)["agents"] == []
    assert [each["_id"] for each in listed(any_atoms, archived="true")["agents"]] == [agent]
    one = shown(any_atoms, agent)
    assert (one["archived"], one["totalCalls"]) == (True, 1)
    assert one["archivedAt"] is not None
    again = any_atoms.delete(f"/agent/{agent}/archive")
    assert errors(again, 409) == ["Agent is already archived"]
    assert any_server.call()["agent"] == "sales", "its call is where it was"
    assert any_server.post(a_body("call-2") | {"agent": agent}).is_success, "and others are taken in"
    back = any_atoms.delete(f"/agent/{agent}/archive", params={"on": "false"})
    assert back.json()["data"] == {"message": "Agent unarchived"}
    assert errors(any_atoms.delete(f"/agent/{agent}/archive", params={"on": "false"}), 409) == [
        "Agent is already active"
    ]
    assert any_atoms.delete(f"/agent/{agent}").json()["data"] == {"message": "Agent archived"}


def test_an_agent_that_a_campaign_needs_is_not_archived(any_atoms: httpx.Client, any_server: LiveServer) -> None:
    agent, desk = made(any_atoms), any_server.desk

    def begin(connection: Any) -> None:
        audience: dict[str, Any] = {"account_pk": desk.pk, "id": "a" * 24, "name": "All", "description": ""}
        audience |= {"phone_column": "phone", "created_at": desk.clock(), "updated_at": desk.clock()}
        pk = connection.execute(audiences.insert().values(audience)).inserted_primary_key[0]
        agent_pk = find_agent_row(connection, desk.pk, agent).pk
        add_campaign(connection, desk.pk, NewCampaign("Spring", agent_pk, pk, "a" * 24, "All"), now=desk.clock())

    def move(status: str) -> None:
        any_server.services.record.write(lambda c: c.execute(campaigns.update().values(status=status)))

    any_server.services.record.write(begin)
    move("running")
    assert errors(any_atoms.delete(f"/agent/{agent}/archive"), 409) == [
        'Agent is associated with the running campaign "Spring". Complete or remove the campaign before archiving.'
    ]
    assert shown(any_atoms, agent)["archived"] is False
    move("completed")
    assert any_atoms.delete(f"/agent/{agent}/archive").status_code == 200


def test_agents_can_be_made_from_templates(atoms: httpx.Client) -> None:
    reply = atoms.get("/agent/template")
    fits("get", "/agent/template", reply)
    templates = reply.json()["data"]
    assert len(templates) >= 3
    for template in templates:
        reply = atoms.post("/agent/from-template", json={"agentName": "Mine", "templateId": template["_id"]})
        fits("post", "/agent/from-template", reply)
        assert reply.status_code == 200
        assert "warnings" not in reply.json(), "its questions keep our own rules"
        one = shown(atoms, reply.json()["data"])
        assert one["_resolvedConfig"]["prompt"] == template["singlePromptConfig"]["prompt"]
        assert one["firstMessage"]
        assert one["postCallAnalyticsConfig"]["dispositionMetrics"]
    assert {each["region"] for each in atoms.get("/agent/template?region=in").json()["data"]} == {"India"}
    assert errors(atoms.post("/agent/from-template", json={})) == ["agentName: Required", "templateId: Required"]
    unknown = {"agentName": "x", "templateId": "0" * 24}
    assert errors(atoms.post("/agent/from-template", json=unknown)) == ["Template not found"]
