"""POST /calls, and what GET /calls/{id} shows afterwards."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import Desk, a_body, a_question, an_answer
from tests.live_server import LiveServer

from postcall.storage.database import open_record

FULL: dict[str, Any] = {
    "id": "call-1",
    "agent": "clinic",
    "channel": "voice",
    "direction": "outbound",
    "from": "+15550100",
    "to": "+15550199",
    "started_at": "2026-03-02T11:00:00Z",
    "ended_at": "2026-03-02T11:01:30Z",
    "status": "completed",
    "language": "en",
    "environment": "sandbox",
    "variant": "b",
    "disconnection_reason": "handoff",
    "handoff": {"destination": "reception", "reason": "asked for a person"},
    "turns": [
        {"role": "agent", "text": "Hello.", "start_s": 0, "at": "2026-03-02T11:00:00Z", "latency_s": 0.4},
        {"role": "user", "text": "Hi, book me in.", "start_s": 1.5},
    ],
    "metrics": {"BOOKED": True, "STEPS": ["asked", "done"], "FLAG": None},
    "metadata": {"crm": {"id": 7}, "list": [1, None, "x"]},
}


def test_a_call_is_accepted_with_its_id(server: LiveServer) -> None:
    reply = server.post(a_body())
    assert reply.status_code == 202
    assert reply.json()["id"] == "call-1"


def test_a_call_without_an_id_is_given_one(server: LiveServer) -> None:
    reply = server.post(a_body(None))
    given_id = reply.json()["id"]
    assert re.fullmatch(r"CALL-\d{13}-[0-9a-f]{6}", given_id)
    assert server.call(given_id)["id"] == given_id


def test_accepted_means_committed(any_server: LiveServer) -> None:
    """Another process's eyes see the call as soon as the 202 is there."""
    elsewhere = open_record(any_server.services.settings.database_url)
    try:
        for number in range(20):
            assert any_server.post(a_body(f"c{number}")).status_code == 202
            assert Desk(elsewhere).read(f"c{number}").call.id == f"c{number}"
    finally:
        elsewhere.close()


def test_the_same_call_again_is_a_200_and_changes_nothing(server: LiveServer) -> None:
    server.post(FULL)
    before = server.call()
    server.desk.clock.advance(60)
    reply = server.post(FULL)
    assert (reply.status_code, reply.json()["id"]) == (200, "call-1")
    assert server.call() == before


