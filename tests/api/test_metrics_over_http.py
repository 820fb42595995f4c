"""Defining real-time metrics over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.builders import a_call, a_question
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

PATH = "/agents/clinic/metrics"
BOOKED = {"name": "BOOKED", "type": "boolean", "definition": "True once the calendar has confirmed it."}


@pytest.fixture(autouse=True)
def agent(server: LiveServer) -> None:
    server.desk.ask(a_question())


def problem(reply: httpx.Response) -> tuple[int, str, str | None]:
    error: dict[str, Any] = reply.json()["error"]
    return reply.status_code, error["code"], error.get("field")


def test_a_metric_is_defined_listed_changed_and_retired(server: LiveServer) -> None:
    made = server.post(BOOKED, PATH)
    assert made.status_code == 201
    assert made.json() == {
        **BOOKED,
        "expected_values": [],
        "active": True,
        "api": True,
        "created_at": "2026-03-02T12:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
    }
    changed = server.http.patch(f"{PATH}/BOOKED", json={"active": False, "definition": "True when booked."})
    assert changed.status_code == 200
    assert server.http.get(f"{PATH}/BOOKED").json() == changed.json()
    listed = server.http.get(PATH).json()
    assert (listed["metrics"], listed["undeclared"]) == ([changed.json()], [])
    known = {each["name"]: each for each in listed["known"]}
    assert (known["CALL_DURATION"]["source"], known["CALL_DURATION"]["type"]) == ("built-in", "float")
    assert (known["QA"]["source"], known["QA"]["type"]) == ("platform", "string")
    assert (changed.json()["active"], changed.json()["definition"]) == (False, "True when booked.")


@pytest.mark.parametrize("name", ["a/b", "50 % off?", "ünï#🙂", "metrics.yaml"])
def test_a_metric_of_any_name_has_an_address(server: LiveServer, name: str) -> None:
    assert server.post({**BOOKED, "name": name}, PATH).status_code == 201
    assert server.http.get(f"{PATH}/{quote(name, safe='')}").json()["name"] == name


def test_names_that_calls_carry_undefined_are_listed(server: LiveServer) -> None:
    server.post(BOOKED, PATH)
    server.desk.hand_in(a_call(metrics={"BOOKED": True, "OUTCOME": "left", "CONTAINED": True}))
    assert server.http.get(PATH).json()["undeclared"] == ["OUTCOME"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "N"}, (400, "bad_input", "type")),
        ({"name": "N", "type": "number"}, (400, "bad_input", "type")),
        ({"name": "", "type": "int"}, (400, "bad_input", "name")),
        ({"name": "N", "type": "int", "expected_values": ["1"]}, (400, "bad_input", "expected_values")),
        ({"name": "N", "type": "string", "expected_values": ["a", "A"]}, (400, "bad_input", "expected_values[1]")),
        ({"name": "N", "type": "int", "shape": "round"}, (400, "bad_input", "shape")),
        (BOOKED, (409, "conflict", "name")),
    ],
)
def test_a_wrong_definition_is_refused_with_its_field(
    server: LiveServer, body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    server.post(BOOKED, PATH)
    assert problem(server.post(body, PATH)) == expected


def test_the_type_of_a_metric_in_use_stays(server: LiveServer) -> None:
    server.post(BOOKED, PATH)
    assert server.http.patch(f"{PATH}/BOOKED", json={"type": "string"}).status_code == 200
    server.desk.hand_in(a_call(metrics={"BOOKED": True}))
    assert problem(server.http.patch(f"{PATH}/BOOKED", json={"type": "boolean"})) == (409, "conflict", "type")


def test_what_is_not_there_is_not_found(server: LiveServer) -> None:
    assert problem(server.http.get(f"{PATH}/NOTHING"))[0] == 404
    assert problem(server.http.patch(f"{PATH}/NOTHING", json={"active": False}))[0] == 404
    assert problem(server.http.get("/agents/nobody/metrics"))[0] == 404


def test_only_an_admin_may_define(server: LiveServer) -> None:
    with server.holder_of(Scope.READ, Scope.WRITE) as reader:
        assert reader.post(PATH, json=BOOKED).status_code == 403
        assert reader.post("/agents/clinic/metrics:import", content="A: {type: int}").status_code == 403
        assert reader.patch(f"{PATH}/BOOKED", json={"active": False}).status_code == 403
        assert reader.get(PATH).status_code == 200


def test_another_accounts_agent_is_unknown(server: LiveServer) -> None:
    with server.holder_of(Scope.ADMIN, account="others") as other:
        assert other.post(PATH, json=BOOKED).status_code == 404


def test_an_import_first_tells_and_then_defines_what_is_missing(server: LiveServer) -> None:
    server.post(BOOKED, PATH)
    text = "BOOKED: {type: int}\nOUTCOME: {type: string, expected_values: [left]}\nBAD: {type: number}\n"
    told = {
        "created": ["OUTCOME"],
        "ignored": ["BOOKED"],
        "problems": [
            {"name": "BAD", "line": 3, "problem": "type: 'number' is none of boolean, string, integer, float"}
        ],
    }
    path = "/agents/clinic/metrics:import"
    assert server.http.post(path, content=text, params={"dry_run": "true"}).json() == {**told, "dry_run": True}
    assert len(server.http.get(PATH).json()["metrics"]) == 1
    assert server.http.post(path, content=text).json() == {**told, "dry_run": False}
    assert [each["type"] for each in server.http.get(PATH).json()["metrics"]] == ["boolean", "string"]


def test_an_export_of_one_agent_is_an_import_of_another(server: LiveServer) -> None:
    server.post(BOOKED, PATH)
    server.desk.ask(a_question(), agent="shop")
    exported = server.http.get("/agents/clinic/metrics.yaml")
    assert exported.headers["content-type"].startswith("application/yaml")
    done = server.http.post("/agents/shop/metrics:import", content=exported.content).json()
    assert (done["created"], done["problems"]) == (["BOOKED"], [])
    assert server.http.get("/agents/shop/metrics.yaml").text == exported.text


def test_a_file_with_a_name_twice_is_refused_with_the_line(server: LiveServer) -> None:
    reply = server.http.post("/agents/clinic/metrics:import", content="A: {type: int}\nA: {type: int}")
    assert reply.status_code == 400
    assert "line 2" in reply.json()["error"]["message"]


def test_the_linter_tells_of_defined_and_undeclared_names(server: LiveServer) -> None:
    server.post({**BOOKED, "name": "BOOKING_CONFIRMED"}, PATH)
    server.desk.hand_in(a_call(metrics={"BOOKING_CONFIRMD": True}))
    [finding] = server.http.get("/agents/clinic/metrics:lint").json()["findings"]
    assert finding["name"] == "BOOKING_CONFIRMD"
    assert finding["rule"] == "typo"
    assert finding["fix"] == {"name": "BOOKING_CONFIRMED", "draft": False}
