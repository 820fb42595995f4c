"""The analytics routes: the numbers of the reports, under the published names and in the published units."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.builders import NOON, a_call
from tests.live_server import LiveServer
from tests.reporting.placing import a_campaign, place

from postcall.domain.calls import CallStatus, Channel, Environment
from postcall.domain.keys import Scope

DAY = "2026-03-02"
DAYS = {"dateFrom": "2026-03-01", "dateTo": "2026-03-02"}
OF_DAYS = [
    "summary",
    "dashboard",
    "call-volume-timeseries",
    "call-outcomes-timeseries",
    "pickup-rate-by-number",
    "phone-number-trends",
    "hourly-performance",
    "duration-stats",
    "weekly-trends",
    "agent-performance",
    "attempt-cohort",
    "call-counts-by-day",
    "call-counts-log",
    "usage/timeseries",
]
OF_ONE_DAY = ["concurrency", "call-start-distribution", "daily-call-summary"]


class Analytics:
    """The routes, and the reports beside them."""

    def __init__(self, server: LiveServer, http: httpx.Client) -> None:
        self.server, self.http = server, http
        self.campaign = ""

    def refusal(self, name: str, **parameters: str) -> tuple[int, list[str]]:
        reply = self.http.get(f"/analytics/{name}", params=parameters)
        assert reply.json()["status"] is False
        return reply.status_code, reply.json()["errors"]

    def get(self, name: str, **parameters: str) -> Any:
        reply = self.http.get(f"/analytics/{name}", params=parameters)
        assert reply.status_code == 200, reply.text
        template = "conversation-details/{callId}" if name.startswith("conversation-details") else name
        fits("get", f"/analytics/{template}", reply)
        assert reply.json()["success"] is True
        return reply.json()["data"]

    def reported(self, *measures: dict[str, Any], **query: Any) -> list[list[Any]]:
        """What the query of these two days answers."""
        body = {"measures": list(measures), "since": "2026-03-01", "until": "2026-03-03", **query}
        reply = self.server.post(body, "/query")
        assert reply.status_code == 200, reply.text
        found: list[list[Any]] = reply.json()["rows"]
        return found

    def id_of(self, slug: str) -> str:
        found: str = self.server.http.get(f"/agents/{slug}").json()["id"]
        return found


@pytest.fixture
def analytics(server: LiveServer) -> Iterator[Analytics]:
    with _with_calls(server) as made:
        yield made


@pytest.fixture
def any_analytics(any_server: LiveServer) -> Iterator[Analytics]:
    """On each database in turn, for what is read from the record."""
    with _with_calls(any_server) as made:
        yield made


@contextmanager
def _with_calls(server: LiveServer) -> Iterator[Analytics]:
    """Two days of calls: five placed for a campaign, two inbound, a chat, and some that reports leave out."""
    desk = server.desk
    headers = server.holder_of(Scope.READ).headers
    with httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30) as http:
        made = Analytics(server, http)
        made.campaign = a_campaign(desk, "Spring")
        place(desk, "a", to="+491", campaign=made.campaign, cost=0.5)
        place(desk, "b", to="+492", campaign=made.campaign, status=CallStatus.NO_ANSWER, cost=0.1)
        place(desk, "c", to="+492", campaign=made.campaign, attempt=1, cost=0.25)
        place(desk, "d", to="+493", campaign=made.campaign, status=CallStatus.BUSY)
        place(desk, "e", to="+493", campaign=made.campaign, attempt=1, status=CallStatus.FAILED)
        yesterday = NOON - timedelta(days=1)
        desk.hand_in(a_call("f", agent="desk", from_number="+497", duration_s=10.0, started_at=yesterday))
        desk.hand_in(a_call("g", agent="desk", from_number="+497", duration_s=400.0, started_at=NOON))
        desk.hand_in(a_call("h", agent="desk", channel=Channel.WEBCHAT, duration_s=90.0, started_at=NOON))
        desk.hand_in(a_call("test", duration_s=999.0, environment=Environment.SANDBOX, started_at=NOON))
        desk.hand_in(a_call("live", status=CallStatus.IN_PROGRESS, started_at=NOON))
        desk.hand_in(a_call("early", duration_s=30.0, started_at=NOON - timedelta(days=3)))
        yield made


def test_the_summary_says_what_the_query_says(analytics: Analytics) -> None:
    found = analytics.get("summary", **DAYS)
    measures = [
        {"measure": "conversations"},
        {"measure": "rate", "of": "field.status", "value": "completed"},
        {"measure": "average", "of": "field.duration"},
        {"measure": "p50", "of": "field.duration"},
        {"measure": "sum", "of": "field.duration"},
        {"measure": "sum", "of": "field.cost"},
    ]
    [[calls, rate, average, median, seconds, cost]] = analytics.reported(*measures)
    assert found["totalCalls"] == {"current": calls, "previous": 1, "percentChange": 700}
    assert found["pickupRate"]["current"] == pytest.approx(rate * 100) == 62.5
    assert found["avgDurationMs"]["current"] == pytest.approx(average * 1000)
    assert found["medianDurationMs"] == median * 1000 == 60_000
    assert found["totalDurationMs"]["current"] == seconds * 1000 == 620_000
    assert found["totalCost"] == {"current": cost, "previous": 0, "percentChange": 100}
    assert found["uniqueUsersReached"]["current"] == 3
    assert found["period"] == {"from": "2026-03-01", "to": "2026-03-02"}
    assert found["previousPeriod"] == {"from": "2026-02-27", "to": "2026-02-28"}
    assert found["orgId"] == "default"


def test_the_outcomes_of_each_day_add_up(analytics: Analytics) -> None:
    found = analytics.get("call-outcomes-timeseries", **DAYS)
    assert [point["date"] for point in found["dataPoints"]] == ["2026-03-01", DAY]
    assert found["dataPoints"][1] == {
        "date": DAY, "answered": 4, "noAnswer": 2, "failed": 1, "cancelled": 0, "total": 7,
    }  # fmt: skip
    assert found["totals"] == {"answered": 5, "noAnswer": 2, "failed": 1, "cancelled": 0, "total": 8}
    by_status = dict(analytics.reported({"measure": "conversations"}, group_by=["field.status"]))
    assert by_status == {"completed": 5, "no_answer": 1, "busy": 1, "failed": 1, "in_progress": 1}


def test_the_volume_of_each_day_is_that_of_the_query(analytics: Analytics) -> None:
    found = analytics.get("call-volume-timeseries", dateFrom="2026-02-27", dateTo="2026-03-02")
    rows = analytics.reported(
        {"measure": "conversations"}, {"measure": "sum", "of": "field.duration"}, group_by=["day"], since="2026-02-27"
    )
    there = [point for point in found["dataPoints"] if point["totalCalls"]]
    assert [[each["date"], each["totalCalls"], each["totalDurationMs"] / 1000] for each in there] == rows
    assert [point["date"] for point in found["dataPoints"]] == ["2026-02-27", "2026-02-28", "2026-03-01", DAY]
    counts = analytics.get("call-counts-by-day", dateFrom="2026-02-27", dateTo="2026-03-02")
    assert [each["count"] for each in counts["callCountsByDay"]] == [1, 0, 1, 7]


def test_durations_are_those_of_the_query_and_shares_are_of_calls_that_have_one(analytics: Analytics) -> None:
    found = analytics.get("duration-stats", **DAYS)
    of = {"of": "field.duration"}
    [[p90, p95, timed]] = analytics.reported(
        {"measure": "p90", **of}, {"measure": "p95", **of}, {"measure": "count", **of}
    )
    assert [found["p90DurationMs"], found["p95DurationMs"]] == pytest.approx([p90 * 1000, p95 * 1000])
    assert timed == 5
    assert (found["shortCallsPercent"], found["longCallsPercent"]) == (20, 20)
    weeks = analytics.get("weekly-trends", **DAYS)["weeks"]
    assert [week["weekStart"] for week in weeks] == ["2026-02-23", "2026-03-02"]
    assert (weeks[0]["avgDuration"], weeks[0]["shortCallsPercent"]) == (10, 100)
    assert (weeks[1]["totalCalls"], weeks[1]["medianDuration"], weeks[1]["longCallsPercent"]) == (7, 75, 25)


def test_numbers_that_calls_are_placed_from_have_their_rates(analytics: Analytics) -> None:
    [number] = analytics.get("pickup-rate-by-number", **DAYS)["numbers"]
    assert number == {
        "phoneNumber": "+15550100", "totalCalls": 5, "answeredCalls": 2, "pickupRate": 40, "lastActiveDate": DAY,
    }  # fmt: skip
    [trend] = analytics.get("phone-number-trends", callType="inbound", **DAYS)["trends"]
    assert trend["phoneNumber"] == "+497"
    assert [(point["date"], point["totalCalls"]) for point in trend["dataPoints"]] == [("2026-03-01", 1), (DAY, 1)]


def test_every_hour_of_the_day_is_there(analytics: Analytics) -> None:
    hours = analytics.get("hourly-performance", **DAYS)["hours"]
    assert [each["hour"] for each in hours] == list(range(24))
    rows = dict(analytics.reported({"measure": "conversations"}, group_by=["field.hour"]))
    assert {each["hour"]: each["totalCalls"] for each in hours if each["totalCalls"]} == rows
    assert hours[12]["avgDurationMs"] == pytest.approx(500_000 / 3)


def test_agents_stand_beside_each_other_in_the_order_asked_for(analytics: Analytics) -> None:
    found = analytics.get("agent-performance", **DAYS)["agents"]
    assert [agent["agentId"] for agent in found] == [analytics.id_of("clinic"), analytics.id_of("desk")]
    assert (found[0]["pickupRate"], found[0]["totalCost"], found[0]["avgDuration"]) == (40, 0.85, 60)
    [best] = analytics.get("agent-performance", sortBy="pickupRate", limit="1", **DAYS)["agents"]
    assert best["agentId"] == analytics.id_of("desk")
    first = analytics.get("agent-performance", sortOrder="asc", **DAYS)["agents"][0]
    assert first["totalCalls"] == 3
    assert analytics.refusal("agent-performance", sortBy="luck")[0] == 400


def test_each_further_attempt_shows_what_it_brought(analytics: Analytics) -> None:
    found = analytics.get("attempt-cohort", **DAYS)
    first, second = found["cohorts"]
    assert (first["attemptNumber"], first["totalCalls"], first["answeredCalls"]) == (1, 3, 1)
    assert (first["cumulativeAnswered"], first["cumulativeRate"]) == (1, pytest.approx(100 / 3))
    assert (second["totalCalls"], second["cumulativeAnswered"]) == (2, 2)
    assert second["marginalGain"] == pytest.approx(100 / 3)
    assert (found["totalUniqueNumbers"], found["maxAttemptsSeen"], found["avgAttemptsToPickup"]) == (3, 2, 1.5)


def test_filters_name_agents_campaigns_and_directions(analytics: Analytics) -> None:
    def total(**filters: str) -> int:
        found: int = analytics.get("summary", **DAYS, **filters)["totalCalls"]["current"]
        return found

    desk, clinic = analytics.id_of("desk"), analytics.id_of("clinic")
    assert (total(), total(agentId=desk), total(agentId=f"{desk},{clinic}")) == (8, 3, 8)
    assert (total(campaignId=analytics.campaign), total(campaignId="0" * 24)) == (5, 0)
    assert (total(callType="inbound"), total(callType="telephony_inbound"), total(callType="outbound")) == (2, 2, 5)


def test_days_are_counted_to_their_ends_and_moments_included(analytics: Analytics) -> None:
    def total(begin: str, end: str) -> int:
        found: int = analytics.get("summary", dateFrom=begin, dateTo=end)["totalCalls"]["current"]
        return found

    assert total(DAY, DAY) == 7
    assert total("2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z") == 1
    assert total("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z") == 1
    assert total("2026-03-01T13:00:00+01:00", "2026-03-01T12:30:00Z") == 1
    assert total("2026-03-01T12:00:01Z", "2026-03-02T10:59:59Z") == 0


def test_without_days_the_last_seven_count(analytics: Analytics) -> None:
    found = analytics.get("summary")
    assert found["period"] == {"from": "2026-02-24", "to": DAY}
    assert found["totalCalls"]["current"] == 9
    assert analytics.get("summary", dateTo="2026-03-01")["period"] == {"from": "2026-02-23", "to": "2026-03-01"}


def test_the_dashboard_holds_what_its_six_routes_answer(analytics: Analytics) -> None:
    found = analytics.get("dashboard", **DAYS)
    names = {
        "summary": "summary",
        "callVolumeTimeseries": "call-volume-timeseries",
        "callOutcomesTimeseries": "call-outcomes-timeseries",
        "pickupRateByNumber": "pickup-rate-by-number",
        "hourlyPerformance": "hourly-performance",
        "durationStats": "duration-stats",
    }
    assert found == {key: analytics.get(name, **DAYS) for key, name in names.items()}


def test_usage_is_what_calls_cost(analytics: Analytics) -> None:
    found = analytics.get("usage/timeseries", **DAYS)
    assert found["dayWiseCredits"] == [{"date": "2026-03-01", "credits": 0}, {"date": DAY, "credits": 0.85}]
    assert (found["totalCredits"], found["dateRange"]) == (0.85, {"from": "2026-03-01", "to": DAY})


def test_the_day_tells_what_became_of_its_calls_and_what_goes_on_now(analytics: Analytics) -> None:
    place(analytics.server.desk, "queued", status=CallStatus.PENDING)
    found = analytics.get("daily-call-summary", date=DAY)
    parts = [found[name] for name in ("totalCalls", "answeredCalls", "unansweredCalls", "failedCalls")]
    assert parts == [7, 4, 2, 1]
    assert (found["inProgressCalls"], found["inQueueCalls"]) == (1, 1)
    assert analytics.get("daily-call-summary", date="2026-03-01")["inProgressCalls"] == 1
    of_desk = analytics.get("daily-call-summary", date=DAY, agentId=analytics.id_of("desk"))
    assert (of_desk["totalCalls"], of_desk["inProgressCalls"]) == (2, 0)


def test_starts_are_counted_minute_by_minute(analytics: Analytics) -> None:
    found = analytics.get("call-start-distribution", date=DAY)
    assert found["dataPoints"] == [{"minute": "11:00", "callCount": 5}, {"minute": "12:00", "callCount": 2}]
    assert found["totalCalls"] == 7


def test_concurrency_is_how_many_talked_at_once(any_analytics: Analytics) -> None:
    any_analytics.server.desk.clock.advance(90)
    found = any_analytics.get("concurrency", date=DAY, includeAgents="true")
    points = {each["minute"]: each["concurrentCalls"] for each in found["dataPoints"]}
    assert points == {"11:00": 2, "12:00": 3, "12:01": 3} | {f"12:{minute:02d}": 1 for minute in range(2, 7)}
    assert (found["peakConcurrent"], found["totalMinutes"], found["avgConcurrent"]) == (3, 8, 1.625)
    peaks = {each["agentId"]: (each["peakConcurrent"], each["totalCalls"]) for each in found["byAgent"]}
    assert peaks == {any_analytics.id_of("clinic"): (2, 3), any_analytics.id_of("desk"): (2, 2)}
    assert "byAgent" not in any_analytics.get("concurrency", date=DAY)
    assert any_analytics.get("concurrency", date=DAY, agentId=any_analytics.id_of("desk"))["peakConcurrent"] == 2
    assert any_analytics.get("concurrency", date="2026-03-05")["peakConcurrent"] == 0


def test_the_log_holds_exactly_the_calls_that_are_counted(any_analytics: Analytics) -> None:
    first = any_analytics.get("call-counts-log", limit="5", **DAYS)
    second = any_analytics.get("call-counts-log", limit="5", page="2", **DAYS)
    assert (first["totalCalls"], first["totalPages"], first["currentPage"], first["limit"]) == (8, 2, 1, 5)
    rows = {row["callId"]: row for row in (*first["calls"], *second["calls"])}
    assert set(rows) == set("abcdefgh") and len(second["calls"]) == 3
    assert rows["c"].items() >= {
        "campaignId": any_analytics.campaign, "campaignName": "Spring", "callType": "telephony_outbound",
        "callDurationMs": 60_000, "costSpent": 0.25, "callStatus": "completed", "toNumber": "+492",
        "agentId": any_analytics.id_of("clinic"), "orgId": "default", "timestamp": "2026-03-02T11:00:00.000Z",
    }.items()  # fmt: skip
    assert "costSpent" not in rows["h"] and rows["h"]["fromNumber"] == "" and rows["h"]["callType"] == "chat"
    assert any_analytics.get("call-counts-log", page="9", **DAYS)["calls"] == []


def test_a_call_shows_what_was_said_as_text(any_analytics: Analytics) -> None:
    found = any_analytics.get("conversation-details/g")
    assert [turn["text"] for turn in found["transcript"]] == [
        "Good morning, how can I help?", "I would like to book a check-up for Tuesday.",
    ]  # fmt: skip
    assert (found["agentName"], found["fromNumber"], found["callDurationMs"]) == ("desk", "+497", 400_000)
    assert found["workflowType"] == "single_prompt"
    assert [found["events"][0]["eventType"], found["events"][-1]["eventType"]] == ["call_start", "call_end"]
    assert any_analytics.refusal("conversation-details/nobody") == (404, ["No conversation found"])


def test_an_account_without_calls_has_numbers_all_the_same(server: LiveServer) -> None:
    stranger = server.holder_of(Scope.READ, account="other").headers
    server.desk.hand_in(a_call("theirs"))
    with httpx.Client(base_url=server.address + "/api/v1", headers=stranger, timeout=30) as http:
        for name in OF_DAYS:
            reply = http.get(f"/analytics/{name}", params=DAYS)
            fits("get", f"/analytics/{name}", reply)
            assert "theirs" not in reply.text and "NaN" not in reply.text


def test_what_cannot_be_read_is_refused_with_its_name(server: LiveServer) -> None:
    awkward = [
        ({"dateFrom": "yesterday"}, "dateFrom"),
        ({"dateTo": "2026-02-30"}, "dateTo"),
        ({"dateTo": "9999-12-31"}, "dateTo"),
        ({"dateTo": "0001-01-01"}, "dateTo"),
        ({"dateFrom": "2026-03-02", "dateTo": "2026-03-01"}, "dateFrom"),
        ({"agentId": "clinic"}, "Invalid agent id"),
        ({"agentId": "f" * 24}, "No agent found"),
        ({"campaignId": "spring"}, "Invalid campaign id"),
        ({"callType": "smoke"}, "callType"),
    ]
    for name in OF_DAYS:
        for parameters, said in awkward:
            reply = server.http.get(f"{server.address}/atoms/v1/analytics/{name}", params=parameters)
            assert (reply.status_code, reply.json()["status"]) == (400, False), (name, parameters)
            assert said in reply.json()["errors"][0]


def test_a_day_must_be_one(server: LiveServer) -> None:
    for name in OF_ONE_DAY:
        for text in ("", "2026-13-01", "today", "9999-12-31"):
            reply = server.http.get(f"{server.address}/atoms/v1/analytics/{name}", params={"date": text})
            assert (reply.status_code, reply.json()["errors"][0][:5]) == (400, "date:"), (name, text)


def test_numbers_are_for_those_who_may_read(server: LiveServer) -> None:
    address = f"{server.address}/atoms/v1/analytics/summary"
    assert server.client(None).get(address).status_code == 401
    assert server.holder_of(Scope.WRITE).get(address).status_code == 403
