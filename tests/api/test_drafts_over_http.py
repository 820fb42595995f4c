"""Drafts and versions over HTTP: begun, saved, compared, published, activated and rolled back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_body
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

BOOKED = {"identifier": "booked", "prompt": "Was it booked?", "type": "BOOLEAN"}
REWORDED = {**BOOKED, "prompt": "Was it booked or moved?"}
REASON = {"identifier": "reason", "prompt": "Why did they call?", "type": "ENUM", "choices": ["pain", "check-up"]}
DRAFTS = "/agents/clinic/drafts"


@pytest.fixture
def asking(server: LiveServer) -> LiveServer:
    """A server whose agent asks one question."""
    server.post({"slug": "clinic", "questions": [BOOKED]}, "/agents")
    return server


def begin(server: LiveServer, **body: Any) -> dict[str, Any]:
    reply = server.post(body, DRAFTS)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def put(server: LiveServer, draft: dict[str, Any], **body: Any) -> dict[str, Any]:
    reply = server.http.put(f"{DRAFTS}/{draft['id']}", json={"revision": draft["revision"], **body})
    assert reply.status_code == 200, reply.text
    saved: dict[str, Any] = reply.json()
    return saved


def error_of(reply: Any) -> tuple[int, str, str | None]:
    error = reply.json()["error"]
    return reply.status_code, error["code"], error.get("field")


def test_a_draft_goes_from_its_beginning_to_a_version_on_either_database(any_server: LiveServer) -> None:
    any_server.post({"slug": "clinic", "questions": [BOOKED]}, "/agents")
    draft = begin(any_server, name="Why they call", by="Ana")
    assert (draft["questions"], draft["base_version"], draft["revision"]) == ([BOOKED], 1, 1)
    assert (draft["created_by"], draft["base_is_active"]) == ("Ana", True)
    saved = put(any_server, draft, questions=[BOOKED, REASON], by="Ben")
    assert (saved["revision"], saved["updated_by"], saved["name"]) == (2, "Ben", "Why they call")
    assert any_server.http.get(DRAFTS).json() == {"drafts": [saved]}
    published = any_server.post({"revision": 2, "label": "reasons", "by": "Cleo"}, f"{DRAFTS}/{draft['id']}:publish")
    assert published.status_code == 201
    assert {name: published.json()[name] for name in ("number", "label", "created_by", "questions")} == {
        "number": 2,
        "label": "reasons",
        "created_by": "Cleo",
        "questions": [BOOKED, REASON],
    }
    assert any_server.http.get("/agents/clinic").json()["active_version"] == 2
    assert error_of(any_server.http.get(f"{DRAFTS}/{draft['id']}"))[:2] == (404, "not_found")


def test_a_part_that_is_left_out_stays_as_it_is(asking: LiveServer) -> None:
    draft = begin(asking, analyser="auto", summary_prompt="In one line.")
    saved = put(asking, draft, analyser=None)
    assert (saved["questions"], saved["summary_prompt"], saved["analyser"]) == ([BOOKED], "In one line.", None)


def test_saving_over_somebody_elses_revision_is_a_conflict_that_names_them(asking: LiveServer) -> None:
    draft = begin(asking)
    put(asking, draft, questions=[REASON], by="Ben")
    late = asking.http.put(f"{DRAFTS}/{draft['id']}", json={"revision": 1, "questions": []})
    assert error_of(late) == (409, "draft_changed", "revision")
    assert "Ben" in late.json()["error"]["message"]
    assert asking.http.get(f"{DRAFTS}/{draft['id']}").json()["questions"] == [REASON]


def test_questions_that_could_not_be_asked_are_refused(asking: LiveServer) -> None:
    draft = begin(asking)
    reply = asking.http.put(f"{DRAFTS}/{draft['id']}", json={"revision": 1, "questions": [BOOKED, BOOKED]})
    assert error_of(reply) == (400, "bad_input", "questions[1].identifier")
    assert error_of(asking.http.put(f"{DRAFTS}/{draft['id']}", json={"questions": []}))[2] == "revision"
    assert error_of(asking.http.put(f"{DRAFTS}/{draft['id']}", json={"revision": 0}))[2] == "revision"


def test_the_diff_says_what_a_draft_changes_against_its_base_or_another_version(asking: LiveServer) -> None:
    draft = begin(asking, questions=[REWORDED, REASON])
    diff = asking.http.get(f"{DRAFTS}/{draft['id']}/diff").json()
    assert (diff["before"], diff["after"]) == (1, draft["id"])
    assert [(each["identifier"], each["change"], each["parts"]) for each in diff["questions"]] == [
        ("booked", "changed", ["prompt"]),
        ("reason", "added", []),
    ]
    assert (diff["questions"][0]["before"], diff["questions"][0]["after"]) == (BOOKED, REWORDED)
    asking.post({"questions": [REWORDED, REASON]}, "/agents/clinic/versions")
    against = asking.http.get(f"{DRAFTS}/{draft['id']}/diff", params={"against": 2}).json()
    assert (against["before"], against["questions"], against["settings"]) == (2, [], [])
    assert asking.http.get(f"{DRAFTS}/{draft['id']}/diff", params={"against": 9}).status_code == 404


def test_a_draft_whose_base_was_overtaken_can_be_brought_up_to_date(asking: LiveServer) -> None:
    draft = begin(asking, questions=[REWORDED])
    asking.post({"questions": [{**BOOKED, "prompt": "Booked?"}, REASON]}, "/agents/clinic/versions")
    assert asking.http.get(f"{DRAFTS}/{draft['id']}").json()["base_is_active"] is False
    rebased = asking.post({"revision": 1, "by": "Ana"}, f"{DRAFTS}/{draft['id']}:rebase").json()
    assert rebased["clashes"] == ["booked"]
    assert (rebased["draft"]["base_version"], rebased["draft"]["revision"]) == (2, 2)
    assert rebased["draft"]["questions"] == [REWORDED, REASON]


def test_a_published_draft_waits_where_it_is_not_to_be_active(asking: LiveServer) -> None:
    draft = begin(asking, questions=[REASON])
    asking.post({"revision": 1, "activate": False}, f"{DRAFTS}/{draft['id']}:publish")
    assert asking.http.get("/agents/clinic").json()["active_version"] == 1
    asking.post(a_body("before"))
    activated = asking.post({}, "/agents/clinic/versions/2:activate").json()
    assert (activated["active_version"], activated["version"]["questions"]) == (2, [REASON])
    asking.post(a_body("after"))
    assert asking.post({}, "/agents/clinic/versions/1:activate").json()["active_version"] == 1
    asking.post(a_body("rolled back"[:6]))
    assert [asking.call(call_id)["version"] for call_id in ("before", "after", "rolled")] == [1, 2, 1]


def test_publishing_straight_can_also_wait(asking: LiveServer) -> None:
    made = asking.post({"questions": [], "activate": False, "by": "Ana"}, "/agents/clinic/versions").json()
    assert (made["number"], made["created_by"]) == (2, "Ana")
    assert asking.http.get("/agents/clinic").json()["active_version"] == 1


def test_a_discarded_draft_is_gone_unless_it_was_saved_meanwhile(asking: LiveServer) -> None:
    draft = begin(asking)
    path = f"{DRAFTS}/{draft['id']}"
    put(asking, draft, questions=[])
    assert error_of(asking.http.delete(path, params={"revision": 1}))[1] == "draft_changed"
    assert asking.http.delete(path, params={"revision": 2}).status_code == 204
    assert asking.http.delete(path).status_code == 404


def test_a_version_is_read_named_and_compared(asking: LiveServer) -> None:
    asking.post({"questions": [REWORDED], "analyser": "built-in"}, "/agents/clinic/versions")
    named = asking.http.patch("/agents/clinic/versions/2", json={"label": "spring"}).json()
    assert named["label"] == "spring"
    assert asking.http.get("/agents/clinic/versions/2").json() == named
    diff = asking.http.get("/agents/clinic/versions/2/diff", params={"against": 1}).json()
    assert diff["settings"] == [{"name": "analyser", "before": None, "after": "built-in"}]
    assert [each["parts"] for each in diff["questions"]] == [["prompt"]]
    back = asking.http.get("/agents/clinic/versions/1/diff", params={"against": 2}).json()
    assert back["questions"][0]["after"] == BOOKED


def test_the_history_of_a_question_says_which_version_asked_what(asking: LiveServer) -> None:
    for questions in ([BOOKED, REASON], [REWORDED], []):
        asking.post({"questions": questions, "by": "Ana"}, "/agents/clinic/versions")
    told = asking.http.get("/agents/clinic/questions/booked/history").json()
    assert told["asked_now"] is False
    assert [(each["first_version"], each["last_version"], each["prompt"]) for each in told["history"]] == [
        (3, 3, REWORDED["prompt"]),
        (1, 2, BOOKED["prompt"]),
    ]
    assert told["history"][0]["changed"] == ["prompt"]
    assert asking.http.get("/agents/clinic/questions/nothing/history").status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "two", "99999999999999999999", "7"])
def test_a_number_that_no_version_has_is_refused(asking: LiveServer, number: str) -> None:
    for reply in (
        asking.http.get(f"/agents/clinic/versions/{number}"),
        asking.post({}, f"/agents/clinic/versions/{number}:activate"),
        asking.http.get("/agents/clinic/versions/1/diff", params={"against": number}),
    ):
        assert reply.status_code in {400, 404}
        assert reply.json()["error"]["code"] in {"bad_input", "not_found"}


def test_a_key_that_only_reads_looks_and_changes_nothing(asking: LiveServer) -> None:
    draft = begin(asking)
    reader = asking.holder_of(Scope.READ, Scope.WRITE)
    path = f"{DRAFTS}/{draft['id']}"
    for seen in (DRAFTS, path, f"{path}/diff", "/agents/clinic/questions/booked/history"):
        assert reader.get(seen).status_code == 200
    refused = [
        reader.post(DRAFTS, json={}),
        reader.put(path, json={"revision": 1}),
        reader.delete(path),
        reader.post(f"{path}:publish", json={"revision": 1}),
        reader.post(f"{path}:rebase", json={"revision": 1}),
        reader.post("/agents/clinic/versions/1:activate"),
        reader.patch("/agents/clinic/versions/1", json={"label": None}),
    ]
    assert [reply.status_code for reply in refused] == [403] * len(refused)
    assert asking.http.get(path).json() == draft


def test_another_accounts_drafts_are_not_there(asking: LiveServer) -> None:
    draft = begin(asking)
    stranger = asking.holder_of(Scope.ADMIN, account="other")
    assert stranger.get(f"{DRAFTS}/{draft['id']}").status_code == 404
    assert stranger.post(f"{DRAFTS}/{draft['id']}:publish", json={"revision": 1}).status_code == 404
    asking.post({"slug": "sales"}, "/agents")
    assert asking.http.get(f"/agents/sales/drafts/{draft['id']}").status_code == 404
