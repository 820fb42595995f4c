"""The post-call configuration by itself, its templates, and the score of a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.api.atoms.test_agents_of_atoms import client_of, errors, made, shown
from tests.live_server import LiveServer

from postcall.configure.prompt_scoring import Level, score_prompt
from postcall.domain.keys import Scope

NESTED = {
    "identifier": "outcome",
    "dispositionMetricPrompt": "How did it end? Answer with sold or lost.",
    "dispositionValues": {"type": "ENUM"},
    "choices": ["sold", "lost"],
}
FLAT = {"identifier": "summary", "dispositionMetricPrompt": "What was said?", "dispositionMetricType": "STRING"}


@pytest.fixture
def atoms(server: LiveServer) -> Iterator[httpx.Client]:
    with client_of(server, Scope.ADMIN) as client:
        yield client


def config_of(client: httpx.Client, agent: str) -> dict[str, Any]:
    reply = client.get(f"/agent/{agent}/post-call-analytics")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["data"]
    return found


def test_what_is_set_is_what_is_read_and_what_is_left_out_stays(any_server: LiveServer) -> None:
    with client_of(any_server, Scope.ADMIN) as atoms:
        agent = made(atoms, globalPrompt="You sell.")
        first = shown(atoms, agent)["activeVersionId"]
        address = f"/agent/{agent}/post-call-analytics"
        reply = atoms.post(address, json={"summaryPrompt": "In a line.", "dispositionMetrics": [NESTED, FLAT]})
        assert reply.status_code == 200
        expected = [{**NESTED, "dispositionMetricType": "ENUM"}, FLAT]
        assert reply.json() == {"status": True, "data": config_of(atoms, agent)}
        assert config_of(atoms, agent) == {
            "summaryPrompt": "In a line.",
            "dispositionMetrics": expected,
            "successMetrics": [],
            "useInternalAnalyticsModel": True,
            "useReasoningModel": False,
        }
        one = shown(atoms, agent)
        assert one["activeVersionId"] != first
        assert one["_resolvedConfig"]["postCallAnalyticsConfig"] == config_of(atoms, agent)
        assert one["_resolvedConfig"]["prompt"] == "You sell."
        atoms.post(address, json={"dispositionMetrics": [FLAT]})
        assert config_of(atoms, agent)["summaryPrompt"] == "In a line."
        assert config_of(atoms, agent)["dispositionMetrics"] == [FLAT]
        version = shown(atoms, agent)["activeVersionId"]
        atoms.post(address, json={"dispositionMetrics": [FLAT]})
        atoms.post(address, json={})
        assert shown(atoms, agent)["activeVersionId"] == version, "what changes nothing makes no version"
        native = any_server.http.get(f"/agents/{agent}").json()["version"]
        assert [each["identifier"] for each in native["questions"]] == ["summary"]


def test_questions_published_in_our_own_way_are_shown_here(server: LiveServer, atoms: httpx.Client) -> None:
    agent = made(atoms)
    atoms.post(f"/agent/{agent}/post-call-analytics", json={"dispositionMetrics": [NESTED]})
    ours = {"identifier": "mood", "prompt": "How were they?", "type": "STRING"}
    kept = {"identifier": "outcome", "prompt": NESTED["dispositionMetricPrompt"], "type": "ENUM"}
    kept["choices"] = NESTED["choices"]
    server.post({"questions": [ours, kept]}, f"/agents/{agent}/versions")
    assert config_of(atoms, agent)["dispositionMetrics"] == [
        {"identifier": "mood", "dispositionMetricPrompt": "How were they?", "dispositionMetricType": "STRING"},
        {**NESTED, "dispositionMetricType": "ENUM"},
    ]


def test_what_cannot_be_asked_is_refused_and_what_could_be_better_is_remarked_on(atoms: httpx.Client) -> None:
    agent = made(atoms)
    address = f"/agent/{agent}/post-call-analytics"
    bad = [{**FLAT, "identifier": "Über"}, {**FLAT, "dispositionMetricType": "ENUM"}]
    assert errors(atoms.post(address, json={"dispositionMetrics": bad})) == [
        "dispositionMetrics[0] (Über).identifier: Must be 1 to 100 lower-case letters, digits and underscores",
        "dispositionMetrics[1] (summary).choices: Required for ENUM",
    ]
    assert config_of(atoms, agent)["dispositionMetrics"] == []
    vague = {**NESTED, "dispositionMetricPrompt": "How did it end? Return 'none' if it did not."}
    reply = atoms.post(address, json={"dispositionMetrics": [vague]})
    assert reply.status_code == 200
    [warning] = reply.json()["warnings"]
    assert warning.startswith("outcome: ")
    assert "'none'" in warning
    assert len(config_of(atoms, agent)["dispositionMetrics"]) == 1, "it is asked all the same"


def test_templates_can_be_set_as_they_are(atoms: httpx.Client) -> None:
    reply = atoms.get("/disposition-metric-templates")
    fits("get", "/disposition-metric-templates", reply)
    assert reply.json()["success"] is True
    templates = reply.json()["data"]
    assert [each["identifier"] for each in templates] == [
        "turn_taking_balance",
        "instruction_adherence",
        "clarity_of_responses",
        "escalation_needed",
        "ai_content_repetition_flag",
    ]
    agent = made(atoms)
    reply = atoms.post(f"/agent/{agent}/post-call-analytics", json={"dispositionMetrics": templates})
    assert (reply.json()["data"]["dispositionMetrics"], reply.json().get("warnings")) == (templates, None)


GOOD = """\
You are Ann, the receptionist of a bakery. Your goal is that every caller knows when to come.
Speak in a friendly tone, in short sentences, one question at a time.
1. Ask what they want. 2. Answer. 3. Thank them and say goodbye.
Never promise what you cannot keep, and never ask for card numbers.
If you do not know something, say so: do not invent anything. If something was unclear, ask once more.
"""


def test_a_prompt_is_scored_by_rules_that_can_be_followed(atoms: httpx.Client) -> None:
    agent = made(atoms, globalPrompt=GOOD)
    version = shown(atoms, agent)["activeVersionId"]
    reply = atoms.post("/prompt-scoring/score", json={"versionId": version})
    fits("post", "/prompt-scoring/score", reply)
    score = reply.json()["data"]
    assert (score["overall_grade"], score["band"]) == ("Excellent", "lean")
    assert "no model was asked" in score["method"]
    assert all(each["evidence_span"] in GOOD for each in score["dimensions"])
    assert atoms.post("/prompt-scoring/score", json={"versionId": version}).json()["data"] == score
    draft = atoms.post(f"/agent/{agent}/drafts", json={"sourceVersionId": version}).json()["data"]["draftId"]
    assert atoms.post("/prompt-scoring/score", json={"draftId": draft}).json()["data"] == score
    both = "Provide exactly one of versionId and draftId"
    assert errors(atoms.post("/prompt-scoring/score", json={})) == [both]
    assert errors(atoms.post("/prompt-scoring/score", json={"versionId": version, "draftId": draft})) == [both]
    assert "there is no version" in errors(atoms.post("/prompt-scoring/score", json={"versionId": "0" * 24}), 404)[0]
    graph = made(atoms, "Graph", workflowType="workflow_graph")
    asked = {"versionId": shown(atoms, graph)["activeVersionId"]}
    assert errors(atoms.post("/prompt-scoring/score", json=asked)) == [
        "Only agents that are a single prompt can be scored"
    ]


def test_a_poor_prompt_scores_less_and_says_what_is_missing() -> None:
    assert score_prompt("").score == 0
    poor = score_prompt("Help people.")
    assert poor.score < 30 < score_prompt(GOOD).score
    missing = {each.title for each in poor.dimensions if each.level is Level.MISSING}
    assert {"Role & Objective", "Constraints & Safety", "Conversation Structure"} <= missing
    assert score_prompt(GOOD + "Call them {{name").score <= 50, "a variable that is not closed caps it"
