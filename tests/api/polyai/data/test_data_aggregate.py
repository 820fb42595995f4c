"""POST /api/v1/metrics/aggregate: the numbers of POST /postcall/v1/query in the vendor's shape."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.polyai.data.world import World, found, told

HAS_PRICE = {"field": "metric.PRICE", "op": "exists"}
CLINIC = {"field": "field.agent", "op": "eq", "value": "clinic"}
MEASURES = {
    "sum": "sum", "avg": "average", "min": "min", "max": "max", "p50": "p50", "p95": "p95", "p99": "p99",
    "distinct_count": "distinct",
}  # fmt: skip


def ask(client: httpx.Client, metric: str, *aggs: str, **more: Any) -> list[list[Any]]:
    reply = found(client.post("/metrics/aggregate", json={"metric": metric, "aggs": aggs, **more}))
    assert list(reply) == ["columns", "rows", "limit", "offset"]
    bucket = ["bucket"] if "interval" in more else []
    assert reply["columns"] == [*bucket, *more.get("group_by", []), *aggs]
    rows: list[list[Any]] = reply["rows"]
    return rows


def native(world: World, *aggs: str, metric: str = "PRICE", **more: Any) -> list[list[Any]]:
    measures = [
        {"measure": "conversations"}
        if agg == "conversation_count"
        else {"measure": MEASURES[agg], "of": f"metric.{metric}"}
        for agg in aggs
    ]
    has = {"field": f"metric.{metric}", "op": "exists"}
    return world.query(measures=measures, filters={"and": [has, *more.pop("filters", [CLINIC])]}, **more)


def test_every_number_is_that_of_the_native_query(world: World, reader: httpx.Client) -> None:
    aggs = [*MEASURES, "conversation_count"]
    assert ask(reader, "PRICE", *aggs, project_id="clinic") == native(world, *aggs)
    [row] = ask(reader, "PRICE", "sum", "conversation_count", "distinct_count", project_id="clinic")
    assert row == [100.5, 3, 4], "each of two writes counts in a sum, and the call once"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        pytest.param({"group_by": ["channel"]}, {"group_by": ["field.channel"]}, id="channel"),
        pytest.param({"group_by": ["variant_id"]}, {"group_by": ["field.variant"]}, id="variant"),
        pytest.param({"group_by": ["value_string"]}, {"group_by": ["metric.PLAN"]}, id="value"),
        pytest.param({"interval": "daily"}, {"group_by": ["day"]}, id="day"),
        pytest.param({"interval": "hourly", "timezone": "Asia/Kolkata"},
                     {"group_by": ["hour"], "time_zone": "Asia/Kolkata"}, id="hour"),
        pytest.param({"interval": "weekly", "group_by": ["channel"]},
                     {"group_by": ["week", "field.channel"]}, id="week"),
        pytest.param({"filters": [{"metric": "price", "op": "gte", "value": 20}]},
                     {"filters": [CLINIC, {"field": "metric.PRICE", "op": "gte", "value": 20}]}, id="filter"),
        pytest.param({"from": "2026-03-02T11:00:00", "to": "2026-03-02T12:00:00Z"},
                     {"since": "2026-03-02T11:00:00Z", "until": "2026-03-02T12:00:00Z"}, id="half-open"),
        pytest.param({"from": "2026-03-02T11:00:00", "timezone": "Europe/Berlin"},
                     {"since": "2026-03-02T10:00:00Z"}, id="naive times in the zone"),
        pytest.param({"channel": ["SMS", "RCS"]},
                     {"filters": [CLINIC, {"field": "field.channel", "op": "eq", "value": "sms"}]}, id="channels"),
        pytest.param({"client_env": ["live", "sandbox"]},
                     {"filters": [CLINIC, {"field": "field.environment", "op": "in", "value": ["live", "sandbox"]}]},
                     id="environments"),
        pytest.param({"variant_id": ["b"]},
                     {"filters": [CLINIC, {"field": "field.variant", "op": "eq", "value": "b"}]}, id="variants"),
    ],
)  # fmt: skip
def test_groups_and_conditions_give_the_same_numbers(
    world: World, reader: httpx.Client, theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    shown = ask(reader, "PLAN", "conversation_count", project_id="clinic", **theirs)
    wanted = native(world, "conversation_count", metric="PLAN", **ours)
    assert [row[-1] for row in shown] == [row[-1] for row in wanted]
    assert shown, "a test of nothing"


def test_groups_are_named_as_the_vendor_names_them(world: World, reader: httpx.Client) -> None:
    grouped = ask(reader, "PLAN", "conversation_count", group_by=["project_id", "channel", "experiment_id"])
    assert grouped == [
        ["bank", "VOICE-SIP", None, 2],
        ["clinic", "SMS", None, 1],
        ["clinic", "VOICE-SIP", None, 2],
    ]
    version = world.server.http.get("/agents/clinic/versions").json()["versions"][0]["id"]
    by_version = ask(reader, "PLAN", "conversation_count", project_id="clinic", group_by=["deployment_id"])
    assert by_version == [[version, 3]]
    assert ask(reader, "PLAN", "conversation_count", deployment_id=[version]) == [[3]]
    assert ask(reader, "PLAN", "conversation_count", deployment_id=["0" * 24]) == [[0]]


def test_a_bucket_is_named_by_the_moment_at_which_it_begins(reader: httpx.Client) -> None:
    days = ask(
        reader, "CALL_COMPLETED", "conversation_count", interval="daily", timezone="Asia/Tokyo", project_id="clinic"
    )
    assert days == [["2026-03-01T00:00:00+09:00", 1], ["2026-03-02T00:00:00+09:00", 3]]
    [[hour, _], *_] = ask(
        reader, "PLAN", "distinct_count", interval="hourly", timezone="Asia/Kolkata", project_id="clinic"
    )
    assert hour == "2026-03-02T15:00:00+05:30"


def test_rows_are_kept_sorted_and_paged(reader: httpx.Client) -> None:
    by_value: dict[str, Any] = {"group_by": ["value_string"], "project_id": "clinic"}
    assert ask(reader, "PLAN", "conversation_count", **by_value) == [["gold", 2], ["silver", 1]]
    up = {"field": "conversation_count", "order": "asc"}
    assert ask(reader, "PLAN", "conversation_count", sort=up, **by_value) == [["silver", 1], ["gold", 2]]
    assert ask(reader, "PLAN", "conversation_count", sort=up, limit=1, offset=1, **by_value) == [["gold", 2]]
    few = [{"field": "conversation_count", "op": "gt", "value": 1}]
    assert ask(reader, "PLAN", "conversation_count", having=few, **by_value) == [["gold", 2]]
    down = {"field": "value_string", "order": "desc"}
    assert ask(reader, "PLAN", "conversation_count", sort=down, interval="daily", **by_value) == [
        ["2026-03-02T00:00:00+00:00", "silver", 1],
        ["2026-03-02T00:00:00+00:00", "gold", 2],
    ]


def test_a_project_that_hides_a_metric_is_in_no_number_of_it(world: World, reader: httpx.Client) -> None:
    assert ask(reader, "PRICE", "sum", "max") == [[100.5, 40.5]]
    assert ask(reader, "PLAN", "conversation_count") == [[5]]
    dear = [{"metric": "PRICE", "op": "gte", "value": 1000}]
    assert ask(reader, "PLAN", "conversation_count", filters=dear) == [[0]], "the bank's prices are nowhere"
    assert ask(reader, "PLAN", "conversation_count", filters=[{"metric": "PRICE", "op": "exists", "value": False}]) == [
        [2]
    ]
    for hidden in ("PIN", "INTERNAL"):
        body = {"metric": hidden, "aggs": ["sum"]}
        assert f"no metric '{hidden}'" in told(reader.post("/metrics/aggregate", json=body))
    body = {"metric": "PRICE", "aggs": ["sum"], "project_id": "bank"}
    assert "no metric 'PRICE'" in told(reader.post("/metrics/aggregate", json=body))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"metric": "PRIZE"}, "did you mean PRICE", id="unknown metric"),
        pytest.param({"filters": [{"metric": "PLAM", "op": "eq", "value": 1}]}, "filters[0].metric:", id="filter"),
        pytest.param({"from": "2026-03-02", "to": "2026-03-02"}, "before to", id="window"),
        pytest.param({"metric": "PLAN", "aggs": ["conversation_count", "avg"]}, "PLAN is text", id="average of texts"),
        pytest.param({"timezone": "Mars/Olympus"}, "no time zone", id="zone"),
        pytest.param({"aggs": ["sum", "sum"]}, "twice", id="agg twice"),
        pytest.param({"group_by": ["channel", "channel"]}, "twice", id="group twice"),
        pytest.param({"having": [{"field": "max", "op": "gt", "value": 1}]}, "not among aggs", id="having"),
        pytest.param({"sort": {"field": "channel"}}, "neither in group_by", id="sort"),
        pytest.param({"experiment_id": ["x"], "deployment_id": ["y"]}, "deployment_id", id="experiment"),
        pytest.param({"experiment_version_id": ["x"]}, "needs experiment_id", id="experiment version"),
        pytest.param({"filters": [{"metric": "PRICE", "op": "in", "value": 5}]}, "list", id="in"),
        pytest.param({"filters": [{"metric": "PRICE", "op": "exists", "value": 5}]}, "true or false", id="exists"),
        pytest.param({"filters": [{"metric": "PRICE", "op": "eq", "value": 10**30}]}, "must lie between", id="huge"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_a_400_in_words(reader: httpx.Client, change: dict[str, Any], said: str) -> None:
    body = {"metric": "PRICE", "aggs": ["sum"], **change}
    assert said in told(reader.post("/metrics/aggregate", json=body))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"", "['body', 'metric']", id="empty"),
        pytest.param(b"{", "['body']", id="no json"),
        pytest.param(b"[]", "['body']", id="a list"),
        pytest.param(b'{"metric": 5, "aggs": ["sum"]}', "['body', 'metric']", id="a number"),
        pytest.param(b'{"metric": "PRICE", "aggs": []}', "['body', 'aggs']", id="no aggs"),
        pytest.param(b'{"metric": "PRICE", "aggs": ["sum"], "limit": 0}', "['body', 'limit']", id="limit 0"),
        pytest.param(b'{"metric": "PRICE", "aggs": ["sum"], "limit": -1}', "['body', 'limit']", id="limit -1"),
        pytest.param(b'{"metric": "PRICE", "aggs": ["sum"], "offset": 1001}', "['body', 'offset']", id="offset"),
        pytest.param(b'{"metric": "PRICE", "aggs": ["sum"], "form": "x"}', "['body', 'form']", id="unknown field"),
        pytest.param(b'{"metric": "PRICE", "aggs": ["sum"], "from": "soon"}', "['body', 'from']", id="no time"),
        pytest.param(b'{"metric": "P", "aggs": ["sum"], "project_id": "a\\u0000"}', "['body', 'project_id']", id="nul"),
        pytest.param(b'{"metric": "\\ud800", "aggs": ["sum"]}', "['body', 'metric']", id="half a character"),
        pytest.param(b'{"metric": "P", "aggs": ["sum"], "filters": [{"metric": "P", "op": "contains", "value": "x"}]}',
                     "'filters'", id="no such operator here"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_a_422_that_says_where(reader: httpx.Client, content: bytes, place: str) -> None:
    assert place in told(reader.post("/metrics/aggregate", content=content), 422)


def test_a_body_too_large_is_refused(reader: httpx.Client) -> None:
    assert "limit" in told(reader.post("/metrics/aggregate", content=b" " * (1024 * 1024 + 1)), 413)
