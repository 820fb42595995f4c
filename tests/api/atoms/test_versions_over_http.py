"""The published versioning flow, over plain HTTP: drafts, versions, and what of either is refused."""

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

from postcall.domain.calls import Call
from postcall.domain.keys import Scope
from postcall.storage.call_views import read_call

FLAT = {
    "identifier": "call_outcome",
    "dispositionMetricPrompt": "How did the call end? Answer none if it did not.",
    "dispositionMetricType": "ENUM",
    "choices": ["sold", "lost", "none"],
}
SUMMARY = {
    "identifier": "summary",
    "dispositionMetricPrompt": "What was said? Answer 'unknown' if nothing was.",
    "dispositionMetricType": "STRING",
}
DRAFT, VERSION = "/agent/{id}/drafts/{draftId}", "/agent/{id}/versions/{versionId}"


def atoms_client(server: LiveServer, *scopes: Scope, account: str = "default") -> httpx.Client:
    headers = {"authorization": server.holder_of(*scopes, account=account).headers["authorization"]}
    return httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[LiveServer]:
    """One for all: every test has an agent of its own."""
    folder = tmp_path_factory.mktemp("versions")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        yield running


@pytest.fixture(scope="module")
def atoms(server: LiveServer) -> Iterator[httpx.Client]:
    with atoms_client(server, Scope.ADMIN) as client:
        yield client


@pytest.fixture
def agent(atoms: httpx.Client) -> str:
    return an_agent(atoms)


def an_agent(atoms: httpx.Client, name: str = "Sales", **more: Any) -> str:
    return str(data(atoms.post("/agent", json={"name": name, "globalPrompt": "Sell insurance.", **more}), 201))


