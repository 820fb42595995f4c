"""GET /calls."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import NOON, a_body, a_call, a_question, an_answer
from tests.live_server import LiveServer


def ids(server: LiveServer, **params: str) -> list[str]:
    reply = server.http.get("/calls", params=params)
    assert reply.status_code == 200, reply.text
    return [call["id"] for call in reply.json()["calls"]]


def hand_in(server: LiveServer, count: int) -> None:
    for number in range(count):
        server.desk.hand_in(a_call(f"{number}", started_at=NOON + timedelta(minutes=number)))


def test_pages_follow_each_other_by_cursor(any_server: LiveServer) -> None:
    hand_in(any_server, 7)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    sizes = []
    while True:
        page = any_server.http.get("/calls", params={"limit": "3", **cursor}).json()
        seen += [call["id"] for call in page["calls"]]
        sizes.append(len(page["calls"]))
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        any_server.desk.hand_in(a_call(f"new-{len(seen)}", started_at=NOON + timedelta(hours=1)))
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert sizes == [3, 3, 1]


def test_a_list_shows_the_fields_and_the_current_answers(server: LiveServer) -> None:
    server.desk.ask(a_question())
    server.post(a_body())
    server.desk.extract(an_answer())
    server.post(a_body("call-2") | {"started_at": "2026-03-02T11:30:00Z"})
    waiting, done = server.http.get("/calls").json()["calls"]
    whole = server.call()
    assert {name: done[name] for name in ("id", "agent", "status", "started_at", "from", "duration_s")} == {
        name: whole[name] for name in ("id", "agent", "status", "started_at", "from", "duration_s")
    }
    assert done["extraction"]["answers"] == whole["extraction"]["answers"]
    assert (waiting["extraction"]["status"], bool(waiting["extraction"]["reason"])) == ("queued", True)


def test_every_filter_of_the_interface_works(any_server: LiveServer) -> None:
    server = any_server
    server.post(a_body("a") | {"from": "+1 555", "to": "+2", "metrics": {"PATH": ["x", "y"], "A=B": 1}})
    server.post(a_body("b") | {"agent": "bank", "started_at": "2026-03-03T11:00:00Z"})
    server.post(a_body("c") | {"status": "failed", "started_at": "2026-03-04T11:00:00Z"})
    assert ids(server, agent="bank") == ["b"]
    assert ids(server, agent=server.call("b")["agent_id"]) == ["b"]
    assert ids(server, since="2026-03-03T11:00:00Z") == ["c", "b"]
    assert ids(server, until="2026-03-03T11:00:00Z") == ["a"]
    assert ids(server, since="2026-03-03", until="2026-03-04") == ["b"]
    assert ids(server, since="2026-03-03T12:00:00+01:00") == ["c", "b"]
    assert ids(server, from_number="+1 555") == ["a"]
    assert ids(server, to_number="+2") == ["a"]
    assert ids(server, status="failed") == ["c"]
    assert ids(server, **{"metric.PATH": "x"}) == ids(server, **{"metric.PATH": "y"}) == ["a"]
    assert ids(server, **{"metric.A=B": "1"}) == ["a"]
    assert ids(server, **{"metric.PATH": "x", "agent": "bank"}) == []


def test_an_answer_can_be_searched_like_a_metric(server: LiveServer) -> None:
    server.post(a_body())
    server.desk.extract(an_answer(), an_answer("why", "a toothache", type="STRING"))
    assert ids(server, **{"metric.booked": "true"}) == ["call-1"]
    assert ids(server, **{"metric.booked": "false"}) == []
    assert ids(server, **{"metric.why": "a toothache"}) == ["call-1"]


def test_a_list_of_an_agent_that_is_not_there_is_a_404(server: LiveServer) -> None:
    assert server.http.get("/calls", params={"agent": "nobody"}).status_code == 404


@pytest.mark.parametrize("limit", ["1", "500"])
def test_a_limit_may_be_from_1_to_500(server: LiveServer, limit: str) -> None:
    server.post(a_body())
    assert ids(server, limit=limit) == ["call-1"]


def test_a_cursor_from_another_account_shows_nothing_of_it(server: LiveServer) -> None:
    hand_in(server, 3)
    cursor = server.http.get("/calls", params={"limit": "1"}).json()["next_cursor"]
    stranger = server.holder_of(account="other")
    assert stranger.get("/calls", params={"cursor": cursor}).json() == {"calls": [], "next_cursor": None}
