"""What a request is called in the log of who read and changed what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.api.audit_entries import actor_of, entry_of, is_behind, subject_of
from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry
from postcall.domain.keys import Principal, Scope
from postcall.domain.people import Person, Role

KEY = Actor(ActorKind.KEY, "k" * 24, "recorder")
P = "/postcall/v1"


def entry(method: str, template: str, status: int = 200, query: bytes = b"", **parameters: Any) -> AuditEntry:
    found = entry_of(KEY, method, template, parameters, status, query=query)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("template", "parameters", "expected"),
    [
        (f"{P}/calls/{{call_id}}", {"call_id": "c1"}, ("call", "c1", None)),
        (f"{P}/calls/{{call_id}}/remarks/{{remark}}", {"call_id": "c1", "remark": "r"}, ("call", "c1", None)),
        (f"{P}/calls:search", {}, ("calls", None, None)),
        (f"{P}/agents/{{agent}}", {"agent": "clinic"}, ("agent", "clinic", "clinic")),
        (f"{P}/agents/{{agent}}:archive", {"agent": "clinic"}, ("agent", "clinic", "clinic")),
        (f"{P}/agents/{{agent}}/metrics.yaml", {"agent": "clinic"}, ("metrics", None, "clinic")),
        (f"{P}/agents/{{agent}}/secrets/{{name}}", {"agent": "a", "name": "TOKEN"}, ("secret", "TOKEN", "a")),
        (f"{P}/deliveries/{{delivery_id}}:replay", {"delivery_id": "d"}, ("delivery", "d", None)),
        ("/v3/{account_id}/{project_id}/conversations", {"account_id": "x", "project_id": "p"},
         ("conversations", None, "p")),
        ("/v3/{account_id}/{project_id}/conversations/{conversation_id}",
         {"account_id": "x", "project_id": "p", "conversation_id": "c1"}, ("call", "c1", "p")),
        ("/atoms/v1/agent/{id}/duplicate", {"id": "a"}, ("duplicate", None, "a")),
        ("/atoms/v1/conversation/{call_id}", {"call_id": "c1"}, ("call", "c1", None)),
        ("/calls", {}, ("calls", None, None)),
        ("/keys/new", {}, ("keys", None, None)),
        ("/webhooks/{webhook_id}/edit", {"webhook_id": "w"}, ("webhook", "w", None)),
        ("/", {}, ("start", None, None)),
    ],
    ids=str,
)  # fmt: skip
def test_the_log_names_what_a_request_was_about(
    template: str, parameters: dict[str, str], expected: tuple[str, str | None, str | None]
) -> None:
    assert subject_of(template, parameters) == expected


def test_an_open_page_that_asks_for_news_and_is_shown_none_leaves_no_line() -> None:
    assert entry_of(KEY, "GET", "/calls", {}, 204) is None
    assert entry("DELETE", f"{P}/keys/{{key_id}}", 204, key_id="k").action is Action.CHANGED


@pytest.mark.parametrize(
    ("method", "template", "status", "action"),
    [
        ("GET", f"{P}/calls", 200, Action.READ),
        ("POST", f"{P}/query:explain", 200, Action.READ),
        ("POST", "/api/v1/metrics/aggregate", 200, Action.READ),
        ("POST", f"{P}/calls", 202, Action.CHANGED),
        ("POST", f"{P}/agents", 500, Action.CHANGED),
        ("DELETE", f"{P}/keys/{{key_id}}", 204, Action.CHANGED),
        ("DELETE", f"{P}/keys/{{key_id}}", 403, Action.REFUSED),
        ("GET", f"{P}/calls", 429, Action.REFUSED),
    ],
    ids=str,
)
def test_what_was_done_is_told_from_what_was_only_asked(
    method: str, template: str, status: int, action: Action
) -> None:
    assert entry(method, template, status).action is action


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 422])
def test_what_was_not_done_is_not_in_the_log(status: int) -> None:
    assert entry_of(KEY, "POST", f"{P}/agents", {}, status) is None


@pytest.mark.parametrize("template", [f"{P}/calls", f"{P}/calls:batch", f"{P}/calls/{{call_id}}/turns"])
def test_calls_handed_in_by_the_thousand_are_one_line(template: str) -> None:
    one, other = (entry("POST", template, 202, call_id=each) for each in ("c1", "c2"))
    assert one == other
    assert is_behind("POST", template, one.action)


def test_a_change_by_hand_is_never_written_later() -> None:
    assert not is_behind("POST", f"{P}/agents", Action.CHANGED)
    assert not is_behind("PATCH", f"{P}/keys/{{key_id}}", Action.CHANGED)
    assert is_behind("PATCH", f"{P}/keys/{{key_id}}", Action.REFUSED)


def test_the_agent_of_a_list_is_the_one_that_was_asked_for() -> None:
    assert entry("GET", f"{P}/calls", query=b"since=2026-03-01&agent=bistro+2").agent == "bistro 2"
    assert entry("GET", "/api/v1/metrics", query=b"project_id=clinic").agent == "clinic"
    assert entry("GET", f"{P}/calls", query=b"q=secret").agent is None


def test_who_asked_is_a_key_a_person_or_whoever_sits_there() -> None:
    key = Principal("default", 1, frozenset({Scope.READ}), name="recorder", key_id="k1")
    assert actor_of(key, None) == Actor(ActorKind.KEY, "k1", "recorder")
    operators = Principal("default", 1, frozenset({Scope.ADMIN}))
    assert actor_of(operators, None) == Actor(ActorKind.KEY, None, "POSTCALL_ADMIN_KEY")
    zoe = Person(1, "default", "Zoe", "zoe@example.org", Role.READER)
    assert actor_of(None, zoe) == Actor(ActorKind.PERSON, None, "zoe@example.org")
    assert actor_of(None, Person(1, "default", None, None, Role.ADMIN)) == Actor(ActorKind.MACHINE)
    assert actor_of(None, None) is None


@given(query=st.binary(max_size=300), name=st.text(max_size=300))
def test_no_address_is_too_strange_to_be_written_down(query: bytes, name: str) -> None:
    found = entry("GET", f"{P}/agents/{{agent}}/metrics/{{name}}", query=query + b"&agent=%ff&project_id", name=name)
    assert len(found.subject or "") <= 200 and len(found.agent or "") <= 200