def data(reply: httpx.Response, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert body["status"] is True
    return body["data"]


def refused(reply: httpx.Response, status: int) -> str:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert body["status"] is False
    assert all(isinstance(text, str) for text in body["errors"])
    return "; ".join(body["errors"])


def active_version(atoms: httpx.Client, agent: str) -> str:
    return str(data(atoms.get(f"/agent/{agent}"))["activeVersionId"])


def a_draft(atoms: httpx.Client, agent: str, **body: Any) -> str:
    source = body or {"sourceVersionId": active_version(atoms, agent)}
    return str(data(atoms.post(f"/agent/{agent}/drafts", json=source), 201)["draftId"])


def save(atoms: httpx.Client, agent: str, draft: str, **patch: Any) -> Any:
    return data(atoms.patch(f"/agent/{agent}/drafts/{draft}/config", json=patch))


def publish(atoms: httpx.Client, agent: str, draft: str, **body: Any) -> Any:
    return data(atoms.post(f"/agent/{agent}/drafts/{draft}/publish", json=body), 201)


def called(server: LiveServer, begun: dict[str, str]) -> Call:
    return server.services.record.read(lambda c: read_call(c, server.desk.pk, begun["callId"])).call


def test_the_printed_flow_sets_metrics_that_come_back_as_they_were_sent(atoms: httpx.Client, agent: str) -> None:
    before = active_version(atoms, agent)
    begun = atoms.post(f"/agent/{agent}/drafts", json={"sourceVersionId": before, "draftName": "Metrics"})
    fits("post", "/agent/{id}/drafts", begun)
    draft = begun.json()["data"]
    assert (draft["_id"], draft["sourceVersionId"], draft["draftName"]) == (draft["draftId"], before, "Metrics")
    config = {"dispositionMetrics": [SUMMARY, FLAT], "useReasoningModel": True}
    saved = atoms.patch(f"/agent/{agent}/drafts/{draft['draftId']}/config", json={"postCallAnalyticsConfig": config})
    fits("patch", f"{DRAFT}/config", saved)
    assert data(saved)["draftRevision"] == draft["draftRevision"] + 1
    published = atoms.post(
        f"/agent/{agent}/drafts/{draft['draftId']}/publish", json={"label": "With metrics", "activate": True}
    )
    fits("post", f"{DRAFT}/publish", published)
    version = data(published, 201)
    assert (version["status"], version["versionNumber"], version["isActive"]) == ("published", 2, True)
    assert (version["label"], version["parentVersion"], version["draftId"]) == ("With metrics", before, None)
    shown = data(atoms.get(f"/agent/{agent}"))
    assert shown["activeVersionId"] == version["_id"]
    assert shown["_resolvedConfig"]["postCallAnalyticsConfig"]["dispositionMetrics"] == [SUMMARY, FLAT]
    assert shown["_resolvedConfig"]["postCallAnalyticsConfig"]["useReasoningModel"] is True


def test_a_version_that_was_published_without_activating_waits_for_it(atoms: httpx.Client, agent: str) -> None:
    first = active_version(atoms, agent)
    draft = a_draft(atoms, agent)
    save(atoms, agent, draft, firstMessage="Good day!")
    second = publish(atoms, agent, draft)
    assert (second["isActive"], second["label"], active_version(atoms, agent)) == (False, None, first)
    activated = atoms.patch(f"/agent/{agent}/versions/{second['_id']}/activate")
    fits("patch", f"{VERSION}/activate", activated)
    assert data(activated)["isActive"] is True
    assert data(atoms.get(f"/agent/{agent}"))["firstMessage"] == "Good day!"
    assert data(atoms.patch(f"/agent/{agent}/versions/{second['_id']}/activate")) == data(activated)
    assert data(atoms.patch(f"/agent/{agent}/versions/{first}/activate"))["isActive"] is True
    assert active_version(atoms, agent) == first


def test_the_prompt_of_a_draft_is_what_its_version_speaks_by(
    atoms: httpx.Client, agent: str, server: LiveServer
) -> None:
    draft = a_draft(atoms, agent)
    save(atoms, agent, draft, globalPrompt="Sell bicycles.")
    version = publish(atoms, agent, draft, activate=True)
    shown = data(atoms.get(f"/agent/{agent}/versions/{version['_id']}"))
    assert shown["resolvedConfig"]["workflow_prompt"]["globalPrompt"] == "Sell bicycles."
    project = server.http.get(f"/agents/{agent}/versions/2").json()["project"]
    assert project is not None
    assert project != server.http.get(f"/agents/{agent}/versions/1").json()["project"]


def test_a_draft_that_was_edited_here_keeps_its_prompt_where_our_own_api_publishes_it(
    atoms: httpx.Client, agent: str, server: LiveServer
) -> None:
    draft = a_draft(atoms, agent)
    save(atoms, agent, draft, globalPrompt="Sell bicycles.", backgroundSound="cafe")
    reply = server.post({"revision": 2}, f"/agents/{agent}/drafts/{draft}:publish")
    assert reply.status_code == 201
    shown = data(atoms.get(f"/agent/{agent}"))
    assert (shown["globalPrompt"], shown["backgroundSound"]) == ("Sell bicycles.", "cafe")


def test_questions_saved_through_our_own_api_stand_in_the_history_of_edits(
    atoms: httpx.Client, agent: str, server: LiveServer
) -> None:
    draft = a_draft(atoms, agent)
    save(atoms, agent, draft, firstMessage="Hello!")
    question = {"identifier": "sold", "prompt": "Was it sold?", "type": "BOOLEAN"}
    body = {"revision": 2, "questions": [question], "by": "Ana"}
    assert server.http.put(f"/agents/{agent}/drafts/{draft}", json=body).status_code == 200
    reply = atoms.get(f"/agent/{agent}/drafts/{draft}")
    fits("get", DRAFT, reply)
    found = data(reply)
    assert [(each["revision"], each["changedSections"]) for each in found["editHistory"]] == [
        (3, ["analytics"]),
        (2, ["workflow_prompt"]),
        (1, []),
    ]
    assert [each["editorName"] for each in found["editHistory"]] == ["Ana", "test", "test"]
    assert (found["editCount"], found["latest"]["draftRevision"]) == (3, 3)
    one = data(atoms.get(f"/agent/{agent}/drafts/{draft}", params={"limit": 1}))
    assert (one["editHistory"], one["editCount"]) == (found["editHistory"][:1], 3)


def test_drafts_are_listed_renamed_compared_and_discarded(atoms: httpx.Client, agent: str) -> None:
    draft, other = a_draft(atoms, agent), a_draft(atoms, agent)
    renamed = atoms.patch(f"/agent/{agent}/drafts/{draft}", json={"draftName": "Spring"})
    fits("patch", DRAFT, renamed)
    assert data(renamed) == {"draftName": "Spring"}
    save(atoms, agent, draft, backgroundSound="office")
    diff = atoms.get(f"/agent/{agent}/drafts/{draft}/diff")
    fits("get", f"{DRAFT}/diff", diff)
    assert data(diff)["hasChanges"] is True
    changed = {name: each for name, each in data(diff)["sections"].items() if each["changed"]}
    assert changed == {"audio": {"before": {}, "after": {"backgroundSound": "office"}, "changed": True}}
    listed = atoms.get(f"/agent/{agent}/drafts")
    fits("get", "/agent/{id}/drafts", listed)
    assert {each["draftId"]: (each["draftName"], each["draftRevision"]) for each in data(listed)} == {
        draft: ("Spring", 2),
        other: ("Draft from version 1", 1),
    }
    assert {each["lastEditorName"] for each in data(listed)} == {"test"}
    gone = atoms.delete(f"/agent/{agent}/drafts/{draft}")
    fits("delete", DRAFT, gone)
    assert gone.json() == {"status": True, "data": None}
    assert [each["draftId"] for each in data(atoms.get(f"/agent/{agent}/drafts"))] == [other]
    for reply in (
        atoms.get(f"/agent/{agent}/drafts/{draft}"),
        atoms.delete(f"/agent/{agent}/drafts/{draft}"),
        atoms.get(f"/agent/{agent}/drafts/{draft}/diff"),
        atoms.patch(f"/agent/{agent}/drafts/{draft}/config", json={"firstMessage": "Hi"}),
        atoms.post(f"/agent/{agent}/drafts/{draft}/publish", json={}),
        atoms.post(f"/agent/{agent}/drafts/{draft}/test-call", json={"mode": "chat"}),
    ):
        assert draft in refused(reply, 404)


def test_a_draft_may_begin_as_another_draft_is_now(atoms: httpx.Client, agent: str) -> None:
    first = a_draft(atoms, agent)
    save(atoms, agent, first, firstMessage="Hello!")
    copy = a_draft(atoms, agent, sourceDraftId=first)
    beside = a_draft(atoms, agent, sourceDraftId=first, sourceVersionId=active_version(atoms, agent))
    save(atoms, agent, first, firstMessage="Hello again!")
    for draft in (copy, beside):
        diff = data(atoms.get(f"/agent/{agent}/drafts/{draft}/diff"))
        assert diff["sections"]["workflow_prompt"]["after"]["firstMessage"] == "Hello!"


def test_two_who_save_at_once_both_have_their_fields_in_the_draft(any_server: LiveServer) -> None:
    with atoms_client(any_server, Scope.ADMIN) as atoms:
        agent = an_agent(atoms)
        draft = a_draft(atoms, agent)
        patches: list[dict[str, Any]] = [
            {"firstMessage": "Hello!"},
            {"backgroundSound": "cafe"},
            {"postCallAnalyticsConfig": {"dispositionMetrics": [FLAT]}},
            {"postCallAnalyticsConfig": {"useReasoningModel": True}},
            {"language": {"default": "en"}},
            {"language": {"switching": {"isEnabled": True}}},
        ]
        with ThreadPoolExecutor(6) as pool:
            revisions = [each["draftRevision"] for each in pool.map(lambda p: save(atoms, agent, draft, **p), patches)]
        assert sorted(revisions) == [2, 3, 4, 5, 6, 7]
        shown = data(atoms.get(f"/agent/{agent}", params={"draftId": draft}))
        assert (shown["firstMessage"], shown["backgroundSound"]) == ("Hello!", "cafe")
        assert shown["language"] == {"default": "en", "switching": {"isEnabled": True}}
        assert shown["postCallAnalyticsConfig"]["dispositionMetrics"] == [FLAT]
        assert shown["postCallAnalyticsConfig"]["useReasoningModel"] is True


def test_a_draft_is_published_once_however_many_ask(any_server: LiveServer) -> None:
    with atoms_client(any_server, Scope.ADMIN) as atoms:
        agent = an_agent(atoms)
        draft = a_draft(atoms, agent)
        save(atoms, agent, draft, firstMessage="Hello!")
        with ThreadPoolExecutor(4) as pool:
            replies = list(
                pool.map(
                    lambda _: atoms.post(f"/agent/{agent}/drafts/{draft}/publish", json={"activate": True}), "1234"
                )
            )
        assert sorted(reply.status_code for reply in replies) == [201, 400, 400, 400]
        late = next(reply for reply in replies if reply.status_code == 400)
        assert refused(late, 400) == "Draft has already been published as version 2"
        assert data(atoms.get(f"/agent/{agent}/versions"))["total"] == 2
        became = data(atoms.get(f"/agent/{agent}/drafts/{draft}"))
        assert (became["latest"]["status"], became["latest"]["versionNumber"]) == ("published", 2)
        assert [each["revision"] for each in became["editHistory"]] == [2, 1]


def test_versions_are_listed_pinned_and_described(atoms: httpx.Client, agent: str) -> None:
    for number in range(2, 5):
        publish(atoms, agent, a_draft(atoms, agent), label=f"V{number}", activate=number == 3)
    reply = atoms.get(f"/agent/{agent}/versions", params={"limit": 2, "skip": 1})
    fits("get", "/agent/{id}/versions", reply)
    page = data(reply)
    assert ([each["versionNumber"] for each in page["versions"]], page["total"]) == ([3, 2], 4)
    assert {each["publishedByName"] for each in page["versions"]} == {"test"}
    assert [each["activatedByName"] for each in page["versions"]] == ["test", None]
    second = page["versions"][1]["_id"]
    changed = atoms.patch(
        f"/agent/{agent}/versions/{second}", json={"label": "Spring", "description": "The offer", "isPinned": True}
    )
    fits("patch", VERSION, changed)
    assert {name: data(changed)[name] for name in ("label", "description", "isPinned")} == {
        "label": "Spring",
        "description": "The offer",
        "isPinned": True,
    }
    pinned = data(atoms.get(f"/agent/{agent}/versions", params={"isPinned": "true"}))
    assert ([each["_id"] for each in pinned["versions"]], pinned["total"]) == ([second], 4)
    cleared = data(atoms.patch(f"/agent/{agent}/versions/{second}", json={"label": None}))
    assert (cleared["label"], cleared["description"], cleared["isPinned"]) == (None, "The offer", True)
    assert "At least one" in refused(atoms.patch(f"/agent/{agent}/versions/{second}", json={}), 400)


def test_two_versions_differ_field_by_field_and_share_the_blocks_of_what_is_the_same(
    atoms: httpx.Client, agent: str
) -> None:
    first = active_version(atoms, agent)
    draft = a_draft(atoms, agent)
    save(atoms, agent, draft, synthesizer={"voiceConfig": {"voiceId": "nyah"}}, firstMessage="Hello!")
    unpublished = atoms.get(f"/agent/{agent}/versions/diff", params={"versionA": first, "versionB": draft})
    second = publish(atoms, agent, draft)
    reply = atoms.get(f"/agent/{agent}/versions/diff", params={"versionA": first, "versionB": second["_id"]})
    fits("get", "/agent/{id}/versions/diff", reply)
    assert data(reply) == data(unpublished)
    assert data(reply)["diffs"] == [
        {
            "section": "workflow_prompt",
            "changes": [{"path": "firstMessage", "oldValue": "", "newValue": "Hello!"}],
        },
        {
            "section": "voice",
            "changes": [{"path": "synthesizer.voiceConfig.voiceId", "oldValue": None, "newValue": "nyah"}],
        },
    ]
    assert {"analytics", "llm"} <= set(data(reply)["unchangedSections"])
    detail = atoms.get(f"/agent/{agent}/versions/{first}")
    fits("get", VERSION, detail)
    ours, theirs = data(detail)["version"]["blocks"], second["blocks"]
    assert {section for section in ours if ours[section] != theirs[section]} == {"workflow_prompt", "voice"}
    assert all(len(block) == 24 for block in ours.values())


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        pytest.param("post", "/drafts", {}, "sourceVersionId: Required", id="no source"),
        pytest.param("post", "/drafts", {"sourceVersionId": "x"}, "Invalid version id", id="source that is no id"),
        pytest.param("post", "/drafts", {"sourceDraftId": "x", "draftName": ""}, "draftName", id="empty name"),
        pytest.param("patch", "/drafts/DRAFT", {"draftName": "x" * 101}, "draftName", id="long name"),
        pytest.param("patch", "/drafts/DRAFT", {}, "draftName", id="no name"),
        pytest.param("patch", "/drafts/DRAFT/config", {"name": "x"}, "No recognized config fields", id="no config"),
        pytest.param("patch", "/drafts/DRAFT/config", {}, "No recognized config fields", id="nothing"),
        pytest.param("patch", "/drafts/DRAFT/config", {"firstMessage": 5}, "firstMessage", id="wrong type"),
        pytest.param("post", "/drafts/DRAFT/publish", {"label": "x" * 201}, "label", id="long label"),
        pytest.param("post", "/drafts/DRAFT/publish", {"activate": "yes"}, "activate", id="activate is no flag"),
        pytest.param("post", "/drafts/DRAFT/test-call", {"mode": "fax"}, "mode", id="unknown way"),
        pytest.param("post", "/drafts/DRAFT/test-call", {"mode": "telephony"}, "toPhone", id="no number"),
        pytest.param(
            "post", "/drafts/DRAFT/test-call", {"mode": "telephony", "toPhone": "12"}, "phone number", id="bad number"
        ),
        pytest.param("get", "/drafts/DRAFT?limit=101", None, "limit", id="too much history"),
        pytest.param("get", "/drafts/DRAFT/diff?compareTo=x", None, "Invalid version id", id="compared with no id"),
        pytest.param("get", "/versions?limit=0", None, "limit", id="page of nothing"),
        pytest.param("get", "/versions/x", None, "Invalid version id", id="version that is no id"),
        pytest.param("patch", "/versions/x/activate", None, "Invalid version id", id="activated what is no id"),
        pytest.param("get", "/versions/diff?versionA=x&versionB=x", None, "Invalid version id", id="diff of no ids"),
        pytest.param("get", "/versions/diff", None, "versionA", id="diff of nothing"),
    ],
)
def test_what_cannot_be_read_is_refused_with_400_and_changes_nothing(
    atoms: httpx.Client, agent: str, method: str, path: str, body: Any, says: str
) -> None:
    draft = a_draft(atoms, agent)
    reply = atoms.request(method, f"/agent/{agent}{path.replace('DRAFT', draft)}", json=body)
    assert says in refused(reply, 400)
    assert [each["draftRevision"] for each in data(atoms.get(f"/agent/{agent}/drafts"))] == [1]
    assert data(atoms.get(f"/agent/{agent}/versions"))["total"] == 1


