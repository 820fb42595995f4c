"""POST /api/v1/conversations/search: conversations with their metrics, filtered by these."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.polyai.data.world import World, found, told

from postcall.domain.keys import Scope


def search(client: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    shown = found(client.post("/conversations/search", json=body))
    assert set(shown) == {"conversations", "total", "limit", "offset"}
    assert shown["total"] >= len(shown["conversations"])
    conversations: list[dict[str, Any]] = shown["conversations"]
    return conversations


def ids(client: httpx.Client, *filters: dict[str, Any], **body: Any) -> list[str]:
    return [each["conversation_id"] for each in search(client, filters=list(filters), **body)]


def where(metric: str, op: str, value: Any) -> dict[str, Any]:
    return {"metric": metric, "op": op, "value": value}


def test_values_keep_their_types_and_repeated_writes_are_lists(reader: httpx.Client) -> None:
    by_id = {each["conversation_id"]: each for each in search(reader)}
    c0 = by_id["c0"]
    assert (c0["project_id"], c0["started_at"], c0["duration_seconds"]) == ("clinic", "2026-03-02T12:00:00Z", 30.0)
    assert c0["metrics"] == {
        "PLAN": "gold", "PRICE": 10, "BOOKED": True, "CALL_COMPLETED": True, "CONTAINED": True,
        "CALL_DURATION": 30.0, "duration": 30.0, "reason": "refund", "call_summary": "Somebody wanted something.",
    }  # fmt: skip
    assert by_id["c1"]["metrics"]["PRICE"] == [20, 30]
    assert by_id["c3"]["duration_seconds"] is None


def test_the_newest_come_first_unless_another_order_is_asked_for(reader: httpx.Client) -> None:
    assert ids(reader) == ["c0", "c1", "c2", "b0", "b1", "c3"], "live calls that have ended"
    assert ids(reader, sort={"field": "duration", "order": "asc"}) == ["b0", "b1", "c0", "c1", "c2", "c3"]
    assert ids(reader, sort={"field": "duration"}) == ["c2", "c1", "c0", "b1", "b0", "c3"]
    assert ids(reader, sort={"field": "conversation_id", "order": "asc"}) == ["b0", "b1", "c0", "c1", "c2", "c3"]
    assert ids(reader, sort={"field": "started_at", "order": "asc"}, limit=2, offset=1) == ["b1", "b0"]
    page = found(reader.post("/conversations/search", json={"limit": 2, "offset": 5}))
    assert (page["total"], page["limit"], page["offset"], len(page["conversations"])) == (6, 2, 5, 1)
    assert search(reader, offset=1000) == []


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (where("plan", "eq", "gold"), ["c0", "c1", "b1"]),
        (where("PRICE", "gt", 20), ["c1", "c2"]),
        (where("PRICE", "gte", 40.5), ["c2"]),
        (where("PRICE", "lt", 20), ["c0"]),
        (where("PRICE", "lte", 20), ["c0", "c1"]),
        (where("PLAN", "in", ["silver", "none"]), ["c2", "b0"]),
        (where("PLAN", "ex", ["gold"]), ["c2", "b0", "c3"]),
        (where("PLAN", "contains", "OL"), ["c0", "c1", "b1"]),
        (where("PLAN", "not_contains", "OL"), ["c2", "b0", "c3"]),
        (where("BOOKED", "eq", False), ["c2"]),
        (where("BOOKED", "exists", True), ["c0", "c2"]),
        (where("BOOKED", "exists", False), ["c1", "b0", "b1", "c3"]),
        (where("PRICE", "exists", True), ["c0", "c1", "c2"]),
        (where("PRICE", "exists", False), ["b0", "b1", "c3"]),
        (where("conversation_id", "eq", "c2"), ["c2"]),
        (where("conversation_id", "in", ["c2", "b0", "nobody"]), ["c2", "b0"]),
        (where("reason", "eq", "refund"), ["c0", "c1", "c2", "c3"]),
        (where("CALL_IN_PROGRESS", "eq", True), ["live"]),
    ],
    ids=lambda each: "-".join(str(part) for part in each.values()) if isinstance(each, dict) else "",
)
def test_a_filter_finds_what_it_says(reader: httpx.Client, condition: dict[str, Any], wanted: list[str]) -> None:
    assert ids(reader, condition) == wanted


def test_conditions_are_joined_as_asked(reader: httpx.Client) -> None:
    both = (where("PLAN", "eq", "gold"), where("BOOKED", "eq", False))
    assert ids(reader, *both) == []
    assert ids(reader, *both, filter_operator="or") == ["c0", "c1", "c2", "b1"]
    assert ids(reader, filter_operator="or") == ids(reader), "no condition keeps nothing away"


def test_projects_channels_environments_and_time_narrow_it(reader: httpx.Client) -> None:
    assert ids(reader, project_id="bank") == ["b0", "b1"]
    assert ids(reader, channel=["SMS", "CHAT"]) == ["c1", "c3"]
    assert ids(reader, channel=["RCS"]) == []
    assert ids(reader, client_env=["sandbox"]) == ["sand"]
    assert ids(reader, client_env=["test", "scenarios"]) == []
    span = {"from": "2026-03-02T08:00:00Z", "to": "2026-03-02T10:00:00Z"}
    assert ids(reader, **span) == ["b0", "b1"], "from is included, to is not"
    assert ids(reader, **{"from": "2026-03-02T12:00:00"}) == ["c0"], "without a zone it is UTC"


def test_only_the_fields_asked_for_come_back(reader: httpx.Client) -> None:
    assert search(reader, fields=["plan", "Duration"])[0]["metrics"] == {"PLAN": "gold", "duration": 30.0}
    assert search(reader, fields=[])[0]["metrics"] == {}
    assert "did you mean PLAN" in told(reader.post("/conversations/search", json={"fields": ["PLANN"]}))


def test_a_project_shows_the_metrics_that_it_picked(reader: httpx.Client) -> None:
    shown = {each["conversation_id"]: each["metrics"] for each in search(reader)}
    assert shown["b0"] == {"PLAN": "silver"}
    assert "INTERNAL" not in shown["c0"]
    assert all("PIN" not in metrics for metrics in shown.values())


def test_without_the_right_to_personal_data_the_summary_is_dropped(world: World) -> None:
    with world.client(Scope.CONVERSATIONS) as client:
        assert "call_summary" not in search(client)[0]["metrics"]
        assert search(client, fields=["call_summary", "PLAN"])[0]["metrics"] == {"PLAN": "gold"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"filters": [where("PLAX", "eq", 1)]}, "did you mean PLAN"),
        ({"filters": [where("PRICE", "contains", "1")]}, "only text"),
        ({"filters": [where("PLAN", "contains", "")]}, "not empty"),
        ({"filters": [where("PLAN", "gt", True)]}, "not true or false"),
        ({"filters": [where("PLAN", "eq", None)]}, "exists"),
        ({"filters": [where("PLAN", "eq", "a\x00")]}, "no database"),
        ({"filters": [where("conversation_id", "gt", "c")]}, "'eq' or 'in'"),
        ({"filters": [where("conversation_id", "in", ["c"] * 101)]}, "at most 100"),
        ({"from": "2026-03-03", "to": "2026-03-02"}, "before to"),
    ],
    ids=["unknown", "no text", "empty", "order", "null", "nul", "id op", "ids", "window"],
)
def test_what_cannot_be_answered_is_a_400(reader: httpx.Client, body: dict[str, Any], said: str) -> None:
    assert said in told(reader.post("/conversations/search", json=body))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**30}, "offset"),
        ({"sort": {"field": "PLAN"}}, "sort"),
        ({"channel": ["voice"]}, "channel"),
        ({"filters": [{"metric": "PLAN", "op": "like", "value": 1}]}, "filters"),
        ({"filters": [{"metric": "PLAN", "op": "eq"}]}, "value"),
        ({"filters": [where("PLAN", "eq", 1)] * 51}, "filters"),
        ({"from": "yesterday"}, "from"),
    ],
    ids=["0", "-1", "101", "1.5", "offset", "huge", "sort", "channel", "op", "no value", "many", "time"],
)
def test_what_is_malformed_is_a_422(reader: httpx.Client, body: dict[str, Any], place: str) -> None:
    assert f"'{place}'" in told(reader.post("/conversations/search", json=body), 422)
