"""Whoever makes something by a key is named with it, by the key's name."""

from __future__ import annotations

from tests.live_server import LiveServer

from postcall.domain.agents import Version
from postcall.domain.keys import Scope
from postcall.storage.agents import find_agent_row, list_versions
from postcall.storage.webhooks import list_webhooks

NAME = "test"
"""Of every key that the builders make."""
ATOMS = "/atoms/v1"


def test_agents_versions_and_webhooks_of_either_interface_are_their_keys(server: LiveServer) -> None:
    with server.holder_of(Scope.ADMIN) as key:
        key.post("/agents", json={"slug": "clinic"})
        key.post("/agents/clinic/versions", json={"questions": [], "activate": False})
        key.post("/agents/clinic/versions/2:activate")
        key.post("/webhooks", json={"url": "https://one.example"})
        address = server.address + ATOMS
        agent = key.post(f"{address}/agent", json={"name": "Bakery", "globalPrompt": "Sell bread."}).json()["data"]
        asked = {"dispositionMetrics": [], "summaryPrompt": "Say what was sold."}
        key.post(f"{address}/agent/{agent}/post-call-analytics", json=asked)
        prompt = {"type": "single_prompt", "singlePromptConfig": {"prompt": "Sell cake."}}
        key.patch(f"{address}/workflow/{agent}", json=prompt)
        key.post(f"{address}/webhook", json={"endpoint": "https://two.example", "description": "", "events": []})
    desk = server.desk
    for named, count in (("clinic", 2), (agent, 3)):
        made = versions(server, named)
        assert [each.created_by for each in made] == [NAME] * count
        assert made[0].activated_by == NAME
    assert [each.created_by for each in desk.record.read(lambda c: list_webhooks(c, desk.pk))] == [NAME] * 2


def test_a_name_that_the_request_gives_wins(server: LiveServer) -> None:
    with server.holder_of(Scope.ADMIN) as key:
        key.post("/agents", json={"slug": "clinic", "by": "Ann"})
    assert [each.created_by for each in versions(server, "clinic")] == ["Ann"]


def versions(server: LiveServer, agent: str) -> list[Version]:
    desk = server.desk
    return desk.record.read(lambda c: list_versions(c, find_agent_row(c, desk.pk, agent).pk))
