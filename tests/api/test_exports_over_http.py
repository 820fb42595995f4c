"""Exports as programs ask for them and fetch them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

from postcall.domain.keys import Scope

AN_ID = "0" * 24


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a worker, and two calls."""
    folder = tmp_path_factory.mktemp("exports")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock(), worker=True) as server:
        server.post(a_body("call-1", metrics={"N": 1}))
        server.post(a_body("call-2", "user: =1+1", agent="shop"))
        yield server


def finished(server: LiveServer, body: dict[str, Any]) -> dict[str, Any]:
    asked = server.post(body, "/exports")
    assert asked.status_code == 202, asked.text
    path = f"/exports/{asked.json()['id']}"
    found: dict[str, Any] = wait_until(
        lambda: (shown := server.http.get(path).json())["state"] == "finished" and shown,
        what=lambda: server.http.get(path).text,
    )
    return found


def fetch(server: LiveServer, export: dict[str, Any], name: str) -> bytes:
    reply = server.http.get(f"/exports/{export['id']}/files/{name}")
    assert reply.status_code == 200, reply.text
    assert f'filename="{name}"' in reply.headers["content-disposition"]
    return reply.content


def test_what_is_asked_for_can_be_fetched_once_it_is_finished(office: LiveServer) -> None:
    export = finished(office, {"format": "csv", "transcripts": True, "agents": ["shop"]})
    assert sorted(export["files"]) == [
        "answers-0001.csv",
        "calls-0001.csv",
        "manifest.json",
        "metric_writes-0001.csv",
        "turns-0001.csv",
    ]
    assert fetch(office, export, "turns-0001.csv").decode().splitlines()[1].startswith("call-2,0,user,'=1+1,")
    assert json.loads(fetch(office, export, "manifest.json"))["calls"] == 1
    assert export["manifest"]["calls"] == 1
    listed = office.http.get("/exports?limit=1").json()["exports"]
    assert [each["id"] for each in listed] == [export["id"]]


def test_one_goes_on_from_another(office: LiveServer) -> None:
    first = finished(office, {"format": "jsonl"})
    office.post(a_body("call-3"))
    second = finished(office, {"format": "jsonl", "after": first["id"]})
    lines = fetch(office, second, "calls-0001.jsonl").splitlines()
    assert [json.loads(line)["call_id"] for line in lines] == ["call-3"]
    assert second["manifest"]["after"] == first["id"]


def test_one_can_be_cancelled_and_deleted(office: LiveServer) -> None:
    export = finished(office, {})
    assert office.http.post(f"/exports/{export['id']}:cancel").json()["state"] == "finished"
    assert office.http.delete(f"/exports/{export['id']}").status_code == 204
    assert office.http.get(f"/exports/{export['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"format": "xml"}, "format"),
        ({"since": "2026-03-02T09:00:00"}, "since"),
        ({"since": "soon"}, "since"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"after": "\x00"}, None),
        ({"after": AN_ID}, "after"),
        ({"agents": "clinic"}, "agents"),
        ({"agents": ["x"] * 2_000}, "agents"),
        ({"what": 1}, None),
        ({"transcripts": "yes"}, "transcripts"),
        ([], None),
    ],
    ids=["format", "no zone", "no time", "backwards", "nul", "no export", "one", "many", "unknown", "type", "list"],
)
def test_what_cannot_be_meant_is_refused_with_its_field(office: LiveServer, body: Any, field: str | None) -> None:
    reply = office.http.post("/exports", json=body)
    assert reply.status_code == 400, reply.text
    error = reply.json()["error"]
    assert error["code"] == "bad_input"
    if field is not None:
        assert error["field"] == field


def test_a_format_that_there_is_not_is_told_with_those_there_are(office: LiveServer) -> None:
    said = office.http.post("/exports", json={"format": "xls"}).json()["error"]["message"]
    assert said.endswith("it must be one of csv, jsonl, parquet")


def test_what_is_not_there_is_a_404(office: LiveServer) -> None:
    assert office.http.post("/exports", json={"agents": ["nobody"]}).status_code == 404
    for path in (f"/exports/{AN_ID}", f"/exports/{AN_ID}/files/manifest.json"):
        assert office.http.get(path).status_code == 404
    export = finished(office, {})
    for name in (".known", "nothing.csv", "..%2f..%2fetc", "%F0%9F%98%80"):
        assert office.http.get(f"/exports/{export['id']}/files/{name}").status_code == 404
    assert office.http.get("/exports/%00/files/%00").status_code == 400
    assert office.http.get("/exports?limit=0").status_code == 400
    assert office.http.get("/exports?page=2").status_code == 400


def test_to_ask_takes_write_and_to_fetch_takes_read(office: LiveServer) -> None:
    export = finished(office, {})
    reader, writer = office.holder_of(Scope.READ), office.holder_of(Scope.WRITE)
    assert reader.post("/exports", json={}).status_code == 403
    assert reader.delete(f"/exports/{export['id']}").status_code == 403
    assert writer.get(f"/exports/{export['id']}/files/manifest.json").status_code == 403
    assert reader.get(f"/exports/{export['id']}/files/manifest.json").status_code == 200
    other = office.holder_of(Scope.ADMIN, account="other")
    assert other.get(f"/exports/{export['id']}").status_code == 404
    assert other.get(f"/exports/{export['id']}/files/manifest.json").status_code == 404
