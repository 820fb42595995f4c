"""Every published operation that is served, called once with success and before that by those who may not: the replies
are as they are described."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.atoms.full_set import ACTION, CONFIG, EVENTS, FORM, HOOK, FullSet, client_of, run_atoms
from tests.api.atoms.judging import WHERE_THE_DESCRIPTION_IS_WRONG, envelope_faults, served, unexplained
from tests.api.atoms.published import misfits, operations

AGENT, DRAFT, VERSION = "/agent/{id}", "/agent/{id}/drafts/{draftId}", "/agent/{id}/versions/{versionId}"
BRANCH = "/agent/{id}/branches/{branchId}"
REVISION = BRANCH + "/revisions/{revisionId}"
NOBODYS = "0" * 24


@dataclass
class Walk:
    """Asks, and keeps what does not fit."""

    http: httpx.Client
    stranger: httpx.Client
    """Of another account, which has everything too."""
    nobody: httpx.Client
    """Without a key."""
    succeeded: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    """Statuses and envelopes that are not as they must be."""
    unfit: list[str] = field(default_factory=list)
    """Against the description."""

    def ask(
        self, method: str, template: str, at: Mapping[str, str] | None = None, *, theirs: bool = False, **request: Any
    ) -> httpx.Response:
        """One operation: nobody, a stranger and those who mistake an id are refused; then it is answered.

        `at` has the ids of the path; `theirs`: whether the body or the query names something of this account.
        """
        ids = dict(at or {})
        self._refused(self.nobody, {401}, method, template, ids, request)
        if ids or theirs:
            self._refused(self.stranger, {400, 404}, method, template, ids, request)
        for name in ids:
            for wrong in ("nonsense", NOBODYS):
                self._refused(self.http, {400, 404}, method, template, {**ids, name: wrong}, request)
        reply = _send(self.http, method, template, ids, request)
        self._note(method, template, reply)
        if reply.is_success:
            self.succeeded.add((method, template))
        else:
            self.wrong.append(f"{method} {template} answers {reply.status_code}: {reply.text[:300]}")
        return reply

    def data(self, *asked: Any, **request: Any) -> Any:
        reply = self.ask(*asked, **request)
        return reply.json().get("data") if reply.is_success else {}

    def _refused(
        self,
        client: httpx.Client,
        statuses: set[int],
        method: str,
        template: str,
        ids: Mapping[str, str],
        request: dict[str, Any],
    ) -> None:
        reply = _send(client, method, template, ids, request)
        self._note(method, template, reply)
        if reply.status_code not in statuses:
            self.wrong.append(f"{method} {template} {ids} answers {reply.status_code}, not one of {statuses}")

    def _note(self, method: str, template: str, reply: httpx.Response) -> None:
        self.unfit += misfits(method, template, reply)
        self.wrong += envelope_faults(method, template, reply)


def _send(
    client: httpx.Client, method: str, template: str, ids: Mapping[str, str], request: dict[str, Any]
) -> httpx.Response:
    path = template.format(**ids)
    with client.stream(method, path, **request) as reply:
        if reply.headers["content-type"].startswith("text/event-stream"):  # it ends with the call
            return httpx.Response(reply.status_code, headers=reply.headers)
        reply.read()
        return reply


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Walk]:
    """Everything asked for once."""
    folder = tmp_path_factory.mktemp("every")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_atoms(f"sqlite:///{folder / 'postcall.db'}", folder) as server:
        stranger = FullSet(server, client_of(server, account="other"), account="other")
        known = FullSet(server, client_of(server))
        nobody = httpx.Client(base_url=server.address + "/atoms/v1", timeout=30)
        walk = Walk(known.http, stranger.http, nobody)
        for part in (_look_at_agents, _try_drafts, _try_versions, _try_branches, _talk, _report, _campaign, _people,
                     _listen, _end):  # fmt: skip
            part(walk, known)
        yield walk


def _look_at_agents(walk: Walk, known: FullSet) -> None:
    agent = {"id": known.agent}
    for path in ("/user", "/account/get-account-details", "/agent", "/disposition-metric-templates", "/concurrency",
                 "/product/phone-numbers", "/product/all-numbers"):  # fmt: skip
        walk.ask("get", path)
    [template, *_] = walk.data("get", "/agent/template")
    body = {"agentName": "From a template", "templateId": template["_id"]}
    walk.ask("post", "/agent/from-template", json=body)
    walk.ask("post", "/agent", json={"name": "Another", "globalPrompt": "Sell coffee.", **CONFIG})
    walk.ask("get", AGENT, agent)
    walk.ask("get", AGENT, agent, params={"draftId": known.draft})
    walk.ask("get", AGENT, agent, params={"versionId": known.first_version})
    walk.ask("patch", AGENT, agent, json={"description": "Sells tea."})
    walk.ask("get", f"{AGENT}/workflow", agent)
    walk.ask("get", f"{AGENT}/call-logs", agent)
    walk.ask("post", "/prompt-scoring/score", theirs=True, json={"versionId": known.version})
    lines = {"webcall": 1, "outbound": 1, "inbound": 0, "chat": 0}
    walk.ask(
        "put", "/concurrency/reservations", theirs=True, json={"reservations": [{"agentId": known.agent, **lines}]}
    )
    walk.ask("get", "/concurrency")


def _try_drafts(walk: Walk, known: FullSet) -> None:
    agent = {"id": known.agent}
    body = {"sourceVersionId": known.version, "draftName": "Summer"}
    made = walk.data("post", f"{AGENT}/drafts", agent, json=body)
    draft = {**agent, "draftId": made["draftId"]}
    walk.ask("patch", f"{DRAFT}/config", draft, json={**CONFIG, "firstMessage": "Welcome!"})
    walk.ask("patch", DRAFT, draft, json={"draftName": "Autumn"})
    walk.ask("get", f"{AGENT}/drafts", agent)
    walk.ask("get", DRAFT, draft)
    walk.ask("get", f"{DRAFT}/diff", draft)
    walk.ask("get", f"{DRAFT}/diff", draft, params={"compareTo": known.first_version})
    walk.ask("post", f"{DRAFT}/test-call", draft, json={"mode": "chat"})
    walk.ask("post", f"{DRAFT}/publish", draft, json={"label": "Three"})
    walk.ask("delete", DRAFT, {**agent, "draftId": known.draft_of(known.version)})


def _try_versions(walk: Walk, known: FullSet) -> None:
    agent = {"id": known.agent}
    version = {**agent, "versionId": known.version}
    walk.ask("get", f"{AGENT}/versions", agent)
    both = {"versionA": known.first_version, "versionB": known.version}
    walk.ask("get", f"{AGENT}/versions/diff", agent, params=both)
    walk.ask("get", VERSION, version)
    walk.ask("patch", VERSION, version, json={"label": "Second", "isPinned": True})
    walk.ask("patch", f"{VERSION}/activate", version)
    for body in ({"mode": "webcall"}, {"mode": "chat"}, {"mode": "telephony", "toPhone": "+14155550177"}):
        walk.ask("post", f"{VERSION}/test-call", version, json=body)
    walk.ask("get", f"{AGENT}/versions", agent, params={"isPinned": "true"})


def _try_branches(walk: Walk, known: FullSet) -> None:
    agent = {"id": known.agent}
    trial = {**agent, "branchId": known.branch}
    revision = {**trial, "revisionId": known.revision}
    walk.ask("get", f"{AGENT}/branches", agent)
    made = walk.data("post", f"{AGENT}/branches", agent, json={"sourceBranchId": known.main, "name": "Idle"})
    walk.ask("get", BRANCH, trial)
    walk.ask("patch", BRANCH, trial, json={"name": "Second trial"})
    walk.ask("put", f"{BRANCH}/draft", trial, json={"firstMessage": "Hey."})
    walk.ask("get", f"{BRANCH}/draft", trial)
    walk.ask("get", f"{AGENT}/diff", agent, params={"a": known.first_version, "b": f"{known.branch}:draft"})
    walk.ask("post", f"{BRANCH}/test-call", trial, json={"includeDraft": True, "mode": "chat"})
    walk.ask("post", f"{BRANCH}/draft/publish", trial, json={"label": "Heard"})
    walk.ask("post", f"{BRANCH}/draft/publish/cancel", trial)
    walk.ask("get", f"{BRANCH}/revisions", trial)
    walk.ask("get", REVISION, revision)
    walk.ask("get", f"{REVISION}/history", revision)
    walk.ask("post", f"{REVISION}/restore", revision)
    walk.ask("put", f"{BRANCH}/draft", trial, json={"firstMessage": "Never."})
    walk.ask("delete", f"{BRANCH}/draft", trial)
    walk.ask("post", f"{BRANCH}/live", trial)
    walk.ask("post", f"{BRANCH}/archive", {**agent, "branchId": made["_id"]})


def _talk(walk: Walk, known: FullSet) -> None:
    walk.ask("get", "/conversation", params={"limit": 100, "callAttemptFilter": "all"})
    for call_id in known.calls.values():
        walk.ask("get", "/conversation/{id}", {"id": call_id})
    walk.ask("post", "/conversation/search", json={"callIds": list(known.calls.values())})
    walk.ask("get", "/conversation/{callId}/retries", {"callId": known.calls["retry"]})
    walk.ask("get", "/conversation/{callId}/recording/download-url", {"callId": known.calls["completed"]})
    for path in ("/conversation/chat", "/conversation/webcall"):
        walk.ask("post", path, theirs=True, json={"agentId": known.agent})
    body: dict[str, Any] = {"agent_id": known.agent, "mode": "chat", "variables": {"firstName": "Ada"}}
    walk.ask("post", "/conversation/register-call", theirs=True, json=body)
    body = {"agentId": known.agent, "phoneNumber": "+14155550177", "variables": {"firstName": "Ada"}}
    placed = walk.data("post", "/conversation/outbound", theirs=True, json=body)["conversationId"]
    walk.ask("post", "/conversation/{callId}/cancel", {"callId": placed})
    walk.ask("get", "/events", theirs=True, params={"callId": known.calls["in_progress"]})
    body = {"callId": known.calls["in_progress"], "reason": "enough"}
    walk.ask("post", "/conversation/cancel", theirs=True, json=body)


def _report(walk: Walk, known: FullSet) -> None:
    days = {"dateFrom": "2026-03-01", "dateTo": "2026-03-02"}
    for method, path in operations():
        if not path.startswith("/analytics/") or "{" in path:
            continue
        day = path.rsplit("/", 1)[1] in {"concurrency", "call-start-distribution", "daily-call-summary"}
        params = {"date": "2026-03-02", "includeAgents": "true"} if day else days
        walk.ask(method, path, params=params)
        walk.ask(method, path, params={**params, "agentId": known.agent})
    for call_id in known.calls.values():
        walk.ask("get", "/analytics/conversation-details/{callId}", {"callId": call_id})


def _campaign(walk: Walk, known: FullSet) -> None:
    body = {"name": "Summer", "agentId": known.agent, "audienceId": known.audience}
    made = {"id": walk.data("post", "/campaign", theirs=True, json=body)["_id"]}
    later = {**body, "scheduledAt": "2100-01-01T10:00:00.000Z", "phoneNumberIds": [known.number]}
    walk.ask("post", "/campaign", theirs=True, json=later)
    walk.ask("post", "/campaign/{id}/start", made)
    walk.ask("post", "/campaign/{id}/pause", made)
    walk.ask("get", "/campaign", params={"offset": 50})
    for campaign in (known.campaign, made["id"]):
        walk.ask("get", "/campaign/{id}", {"id": campaign})
    walk.ask("get", "/campaign/{id}/export/by-audience-member", {"id": known.campaign})
    walk.ask("get", "/campaign/{id}/export/by-audience-member", {"id": known.campaign}, params={"format": "csv"})
    walk.ask("get", "/campaign/{id}/logs/export", {"id": known.campaign})
    walk.ask("delete", "/campaign/{id}", made)


def _people(walk: Walk, known: FullSet) -> None:
    files = {"file": ("contacts.csv", "firstName,phoneNumber\nDi,+14155550188", "text/csv")}
    made = {"id": walk.data("post", "/audience", data=FORM, files=files)["_id"]}
    walk.ask("get", "/audience")
    walk.ask("get", "/audience/{id}", made)
    walk.ask("get", "/audience/{id}/members", made)
    body = {"members": [{"phoneNumber": "+14155550189", "firstName": "Eve"}]}
    walk.ask("post", "/audience/{id}/members", made, json=body)
    walk.ask("get", "/audience/{id}/members/search", made, params={"query": "Eve"})
    found = walk.data("get", "/audience/{id}/members/search", made, params={"firstName": "Eve"})
    gone = {"memberIds": [member["_id"] for member in found["members"]]}
    walk.ask("delete", "/audience/{id}/members", made, json=gone)
    walk.ask("delete", "/audience/{id}", made)
    walk.ask("get", "/dnc")
    walk.ask("get", "/dnc", params={"search": "199"})


def _listen(walk: Walk, known: FullSet) -> None:
    agent = {"agentId": known.agent}
    body: dict[str, Any] = {"endpoint": HOOK, "description": "CRM"}
    body["events"] = [{**agent, "eventType": "pre-conversation"}]
    made = walk.data("post", "/webhook", theirs=True, json=body)
    walk.ask("get", "/webhook")
    walk.ask("get", "/webhook", theirs=True, params={"webhookId": made})
    walk.ask("patch", "/webhook/{id}", {"id": made}, json={"description": "Sales", "headers": {"X-Team": "two"}})
    path = "/agent/{agentId}/webhook-subscriptions"
    walk.ask("post", path, agent, json={"eventTypes": EVENTS, "webhookId": made})
    walk.ask("get", path, agent)
    walk.ask("delete", path, agent)
    walk.ask("delete", "/webhook/{id}", {"id": made})
    action = {"id": walk.data("post", "/call-actions", theirs=True, json={**agent, **ACTION})["_id"]}
    walk.ask("get", "/call-actions", theirs=True, params=agent)
    walk.ask("get", "/call-actions/{id}", action)
    walk.ask("put", "/call-actions/{id}", action, json={"object": "deal"})
    walk.ask("delete", "/call-actions/{id}", action)


def _end(walk: Walk, known: FullSet) -> None:
    agent = {"id": known.agent}
    walk.ask(
        "patch", "/workflow/{id}", agent, json={"type": "single_prompt", "singlePromptConfig": {"prompt": "Sell."}}
    )
    known.http.delete(f"/campaign/{known.campaign}")
    for campaign in known.get("/campaign", offset=50)["campaigns"]:
        known.http.delete(f"/campaign/{campaign['_id']}")
    walk.ask("delete", f"{AGENT}/archive", agent)


def test_every_served_operation_was_answered(walk: Walk) -> None:
    assert walk.succeeded == served()
    assert len(walk.succeeded) == len(operations()) - 4


def test_nobody_gets_what_is_not_theirs_and_everybody_an_envelope(walk: Walk) -> None:
    assert walk.wrong == []


def test_every_reply_is_as_it_is_described(walk: Walk) -> None:
    assert unexplained(walk.unfit) == []


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in WHERE_THE_DESCRIPTION_IS_WRONG])
def test_no_exception_is_made_in_vain(walk: Walk, pattern: str) -> None:
    assert any(re.search(pattern, line) for line in walk.unfit)
