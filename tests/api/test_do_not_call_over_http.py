"""The do-not-call list by postcall's own routes."""

from __future__ import annotations

from typing import Any

from tests.builders import a_body
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

LIST = "/do-not-call"


def entries(server: LiveServer, **query: str) -> list[dict[str, Any]]:
    reply = server.http.get(LIST, params=query)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["entries"]
    return found


def test_a_number_is_put_on_the_list_once_and_taken_off(any_server: LiveServer) -> None:
    first = any_server.post({"phone": "+1 (415) 555-0123"}, path=LIST)
    assert first.status_code == 201, first.text
    entry = first.json()
    assert (entry["phone"], entry["agent"], entry["source"], entry["call"]) == ("+14155550123", None, "manual", None)
    again = any_server.post({"phone": "14155550123"}, path=LIST)
    assert (again.status_code, again.json()) == (200, entry)
    assert entries(any_server) == [entry]
    assert any_server.http.delete(f"{LIST}/{entry['id']}").status_code == 204
    assert any_server.http.delete(f"{LIST}/{entry['id']}").status_code == 404
    assert entries(any_server) == []


def test_a_number_can_be_barred_for_one_agent(any_server: LiveServer) -> None:
    any_server.post(a_body())
    entry = any_server.post({"phone": "+14155550123", "agent": "clinic"}, path=LIST).json()
    assert len(entry["agent"]) == 24
    assert [each["id"] for each in entries(any_server, agent="clinic")] == [entry["id"]]
    assert any_server.post({"phone": "+14155550123", "agent": "nobody"}, path=LIST).status_code == 404
    assert any_server.post({"phone": "+14155550123"}, path=LIST).status_code == 201
    assert len(entries(any_server, search="+1415")) == 2
    assert len(entries(any_server, limit="1", skip="1")) == 1
    assert entries(any_server, search="0199") == []


def test_a_file_is_put_on_the_list_whole_or_not_at_all(server: LiveServer) -> None:
    headers = {"content-type": "text/csv; charset=utf-8"}
    file = "name;Phone\r\nZoë;+14155550123\r\nJane;+1 415 555 0124\r\nTwice;14155550124".encode("latin-1")
    done = server.http.post(LIST, content=file, headers=headers)
    assert done.json() == {"added": 2, "skipped": 0}
    assert server.http.post(LIST, content=file, headers=headers).json() == {"added": 0, "skipped": 2}
    assert {each["source"] for each in entries(server)} == {"upload"}
    wrong = server.http.post(LIST, content=b"phone\n+14155550125\nnobody", headers=headers)
    assert wrong.status_code == 400
    assert "line 3: 'nobody' is not a phone number" in wrong.json()["error"]["message"]
    assert len(entries(server)) == 2


def test_what_is_no_entry_is_refused_and_other_accounts_see_nothing(server: LiveServer) -> None:
    entry = server.post({"phone": "+14155550123"}, path=LIST).json()
    for body in ({}, {"phone": "x"}, {"phone": 1}, {"phone": "+14155550124", "who": "me"}):
        assert server.post(body, path=LIST).status_code == 400
    assert server.http.get(LIST, params={"skip": "-1"}).status_code == 400
    stranger = server.holder_of(Scope.READ, Scope.WRITE, account="other")
    assert stranger.get(LIST).json() == {"entries": [], "total": 0}
    assert stranger.delete(f"{LIST}/{entry['id']}").status_code == 404
    reading = server.holder_of(Scope.READ)
    assert reading.post(LIST, json={"phone": "+14155550124"}).status_code == 403
    assert reading.delete(f"{LIST}/{entry['id']}").status_code == 403
    assert len(entries(server)) == 1
