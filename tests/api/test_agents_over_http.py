"""Agents: create, get, list, versions."""

from __future__ import annotations

import re
from typing import Any

from tests.builders import a_body, an_answer
from tests.live_server import LiveServer

BOOKED = {"identifier": "booked", "prompt": "Was it booked?", "type": "BOOLEAN"}
REASON = {"identifier": "reason", "prompt": "Why did they call?", "type": "ENUM", "choices": ["pain", "check-up"]}


def test_an_agent_is_created_with_its_first_version(any_server: LiveServer) -> None:
    body = {"slug": "desk", "name": "Front desk", "questions": [BOOKED, REASON], "summary_prompt": "In one line."}
    made = any_server.post(body, "/agents")
    assert made.status_code == 201
    agent = made.json()
    assert re.fullmatch(r"[0-9a-f]{24}", agent["id"])
    assert (agent["slug"], agent["name"], agent["active_version"]) == ("desk", "Front desk", 1)
    shown = any_server.http.get("/agents/desk").json()
    assert shown == any_server.http.get(f"/agents/{agent['id']}").json()
    assert shown["version"]["questions"] == [BOOKED, REASON]
    assert shown["version"]["summary_prompt"] == "In one line."


def test_the_words_of_a_metrics_file_are_understood(server: LiveServer) -> None:
    given = {
        "identifier": "reason",
        "dispositionMetricPrompt": REASON["prompt"],
        "dispositionMetricType": "ENUM",
        "choices": REASON["choices"],
    }
    server.post({"slug": "desk", "questions": [given]}, "/agents")
    assert server.http.get("/agents/desk").json()["version"]["questions"] == [REASON]


def test_a_slug_that_is_taken_is_a_conflict(server: LiveServer) -> None:
    server.post({"slug": "desk", "name": "First"}, "/agents")
    reply = server.post({"slug": "desk", "name": "Second"}, "/agents")
    assert (reply.status_code, reply.json()["error"]["field"]) == (409, "slug")
    assert server.http.get("/agents/desk").json()["name"] == "First"


def test_agents_are_listed_with_those_that_calls_made(server: LiveServer) -> None:
    server.post({"slug": "desk"}, "/agents")
    server.post(a_body())
    listed = server.http.get("/agents").json()["agents"]
    assert [agent["slug"] for agent in listed] == ["desk", "clinic"]


def test_publishing_makes_a_new_active_version_and_keeps_the_old(server: LiveServer) -> None:
    server.post({"slug": "desk", "questions": [BOOKED]}, "/agents")
    published = server.post({"questions": [REASON], "label": "second try"}, "/agents/desk/versions")
    assert published.status_code == 201
    assert (published.json()["number"], published.json()["label"]) == (2, "second try")
    versions = server.http.get("/agents/desk/versions").json()["versions"]
    assert [(version["number"], version["questions"]) for version in versions] == [(2, [REASON]), (1, [BOOKED])]
    assert server.http.get("/agents/desk").json()["active_version"] == 2


def test_publishing_touches_no_extraction(server: LiveServer) -> None:
    server.post({"slug": "clinic", "questions": [BOOKED]}, "/agents")
    server.post(a_body())
    server.desk.extract(an_answer())
    before = server.call()
    server.post({"questions": [REASON]}, "/agents/clinic/versions")
    assert server.call() == before


def test_asking_again_uses_the_active_version(server: LiveServer) -> None:
    server.post({"slug": "clinic", "questions": [BOOKED]}, "/agents")
    server.post(a_body())
    server.desk.extract(an_answer())
    server.post({"questions": [REASON]}, "/agents/clinic/versions")
    server.http.post("/calls/call-1/extractions")
    [job] = server.desk.claim()
    assert job.payload["version"] == 2


def test_what_is_not_there_is_a_404(server: LiveServer) -> None:
    nobody: list[Any] = [
        server.http.get("/agents/nobody"),
        server.http.get("/agents/nobody/versions"),
        server.post({"questions": []}, "/agents/nobody/versions"),
    ]
    assert {reply.status_code for reply in nobody} == {404}
    assert server.http.get("/agents").json()["agents"] == []