def in_other_words(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same call, written down in another way."""
    return {
        "order of fields": {name: body[name] for name in reversed(body)},
        "order of metrics": body | {"metrics": dict(reversed(body["metrics"].items()))},
        "another offset": body | {"started_at": "2026-03-02T12:00:00+01:00"},
        "fields that are null": body | {"duration_s": None},
        "numbers": body | {"turns": [body["turns"][0] | {"start_s": 0.0}, body["turns"][1]]},
        "a list of one": body | {"metrics": body["metrics"] | {"BOOKED": [True]}},
    }


@pytest.mark.parametrize("way", in_other_words(FULL))
def test_the_same_content_spelled_otherwise_is_the_same_call(server: LiveServer, way: str) -> None:
    server.post(FULL)
    assert server.post(in_other_words(FULL)[way]).status_code == 200


def test_other_content_under_the_same_id_is_a_409_that_says_so(server: LiveServer) -> None:
    server.post(a_body())
    before = server.call()
    reply = server.post(a_body("call-1", "user: Something else."))
    assert reply.status_code == 409
    error = reply.json()["error"]
    assert "other content" in error["message"]
    assert "replace" in error["message"]
    assert server.call() == before


def test_with_replace_a_new_revision_is_stored_and_extracted_again(server: LiveServer) -> None:
    server.desk.ask(a_question())
    server.post(a_body())
    server.desk.extract(an_answer())
    reply = server.post(a_body("call-1", "user: Something else."), params={"replace": "true"})
    assert reply.status_code == 202
    call = server.call()
    assert [turn["text"] for turn in call["turns"]] == ["Something else."]
    assert call["extraction"]["status"] == "queued"
    assert len(call["extractions"]) == 1
    server.desk.extract(an_answer(value=False))
    assert server.call()["extraction"]["answers"][0]["value"] is False
    assert len(server.call()["extractions"]) == 2


def test_replace_must_be_said_clearly(server: LiveServer) -> None:
    reply = server.post(a_body(), params={"replace": "maybe"})
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "replace")
    assert server.desk.count() == 0


def test_a_call_is_shown_with_all_its_fields(server: LiveServer) -> None:
    server.post(FULL)
    call = server.call()
    same = set(FULL) - {"turns", "metrics"}
    assert {name: call[name] for name in same} == {name: FULL[name] for name in same}
    assert call["duration_s"] == 90
    assert [
        {name: turn[name] for name in ("role", "text", "start_s", "at", "latency_s")} for turn in call["turns"]
    ] == [{"start_s": None, "at": None, "latency_s": None, **turn} for turn in FULL["turns"]]


def test_metrics_are_shown_with_value_values_source_time_and_flag(server: LiveServer) -> None:
    server.post(FULL)
    metrics = server.call()["metrics"]
    shown = {"source": "intake", "at": "2026-03-02T12:00:00Z", "flagged": False, "misfits": 0}
    assert metrics == {
        "BOOKED": {"value": True, "values": [True], **shown},
        "STEPS": {"value": "done", "values": ["asked", "done"], **shown},
        "FLAG": {"value": True, "values": [True], **shown},
        **{name: each for name, each in metrics.items() if each["source"] == "built-in"},
    }


def test_a_call_shows_its_current_extraction_and_all_by_id(server: LiveServer) -> None:
    version = server.desk.ask(a_question())
    server.post(a_body())
    first = server.desk.extract(an_answer())
    queued = server.http.post("/calls/call-1/extractions")
    assert queued.status_code == 202
    second = server.desk.extract(an_answer(value=False))
    call = server.call()
    assert queued.json()["id"] == second.id
    assert set(call["extractions"]) == {first.id, second.id}
    current = call["extraction"]
    assert current == call["extractions"][second.id]
    assert (current["version"], current["analyser"], current["model"]) == (version, "model", "scripted")
    assert current["summary"] == "A check-up was booked."
    assert current["usage"].keys() >= {"requests", "prompt_tokens", "completion_tokens", "cost"}
    [answer] = current["answers"]
    assert answer["kept_from"] is None
    promised = {
        "identifier": "booked",
        "type": "BOOLEAN",
        "value": False,
        "status": "ok",
        "confidence": 0.8,
        "calibrated": False,
        "reasoning": "It was said.",
        "evidence": [{"turn": 1, "quote": "book a check-up"}],
    }
    assert {name: answer[name] for name in promised} == promised


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "queued"),
        ({"status": "in_progress"}, "live"),
        ({"status": "no_answer"}, "none"),
        ({"turns": []}, "none"),
        ({"turns": [{"role": "agent", "text": "Hello?"}]}, "none"),
    ],
)
def test_a_call_without_an_extraction_says_why(server: LiveServer, change: dict[str, Any], state: str) -> None:
    server.post(a_body() | change)
    extraction = server.call()["extraction"]
    assert extraction["status"] == state
    assert extraction["reason"]


def test_asking_again_where_nothing_was_said_is_a_conflict(server: LiveServer) -> None:
    server.post(a_body() | {"turns": []})
    reply = server.http.post("/calls/call-1/extractions")
    assert reply.status_code == 409
    assert "call-1" in reply.json()["error"]["message"]
    assert server.desk.claim() == []


def test_a_missing_start_or_end_follows_from_the_duration(server: LiveServer) -> None:
    body = a_body() | {"duration_s": 60.5}
    server.post(body)
    assert server.call()["ended_at"] == "2026-03-02T11:01:00.500000Z"
    del body["started_at"]
    server.post(body | {"id": "call-2", "ended_at": "2026-03-02T11:01:00.5Z"})
    call = server.call("call-2")
    assert (call["started_at"], call["started_at_is_intake"]) == ("2026-03-02T11:00:00Z", False)


def test_a_call_needs_no_more_than_an_agent(server: LiveServer) -> None:
    reply = server.post({"agent": "clinic"})
    assert reply.status_code == 202
    call = server.call(reply.json()["id"])
    assert call["started_at_is_intake"] is True
    assert (call["channel"], call["direction"], call["environment"]) == ("voice", "inbound", "live")


def test_null_bytes_become_visible(any_server: LiveServer) -> None:
    body = a_body("call-1", "user: a\x00b\x00") | {
        "from": "\x00",
        "language": "e\x00n",
        "variant": "\x00",
        "handoff": {"destination": "a\x00", "reason": "\x00"},
        "metrics": {"N\x00": "v\x00"},
        "metadata": {"k\x00": "v\x00"},
    }
    reply = any_server.post(body)
    assert reply.status_code == 202, reply.text
    call = any_server.call()
    assert call["turns"][0]["text"] == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
    assert call["from"] == call["variant"] == "\N{REPLACEMENT CHARACTER}"
    assert call["metrics"]["N\N{REPLACEMENT CHARACTER}"]["value"] == "v\N{REPLACEMENT CHARACTER}"
    assert any_server.post(body).status_code == 200


def test_a_call_of_five_thousand_turns_is_taken(any_server: LiveServer) -> None:
    said = [{"role": "user" if n % 2 else "agent", "text": f"Sentence {n}.", "start_s": n} for n in range(5000)]
    assert any_server.post(a_body() | {"turns": said}).status_code == 202
    assert [turn["text"] for turn in any_server.call()["turns"]] == [turn["text"] for turn in said]


def test_the_same_call_from_many_clients_at_once_is_accepted_by_all_and_stored_once(any_server: LiveServer) -> None:
    together = threading.Barrier(8)

    def send(_: int) -> int:
        together.wait()
        return any_server.post(a_body()).status_code

    with ThreadPoolExecutor(8) as clients:
        statuses = sorted(clients.map(send, range(8)))
    assert statuses == [200] * 7 + [202]
    assert (any_server.desk.count(), len(any_server.desk.claim())) == (1, 1)


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
values = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | text
turns = st.lists(
    st.builds(lambda role, said: {"role": role, "text": said}, st.sampled_from(["agent", "user"]), text), max_size=5
)
metadata = st.recursive(
    st.none() | values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries(
    {
        "agent": st.sampled_from(["clinic", "bank", "línea-☎"]),
        "turns": turns,
        "metrics": st.dictionaries(text.filter(bool), values | st.lists(values, min_size=1, max_size=3), max_size=3),
        "metadata": st.dictionaries(text, metadata, max_size=3),
    },
    optional={
        "channel": st.sampled_from(["voice", "webchat", "sms"]),
        "direction": st.sampled_from(["inbound", "outbound"]),
        "from": text,
        "to": text,
        "duration_s": st.floats(0, 100_000),
        "status": st.sampled_from(["pending", "in_progress", "completed", "no_answer", "busy", "failed", "cancelled"]),
        "language": text,
        "environment": st.sampled_from(["live", "pre-release", "sandbox"]),
        "variant": text,
        "disconnection_reason": st.sampled_from(
            ["user_hangup", "agent_hangup", "handoff", "timeout", "no_answer", "busy", "voicemail", "error"]
        ),
        "handoff": st.fixed_dictionaries({"destination": text.filter(bool), "reason": st.none() | text}),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
def test_any_call_comes_back_as_it_was_sent(any_server: LiveServer, body: dict[str, Any]) -> None:
    reply = any_server.post(body)
    assert reply.status_code == 202, reply.text
    call = any_server.call(reply.json()["id"])
    for name in body.keys() - {"turns", "metrics"}:
        assert call[name] == body[name], name
    assert [(turn["role"], turn["text"]) for turn in call["turns"]] == [
        (turn["role"], turn["text"]) for turn in body["turns"]
    ]
    sent = {name: each if isinstance(each, list) else [each] for name, each in body["metrics"].items()}
    stored = {name: each["values"] for name, each in call["metrics"].items() if each["source"] != "built-in"}
    assert stored == sent
