"""Many who ask at once, and what threads show later, on both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from tests.builders import NOON, a_body
from tests.live_server import LiveServer, wait_until

from postcall.storage.agents import find_agent_row
from postcall.storage.calls import remove_calls

ANALYST = "/analyst"
COUNT = {"measures": [{"measure": "conversations"}]}
ASKERS = 20
CALLS = {"clinic": 3, "bistro": 2}


def hand_in(server: LiveServer) -> None:
    for agent, count in CALLS.items():
        for number in range(count):
            turns = [{"role": "user", "text": f"Is the {agent} open on Sunday? My name is Jo Marsh."}]
            body = a_body(f"{agent}-{number}", agent=agent, turns=turns, metrics={"SEEN": True}, environment="live")
            assert server.post(body).status_code == 202
    total = sum(CALLS.values())
    wait_until(
        lambda: server.post(COUNT, "/query").json().get("calls") == total,
        what=lambda: server.post(COUNT, "/query").text,
    )


def key_for(server: LiveServer, *agents: str) -> httpx.Client:
    made = server.post({"name": "asker", "scopes": ["read"], **({"agents": agents} if agents else {})}, "/keys")
    return server.client(made.json()["secret"])


def ask(client: httpx.Client, question: str, **more: Any) -> dict[str, Any]:
    reply = client.post(ANALYST, json={"question": question, **more})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_twenty_who_ask_at_once_each_get_their_own_numbers_and_threads(any_server: LiveServer) -> None:
    hand_in(any_server)
    sights: list[tuple[str, ...]] = [("clinic",), ("bistro",), ("clinic", "bistro"), ()]
    askers = [(key_for(any_server, *sights[number % 4]), sights[number % 4]) for number in range(ASKERS)]

    def work(asker: tuple[httpx.Client, tuple[str, ...]]) -> None:
        client, agents = asker
        seen = {agent: CALLS[agent] for agent in agents or CALLS}
        first = ask(client, "How many calls were there?")
        assert first["exact"] == {"of": sum(seen.values())}
        follow_up = ask(client, "How many calls per agent?", thread=first["thread"])
        [rows] = [each["rows"] for each in follow_up["queries"] if each["id"] in follow_up["shown"]]
        assert {row[0]: row[-1] for row in rows} == seen
        found = ask(client, "In which calls did somebody say Sunday?", thread=first["thread"])
        assert {each.rpartition("-")[0] for each in found["calls"]} == set(seen)
        thread = client.get(f"{ANALYST}/threads/{first['thread']}").json()
        assert [each["number"] for each in thread["questions"]] == [1, 2, 3]
        assert [each["id"] for each in client.get(f"{ANALYST}/threads").json()["threads"]] == [first["thread"]]

    with ThreadPoolExecutor(ASKERS) as pool:
        list(pool.map(work, askers))


def test_a_thread_quotes_no_call_that_has_gone(any_server: LiveServer) -> None:
    hand_in(any_server)
    found = ask(any_server.http, "In which calls did somebody say Sunday?")
    assert len(found["citations"]) == len(found["calls"]) == sum(CALLS.values())
    agent = any_server.desk.record.read(lambda c: find_agent_row(c, any_server.desk.pk, "bistro").pk)
    any_server.desk.record.write(lambda c: remove_calls(c, agent, id_prefix="bistro-1", now=NOON))
    thread = any_server.http.get(f"{ANALYST}/threads/{found['thread']}").json()
    [kept] = thread["questions"]
    assert kept["calls"] == [each for each in found["calls"] if each != "bistro-1"]
    gone = [each for each in kept["citations"] if each["call"] == "bistro-1"]
    assert [each["quote"] for each in gone] == [""] and len(kept["citations"]) == len(found["citations"])
    others = [each for each in found["citations"] if each["call"] != "bistro-1"]
    assert [each for each in kept["citations"] if each["call"] != "bistro-1"] == others
    assert json.dumps(kept).count("open on Sunday") == len(others)
    assert any("1 quote" in each for each in kept["not_covered"])