def test_what_belongs_to_another_agent_or_account_is_not_found(
    atoms: httpx.Client, agent: str, server: LiveServer
) -> None:
    other = an_agent(atoms, "Support")
    draft, version = a_draft(atoms, other), active_version(atoms, other)
    assert refused(atoms.post(f"/agent/{agent}/drafts/{draft}/publish", json={}), 404)
    assert refused(atoms.patch(f"/agent/{agent}/drafts/{draft}/config", json={"firstMessage": "Hi"}), 404)
    assert refused(atoms.post(f"/agent/{agent}/drafts", json={"sourceVersionId": version}), 404)
    assert refused(atoms.patch(f"/agent/{agent}/versions/{version}/activate"), 404)
    assert refused(atoms.post(f"/agent/{agent}/versions/{version}/test-call", json={"mode": "chat"}), 404)
    with atoms_client(server, Scope.ADMIN, account="elsewhere") as stranger:
        assert refused(stranger.get(f"/agent/{other}/drafts"), 400) == "No agent found"
        assert refused(stranger.get(f"/agent/{other}/drafts/{draft}"), 400) == "No agent found"
        assert refused(stranger.get(f"/agent/{other}/versions"), 400) == "No agent found"
    assert refused(atoms.get("/agent/nobody/drafts"), 400) == "Invalid agent id"
    with atoms_client(server, Scope.READ, Scope.WRITE) as reader:
        assert data(reader.get(f"/agent/{other}/drafts"))
        assert "admin" in refused(reader.delete(f"/agent/{other}/drafts/{draft}"), 403)


