"""Questions in words over HTTP: the answer, its stream, its threads, and what a key for one agent is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

ANALYST = "/analyst"
BOTH = {"measures": [{"measure": "conversations"}]}


@pytest.fixture(scope="module")
def shop(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Three calls of two agents, which wrote a metric of its own each."""
    folder = tmp_path_factory.mktemp("analyst")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        for call, agent, metrics in (
            ("one", "clinic", {"BOOKED": True}),
            ("two", "clinic", {"BOOKED": False}),
            ("three", "bistro", {"TABLE": True}),
        ):
            reply = running.post(a_body(call, agent=agent, metrics=metrics, environment="live"))
            assert reply.status_code == 202, reply.text
        wait_until(
            lambda: running.post(BOTH, "/query").json().get("calls") == 3,
            what=lambda: running.post(BOTH, "/query").text,
        )
        yield running


def ask(client: httpx.Client, question: str, **more: Any) -> dict[str, Any]:
    reply = client.post(ANALYST, json={"question": question, **more})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def narrow(server: LiveServer, *agents: str) -> httpx.Client:
    made = server.post({"name": "narrow", "scopes": ["read", "write"], "agents": list(agents)}, "/keys")
    assert made.status_code == 201, made.text
    return server.client(made.json()["secret"])


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_a_question_is_answered_with_its_numbers_and_what_they_rest_on(shop: LiveServer) -> None:
    found = ask(shop.http, "How many calls were there?")
    [query, *_] = found["queries"]
    assert query["rows"][0][-1] == 3 and query["id"] in found["answer"] and "3" in found["answer"]
    assert found["exact"] == {"of": 3} and found["sample"] is None
    assert found["understood"] and found["reading"]["queries"] and not found["asks_back"]


def test_the_query_of_an_answer_gives_the_same_numbers_by_itself(shop: LiveServer) -> None:
    for query in ask(shop.http, "How many calls per agent?")["queries"]:
        again = shop.post(query["query"], "/query").json()
        assert again["rows"] == query["rows"] and again["columns"] == query["columns"]


def test_the_way_is_told_before_the_answer_where_a_stream_is_asked_for(shop: LiveServer) -> None:
    reply = shop.http.post(
        ANALYST, json={"question": "How many calls were there?"}, headers={"accept": "text/event-stream"}
    )
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply.text)
    assert {name for name, _ in told[:-1]} == {"step"} and told[-1][0] == "answer"
    assert any("reading" in content for _, content in told[:-1])
    plain = ask(shop.http, "How many calls were there?")
    assert told[-1][1]["answer"] == plain["answer"] and told[-1][1]["queries"][0]["rows"] == plain["queries"][0]["rows"]


def test_a_thread_holds_what_was_asked_in_it_until_it_is_deleted(shop: LiveServer) -> None:
    first = ask(shop.http, "How many calls were there?")
    second = ask(shop.http, "How many calls per agent?", thread=first["thread"])
    assert second["thread"] == first["thread"]
    path = f"{ANALYST}/threads/{first['thread']}"
    thread = shop.http.get(path).json()
    assert [each["question"] for each in thread["questions"]] == [
        "How many calls were there?",
        "How many calls per agent?",
    ]
    kept = thread["questions"][0]
    assert {name: kept[name] for name in first} == first
    assert shop.http.get(f"{ANALYST}/threads").json()["threads"][0]["id"] == first["thread"]
    assert shop.http.delete(path).status_code == 204
    assert shop.http.get(path).status_code == 404


def test_a_reading_that_was_put_right_is_what_is_answered(shop: LiveServer) -> None:
    reading = ask(shop.http, "How many calls were there?")["reading"]
    reading["queries"][0]["agent"] = "bistro"
    found = ask(shop.http, "How many calls were there?", reading=reading)
    assert found["queries"][0]["rows"][0][-1] == 1


def test_a_key_for_one_agent_is_told_of_no_other(shop: LiveServer) -> None:
    holder = narrow(shop, "bistro")
    found = ask(holder, "How many calls per agent?")
    assert "clinic" not in json.dumps(found) and found["exact"] == {"of": 1}
    assert "BOOKED" not in json.dumps(ask(holder, "What share of calls was booked?"))
    wide = ask(shop.http, "How many calls were there?")
    assert ask(holder, "How many calls were there?", reading=wide["reading"])["exact"] == {"of": 1}
    wide["reading"]["queries"][0]["agent"] = "clinic"
    for body in (
        {"question": "How many calls?", "agent": "clinic"},
        {"question": "How many calls?", "agent": "nobody"},
        {"question": "How many calls?", "reading": wide["reading"]},
        {"question": "How many calls?", "thread": wide["thread"]},
    ):
        assert holder.post(ANALYST, json=body).status_code == 404
    assert holder.get(f"{ANALYST}/threads/{wide['thread']}").status_code == 404
    assert holder.delete(f"{ANALYST}/threads/{wide['thread']}").status_code == 404
    assert wide["thread"] not in holder.get(f"{ANALYST}/threads").text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": "  "}, "question"),
        ({"question": 5}, "question"),
        ({"question": "x" * 1_001}, "question"),
        ({"question": "How many?", "time_zone": "Mars/Olympus"}, "time_zone"),
        ({"question": "How many?", "more": 1}, "more"),
        ({"question": "How many?", "reading": {"kind": "guess"}}, "reading.kind"),
        ({"question": "How many?", "reading": []}, "reading"),
        (
            {"question": "How many?", "reading": {"kind": "count", "queries": [{"limit": 0}]}},
            "reading.queries[0].limit",
        ),
    ],
    ids=["nothing", "blank", "a number", "too long", "no zone", "unknown", "no kind", "a list", "a wrong query"],
)
def test_what_is_no_question_is_refused_with_what_is_wrong(shop: LiveServer, body: dict[str, Any], field: str) -> None:
    reply = shop.http.post(ANALYST, json=body)
    assert reply.status_code == 400 and field in json.dumps(reply.json()["error"]), reply.text


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"question": "\\ud800"}', b'{"question": "a\\u0000b"}', b"[]", b"9" * 300_000]
)
def test_a_body_that_cannot_be_read_is_a_clear_error(shop: LiveServer, content: bytes) -> None:
    reply = shop.http.post(ANALYST, content=content, headers={"content-type": "application/json"})
    assert 400 <= reply.status_code < 500 and reply.json()["error"]["message"]


def test_a_key_that_may_not_read_asks_nothing(shop: LiveServer) -> None:
    made = shop.post({"name": "writes", "scopes": ["write"]}, "/keys").json()
    holder = shop.client(made["secret"])
    assert holder.post(ANALYST, json={"question": "How many?"}).status_code == 403
    assert holder.get(f"{ANALYST}/threads").status_code == 403
