"""What an agent's calls show to others, read and changed over the native interface."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_call, a_question
from tests.live_server import LiveServer

from postcall.domain.keys import Scope
from postcall.domain.metrics import MetricType
from postcall.storage.keys import create_key
from postcall.storage.metric_definitions import NewMetric, define_metric

PATH = "/agents/clinic/api-settings"


def settings(server: LiveServer) -> dict[str, Any]:
    reply = server.http.get(PATH)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_at_first_everything_is_shown(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())
    found = settings(any_server)
    assert (found["agent"], found["show_transcripts"], found["response_metrics"]) == ("clinic", True, None)
    assert found["handoff"] == {"state_keys": [], "aliases": {}, "shared_id_state_key": None}
    assert (found["updated_at"], found["updated_by"], found["unknown_metrics"]) == (None, None, [])


def test_a_change_keeps_what_it_does_not_name(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())
    handoff = {"state_keys": ["account", "need"], "aliases": {"account": "customer"}, "shared_id_state_key": "ticket"}
    for body in ({"handoff": handoff}, {"response_metrics": ["CALL_DURATION", "LATER"]}, {"show_transcripts": False}):
        assert any_server.http.patch(PATH, json=body).status_code == 200
    found = settings(any_server)
    assert (found["handoff"], found["show_transcripts"]) == (handoff, False)
    assert (found["response_metrics"], found["unknown_metrics"]) == (["CALL_DURATION", "LATER"], ["LATER"])
    assert found["updated_at"] and found["updated_by"] == "test"
    assert any_server.http.patch(PATH, json={}).json()["handoff"] == handoff
    back = any_server.http.patch(PATH, json={"response_metrics": None}).json()
    assert back["response_metrics"] is None and back["unknown_metrics"] == []
    assert any_server.http.patch(PATH, json={"response_metrics": []}).json()["response_metrics"] == []


def test_the_names_to_pick_say_where_they_come_from(server: LiveServer) -> None:
    desk = server.desk
    desk.ask(a_question())
    desk.record.write(
        lambda c: define_metric(
            c, desk.pk, "clinic", NewMetric("HIDDEN", MetricType.STRING, in_api=False), now=desk.clock()
        )
    )
    desk.hand_in(a_call(metrics={"CITY": "Bern", "HIDDEN": "x"}))
    known = {each["name"]: (each["kind"], each["kept_back"]) for each in settings(server)["known_metrics"]}
    assert known["CITY"] == ("written", False) and known["HIDDEN"] == ("defined", True)
    assert known[a_question().identifier] == ("question", False)
    assert known["CALL_DURATION"] == known["CSAT_SCORE"] == ("built_in", False)
    assert "duration" not in known, "it is another name of CALL_DURATION"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"response_metrics": [""]}, "response_metrics"),
        ({"response_metrics": ["x" * 201]}, "response_metrics"),
        ({"response_metrics": ["a\0b"]}, "response_metrics"),
        ({"response_metrics": [f"M{number}" for number in range(1_001)]}, "response_metrics"),
        ({"response_metrics": "ALL"}, "response_metrics"),
        ({"show_transcripts": "no"}, "show_transcripts"),
        ({"handoff": {"state_keys": ["a", "a"]}}, "handoff.state_keys"),
        ({"handoff": {"state_keys": [f"k{number}" for number in range(201)]}}, "handoff.state_keys"),
        ({"handoff": {"state_keys": ["a"], "aliases": {"b": "c"}}}, "handoff.aliases"),
        ({"handoff": {"state_keys": ["a", "b"], "aliases": {"a": "b"}}}, "handoff.aliases"),
        ({"handoff": {"state_keys": ["a"], "aliases": {"a": " "}}}, "handoff.aliases"),
        ({"handoff": {"shared_id_state_key": ""}}, "handoff.shared_id_state_key"),
        ({"transcripts": False}, "transcripts"),
    ],
    ids=[
        "empty name", "long name", "null byte", "many names", "no list", "no boolean", "key twice", "many keys",
        "alias of nothing", "two of one name", "empty alias", "empty shared", "unknown field",
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_and_named(server: LiveServer, body: dict[str, Any], field: str) -> None:
    server.desk.hand_in(a_call())
    reply = server.http.patch(PATH, json=body)
    assert reply.status_code == 400 and reply.json()["error"]["field"] == field, reply.text
    assert settings(server)["updated_at"] is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"show_transcripts": ', b'{"response_metrics": ["\\ud800"]}', b"\xff"])
def test_a_body_that_is_no_such_object_is_a_400(server: LiveServer, body: bytes) -> None:
    server.desk.hand_in(a_call())
    assert server.http.patch(PATH, content=body).status_code == 400


def test_a_key_for_chosen_agents_sees_only_theirs(server: LiveServer) -> None:
    desk = server.desk
    desk.hand_in(a_call())
    desk.ask(a_question(), agent="bakery")
    made = desk.record.write(
        lambda c: create_key(
            c,
            desk.account,
            name="narrow",
            scopes=frozenset({Scope.READ}),
            expires_at=None,
            now=desk.clock(),
            agents=["bakery"],
        )
    )
    with server.client(made.secret) as narrow:
        assert narrow.get("/agents/bakery/api-settings").status_code == 200
        seen = narrow.get(PATH)
        assert seen.status_code == 404 and "clinic" in seen.text
        assert narrow.get("/agents/nobody/api-settings").status_code == 404
        assert narrow.patch("/agents/bakery/api-settings", json={}).status_code == 403
