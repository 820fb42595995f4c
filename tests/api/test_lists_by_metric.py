"""GET /calls with metric.NAME: the index finds what the record would, at once and whatever the calls are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.builders import NOON, StepClock, a_body, a_call, a_question, an_answer
from tests.live_server import LiveServer, run_server

from postcall.domain.calls import CallStatus, Environment, MetricValue
from postcall.domain.metrics import MetricType
from postcall.domain.views import CallFilter
from postcall.storage.call_views import list_calls
from postcall.storage.metric_definitions import NewMetric, define_metric

VALUES: tuple[MetricValue, ...] = (
    *(True, False, 5, "5", 5.0, 2.5, -3, "", "a=b&c", 'quote " and \\', "ñ 🙂", 12345678901234567),
    *(2**53 - 1, 2**53 + 1, 2**63 - 1, 1e300, "true", "TRUE", "yes", "0", "00", " 5", "null"),
)
ASKED = ("true", "false", "yes", "no", "2.5", "-3", "", "a=b&c", 'quote " and \\', "ñ 🙂", "12345678901234567",
         str(2**53 - 1), str(2**53), str(2**53 + 1), str(2**63 - 1), "1e300", "00", "null", "9" * 30, "nan", "1_000",
         "1e999", "-")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A server whose calls carry each of the values, alone and among others."""

    server: LiveServer

    def ids(self, **params: str) -> list[str]:
        """What the interface finds."""
        reply = self.server.http.get("/calls", params={"limit": "500", **params})
        assert reply.status_code == 200, reply.text
        return [call["id"] for call in reply.json()["calls"]]

    def recorded(self, *metrics: tuple[str, str]) -> list[str]:
        """What the record finds."""
        desk = self.server.desk
        wanted = CallFilter(metrics=metrics)
        page = desk.record.read(lambda c: list_calls(c, desk.pk, wanted, after=None, limit=500))
        return [row.call.id for row in page.rows]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """One for all the questions, each of which changes nothing."""
    folder = tmp_path_factory.mktemp("lists")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        desk = server.desk
        for number, value in enumerate(VALUES):
            at = NOON - timedelta(minutes=number)
            desk.hand_in(a_call(f"one-{number}", metrics={"X": value}, started_at=at))
            desk.hand_in(a_call(f"two-{number}", metrics={"X": [value, "other"], "Y": number % 2}, started_at=at))
            desk.hand_in(a_call(f"bank-{number}", metrics={"X": value}, started_at=at, agent="bank"))
        yield Filled(server)


@pytest.mark.parametrize("text", ASKED, ids=range(len(ASKED)))
def test_a_value_is_found_by_its_text_as_the_record_would(filled: Filled, text: str) -> None:
    assert filled.ids(**{"metric.X": text}) == filled.recorded(("X", text))


@pytest.mark.parametrize(("text", "also"), [("5", " 5"), ("5.0", " 5"), ("0", "00")])
def test_a_number_is_found_however_it_was_written(filled: Filled, text: str, also: str) -> None:
    number = VALUES.index(also)
    there = set(filled.ids(**{"metric.X": text}))
    assert there >= {*filled.recorded(("X", text)), f"one-{number}", f"two-{number}", f"bank-{number}"}
    assert there <= {*filled.recorded(("X", text)), *filled.recorded(("X", "5")), *filled.recorded(("X", also))}


def test_two_metrics_must_both_match_over_every_page(filled: Filled) -> None:
    found: list[str] = []
    cursor: dict[str, str] = {}
    params = {"metric.X": "other", "metric.Y": "1", "limit": "4"}
    while True:
        page = filled.server.http.get("/calls", params={**params, **cursor}).json()
        found += [call["id"] for call in page["calls"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == filled.recorded(("X", "other"), ("Y", "1"))
    assert len(found) == len(VALUES) // 2


def test_a_name_that_no_call_carries_finds_nothing(filled: Filled) -> None:
    assert filled.ids(**{"metric.NOWHERE": "1"}) == []
    assert filled.ids(**{"metric.X": "5", "metric.NOWHERE": "1"}) == []
    assert filled.ids(**{"metric.Y": "1", "agent": "bank"}) == []


def test_an_agent_that_is_not_there_is_a_404_also_with_a_metric(filled: Filled) -> None:
    assert filled.server.http.get("/calls", params={"metric.X": "5", "agent": "nobody"}).status_code == 404


def test_calls_of_every_environment_and_status_are_found(server: LiveServer) -> None:
    for environment in Environment:
        server.desk.hand_in(a_call(environment.value, metrics={"X": 1}, environment=environment))
    for status in CallStatus:
        if status not in (CallStatus.PENDING, CallStatus.IN_PROGRESS):
            server.desk.hand_in(a_call(status.value, metrics={"X": 1}, status=status))
    server.post(a_body("going-on") | {"status": "in_progress", "metrics": {"X": 1}})
    every = {call["id"] for call in server.http.get("/calls").json()["calls"]}
    found = server.http.get("/calls", params={"metric.X": "1"}).json()["calls"]
    assert {call["id"] for call in found} == every
    assert "going-on" in every
    failed = server.http.get("/calls", params={"metric.X": "1", "status": "failed"}).json()["calls"]
    assert [call["id"] for call in failed] == ["failed"]


def test_a_call_is_found_right_after_it_was_accepted_and_by_its_new_words_after_a_change(server: LiveServer) -> None:
    for number in range(5):
        server.post(a_body("call-1") | {"metrics": {"X": number}}, "/calls?replace=true")
        found = server.http.get("/calls", params={"metric.X": str(number)}).json()["calls"]
        assert [call["id"] for call in found] == ["call-1"]
        assert server.http.get("/calls", params={"metric.X": str(number - 1)}).json()["calls"] == []


def test_a_list_found_by_a_metric_shows_what_every_list_shows(server: LiveServer) -> None:
    server.desk.ask(a_question())
    server.post(a_body())
    server.desk.extract(an_answer())
    plain, found = (server.http.get("/calls", params=asked).json() for asked in ({}, {"metric.booked": "true"}))
    assert found == plain
    assert server.http.get("/calls", params={"metric.booked": "true", "extraction": "finished"}).json() == plain


def test_a_write_is_found_by_the_value_that_its_call_shows(server: LiveServer) -> None:
    desk = server.desk
    desk.hand_in(a_call("call-1", metrics={"BOOKED": "yes"}))
    agent = desk.read("call-1").call.agent_slug
    booked = NewMetric("BOOKED", MetricType.BOOLEAN)
    desk.record.write(lambda c: define_metric(c, desk.pk, agent, booked, now=desk.clock()))
    assert server.call()["metrics"]["BOOKED"]["value"] is True
    for text, ids in (("true", ["call-1"]), ("yes", ["call-1"]), ("false", [])):
        found = server.http.get("/calls", params={"metric.BOOKED": text}).json()["calls"]
        assert [call["id"] for call in found] == ids, text
