"""Advice on questions and templates, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.live_server import LiveServer

from postcall.configure.question_templates import TEMPLATES

STRAY: dict[str, Any] = {
    "identifier": "reason",
    "prompt": "Why did the guest call? Options: booking, change, other",
    "type": "STRING",
}
FINE: dict[str, Any] = {
    "identifier": "guests",
    "dispositionMetricPrompt": "For how many people is the table? No value if it is not said.",
    "dispositionMetricType": "INTEGER",
}


def test_advice_names_the_question_and_offers_a_better_one(any_server: LiveServer) -> None:
    reply = any_server.post({"questions": [FINE, STRAY]}, "/questions:lint")
    assert reply.status_code == 200
    [finding] = reply.json()["findings"]
    assert (finding["severity"], finding["identifier"], finding["rule"]) == ("warning", "reason", "options")
    assert finding["replacement"] == {**STRAY, "type": "ENUM", "choices": ["booking", "change", "other"]}
    assert "choices" in finding["message"] or "type" in finding["message"]


def test_the_array_of_a_metrics_file_is_taken_by_itself(server: LiveServer) -> None:
    assert server.http.post("/questions:lint", json=[FINE]).json() == {"findings": []}


def test_what_could_not_be_published_is_looked_at_too(server: LiveServer) -> None:
    unfinished = {**STRAY, "type": "ENUM", "identifier": "Not Yet"}
    reply = server.post({"questions": [unfinished, unfinished]}, "/questions:lint")
    assert reply.status_code == 200
    assert {finding["rule"] for finding in reply.json()["findings"]} == {"options"}


def test_what_is_no_question_is_refused_with_its_place(server: LiveServer) -> None:
    without_type = {"identifier": "x", "prompt": "Why did they call?"}
    for body, field in (
        ({"questions": [without_type]}, "questions[0].type"),
        ({"questions": [{**STRAY, "type": "FLOAT"}]}, "questions[0].type"),
        ({"question": []}, "question"),
        ({"questions": [STRAY] * 201}, "questions"),
    ):
        reply = server.post(body, "/questions:lint")
        assert (reply.status_code, reply.json()["error"]["field"]) == (400, field)


def test_templates_can_be_fetched_filtered_and_published_as_they_are(server: LiveServer) -> None:
    every = server.http.get("/question-templates").json()
    assert len(every["templates"]) == len(TEMPLATES)
    assert every["groups"] == ["general", "sales", "support", "clinics", "collections", "quality"]
    some = server.http.get("/question-templates", params={"group": "sales", "q": "objection"}).json()["templates"]
    assert [template["id"] for template in some] == ["objection"]
    made = server.post({"slug": "shop", "questions": some[0]["questions"]}, "/agents")
    assert made.status_code == 201
    assert server.http.get("/question-templates", params={"group": "gardening"}).status_code == 400
