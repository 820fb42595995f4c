"""The branch and revision model over the same versions: one open draft each, one live branch, conflicts by field."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.builders import StepClock
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.storage.call_views import read_call

BRANCH = "/agent/{id}/branches/{branchId}"
REVISION = BRANCH + "/revisions/{revisionId}"
METRIC = {"identifier": "sold", "dispositionMetricPrompt": "Was it sold?", "dispositionMetricType": "BOOLEAN"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[LiveServer]:
    """One for all: every test has an agent of its own."""
    folder = tmp_path_factory.mktemp("branches")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        yield running


@pytest.fixture(scope="module")
def atoms(server: LiveServer) -> Iterator[httpx.Client]:
    with client_of(server) as client:
        yield client


def client_of(server: LiveServer) -> httpx.Client:
    headers = {"authorization": server.holder_of(Scope.ADMIN).headers["authorization"]}
    return httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30)


class Tree:
    """The branches of one agent."""

    def __init__(self, atoms: httpx.Client) -> None:
        self.atoms = atoms
        self.agent = data(atoms.post("/agent", json={"name": "Sales", "globalPrompt": "Sell insurance."}), 201)
        self.main = self.branches()["Main"]["branch"]["_id"]

    def at(self, path: str, method: str = "GET", **body: Any) -> httpx.Response:
        return self.atoms.request(method, f"/agent/{self.agent}{path}", json=body if method != "GET" else None)

    def branches(self) -> dict[str, Any]:
        reply = self.atoms.get(f"/agent/{self.agent}/branches")
        fits("get", "/agent/{id}/branches", reply)
        return {each["branch"]["name"]: each for each in data(reply)["branches"]}

    def fork(self, name: str) -> str:
        reply = self.at("/branches", "POST", sourceBranchId=self.main, name=name)
        fits("post", "/agent/{id}/branches", reply)
        return str(data(reply, 201)["_id"])

    def save(self, branch: str, **patch: Any) -> Any:
        reply = self.at(f"/branches/{branch}/draft", "PUT", **patch)
        fits("put", f"{BRANCH}/draft", reply)
        return data(reply)

    def publish(self, branch: str, **body: Any) -> Any:
        reply = self.at(f"/branches/{branch}/draft/publish", "POST", **body)
        fits("post", f"{BRANCH}/draft/publish", reply)
        assert data(reply)["state"] == "committed"
        return data(reply)["revision"]

    def shown(self, **params: str) -> Any:
        return data(self.atoms.get(f"/agent/{self.agent}", params=params))


@pytest.fixture
def tree(atoms: httpx.Client) -> Tree:
    return Tree(atoms)


def data(reply: httpx.Response, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    assert reply.json()["status"] is True
    return reply.json()["data"]


def refused(reply: httpx.Response, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    body: dict[str, Any] = reply.json()
    assert body["status"] is False
    assert body["errors"]
    return body


def test_an_agent_begins_with_a_live_main_whose_first_revision_is_its_version(tree: Tree) -> None:
    main = tree.branches()["Main"]
    assert (main["isLive"], main["hasOpenDraft"], main["revisionsCount"], main["headRevisionNumber"]) == (
        True,
        False,
        1,
        1,
    )
    assert main["branch"]["isDefault"] is True
    assert main["branch"]["headRevisionId"] == tree.shown()["activeVersionId"]
    one = tree.at(f"/branches/{tree.main}")
    fits("get", BRANCH, one)
    assert data(one) == main


def test_what_is_published_on_the_live_branch_takes_the_calls_at_once(tree: Tree) -> None:
    draft = tree.save(tree.main, firstMessage="Hello!", postCallAnalyticsConfig={"dispositionMetrics": [METRIC]})
    assert (draft["status"], draft["draftRevision"], draft["branch"]) == ("draft", 1, tree.main)
    assert tree.branches()["Main"]["branch"]["openDraftId"] == draft["draftId"]
    revision = tree.publish(tree.main, label="Greets")
    assert (revision["revisionNumber"], revision["label"], revision["isActive"]) == (2, "Greets", True)
    assert (revision["publishedByName"], revision["sourceDraftId"]) == ("test", draft["draftId"])
    shown = tree.shown()
    assert (shown["activeVersionId"], shown["firstMessage"]) == (revision["_id"], "Hello!")
    assert shown["postCallAnalyticsConfig"]["dispositionMetrics"] == [METRIC]
    assert tree.branches()["Main"]["hasOpenDraft"] is False
    listed = data(tree.at("/versions"))
    assert listed["versions"][0]["_id"] == revision["_id"]


def test_another_branch_grows_beside_and_takes_the_calls_once_it_is_live(tree: Tree) -> None:
    spring = tree.fork("Spring")
    before = tree.shown()["activeVersionId"]
    assert refused(tree.at(f"/branches/{spring}/live", "POST"), 409)["error_type"] == "no_committed_revision"
    assert refused(tree.at(f"/branches/{spring}/test-call", "POST"), 409)
    tree.save(spring, firstMessage="Spring!")
    revision = tree.publish(spring)
    assert (revision["revisionNumber"], revision["versionNumber"], revision["isActive"]) == (1, 2, False)
    assert tree.shown()["activeVersionId"] == before
    live = tree.at(f"/branches/{spring}/live", "POST")
    fits("post", f"{BRANCH}/live", live)
    assert data(live)["isLive"] is True
    assert data(tree.at(f"/branches/{spring}/live", "POST")) == data(live)
    assert tree.shown()["activeVersionId"] == revision["_id"]
    assert tree.branches()["Main"]["isLive"] is False
    tree.save(tree.main, firstMessage="Main!")
    assert tree.publish(tree.main)["isActive"] is False
    data(tree.at(f"/branches/{tree.main}/live", "POST"))
    assert tree.shown()["firstMessage"] == "Main!"


def test_branches_have_names_of_their_own_and_main_keeps_its(tree: Tree) -> None:
    spring = tree.fork("Spring")
    for name in ("Spring", "Main", "main"):
        body = {"sourceBranchId": tree.main, "name": name}
        assert refused(tree.at("/branches", "POST", **body), 409)["error_type"] == "branch_name_exists"
    nowhere = {"sourceBranchId": spring, "name": "Summer"}
    assert refused(tree.at("/branches", "POST", **nowhere), 409)["error_type"] == "source_has_no_commit"
    renamed = tree.at(f"/branches/{spring}", "PATCH", name="Summer")
    fits("patch", BRANCH, renamed)
    assert data(renamed)["name"] == "Summer"
    assert data(tree.at(f"/branches/{spring}", "PATCH", name="Summer"))["name"] == "Summer"
    refused(tree.at(f"/branches/{tree.main}", "PATCH", name="Trunk"), 403)
    refused(tree.at(f"/branches/{tree.main}/archive", "POST"), 403)


def test_an_archived_branch_is_gone_from_the_list_and_its_revisions_stay(tree: Tree) -> None:
    spring = tree.fork("Spring")
    tree.save(spring, firstMessage="Spring!")
    revision = tree.publish(spring)
    data(tree.at(f"/branches/{spring}/live", "POST"))
    refused(tree.at(f"/branches/{spring}/archive", "POST"), 403)
    data(tree.at(f"/branches/{tree.main}/live", "POST"))
    tree.save(spring, firstMessage="Late spring!")
    archived = tree.at(f"/branches/{spring}/archive", "POST")
    fits("post", f"{BRANCH}/archive", archived)
    assert data(archived) == {"archived": True} == data(tree.at(f"/branches/{spring}/archive", "POST"))
    assert set(tree.branches()) == {"Main"}
    found = data(tree.at(f"/branches/{spring}"))
    assert (found["branch"]["status"], found["hasOpenDraft"]) == ("archived", False)
    assert data(tree.at(f"/branches/{spring}/revisions/{revision['_id']}"))["revision"]["_id"] == revision["_id"]
    refused(tree.at(f"/branches/{spring}/live", "POST"), 403)
    refused(tree.at(f"/branches/{spring}/draft", "PUT", firstMessage="Again!"), 403)
    assert tree.fork("Spring") != spring


def test_an_edit_of_another_field_is_merged_and_one_of_the_same_field_is_a_conflict(tree: Tree) -> None:
    first = tree.save(tree.main, firstMessage="Hello!", backgroundSound="cafe")["draftRevision"]
    tree.save(tree.main, expectedRevision=first, firstMessage="Good day!", language={"default": "en"})
    merged = tree.save(
        tree.main,
        expectedRevision=first,
        firstMessage="Hello!",
        backgroundSound="office",
        language={"switching": {"isEnabled": True}},
    )
    shown = tree.shown(draftId=merged["draftId"])
    assert (shown["firstMessage"], shown["backgroundSound"]) == ("Good day!", "office")
    assert shown["language"] == {"default": "en", "switching": {"isEnabled": True}}
    clash = tree.at(f"/branches/{tree.main}/draft", "PUT", expectedRevision=first, firstMessage="Hi!")
    body = refused(clash, 409)
    assert body["errors"] == ["workflow_prompt.firstMessage"]
    assert body["data"]["conflict"] == {
        "expectedRevision": 1,
        "latestRevision": 3,
        "diffs": [
            {
                "section": "workflow_prompt",
                "changes": [{"path": "firstMessage", "oldValue": "Hello!", "newValue": "Good day!"}],
            }
        ],
    }
    assert tree.save(tree.main, firstMessage="Hi!")["draftRevision"] == 4


def test_an_edit_of_a_revision_that_there_never_was_is_told_so(tree: Tree) -> None:
    put = f"/branches/{tree.main}/draft"
    for expected in (1, 7):
        reply = tree.at(put, "PUT", expectedRevision=expected, firstMessage="Hi!")
        assert refused(reply, 409)["errors"] == ["base_revision_unavailable"]
        if expected == 1:
            assert tree.save(tree.main, expectedRevision=0, firstMessage="Hello!")["draftRevision"] == 1
    reply = tree.at(put, "PUT", expectedRevision=0, firstMessage="Hi!")
    assert refused(reply, 409)["errors"] == ["workflow_prompt.firstMessage"]
    assert tree.save(tree.main, expectedRevision=0, backgroundSound="cafe")["draftRevision"] == 2


def test_variables_that_two_changed_at_once_are_a_conflict_since_they_are_replaced_together(tree: Tree) -> None:
    tree.save(tree.main, defaultVariables={"plan": "basic", "city": "Bern"})
    tree.save(tree.main, expectedRevision=1, defaultVariables={"plan": "gold", "city": "Bern"})
    body = {"expectedRevision": 1, "defaultVariables": {"plan": "basic", "city": "Basel"}}
    reply = tree.at(f"/branches/{tree.main}/draft", "PUT", **body)
    assert refused(reply, 409)["errors"] == ["call_handling.defaultVariables.plan"]


def test_an_open_draft_shows_how_it_was_edited_until_it_is_discarded(tree: Tree) -> None:
    refused(tree.at(f"/branches/{tree.main}/draft"), 404)
    tree.save(tree.main, firstMessage="Hello!")
    tree.save(tree.main, backgroundSound="cafe")
    reply = tree.at(f"/branches/{tree.main}/draft")
    fits("get", f"{BRANCH}/draft", reply)
    found = data(reply)
    assert found["latest"]["draftRevision"] == found["editCount"] == 2
    assert [each["changedSections"] for each in found["editHistory"]] == [["audio"], []]
    assert [each["revision"]["draftRevision"] for each in found["editHistory"]] == [2, 1]
    assert [each["draftId"] for each in data(tree.at("/drafts"))] == [found["latest"]["draftId"]]
    gone = tree.at(f"/branches/{tree.main}/draft", "DELETE")
    fits("delete", f"{BRANCH}/draft", gone)
    assert data(gone) == {"discarded": True}
    refused(tree.at(f"/branches/{tree.main}/draft", "DELETE"), 404)
    refused(tree.at(f"/branches/{tree.main}/draft/publish", "POST"), 404)
    cancelled = tree.at(f"/branches/{tree.main}/draft/publish/cancel", "POST")
    fits("post", f"{BRANCH}/draft/publish/cancel", cancelled)
    assert data(cancelled) == {"cancelled": True}


def test_revisions_are_listed_traced_compared_and_restored(tree: Tree) -> None:
    first = tree.shown()["activeVersionId"]
    tree.save(tree.main, firstMessage="Hello!")
    tree.publish(tree.main)
    tree.save(tree.main, backgroundSound="cafe")
    third = tree.publish(tree.main, label="Café")
    reply = tree.at(f"/branches/{tree.main}/revisions?limit=2")
    fits("get", f"{BRANCH}/revisions", reply)
    assert ([each["revisionNumber"] for each in data(reply)["revisions"]], data(reply)["total"]) == ([3, 2], 3)
    history = tree.at(f"/branches/{tree.main}/revisions/{third['_id']}/history")
    fits("get", f"{REVISION}/history", history)
    trail = [(each["revision"]["revisionNumber"], each["changedSections"]) for each in data(history)["trail"]]
    assert trail == [(3, ["audio"]), (2, ["workflow_prompt"]), (1, [])]
    restored = tree.at(f"/branches/{tree.main}/revisions/{first}/restore", "POST")
    fits("post", f"{REVISION}/restore", restored)
    fourth = data(restored)["revision"]
    assert (fourth["revisionNumber"], fourth["restoredFromRevisionId"], fourth["isActive"]) == (4, first, True)
    assert fourth["parentVersion"] == third["_id"]
    assert tree.shown()["firstMessage"] == ""
    again = data(tree.at(f"/branches/{tree.main}/revisions/{third['_id']}/restore", "POST"))["revision"]
    assert again["restoredFromLabel"] == "Café"
    diff = tree.atoms.get(f"/agent/{tree.agent}/diff", params={"a": first, "b": fourth["_id"]})
    fits("get", "/agent/{id}/diff", diff)
    assert data(diff)["diffs"] == []
    tree.save(tree.main, slmModel="gpt-4o")
    diff = tree.atoms.get(f"/agent/{tree.agent}/diff", params={"a": again["_id"], "b": f"{tree.main}:draft"})
    assert [each["section"] for each in data(diff)["diffs"]] == ["llm"]


def test_a_revision_of_another_branch_is_refused(tree: Tree) -> None:
    spring, first = tree.fork("Spring"), tree.shown()["activeVersionId"]
    refused(tree.at(f"/branches/{spring}/revisions/{first}"), 400)
    refused(tree.at(f"/branches/{spring}/revisions/{first}/restore", "POST"), 400)
    refused(tree.at(f"/branches/{spring}/test-call", "POST", revisionId=first), 400)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("GET", "/branches/x", {}, 400, id="branch that is no id"),
        pytest.param("GET", "/branches/" + "0" * 24, {}, 404, id="no such branch"),
        pytest.param("POST", "/branches", {"name": "x"}, 400, id="no source"),
        pytest.param("POST", "/branches", {"sourceBranchId": "0" * 24, "name": "x"}, 404, id="no such source"),
        pytest.param("POST", "/branches", {"sourceBranchId": "MAIN", "name": " "}, 400, id="blank name"),
        pytest.param("PUT", "/branches/MAIN/draft", {"expectedRevision": 0}, 400, id="no config"),
        pytest.param("PUT", "/branches/MAIN/draft", {"firstMessage": "x", "expectedRevision": -1}, 400, id="below 0"),
        pytest.param("PUT", "/branches/MAIN/draft", {"firstMessage": "x", "expectedRevision": "1"}, 400, id="text"),
        pytest.param("GET", "/branches/MAIN/revisions/x", {}, 400, id="revision that is no id"),
        pytest.param("GET", "/branches/MAIN/revisions/" + "0" * 24, {}, 404, id="no such revision"),
        pytest.param("GET", "/diff?a=x&b=y", {}, 400, id="diff of no ids"),
        pytest.param("GET", "/diff?a=MAIN:draft&b=MAIN:draft", {}, 404, id="diff of no draft"),
        pytest.param("POST", "/branches/MAIN/test-call", {"includeDraft": True}, 404, id="try no draft"),
        pytest.param(
            "POST", "/branches/MAIN/test-call", {"includeDraft": True, "revisionId": "0" * 24}, 400, id="try both"
        ),
    ],
)
def test_what_makes_no_sense_is_refused(tree: Tree, method: str, path: str, body: dict[str, Any], status: int) -> None:
    named = {key: tree.main if value == "MAIN" else value for key, value in body.items()}
    refused(tree.at(path.replace("MAIN", tree.main), method, **named), status)
    assert tree.branches()["Main"]["revisionsCount"] == 1


def test_a_branch_is_tried_by_its_newest_revision_an_older_one_or_its_draft(tree: Tree, server: LiveServer) -> None:
    first = tree.shown()["activeVersionId"]
    tree.save(tree.main, firstMessage="Hello!")
    tree.publish(tree.main)
    tree.save(tree.main, firstMessage="Hello again!")
    tried = []
    for body in ({}, {"revisionId": first}, {"includeDraft": True}):
        reply = tree.at(f"/branches/{tree.main}/test-call", "POST", mode="chat", **body)
        fits("post", f"{BRANCH}/test-call", reply)
        tried.append(version_of(server, data(reply)["callId"]))
    assert tried == [2, 1, -1]


def version_of(server: LiveServer, call_id: str) -> int:
    return server.services.record.read(lambda c: read_call(c, server.desk.pk, call_id)).call.version


def test_of_many_who_save_and_publish_at_once_nothing_is_lost(any_server: LiveServer) -> None:
    with client_of(any_server) as atoms:
        tree = Tree(atoms)
        patches: list[dict[str, Any]] = [
            {"firstMessage": "Hello!"},
            {"backgroundSound": "cafe"},
            {"slmModel": "gpt-4o"},
            {"language": {"default": "en"}},
        ]
        with ThreadPoolExecutor(4) as pool:
            drafts = list(pool.map(lambda patch: tree.save(tree.main, expectedRevision=0, **patch), patches))
        assert sorted(each["draftRevision"] for each in drafts) == [1, 2, 3, 4]
        assert len({each["draftId"] for each in drafts}) == 1
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(lambda _: tree.at(f"/branches/{tree.main}/draft/publish", "POST"), patches))
        assert sorted(reply.status_code for reply in replies) == [200, 404, 404, 404]
        shown = tree.shown()
        assert (shown["firstMessage"], shown["backgroundSound"], shown["slmModel"]) == ("Hello!", "cafe", "gpt-4o")
        assert shown["language"] == {"default": "en"}
        with ThreadPoolExecutor(4) as pool:
            body = {"sourceBranchId": tree.main, "name": "Spring"}
            forks = list(pool.map(lambda _: tree.at("/branches", "POST", **body).status_code, patches))
        assert sorted(forks) == [201, 409, 409, 409]
