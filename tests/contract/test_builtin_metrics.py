"""Metrics that postcall knows by itself: the same in the record, in its filters, on pages and in reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.aside import run_aside
from tests.builders import Desk, a_call, a_question, an_answer, silent

from postcall.api.metric_format import undeclared_names
from postcall.domain.builtin_metrics import ALIASES, BUILT_IN, KNOWN, PLATFORM, CallFacts, built_in_values
from postcall.domain.calls import CallStatus, DisconnectionReason, Handoff, MetricValue, StoredMetric
from postcall.domain.metrics import MetricType
from postcall.domain.queries import All, Condition, Measure, MeasureKind, Operator, Query
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.call_views import read_rows
from postcall.storage.calls import find_call_row
from postcall.storage.metric_definitions import NewMetric, define_metric
from postcall.web.list_columns import metric_value

CALLS: dict[str, dict[str, Any]] = {
    "plain": {"duration_s": 62.5},
    "unknown length": {},
    "handed off": {
        "duration_s": 90.0,
        "handoff": Handoff("billing", "a refund"),
        "disconnection_reason": DisconnectionReason.HANDOFF,
    },
    "without a reason": {"duration_s": 5.0, "handoff": Handoff("billing")},
    "nobody said where to": {"duration_s": 7.0, "disconnection_reason": DisconnectionReason.HANDOFF},
    "no answer": {"status": CallStatus.NO_ANSWER, "duration_s": 0.0},
    "live": {"status": CallStatus.IN_PROGRESS},
    "pending": {"status": CallStatus.PENDING},
}
SHOWN = sorted(set(BUILT_IN) - ALIASES)


def take_in(desk: Desk) -> None:
    for name, details in CALLS.items():
        call = a_call(name.replace(" ", "-"), **details)
        desk.hand_in(call if call.details.status is CallStatus.COMPLETED else silent(call))


def own(desk: Desk, call_id: str) -> dict[str, MetricValue]:
    return {metric.name: metric.value for metric in desk.read(call_id).metrics}


def metric(desk: Desk, call_id: str, name: str) -> StoredMetric | None:
    return next((each for each in desk.read(call_id).metrics if each.name == name), None)


def test_every_call_shows_what_is_known_of_it(desk: Desk) -> None:
    take_in(desk)
    assert own(desk, "plain") == {"CALL_COMPLETED": True, "CALL_DURATION": 62.5, "CONTAINED": True}
    assert own(desk, "unknown-length") == {"CALL_COMPLETED": True, "CONTAINED": True}
    assert own(desk, "handed-off") == {
        "CALL_COMPLETED": True,
        "CALL_DURATION": 90.0,
        "CONTAINED": False,
        "HANDOFF_TO": "billing",
        "HANDOFF_REASON": "a refund",
    }
    assert own(desk, "nobody-said-where-to") == {"CALL_COMPLETED": True, "CALL_DURATION": 7.0, "CONTAINED": False}
    assert own(desk, "no-answer") == {"CALL_DURATION": 0.0}
    assert own(desk, "live") == {"CALL_IN_PROGRESS": True}
    assert own(desk, "pending") == {}


def test_it_says_where_it_comes_from_and_since_when(desk: Desk) -> None:
    take_in(desk)
    found = metric(desk, "plain", "CALL_DURATION")
    assert found is not None
    assert (found.source, found.values, found.flagged, found.misfits) == ("built-in", (62.5,), False, 0)
    assert (found.at - desk.read("plain").call.started_at).total_seconds() == 62.5
    live = metric(desk, "live", "CALL_IN_PROGRESS")
    assert live is not None and live.at == desk.read("live").call.started_at


def test_what_code_wrote_replaces_it_for_that_call_also_where_it_does_not_fit(desk: Desk) -> None:
    desk.hand_in(a_call("call-1", duration_s=60.0, metrics={"CALL_DURATION": [1, 2], "HANDOFF_TO": "nobody"}))
    desk.hand_in(a_call("call-2", duration_s=60.0))
    definition = NewMetric("CALL_COMPLETED", MetricType.BOOLEAN)
    desk.record.write(lambda c: define_metric(c, desk.pk, "clinic", definition, now=desk.clock()))
    desk.hand_in(a_call("call-3", metrics={"CALL_COMPLETED": "perhaps"}))
    assert own(desk, "call-1")["CALL_DURATION"] == 2 and own(desk, "call-1")["HANDOFF_TO"] == "nobody"
    assert own(desk, "call-2")["CALL_DURATION"] == 60.0
    misfit = metric(desk, "call-3", "CALL_COMPLETED")
    assert misfit is not None and (misfit.flagged, misfit.source) == (True, "intake")


def test_an_answer_of_that_name_replaces_it_and_an_unknown_one_does_not(desk: Desk) -> None:
    desk.ask(a_question("CONTAINED"), a_question("CALL_COMPLETED"))
    desk.hand_in(a_call())
    desk.extract(an_answer("CONTAINED", value=False), an_answer("CALL_COMPLETED", status="unknown"))
    assert own(desk, "call-1") == {"CALL_COMPLETED": True}


def reports_of(desk: Desk, folder: Path) -> Reports:
    return Reports(desk.record, Index(desk.record, folder / "reports" / "index.duckdb", clock=desk.clock))


@pytest.mark.parametrize("with_writes", [False, True])
def test_reports_lists_and_filters_say_what_the_call_says(desk: Desk, tmp_path: Path, with_writes: bool) -> None:
    take_in(desk)
    if with_writes:
        writes: dict[str, Any] = {"CALL_DURATION": 3, "CONTAINED": "perhaps", "HANDOFF_TO": ["x", "billing"]}
        desk.hand_in(a_call("written", duration_s=60.0, metrics=writes))
        definition = NewMetric("CONTAINED", MetricType.BOOLEAN)
        desk.record.write(lambda c: define_metric(c, desk.pk, "clinic", definition, now=desk.clock()))
    reports = reports_of(desk, tmp_path)
    try:
        for call_id in desk.ids():
            pk = desk.record.read(lambda c: find_call_row(c, desk.pk, call_id).pk)  # noqa: B023 - read at once
            [row] = desk.record.read(lambda c: read_rows(c, desk.pk, [pk]))  # noqa: B023
            for name in BUILT_IN:
                value = metric_value(row, name)
                stored = metric(desk, call_id, name)
                if name not in ALIASES:
                    assert value == (stored.value if stored and not stored.flagged else None), (call_id, name)
                assert _in_report(reports, desk, call_id, name) == ([] if value is None else [_text(value)])
    finally:
        reports.close()


def _in_report(reports: Reports, desk: Desk, call_id: str, name: str) -> list[str]:
    """The value of a call in reports, as a group; of several writes the last."""
    query = Query(
        measures=(Measure(MeasureKind.CONVERSATIONS, name="n"),),
        group_by=(f"metric.{name}",),
        filters=All((Condition("field.id", Operator.EQ, call_id), Condition("field.status", Operator.EXISTS))),
    )
    groups = [row.group[0] for row in reports.run_now(desk.pk, query).rows]
    known = [_text(group) for group in groups if group is not None]
    return ["billing"] if sorted(known) == ["billing", "x"] else known


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_filter_in_the_record_finds_the_calls_that_show_the_value(desk: Desk, name: str) -> None:
    take_in(desk)
    desk.hand_in(a_call("written", duration_s=60.0, metrics={name: "of its own"}))
    shown = "CALL_DURATION" if name in ALIASES else name
    for wanted in ("true", "false", "62.5", "90", "0", "billing", "a refund", "of its own", "9" * 400, "1e999", ""):
        expected = {call_id for call_id in desk.ids() if _text(own(desk, call_id).get(shown)) == wanted}
        if name in ALIASES:
            expected = {"written"} if wanted == "of its own" else expected - ({"written"} if wanted == "60" else set())
        assert set(desk.ids(metric=(name, wanted))) == expected, wanted


def test_calls_in_progress_count_where_they_are_asked_for(desk: Desk, tmp_path: Path) -> None:
    take_in(desk)
    reports = reports_of(desk, tmp_path)
    try:

        def numbers(*measures: Measure, **more: Any) -> list[float | None]:
            found = reports.run_now(desk.pk, Query(measures=measures, **more)).rows
            return [number.value for row in found for number in row.numbers]

        live = Measure(MeasureKind.CONVERSATIONS, "metric.CALL_IN_PROGRESS", name="live")
        every = Measure(MeasureKind.CONVERSATIONS, name="calls")
        assert numbers(live) == [1]
        assert numbers(every, filters=All((Condition("metric.CALL_IN_PROGRESS", Operator.EQ, value=True),))) == [1]
        assert numbers(every) == [6], "beside others it does not change what they count"
        assert numbers(every, live) == [6, 0]
    finally:
        reports.close()


def test_its_names_can_be_asked_for_and_need_no_definition(desk: Desk, tmp_path: Path) -> None:
    desk.hand_in(a_call(metrics=dict.fromkeys(PLATFORM, "x")))
    reports = reports_of(desk, tmp_path)
    try:
        known = {each.name: each for each in run_aside(reports.names(desk.pk, None))}
        assert {"CALL_COMPLETED", "CONTAINED"} <= {name for name, each in known.items() if each.built_in}
        for name in KNOWN:
            reports.run_now(desk.pk, Query(measures=(Measure(MeasureKind.CONVERSATIONS, f"metric.{name}", name="n"),)))
    finally:
        reports.close()
    assert undeclared_names([], [*KNOWN, "MINE"]) == ["MINE"]


@given(
    status=st.sampled_from(list(CallStatus)),
    duration=st.none() | st.floats(0, 1e6),
    destination=st.none() | st.text(min_size=1, max_size=5),
    reason=st.none() | st.text(max_size=5),
    ending=st.none() | st.sampled_from(list(DisconnectionReason)),
)
def test_every_value_is_of_the_type_that_is_told(
    status: CallStatus, duration: float | None, destination: str | None, reason: str | None, ending: Any
) -> None:
    values = built_in_values(CallFacts(status, duration, destination, reason, ending))
    types = {MetricType.BOOLEAN: bool, MetricType.FLOAT: float, MetricType.STRING: str}
    assert set(values) <= set(BUILT_IN)
    assert all(isinstance(value, types[BUILT_IN[name].type]) for name, value in values.items())
    assert not ("CALL_IN_PROGRESS" in values and "CALL_COMPLETED" in values)


def test_no_name_of_the_platform_but_qa_looks_like_a_topic() -> None:
    """Whoever reads topics takes every name with QA in it for one, so such a name holds texts."""
    assert {name for name in KNOWN if "QA" in name} == {"QA", "REPEAT_CALLER_QA"}
    assert all(KNOWN[name].type is MetricType.STRING for name in KNOWN if "QA" in name)
