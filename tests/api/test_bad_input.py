"""A clear error that names the field and the reason, and nothing half-stored."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.builders import a_body, a_question
from tests.live_server import LiveServer

from postcall.storage.schema import agents, answered_requests, calls, jobs, metric_events, turns, versions

STORED = (agents, versions, calls, turns, metric_events, jobs, answered_requests)


def stored(server: LiveServer) -> int:
    """How many rows there are of all that an intake could write."""
    counts = [sa.select(sa.func.count()).select_from(table) for table in STORED]
    return server.services.record.read(lambda c: sum(int(c.execute(count).scalar_one()) for count in counts))


def refused(reply: httpx.Response, field: str, *words: str, status: int = 400) -> None:
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert error["field"] == field, error
    assert error["code"]
    for word in words:
        assert word.casefold() in error["message"].casefold(), error


def turn(text: object = "Hi.", role: str = "user", **more: Any) -> dict[str, Any]:
    return {"role": role, "text": text, **more}


MISFITS: list[tuple[dict[str, Any], str, str]] = [
    ({"turns": [turn(), turn(role="caller")]}, "turns[1].role", "caller"),
    ({"turns": [turn(start_s=5), turn(start_s=4.5)]}, "turns[1].start_s", "backwards"),
    ({"turns": [turn(start_s=5), turn(), turn(start_s=1)]}, "turns[2].start_s", "backwards"),
    (
        {"turns": [turn(at="2026-03-02T11:00:01Z"), turn(at="2026-03-02T12:00:00+01:00")]},
        "turns[1].at",
        "backwards",
    ),
    ({"ended_at": "2026-03-02T10:59:59Z"}, "ended_at", "before"),
    ({"turns": [turn(start_s=-1)]}, "turns[0].start_s", "0"),
    ({"turns": [turn(latency_s=-0.1)]}, "turns[0].latency_s", "0"),
    ({"duration_s": -1}, "duration_s", "0"),
    ({"duration_s": "60"}, "duration_s", "number"),
    ({"started_at": "2026-03-02T11:00:00"}, "started_at", "time"),
    ({"started_at": "yesterday"}, "started_at", ""),
    ({"started_at": "2026-02-30T11:00:00Z"}, "started_at", ""),
    ({"started_at": 1767225600}, "started_at", ""),
    ({"turns": [turn(at="2026-03-02T11:00:00")]}, "turns[0].at", "time"),
    ({"status": "finished"}, "status", "finished"),
    ({"channel": "phone"}, "channel", "phone"),
    ({"direction": "sideways"}, "direction", "sideways"),
    ({"environment": "production"}, "environment", "production"),
    ({"disconnection_reason": "bored"}, "disconnection_reason", "bored"),
    ({"turns": "Hello"}, "turns", "list"),
    ({"turns": [turn(), "Hello"]}, "turns[1]", "object"),
    ({"turns": [{"role": "user"}]}, "turns[0].text", "missing"),
    ({"turns": [{"text": "Hi."}]}, "turns[0].role", "missing"),
    ({"turns": [turn(text=None)]}, "turns[0].text", "null"),
    ({"turns": [turn(text=5)]}, "turns[0].text", "text"),
    ({"turns": [turn(speaker="Bob")]}, "turns[0].speaker", "unknown"),
    ({"metrics": {"FINE": 1, "BOOKED": {"value": True}}}, "metrics.BOOKED", "string, number, boolean"),
    ({"metrics": {"BOOKED": [[1]]}}, "metrics.BOOKED", "string, number, boolean"),
    ({"metrics": {"": 1}}, "metrics", ""),
    ({"metrics": [1]}, "metrics", "object"),
    ({"metrics": {"N": 2**64}}, "metrics.N", ""),
    ({"metrics": {"N": "x" * 10_001}}, "metrics.N", ""),
    ({"metadata": "x"}, "metadata", "object"),
    ({"handoff": {"reason": "none"}}, "handoff.destination", "missing"),
    ({"handoff": {"destination": ""}}, "handoff.destination", ""),
    ({"id": ""}, "id", ""),
    ({"id": "a/b"}, "id", "/"),
    ({"id": "a b"}, "id", "space"),
    ({"id": "a\nb"}, "id", "control"),
    ({"id": "a" * 201}, "id", "200"),
    ({"id": 5}, "id", "text"),
    ({"agent": ""}, "agent", ""),
    ({"agent": "a/b"}, "agent", "/"),
    ({"agent": None}, "agent", "null"),
    ({"colour": "blue"}, "colour", "unknown"),
    # Moments that no clock in UTC can show.
    ({"started_at": "0001-01-01T00:00:00+14:00"}, "started_at", ""),
    ({"ended_at": "9999-12-31T23:59:59-12:00"}, "ended_at", ""),
    ({"turns": [turn(at="0001-01-01T00:00:00+14:00")]}, "turns[0].at", ""),
    ({"started_at": "9999-12-31T23:00:00Z", "duration_s": 100_000}, "duration_s", ""),
]


@pytest.mark.parametrize(
    ("change", "field", "word"), MISFITS, ids=[f"{n}-{field}" for n, (_, field, _) in enumerate(MISFITS)]
)
def test_a_call_that_cannot_be_is_refused_by_field_and_reason(
    server: LiveServer, change: dict[str, Any], field: str, word: str
) -> None:
    refused(server.post(a_body() | change), field, word)
    assert stored(server) == 0


def test_a_start_that_only_the_duration_makes_impossible_is_refused(server: LiveServer) -> None:
    body = a_body() | {"ended_at": "0001-01-01T00:00:10Z", "duration_s": 100}
    del body["started_at"]
    refused(server.post(body), "duration_s")
    assert stored(server) == 0


BROKEN: list[tuple[str, bytes, str, str]] = [
    ("words", b"hello", "body", "json"),
    ("half", b'{"agent": "clinic", "turns": [', "body", "json"),
    ("empty", b"", "body", "empty"),
    ("blank", b" \n ", "body", "empty"),
    ("two", b'{"agent": "clinic"} {}', "body", "json"),
    ("list", b"[]", "body", "object"),
    ("null", b"null", "body", "object"),
    ("number", b"5", "body", "object"),
    ("not utf-8", b'{"agent": "clinic", "variant": "\xff"}', "body", "utf-8"),
    ("utf-16", '{"agent": "clinic"}'.encode("utf-16"), "body", "utf-8"),
    ("nan duration", b'{"agent": "clinic", "duration_s": NaN}', "duration_s", "nan"),
    ("infinite metric", b'{"agent": "clinic", "metrics": {"N": [1, -Infinity]}}', "metrics.N[1]", "infinity"),
    ("nan in metadata", b'{"agent": "clinic", "metadata": {"a": {"b": NaN}}}', "metadata.a.b", "nan"),
    (
        "surrogate",
        b'{"agent": "clinic", "turns": [{"role": "user", "text": "a\\ud83d"}]}',
        "turns[0].text",
        "surrogate",
    ),
    ("surrogate name", b'{"agent": "clinic", "metrics": {"a\\udc00": 1}}', "metrics.a?", "surrogate"),
    ("raw surrogate", b'{"agent": "clinic", "variant": "\xed\xa0\x80"}', "variant", "surrogate"),
    ("too large a number", b'{"agent": "clinic", "duration_s": 1e999}', "duration_s", ""),
    ("too large a metric", b'{"agent": "clinic", "metrics": {"N": 1e999}}', "metrics.N", ""),
]


@pytest.mark.parametrize(("body", "field", "word"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_body_that_is_not_json_is_refused_by_field_and_reason(
    server: LiveServer, body: bytes, field: str, word: str
) -> None:
    refused(server.http.post("/calls", content=body), field, word)
    assert stored(server) == 0


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
def test_a_body_nested_however_deep_does_no_harm(server: LiveServer, depth: int) -> None:
    body = b'{"agent": "clinic", "id": "deep", "metadata": {"a": ' + b"[" * depth + b"]" * depth + b"}}"
    reply = server.http.post("/calls", content=body)
    assert reply.status_code in {202, 400}, reply.text
    if reply.status_code == 202:
        assert server.http.get("/calls/deep").status_code == 200
    else:
        assert stored(server) == 0


@pytest.mark.parametrize("number", ["123456789012345678901234567890", "9" * 5_000, "-" + "9" * 400, "1" + "0" * 308])
def test_a_huge_number_in_metadata_is_kept_or_refused(server: LiveServer, number: str) -> None:
    reply = server.http.post("/calls", content=f'{{"agent": "clinic", "id": "n", "metadata": {{"n": {number}}}}}')
    assert reply.status_code in {202, 400}, reply.text
    if reply.status_code == 202:
        assert server.http.get("/calls/n").status_code == 200
    else:
        assert reply.json()["error"]["field"]
        assert stored(server) == 0


def question(**changes: Any) -> dict[str, Any]:
    return {"identifier": "booked", "prompt": "Was it booked?", "type": "BOOLEAN"} | changes


QUESTIONS: list[tuple[list[dict[str, Any]], str, str]] = [
    ([question(type="ENUM")], "questions[0].choices", "choices"),
    ([question(type="ENUM", choices=[])], "questions[0].choices", "choices"),
    ([question(type="ENUM", choices=["a", " "])], "questions[0].choices", "empty"),
    ([question(type="ENUM", choices=["a", "b", "a"])], "questions[0].choices", "twice"),
    ([question(choices=["yes", "no"])], "questions[0].choices", "ENUM"),
    ([question(), question(identifier="Booked")], "questions[1].identifier", "lower-case"),
    ([question(identifier="is booked")], "questions[0].identifier", "lower-case"),
    ([question(identifier="")], "questions[0].identifier", "1 to 100"),
    ([question(identifier="x" * 101)], "questions[0].identifier", "1 to 100"),
    ([question(identifier="größe")], "questions[0].identifier", "lower-case"),
    ([question(), question(identifier="b"), question()], "questions[2].identifier", "twice"),
    ([question(prompt="")], "questions[0].prompt", "empty"),
    ([question(prompt=None)], "questions[0].prompt", ""),
    ([question(type="FLOAT")], "questions[0].type", "FLOAT"),
    ([question(type="boolean")], "questions[0].type", "boolean"),
    ([{"identifier": "booked", "type": "BOOLEAN"}], "questions[0].prompt", "missing"),
    ([{"identifier": "booked", "prompt": "Was it?"}], "questions[0].type", "missing"),
    ([{"prompt": "Was it?", "type": "BOOLEAN"}], "questions[0].identifier", "missing"),
]


@pytest.mark.parametrize(
    ("questions", "field", "word"), QUESTIONS, ids=[f"{n}-{field}" for n, (_, field, _) in enumerate(QUESTIONS)]
)
def test_questions_that_cannot_be_asked_are_refused_and_nothing_is_published(
    server: LiveServer, questions: list[dict[str, Any]], field: str, word: str
) -> None:
    refused(server.post({"slug": "new", "questions": questions}, "/agents"), field, word)
    assert stored(server) == 0
    server.desk.ask(a_question())
    refused(server.post({"questions": questions}, "/agents/clinic/versions"), field, word)
    assert server.http.get("/agents/clinic").json()["active_version"] == 1


def test_the_words_of_a_metrics_file_are_refused_as_clearly(server: LiveServer) -> None:
    given = {"identifier": "a", "dispositionMetricPrompt": "Why?", "dispositionMetricType": "ENUM"}
    refused(server.post({"slug": "new", "questions": [given]}, "/agents"), "questions[0].choices", "choices")


@pytest.mark.parametrize("slug", ["", "a b", "a/b", "x" * 101, "a\x00b", None])
def test_an_agent_needs_a_slug_that_an_address_can_hold(server: LiveServer, slug: object) -> None:
    refused(server.post({"slug": slug}, "/agents"), "slug")
    assert stored(server) == 0


def test_names_and_labels_with_null_bytes_do_no_harm(any_server: LiveServer) -> None:
    made = any_server.post({"slug": "new", "name": "a\x00b", "summary_prompt": "S\x00"}, "/agents")
    assert made.status_code in {201, 400}, made.text
    any_server.post({"slug": "other"}, "/agents")
    label = any_server.post({"questions": [], "label": "v\x00"}, "/agents/other/versions")
    assert label.status_code in {201, 400}, label.text


LIVE: list[tuple[str, dict[str, Any], str]] = [
    ("turns", {"turns": []}, "turns"),
    ("turns", {}, "turns"),
    ("turns", {"turns": [turn(role="bot")]}, "turns[0].role"),
    ("turns", {"turns": [turn(start_s=3), turn(start_s=1)]}, "turns[1].start_s"),
    ("metrics", {"metrics": {}}, "metrics"),
    ("metrics", {"metrics": {"N": {}}}, "metrics.N"),
    ("metrics", {"metrics": {"N": 1}, "at": "2026-03-02T11:00:00"}, "at"),
    ("end", {"status": "in_progress"}, "status"),
    ("end", {"status": "gone"}, "status"),
    ("end", {"ended_at": "2026-03-02T10:00:00Z"}, "ended_at"),
    ("end", {"duration_s": -5}, "duration_s"),
    ("end", {"duration_s": 10_000_000_000_000}, "duration_s"),
    ("end", {"ended_at": "9999-12-31T23:59:59-12:00"}, "ended_at"),
]


@pytest.mark.parametrize(("path", "body", "field"), LIVE, ids=[f"{path}-{field}" for path, _, field in LIVE])
def test_what_a_live_call_cannot_take_is_refused(
    server: LiveServer, path: str, body: dict[str, Any], field: str
) -> None:
    server.post(a_body() | {"status": "in_progress", "turns": []})
    before, rows = server.call(), stored(server)
    refused(server.post(body, f"/calls/call-1/{path}", headers={"Idempotency-Key": "k"}), field)
    assert (server.call(), stored(server)) == (before, rows)


@pytest.mark.parametrize("path", ["turns", "metrics"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 256}])
def test_live_turns_and_metrics_need_a_key(server: LiveServer, path: str, headers: dict[str, str]) -> None:
    server.post(a_body() | {"status": "in_progress", "turns": []})
    body = {"turns": [turn()]} if path == "turns" else {"metrics": {"N": 1}}
    refused(server.post(body, f"/calls/call-1/{path}", headers=headers), "Idempotency-Key")
    assert server.call()["turns"] == []


PARAMETERS = [
    ("limit", "0"),
    ("limit", "-1"),
    ("limit", "501"),
    ("limit", "abc"),
    ("limit", "1.5"),
    ("limit", ""),
    ("limit", "٣"),
    ("limit", "9" * 5_000),
    ("since", "yesterday"),
    ("since", "2026-03-02T11:00:00"),
    ("until", "2026-13-01"),
    ("since", "0001-01-01T00:00:00+14:00"),
    ("until", "9999-12-31T23:59:59-12:00"),
    ("cursor", "abc"),
    ("cursor", "!!!!"),
    ("cursor", "A" * 22 + "ñ"),
    ("status", "finished"),
    ("colour", "blue"),
]


@pytest.mark.parametrize(("name", "value"), PARAMETERS, ids=[f"{n}={v[:20]}" for n, v in PARAMETERS])
def test_a_list_refuses_parameters_it_cannot_read(server: LiveServer, name: str, value: str) -> None:
    server.post(a_body())
    refused(server.http.get("/calls", params={name: value}), name)


@pytest.mark.parametrize(
    "path",
    [
        "/calls/%00",
        "/calls?agent=%00",
        "/calls?from_number=%00",
        "/calls?metric.X=%00",
        "/calls?metric.%00=1",
        "/agents/%00",
        "/calls/%ff",
        "/calls?from_number=%ff",
        "/calls/" + "x" * 5_000,
    ],
)
def test_an_address_of_odd_bytes_finds_nothing_and_does_no_harm(any_server: LiveServer, path: str) -> None:
    reply = any_server.http.get(path)
    assert reply.status_code in {200, 400, 404}, reply.text
    if reply.status_code == 200:
        assert reply.json()["calls"] == []


def test_a_route_that_is_not_there_says_so_in_json(server: LiveServer) -> None:
    missing = server.http.get("/nothing")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    wrong = server.http.delete("/calls")
    assert wrong.status_code == 405
    assert wrong.json()["error"]["code"] == "method_not_allowed"
    assert "POST" in wrong.headers["allow"]


def test_one_bad_turn_among_thousands_stores_none_of_them(server: LiveServer) -> None:
    said = [turn(f"{n}") for n in range(3_000)]
    said[2_500]["role"] = "narrator"
    refused(server.post(a_body() | {"turns": said}), "turns[2500].role")
    assert stored(server) == 0


def test_more_turns_than_a_call_can_have_are_refused(server: LiveServer) -> None:
    refused(server.post(a_body() | {"turns": [turn("x")] * 20_001}), "turns")
    assert stored(server) == 0


def test_a_name_given_twice_does_no_harm(server: LiveServer) -> None:
    reply = server.http.post("/calls", content=b'{"agent": "a", "agent": "b", "id": "x"}')
    assert reply.status_code in {202, 400}


def test_every_error_has_one_shape(server: LiveServer) -> None:
    for reply in (
        server.http.get("/calls/none"),
        server.http.post("/calls", content=b"x"),
        server.http.get("/calls", params={"limit": "0"}),
        server.client(None).get("/calls"),
    ):
        assert reply.headers["content-type"] == "application/json"
        assert set(json.loads(reply.content)) == {"error"}
        assert {"code", "message"} <= set(reply.json()["error"])
