"""POST /query and its relatives: the same numbers for programs as on the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import NOON, a_call, a_question, an_answer
from tests.live_server import LiveServer

from postcall.domain.calls import CallStatus, Channel
from postcall.domain.keys import Scope


@pytest.fixture
def calls_there(any_server: LiveServer) -> LiveServer:
    """Four calls that ended, of three kinds, and one that has not."""
    desk = any_server.desk
    plans = [("a", "gold", Channel.VOICE), ("b", "gold", Channel.SMS), ("c", "silver", Channel.VOICE)]
    for minute, (name, plan, channel) in enumerate(plans):
        at = NOON - timedelta(minutes=minute)
        desk.hand_in(a_call(name, metrics={"PLAN": plan}, channel=channel, started_at=at, duration_s=30.0 + minute))
    desk.hand_in(a_call("d", started_at=NOON - timedelta(days=1), duration_s=60.0))
    desk.hand_in(a_call("live", status=CallStatus.IN_PROGRESS, started_at=NOON))
    return any_server


def ask(server: LiveServer, path: str = "/query", **query: Any) -> dict[str, Any]:
    reply = server.post(query, path)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


COUNT = {"measure": "conversations"}
GOLD = {"measure": "rate", "of": "metric.PLAN", "value": "gold"}


def test_numbers_come_in_columns_with_what_they_rest_on(calls_there: LiveServer) -> None:
    found = ask(calls_there, measures=[COUNT, GOLD, {"measure": "average", "of": "field.duration", "as": "long"}])
    assert found["columns"] == [
        {"name": "conversations", "kind": "measure", "measure": "conversations", "unit": "calls"},
        {"name": "rate_PLAN_gold", "kind": "measure", "measure": "rate", "of": "metric.PLAN", "value": "gold",
         "unit": "share"},
        {"name": "long", "kind": "measure", "measure": "average", "of": "field.duration", "unit": "s"},
    ]  # fmt: skip
    [[calls, rate, long]] = found["rows"]
    assert (calls, rate, long) == (4, 0.5, pytest.approx(38.25))
    [[_, about_rate, _]] = found["numbers"]
    assert (about_rate["n"], about_rate["count"], about_rate["small"]) == (4, 2, True)
    low, high = about_rate["interval"]
    assert 0 < low < 0.5 < high < 1
    assert (found["calls"], found["in_progress"]) == (4, 1)
    [coverage] = found["coverage"]
    assert (coverage["name"], coverage["have"], coverage["calls"]) == ("metric.PLAN", 3, 4)
    assert any("live" in note for note in found["notes"])


def test_a_result_names_the_query_in_its_one_way_which_gives_the_same_again(calls_there: LiveServer) -> None:
    found = ask(
        calls_there,
        measures=[COUNT],
        group_by=["metric.PLAN", "day"],
        filters={"field": "field.channel", "op": "!=", "value": "webchat"},
        since="2026-03-01",
        time_zone="Europe/Berlin",
        order=[{"column": "conversations", "descending": True}],
    )
    assert [column["name"] for column in found["columns"]] == ["metric.PLAN", "day", "conversations"]
    assert found["rows"][0][0] == "gold" and found["rows"][0][2] == 2
    assert found["query"]["since"] == "2026-02-28T23:00:00Z"
    assert found["query"]["filters"] == {"and": [{"field": "field.channel", "op": "ne", "value": "webchat"}]}
    assert ask(calls_there, **found["query"]) == found


def test_every_row_can_name_its_calls(calls_there: LiveServer) -> None:
    query: dict[str, Any] = {"measures": [COUNT], "group_by": ["metric.PLAN", "field.channel"]}
    found = ask(calls_there, **query)
    for *group, count in found["rows"]:
        named = ask(calls_there, "/query:calls", **query, group=group)
        assert len(named["calls"]) == count
    assert ask(calls_there, "/query:calls", **query, group=["gold", "sms"])["calls"] == ["b"]


def test_the_calls_behind_a_query_come_page_by_page(calls_there: LiveServer) -> None:
    first = ask(calls_there, "/query:calls", limit=3)
    assert first["calls"] == ["a", "b", "c"]
    rest = ask(calls_there, "/query:calls", limit=3, cursor=first["next_cursor"])
    assert (rest["calls"], rest["next_cursor"]) == (["d"], None)


def test_an_explanation_shows_the_sql_and_what_it_read(calls_there: LiveServer) -> None:
    found = ask(calls_there, "/query:explain", measures=[COUNT], group_by=["field.channel"])
    assert "SELECT" in found["sql"] and found["rows_read"] >= 4 and found["seconds"] >= 0 and found["plan"]
    assert found["query"]["group_by"] == ["field.channel"]


def test_names_tell_what_can_be_asked_for(calls_there: LiveServer) -> None:
    calls_there.desk.ask(a_question("booked"))
    calls_there.desk.hand_in(a_call("asked"))
    for job in calls_there.desk.claim():
        if job.payload["version"] > 1:
            from tests.builders import findings

            calls_there.desk.finish(job, findings(an_answer("booked")))
    found = calls_there.http.get("/names").json()
    assert {
        "name": "field.channel",
        "kind": "text",
        "label": "Channel",
        "values": ["voice", "webchat", "sms"],
    }.items() <= (next(field for field in found["fields"] if field["name"] == "field.channel").items())
    metrics = {each["name"]: each for each in found["metrics"]}
    assert metrics["metric.PLAN"]["written"] and metrics["metric.PLAN"]["kind"] == "text"
    assert metrics["metric.booked"]["asked"] and metrics["metric.booked"]["kind"] == "boolean"
    assert metrics["metric.CONTAINED"]["built_in"]
    assert calls_there.http.get("/names", params={"agent": "nobody"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        ("/query", {"measures": []}, "measures", "at least one"),
        ("/query", {"measures": [{"measure": "sum", "of": "metric.PLAM"}]}, None, "metric.PLAN"),
        ("/query", {"measures": [COUNT], "filters": {"and": [{"field": "field.x"}]}}, "filters.and[0].op", "how to"),
        ("/query:calls", {"group_by": ["day"], "group": []}, "group", "1 values"),
        ("/query:calls", {"cursor": "!!"}, "cursor", "not a cursor"),
        ("/query:calls", {"limit": 0}, "limit", "1 to 500"),
        ("/query:explain", {"measures": [COUNT], "limit": 10_001}, "limit", "10,000"),
    ],
)
def test_a_query_that_cannot_be_answered_says_what_would_help(
    calls_there: LiveServer, path: str, body: dict[str, Any], field: str | None, said: str
) -> None:
    reply = calls_there.post(body, path)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert said in error["message"]
    assert field is None or error["field"] == field


def test_a_body_that_is_no_json_is_refused(any_server: LiveServer) -> None:
    assert any_server.http.post("/query", content=b"{").status_code == 400
    assert any_server.http.post("/query", content=b"[" * 100_000).status_code == 400
    assert any_server.http.post("/query", content=b"[]").json()["error"]["field"] == "body"


def test_the_index_tells_how_it_stands_and_is_made_anew(calls_there: LiveServer) -> None:
    ask(calls_there, measures=[COUNT])
    status = calls_there.http.get("/reports").json()
    assert (status["state"], status["calls"], status["behind"]) == ("ready", 5, 0)
    again = calls_there.http.post("/reports:rebuild").json()
    assert (again["state"], again["calls"]) == ("ready", 5) and again["reason"]


def test_keys_see_their_own_account_and_only_admins_rebuild(calls_there: LiveServer) -> None:
    reader = calls_there.holder_of(Scope.READ)
    assert reader.post("/query", json={"measures": [COUNT]}).json()["rows"] == [[4]]
    assert reader.post("/reports:rebuild").status_code == 403
    stranger = calls_there.holder_of(Scope.READ, account="other")
    assert stranger.post("/query", json={"measures": [COUNT]}).json()["rows"] == [[0]]
    assert stranger.post("/query:calls", json={}).json()["calls"] == []
    assert calls_there.holder_of(Scope.WRITE).post("/query", json={"measures": [COUNT]}).status_code == 403
    assert calls_there.client(None).post("/query", json={"measures": [COUNT]}).status_code == 401