def test_a_chat_that_tries_a_draft_is_in_the_sandbox_and_pinned_to_what_the_draft_says(
    atoms: httpx.Client, agent: str, server: LiveServer
) -> None:
    draft = a_draft(atoms, agent)
    save(atoms, agent, draft, firstMessage="Hello!")
    first = atoms.post(f"/agent/{agent}/drafts/{draft}/test-call", json={"mode": "chat"})
    fits("post", f"{DRAFT}/test-call", first)
    again = data(atoms.post(f"/agent/{agent}/drafts/{draft}/test-call"))
    save(atoms, agent, draft, firstMessage="Hello again!")
    later = data(atoms.post(f"/agent/{agent}/drafts/{draft}/test-call", json={"mode": "chat"}))
    calls = [called(server, each) for each in (data(first), again, later)]
    assert [call.version for call in calls] == [-1, -1, -2]
    assert {call.details.environment for call in calls} == {"sandbox"}
    assert data(atoms.get(f"/agent/{agent}/versions"))["total"] == 1
    assert [each["number"] for each in server.http.get(f"/agents/{agent}/versions").json()["versions"]] == [1]
    assert publish(atoms, agent, draft)["versionNumber"] == 2


def test_any_version_can_be_tried_and_over_the_telephone_too(
    atoms: httpx.Client, agent: str, server: LiveServer
) -> None:
    second = publish(atoms, agent, a_draft(atoms, agent))["_id"]
    chat = atoms.post(f"/agent/{agent}/versions/{second}/test-call", json={"mode": "chat"})
    fits("post", f"{VERSION}/test-call", chat)
    assert {"token", "roomName", "host", "conversationId", "callId"} <= set(data(chat))
    body = {"mode": "telephony", "toPhone": "+14155550123"}
    dialled = atoms.post(f"/agent/{agent}/versions/{second}/test-call", json=body)
    fits("post", f"{VERSION}/test-call", dialled)
    assert set(data(dialled)) == {"conversationId", "callId"}
    for reply in (chat, dialled):
        call = called(server, data(reply))
        assert (call.version, call.details.environment) == (2, "sandbox")
    atoms.delete(f"/agent/{agent}/archive").raise_for_status()
    for mode in ({"mode": "chat"}, body):
        reply = atoms.post(f"/agent/{agent}/versions/{second}/test-call", json=mode)
        assert refused(reply, 400) == "Agent is archived and cannot initiate calls"
