"""The list of an agent's metrics, the page of one, and the forms that change them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from httpx2 import Response
from tests.builders import AGENT, NOON, Desk, a_call, a_question, an_answer
from tests.web.sites import Site

from postcall.domain.metrics import MetricDefinition, MetricType
from postcall.storage.metric_definitions import NewMetric, define_metric, find_metric

HEADERS = {"accept": "text/html", "sec-fetch-site": "same-origin"}


def define(desk: Desk, name: str, kind: str = "boolean", *values: str, definition: str = "") -> None:
    metric = NewMetric(name, MetricType(kind), values, definition)
    desk.record.write(lambda c: define_metric(c, desk.pk, AGENT, metric, now=desk.clock()))


def stored(desk: Desk, name: str) -> MetricDefinition:
    return desk.record.read(lambda c: find_metric(c, desk.pk, AGENT, name))


def post(site: Site, path: str, query: dict[str, str], **fields: str) -> Response:
    return site.client().post(f"{path}?{urlencode(query)}", data=fields, headers=HEADERS)


def listed(site: Site) -> dict[str, Any]:
    metrics = site.client().get(f"/metrics.json?agent={AGENT}").json()["metrics"]
    return {metric["name"]: metric for metric in metrics}


@pytest.fixture
def busy(site: Site) -> Site:
    """A clinic whose code writes OUTCOME (undeclared) and BOOKED, and that asks whether something was booked."""
    desk = site.desk
    desk.ask(a_question())
    define(desk, "BOOKED", definition="True once the calendar has confirmed it.")
    for index in range(10):
        outcome = "left" if index < 4 else "booked"
        started = NOON - timedelta(hours=1 + 24 * (index % 3))
        desk.hand_in(a_call(f"call-{index}", started_at=started, metrics={"BOOKED": index >= 4, "OUTCOME": outcome}))
        desk.extract(an_answer(value=index % 2 == 0, status="ok" if index < 8 else "unknown"))
    return site


def test_every_name_stands_in_one_table_with_its_source_and_coverage(busy: Site) -> None:
    metrics = listed(busy)
    assert {name: metric["sources"] for name, metric in metrics.items()} == {
        "OUTCOME": ["real-time"],
        "BOOKED": ["real-time"],
        "booked": ["question"],
        "CALL_COMPLETED": ["built-in"],
        "CONTAINED": ["built-in"],
    }
    assert metrics["booked"]["coverage"] == {
        "calls": 10, "have": 8, "unknown": 2, "invalid": 0, "error": 0, "not_asked": 0,
    }  # fmt: skip
    assert (metrics["OUTCOME"]["state"], metrics["OUTCOME"]["last_seen"]) == ("undeclared", "2026-03-02")
    page = busy.get(f"/metrics?agent={AGENT}")
    assert "80 %" in page
    assert "8 of 10 calls, 2 unknown" in page
    assert f'href="/agents/{AGENT}/questions"' in page
    assert f'href="/metric-form?agent={AGENT}&amp;name=OUTCOME"' in page


def test_the_same_table_is_there_for_a_spreadsheet(busy: Site) -> None:
    reply = busy.client().get(f"/metrics.csv?agent={AGENT}")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(reply.text))}
    assert (rows["BOOKED"]["type"], rows["BOOKED"]["have"], rows["BOOKED"]["state"]) == ("boolean", "10", "defined")


def test_without_an_agent_the_page_says_what_to_do(site: Site) -> None:
    assert "postcall agents create" in site.get("/metrics")
    assert site.client().get("/metrics.json").json()["metrics"] == []


def test_an_unknown_agent_is_not_found(busy: Site) -> None:
    assert busy.client().get("/metrics?agent=nobody", headers=HEADERS).status_code == 404


def test_an_undeclared_name_is_defined_from_what_calls_carry(busy: Site) -> None:
    page = busy.get(f"/metric-form?agent={AGENT}&name=OUTCOME")
    assert "<option selected>string</option>" in page
    assert ">booked\nleft</textarea>" in page
    fields = {"name": "OUTCOME", "type": "string", "definition": "How it ended.", "expected_values": "booked\r\nleft"}
    reply = post(busy, "/metric-form", {"agent": AGENT}, **fields, active="yes")
    assert (reply.status_code, reply.headers["location"]) == (303, f"/metrics?agent={AGENT}&did=defined")
    metric = stored(busy.desk, "OUTCOME")
    assert (metric.expected_values, metric.active, metric.in_api) == (("booked", "left"), True, False)
    assert listed(busy)["OUTCOME"]["state"] == "defined"


def test_a_write_that_does_not_fit_a_definition_is_no_longer_counted(busy: Site) -> None:
    define(busy.desk, "OUTCOME", "string", "booked")
    coverage = listed(busy)["OUTCOME"]["coverage"]
    assert (coverage["have"], coverage["invalid"]) == (6, 4)


def test_values_that_do_not_fit_are_seen_and_found_with_their_calls(busy: Site) -> None:
    define(busy.desk, "OUTCOME", "string", "never written")
    metric = listed(busy)["OUTCOME"]
    assert (metric["coverage"]["invalid"], metric["last_seen"]) == (10, "2026-03-02")
    page = busy.get(f"/metrics/OUTCOME?agent={AGENT}")
    assert "Newest calls whose value does not fit" in page and "left" in page
    found = busy.client().get(f"/metrics/OUTCOME.json?agent={AGENT}&table=misfits").json()["misfits"]
    assert sorted(each["call"] for each in found) == [f"call-{index}" for index in range(10)]
    assert {write for each in found for write in each["writes"]} == {"left", "booked"}
    assert "does not fit" not in busy.get(f"/metrics/BOOKED?agent={AGENT}")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "BOOKED", "type": "boolean"}, "there is already a metric"),
        ({"name": "", "type": "boolean"}, "name: must be"),
        ({"name": "N", "type": "number"}, "is none of"),
        ({"name": "N", "type": "string", "expected_values": "a\nA"}, "stands twice"),
    ],
)
def test_a_wrong_form_comes_back_with_what_was_written(busy: Site, fields: dict[str, str], says: str) -> None:
    reply = post(busy, "/metric-form", {"agent": AGENT}, definition="My own words.", **fields)
    assert reply.status_code in {400, 409}
    assert says in reply.text
    assert "My own words." in reply.text
    assert 'aria-invalid="true"' in reply.text


def test_the_name_and_type_of_a_metric_in_use_cannot_be_edited(busy: Site) -> None:
    page = busy.get(f"/metric-form?agent={AGENT}&name=BOOKED")
    assert "Calls carry this name, so it stays." in page
    changed = {"name": "BOOKED", "type": "string", "definition": "x"}
    assert post(busy, "/metric-form", {"agent": AGENT, "name": "BOOKED"}, **changed).status_code == 409
    fine = {**changed, "type": "boolean", "definition": "True when booked."}
    assert post(busy, "/metric-form", {"agent": AGENT, "name": "BOOKED"}, **fine, active="yes").status_code == 303
    assert stored(busy.desk, "BOOKED").definition == "True when booked."


def test_a_metric_is_retired_and_used_again_with_a_press(busy: Site) -> None:
    query = {"agent": AGENT, "name": "BOOKED"}
    assert post(busy, "/metric-change", query, action="retire").status_code == 303
    assert not stored(busy.desk, "BOOKED").active
    assert "Use again" in busy.get(f"/metrics?agent={AGENT}")
    post(busy, "/metric-change", query, action="activate")
    assert stored(busy.desk, "BOOKED").active


def test_what_the_linter_advises_is_done_with_a_press(site: Site) -> None:
    desk = site.desk
    desk.ask(a_question())
    good = "True once the calendar has confirmed it."
    define(desk, "BOOKING_CONFIRMED", definition=good)
    define(desk, "csatOffered", definition=good)
    page = site.get(f"/metrics?agent={AGENT}")
    assert "Rename to CSAT_OFFERED" in page
    query = {"agent": AGENT, "name": "csatOffered", "rule": "casing"}
    assert post(site, "/metric-change", query, action="fix").status_code == 303
    assert stored(desk, "CSAT_OFFERED").definition == good
    assert post(site, "/metric-change", query, action="fix").status_code == 404
    assert "Nothing: names, definitions and values are in order." in site.get(f"/metrics?agent={AGENT}")


def test_a_metric_in_use_is_not_renamed_but_copied_under_the_better_name(site: Site) -> None:
    desk = site.desk
    desk.ask(a_question())
    define(desk, "BOOKING_CONFIRMED", definition="True once the calendar has confirmed it.")
    define(desk, "csatScore", "integer", definition="From 1 to 5, as the caller says it at the end.")
    desk.hand_in(a_call(metrics={"csatScore": 5}))
    assert "Rename to" not in site.get(f"/metrics?agent={AGENT}")
    page = site.get(f"/metric-form?agent={AGENT}&name=CSAT_SCORE&like=csatScore")
    assert 'value="CSAT_SCORE"' in page
    assert "<option selected>integer</option>" in page
    assert "From 1 to 5" in page


def test_a_draft_of_a_definition_is_offered_and_not_stored_by_itself(site: Site) -> None:
    site.desk.ask(a_question())
    define(site.desk, "BOOKED")
    assert "True when …" in site.get(f"/metric-form?agent={AGENT}&name=BOOKED&fix=definition")
    assert (
        post(site, "/metric-change", {"agent": AGENT, "name": "BOOKED", "rule": "definition"}, action="fix").status_code
        == 404
    )
    assert stored(site.desk, "BOOKED").definition == ""


def test_yaml_is_first_told_and_then_imported(busy: Site) -> None:
    text = "OUTCOME: {type: string}\nBOOKED: {type: integer}\nBAD: {type: number}\n"
    told = post(busy, "/metrics-import", {}, agent=AGENT, yaml=text, action="tell")
    assert "Define 1" in told.text
    assert "Line 3" in told.text
    assert listed(busy)["OUTCOME"]["state"] == "undeclared"
    post(busy, "/metrics-import", {}, agent=AGENT, yaml=text, action="import")
    assert stored(busy.desk, "OUTCOME").type == "string"
    assert stored(busy.desk, "BOOKED").type == "boolean"
    exported = busy.client().get(f"/metrics.yaml?agent={AGENT}")
    assert "OUTCOME:\n  type: string" in exported.text
    wrong = post(busy, "/metrics-import", {}, agent=AGENT, yaml="A: {type: int}\nA: {type: int}", action="tell")
    assert (wrong.status_code, "line 2" in wrong.text) == (400, True)


def test_the_page_of_a_boolean_shows_its_share_with_what_it_rests_on(busy: Site) -> None:
    found = busy.client().get(f"/metrics/BOOKED.json?agent={AGENT}").json()
    assert [(each["value"], each["calls"], each["of"]) for each in found["distribution"]] == [
        (True, 6, 10),
        (False, 4, 10),
    ]
    low, high = found["distribution"][0]["interval"]
    assert low < 0.6 < high
    assert found["headline-0"]["rows"][0]["values"][0]["value"] == pytest.approx(0.6)
    assert found["coverage"]["have"] == 10
    assert len(found["evidence"]) == 10
    page = busy.get(f"/metrics/BOOKED?agent={AGENT}")
    assert "60.0 % (6 of 10)" in page
    assert "True once the calendar has confirmed it." in page
    assert "Fewer than 30 values" in page


def test_the_page_of_a_question_quotes_the_calls_it_was_answered_from(busy: Site) -> None:
    page = busy.get(f"/metrics/booked?agent={AGENT}")
    assert '<q dir="auto">book a check-up</q>' in page
    assert 'href="/calls/call-0#turn-1"' in page
    assert "Have it" in page
    assert "Unknown" in page


def test_the_page_of_a_text_draws_each_value_and_that_of_a_number_its_average(busy: Site) -> None:
    found = busy.client().get(f"/metrics/OUTCOME.json?agent={AGENT}").json()
    assert found["trend"]["group_by"] == ["day", "metric.OUTCOME"]
    assert [(each["value"], each["calls"]) for each in found["distribution"]] == [("booked", 6), ("left", 4)]
    busy.desk.hand_in(a_call("call-x", metrics={"SCORE": [3, 4]}))
    found = busy.client().get(f"/metrics/SCORE.json?agent={AGENT}").json()
    assert found["headline-0"]["rows"][0]["values"][0]["value"] == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("table", "first"),
    [("", "value"), ("trend", "day"), ("versions", "field.version"), ("evidence", "call")],
)
def test_each_table_of_a_metric_is_there_for_a_spreadsheet(busy: Site, table: str, first: str) -> None:
    more = f"&table={table}" if table else ""
    reply = busy.client().get(f"/metrics/BOOKED.csv?agent={AGENT}{more}")
    assert reply.status_code == 200
    rows = list(csv.reader(io.StringIO(reply.text)))
    assert rows[0][0] == first
    assert len(rows) > 1


def test_a_table_that_is_not_there_is_refused(busy: Site) -> None:
    assert busy.client().get(f"/metrics/BOOKED.csv?agent={AGENT}&table=x").status_code == 400


def test_a_metric_can_be_seen_over_all_agents(busy: Site) -> None:
    busy.desk.hand_in(a_call("other", agent="shop", metrics={"BOOKED": True}))
    found = busy.client().get("/metrics/BOOKED.json").json()
    assert (found["agent"], found["coverage"]["calls"]) == (None, 11)


def test_an_unknown_metric_is_not_found(busy: Site) -> None:
    reply = busy.client().get(f"/metrics/NOTHING?agent={AGENT}", headers=HEADERS)
    assert reply.status_code == 404


@pytest.mark.parametrize("name", ["a/b", "x.json", "y.html", "..", "50 % off?#", "two\nlines", "<script>", "🙂"])
def test_a_metric_of_any_name_has_a_page_that_the_list_links_to(busy: Site, name: str) -> None:
    define(busy.desk, name, "string")
    busy.desk.hand_in(a_call("odd", metrics={name: "v"}))
    page = busy.get(f"/metrics?agent={AGENT}")
    misread = name.endswith((".json", ".html")) or name == ".."
    path = f"/metrics/{quote(name, safe='')}{'.html' if misread else ''}"
    assert f'href="{path}?agent={AGENT}"' in page
    assert "<script>" not in busy.get(f"{path}?agent={AGENT}").replace("<script type", "")
    found = busy.client().get(f"/metrics/{quote(name, safe='')}.json?agent={AGENT}").json()
    assert (found["name"], found["distribution"][0]["value"]) == (name, "v")
    assert post(busy, "/metric-change", {"agent": AGENT, "name": name}, action="retire").status_code == 303
    assert not stored(busy.desk, name).active
