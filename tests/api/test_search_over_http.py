"""Searching transcripts, and remarks, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_call
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

REMARKS = "/calls/call-1/remarks"


def search(server: LiveServer, words: str, **more: Any) -> dict[str, Any]:
    reply = server.http.get("/calls:search", params={"q": words, **more})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_a_search_gives_the_calls_and_where_it_stands_in_them(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call("call-1", "agent: Hello.", "user: A refund, 🙂 a REFUND!"))
    any_server.desk.hand_in(a_call("call-2", "user: Nothing of the kind."))
    assert search(any_server, "refund") == {
        "calls": [
            {
                "id": "call-1",
                "started_at": "2026-03-02T11:00:00Z",
                "agent": "clinic",
                "matches": [{"turn": 1, "role": "user", "text": "A refund, 🙂 a REFUND!", "spans": [[2, 8], [14, 20]]}],
            }
        ],
        "total": 1,
    }


def test_a_search_is_narrowed_to_an_agent_and_counts_beyond_its_limit(any_server: LiveServer) -> None:
    for number in range(3):
        any_server.desk.hand_in(a_call(f"call-{number}"))
    any_server.desk.hand_in(a_call("other", agent="shop"))
    found = search(any_server, "check-up", agent="clinic", limit=2)
    assert (len(found["calls"]), found["total"]) == (2, 3)
    assert any_server.http.get("/calls:search", params={"q": "x", "agent": "nobody"}).status_code == 404


@pytest.mark.parametrize("words", ["", "!!!", '"', "NEAR(a b)", "document:x", "a AND", "*", "(" * 1000, "\ud83d"])
def test_nothing_that_is_searched_for_is_a_mistake(server: LiveServer, words: str) -> None:
    server.desk.hand_in(a_call())
    reply = server.http.get("/calls:search", params={"q": words.encode("utf-8", "replace").decode()})
    assert reply.status_code == 200
    assert reply.json() == {"calls": [], "total": 0}


@pytest.mark.parametrize("query", ["", "?q=a&limit=0", "?q=a&limit=101", "?q=a&page=2"])
def test_a_parameter_that_is_none_is_refused(server: LiveServer, query: str) -> None:
    assert server.http.get(f"/calls:search{query}").status_code == 400


def test_searching_needs_the_right_to_read_and_finds_only_ones_own(server: LiveServer) -> None:
    server.desk.hand_in(a_call())
    assert server.holder_of(Scope.WRITE).get("/calls:search?q=book").status_code == 403
    assert server.holder_of(Scope.READ, account="other").get("/calls:search?q=book").json()["total"] == 0
    assert server.client(None).get("/calls:search?q=book").status_code == 401


def test_a_remark_is_added_listed_and_taken_away(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())
    sent = any_server.post({"kind": "bad", "turn": 0, "reason": "too_long", "who": "Ana"}, REMARKS)
    assert sent.status_code == 201, sent.text
    remark = sent.json()
    assert remark == {
        "id": remark["id"],
        "kind": "bad",
        "reason": "too_long",
        "turn": 0,
        "text": "",
        "who": "Ana",
        "at": "2026-03-02T12:00:00Z",
        "revision": 1,
    }
    assert any_server.http.get(REMARKS).json() == {"remarks": [remark]}
    assert any_server.http.delete(f"{REMARKS}/{remark['id']}").status_code == 204
    assert any_server.http.get(REMARKS).json() == {"remarks": []}
    assert any_server.http.delete(f"{REMARKS}/{remark['id']}").json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "odd", "turn": 0},
        {"turn": 0},
        {"kind": "good"},
        {"kind": "good", "turn": 1},
        {"kind": "note"},
        {"kind": "bad", "turn": 0},
        {"kind": "bad", "turn": 0, "reason": "odd"},
        {"kind": "note", "text": "x", "colour": "red"},
    ],
)
def test_a_remark_that_does_not_fit_is_refused_with_its_reason(server: LiveServer, body: dict[str, Any]) -> None:
    server.desk.hand_in(a_call())
    reply = server.post(body, REMARKS)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"]
    assert server.http.get(REMARKS).json() == {"remarks": []}


def test_remarks_need_their_rights_and_their_account(server: LiveServer) -> None:
    server.desk.hand_in(a_call())
    note = {"kind": "note", "text": "x"}
    assert server.holder_of(Scope.READ).post(REMARKS, json=note).status_code == 403
    assert server.holder_of(Scope.WRITE, account="other").post(REMARKS, json=note).status_code == 404
    assert server.holder_of(Scope.READ, account="other").get(REMARKS).status_code == 404
