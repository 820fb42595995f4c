"""What was learned, over HTTP; and who answers, as part of a version."""

from __future__ import annotations

import pytest
from tests.builders import AGENT
from tests.contract.test_heads import incoming, study
from tests.extraction.learning.workshop import REASON, SETTLED, workshop_calls
from tests.live_server import LiveServer

from postcall.domain.keys import Scope


def test_the_cards_and_who_answers_are_shown(server: LiveServer) -> None:
    server.desk.ask(REASON, SETTLED)
    for call in workshop_calls(60):
        server.desk.hand_in(incoming(call, reason=call.reason))
    study(server.desk)
    reply = server.http.get(f"/agents/{AGENT}/learning")
    assert reply.status_code == 200, reply.text
    shown = reply.json()
    assert (shown["agent"], shown["version"], shown["analyser"], shown["audit_share"]) == (AGENT, 1, "built-in", 0.02)
    reason, settled = shown["questions"]
    assert reason["answers"] is True
    card = reason["card"]
    assert card["learned_from"] == 60
    assert {"accuracy", "low", "high", "right", "calls"} == set(card["head"])
    assert card["calibration_error"] <= 0.2
    assert card["looks_at"][0]["words"]
    assert reason["agreement"] == {"compared": 0, "agreed": 0, "share": None, "differing": []}
    assert (settled["answers"], settled["card"]) == (False, None)


def test_another_accounts_agent_is_not_there(server: LiveServer) -> None:
    server.desk.ask(REASON)
    with server.holder_of(Scope.READ, account="other") as stranger:
        assert stranger.get(f"/agents/{AGENT}/learning").status_code == 404
    with server.client(None) as nobody:
        assert nobody.get(f"/agents/{AGENT}/learning").status_code == 401


def test_a_version_says_who_answers(server: LiveServer) -> None:
    server.desk.ask(REASON)
    question = {"identifier": "settled", "prompt": "Was a day settled?", "type": "BOOLEAN"}
    body = {"questions": [question], "analyser": "auto", "min_confidence": 0.9, "audit_share": 0.05}
    version = server.post(body, f"/agents/{AGENT}/versions").json()
    assert {name: version[name] for name in body if name != "questions"} == {
        "analyser": "auto",
        "min_confidence": 0.9,
        "audit_share": 0.05,
    }
    plain = server.post({"questions": [question]}, f"/agents/{AGENT}/versions").json()
    assert (plain["analyser"], plain["min_confidence"], plain["audit_share"]) == (None, None, 0.02)


@pytest.mark.parametrize(
    ("field", "value"),
    [("analyser", "guess"), ("min_confidence", 1.5), ("min_confidence", "high"), ("audit_share", -1)],
)
def test_a_wrong_choice_is_named(server: LiveServer, field: str, value: object) -> None:
    server.desk.ask(REASON)
    reply = server.post({"questions": [], field: value}, f"/agents/{AGENT}/versions")
    assert reply.status_code == 400
    assert field in reply.text
