"""What a key for one agent is told by the analyst, and what whoever may not see it can find out: nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.test_analyst_over_http import events
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

ANALYST = "/analyst"
COUNT = {"measures": [{"measure": "conversations"}]}
SECRETS = ("TABLE_FOR", "terrace", "bistro", "lobster", "table-1")
"""Of the other agent: a metric's name, its value, the agent's own name, what was said, and a call's id."""


@pytest.fixture(scope="module")
def shop(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Two calls of the clinic, and one of the bistro with a metric, values and words of its own."""
    folder = tmp_path_factory.mktemp("analyst-keys")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        for body in (
            a_body("visit-1", agent="clinic", metrics={"BOOKED": True}),
            a_body("visit-2", agent="clinic", metrics={"BOOKED": False}),
            a_body(
                "table-1",
                agent="bistro",
                metrics={"TABLE_FOR": "terrace"},
                turns=[{"role": "user", "text": "We would like the lobster."}],
            ),
        ):
            reply = running.post({**body, "environment": "live"})
            assert reply.status_code == 202, reply.text
        made = running.post({"name": "TABLE_FOR", "type": "string", "definition": "Where lobster is served."}, METRICS)
        assert made.is_success, made.text
        wait_until(lambda: running.post(COUNT, "/query").json().get("calls") == 3, what=lambda: "not three calls")
        yield running


METRICS = "/agents/bistro/metrics"


@pytest.fixture(scope="module")
def holder(shop: LiveServer) -> httpx.Client:
    """Whoever has a key for the clinic alone."""
    made = shop.post({"name": "clinic only", "scopes": ["read", "write"], "agents": ["clinic"]}, "/keys")
    assert made.status_code == 201, made.text
    return shop.client(made.json()["secret"])


def told(client: httpx.Client, question: str, *, stream: bool = False, **more: Any) -> str:
    accept = "text/event-stream" if stream else "application/json"
    reply = client.post(ANALYST, json={"question": question, **more}, headers={"accept": accept})
    assert reply.status_code == 200, reply.text
    return reply.text


QUESTIONS = (
    "How many calls were there?",
    "How many calls per agent?",
    "What were the most common values of TABLE_FOR?",
    "How many calls had the table for the terrace?",
    "In which calls did somebody say lobster?",
    "Show me call table-1",
    "How many calls did the bistro take?",
    "Compare clinic and bistro",
    "What share of calls was booked?",
    "Why are calls not booked?",
    "What do people say about lobster?",
    "purple monkeys",
)


def foreign(question: str, said: str) -> set[str]:
    """Words of the other agent in an answer, but for those that its asker said first."""
    return {
        word for word in SECRETS if word.casefold() in said.casefold() and word.casefold() not in question.casefold()
    }


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("stream", [False, True], ids=["at once", "streamed"])
def test_no_answer_holds_anything_of_another_agent(holder: httpx.Client, question: str, stream: bool) -> None:
    assert foreign(question, told(holder, question, stream=stream)) == set()


@pytest.mark.parametrize("question", QUESTIONS[3:7])
def test_what_is_asked_of_another_agent_is_as_unknown_as_what_there_is_not(holder: httpx.Client, question: str) -> None:
    found = json.loads(told(holder, question))
    invented = json.loads(
        told(
            holder,
            question.replace("terrace", "balcony")
            .replace("lobster", "oysters")
            .replace("table-1", "table-7")
            .replace("bistro", "tavern"),
        )
    )
    assert found["calls"] == invented["calls"] and found["citations"] == invented["citations"] == []
    assert [each["rows"] for each in found["queries"]] == [each["rows"] for each in invented["queries"]]


def test_a_reading_made_by_a_wider_key_counts_only_what_its_holder_may_see(
    shop: LiveServer, holder: httpx.Client
) -> None:
    for question in ("How many calls per agent?", "In which calls did somebody say lobster?"):
        reading = json.loads(told(shop.http, question))["reading"]
        assert reading is not None
        found = told(holder, "the same", reading=reading)
        assert foreign(question, found) == set() and "table-1" not in found


def test_nobody_is_told_of_an_agent_by_how_it_is_refused(holder: httpx.Client) -> None:
    replies = [holder.post(ANALYST, json={"question": "How many?", "agent": each}) for each in ("bistro", "tavern")]
    assert [each.status_code for each in replies] == [404, 404]
    assert replies[0].text.replace("bistro", "") == replies[1].text.replace("tavern", "")


def test_what_a_wide_key_asked_before_is_not_told_to_a_narrow_one(shop: LiveServer, holder: httpx.Client) -> None:
    """Names and values are remembered between questions, for each kind of key by itself."""
    for question in QUESTIONS[1:4]:
        told(shop.http, question)
        assert foreign(question, told(holder, question)) == set()
        told(shop.http, question)


def test_a_thread_is_its_owners_alone_whatever_their_scopes(shop: LiveServer, holder: httpx.Client) -> None:
    mine = json.loads(told(holder, "How many calls were there?"))["thread"]
    theirs = json.loads(told(shop.http, "How many calls per agent?"))["thread"]
    twin = shop.post({"name": "twin", "scopes": ["admin"]}, "/keys").json()["secret"]
    for client, thread in ((holder, theirs), (shop.http, mine), (shop.client(twin), mine)):
        path = f"{ANALYST}/threads/{thread}"
        assert client.get(path).status_code == client.delete(path).status_code == 404
        assert client.post(ANALYST, json={"question": "And?", "thread": thread}).status_code == 404
        assert thread not in client.get(f"{ANALYST}/threads").text
    assert holder.get(f"{ANALYST}/threads/{mine}").status_code == 200


def test_a_revoked_key_asks_and_reads_nothing_more(shop: LiveServer) -> None:
    made = shop.post({"name": "short", "scopes": ["read"]}, "/keys").json()
    client = shop.client(made["secret"])
    thread = json.loads(told(client, "How many calls were there?"))["thread"]
    assert client.delete(f"{ANALYST}/threads/{thread}").status_code == 403  # it may not write
    assert shop.http.delete(f"/keys/{made['id']}").status_code == 204
    assert client.get(f"{ANALYST}/threads/{thread}").status_code == 401
    assert client.post(ANALYST, json={"question": "How many?"}).status_code == 401


def test_questions_count_towards_what_a_key_may_ask_in_a_minute(shop: LiveServer) -> None:
    made = shop.post({"name": "slow", "scopes": ["read"], "per_minute": 2}, "/keys").json()
    client = shop.client(made["secret"])
    statuses = [client.post(ANALYST, json={"question": "How many calls?"}).status_code for _ in range(4)]
    assert statuses[:2] == [200, 200] and statuses[-1] == 429


def test_who_asked_and_who_forgot_a_thread_is_in_the_log(shop: LiveServer) -> None:
    made = shop.post({"name": "asker", "scopes": ["read", "write"]}, "/keys").json()
    client = shop.client(made["secret"])
    thread = json.loads(told(client, "How many calls were there?"))["thread"]
    assert client.get(f"{ANALYST}/threads/{thread}").status_code == 200
    assert client.delete(f"{ANALYST}/threads/{thread}").status_code == 204

    def lines() -> list[tuple[str, str, str | None]]:
        found = shop.http.get("/audit", params={"limit": "500"}).json()["events"]
        return [
            (each["action"], each["request"], each["subject"])
            for each in reversed(found)
            if each["actor"]["name"] == "asker"
        ]

    wait_until(lambda: len(lines()) == 3, what=lines)
    assert set(lines()) == {
        ("read", "POST /postcall/v1/analyst", None),
        ("read", "GET /postcall/v1/analyst/threads/{thread}", thread),
        ("changed", "DELETE /postcall/v1/analyst/threads/{thread}", thread),
    }


def test_the_steps_of_a_stream_come_before_the_one_answer(holder: httpx.Client) -> None:
    names = [name for name, _ in events(told(holder, "How many calls per agent?", stream=True))]
    assert names[-1] == "answer" and set(names[:-1]) == {"step"}


def test_a_key_for_every_agent_is_told_all_of_this(shop: LiveServer) -> None:
    """So that the others, which are told nothing of it, are not simply asked what nobody knows."""
    assert foreign("", told(shop.http, "How many calls per agent?")) >= {"bistro"}
    assert foreign("", told(shop.http, "In which calls did somebody say lobster?")) >= {"lobster", "table-1"}
    assert foreign("", told(shop.http, "What were the most common values of TABLE_FOR?")) >= {"TABLE_FOR", "terrace"}
