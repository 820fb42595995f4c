"""Confirming and correcting answers over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.builders import StepClock, a_call, a_question, an_answer
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope

PATH = "/calls/call-1/labels"


@pytest.fixture
def server(tmp_path: Path, clock: StepClock) -> Iterator[LiveServer]:
    """A server with one answered call."""
    with run_server(f"sqlite:///{tmp_path / 'postcall.db'}", tmp_path, clock=clock) as running:
        desk = running.desk
        desk.ask(a_question(), a_question("seats", "For how many people?", "INTEGER"))
        desk.hand_in(a_call())
        desk.extract(an_answer(), an_answer("seats", 2, type="INTEGER"))
        yield running


def test_a_correction_shows_in_the_call(server: LiveServer) -> None:
    reply = server.post({"identifier": "seats", "value": "three", "who": "Ana", "why": "twins"}, PATH)
    assert reply.status_code == 201, reply.text
    call = server.call()
    expected = {
        "identifier": "seats",
        "type": "INTEGER",
        "value": 3,
        "verdict": "corrected",
        "who": "Ana",
        "why": "twins",
        "at": "2026-03-02T12:00:00Z",
        "revision": 1,
        "extraction": call["extraction"]["id"],
    }
    assert reply.json() == expected
    assert call["labels"] == [expected]
    answers = {answer["identifier"]: answer["value"] for answer in call["extraction"]["answers"]}
    assert answers["seats"] == 2, "what was answered stays as it was"


def test_a_call_without_labels_has_an_empty_list(server: LiveServer) -> None:
    assert server.call()["labels"] == []


def test_an_answer_can_be_confirmed_and_said_not_to_exist(server: LiveServer) -> None:
    assert server.post({"identifier": "booked", "confirm": True}, PATH).json()["verdict"] == "confirmed"
    assert server.post({"identifier": "seats", "value": None}, PATH).json()["value"] is None
    assert {label["identifier"]: label["value"] for label in server.call()["labels"]} == {"booked": True, "seats": None}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"identifier": "seats"}, 400, "value"),
        ({"identifier": "seats", "value": 3, "confirm": True}, 400, "value"),
        ({"identifier": "seats", "value": "many"}, 400, "value"),
        ({"identifier": "seats", "value": {"n": 3}}, 400, "value"),
        ({"identifier": "mood", "value": "fine"}, 400, "identifier"),
        ({"value": 3}, 400, "identifier"),
        ({"identifier": "seats", "value": 3, "score": 1}, 400, "score"),
        ({"identifier": "seats", "value": 3, "who": 5}, 400, "who"),
        ({"identifier": "seats", "confirm": "yes"}, 400, "confirm"),
    ],
)
def test_what_cannot_be_a_label_is_refused_with_its_field(
    server: LiveServer, body: dict[str, Any], status: int, field: str
) -> None:
    reply = server.post(body, PATH)
    assert (reply.status_code, reply.json()["error"]["field"]) == (status, field), reply.text
    assert server.call()["labels"] == []


def test_labelling_needs_a_key_that_may_write_to_this_account(server: LiveServer) -> None:
    body = {"identifier": "booked", "confirm": True}
    assert server.client(None).post(PATH, json=body).status_code == 401
    assert server.holder_of(Scope.READ).post(PATH, json=body).status_code == 403
    assert server.holder_of(Scope.WRITE, account="other").post(PATH, json=body).status_code == 404
    assert server.holder_of(Scope.WRITE).post(PATH, json=body).status_code == 201


def test_a_call_that_is_not_there_cannot_be_labelled(server: LiveServer) -> None:
    reply = server.post({"identifier": "booked", "confirm": True}, "/calls/none/labels")
    assert reply.status_code == 404
