"""Definitions of real-time metrics in the record, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.engine import Connection
from tests.builders import AGENT, Desk, StepClock, a_call, a_question, an_answer

from postcall.domain.metrics import MetricDefinition, MetricType
from postcall.errors import AgentNotFound, BadInput, Conflict, MetricNotFound
from postcall.storage.agents import find_agent_row
from postcall.storage.calls import find_call_row
from postcall.storage.changes import first_mark, read_changes
from postcall.storage.metric_definitions import (
    MetricChange,
    NewMetric,
    change_metric,
    define_metric,
    define_missing_metrics,
    definitions_by_agent,
    find_metric,
    foresee_import,
    is_in_use,
    list_account_metrics,
    list_metrics,
)
from postcall.storage.metric_writes import Sighting, names_written, read_sightings, values_written

BOOKED = NewMetric("BOOKED", MetricType.BOOLEAN, definition="True once booked.")
OUTCOME = NewMetric("OUTCOME", MetricType.STRING, ("booked", "left"))


@pytest.fixture(autouse=True)
def agent(desk: Desk) -> None:
    """The clinic, whose call has ended."""
    desk.ask(a_question())


def define(desk: Desk, metric: NewMetric, agent: str = AGENT) -> MetricDefinition:
    return desk.record.write(lambda c: define_metric(c, desk.pk, agent, metric, now=desk.clock()))


def change(desk: Desk, name: str, change: MetricChange) -> MetricDefinition:
    used = desk.record.read(lambda c: is_in_use(c, desk.pk, AGENT, name, change))
    return desk.record.write(lambda c: change_metric(c, desk.pk, AGENT, name, change, used=used, now=desk.clock()))


def test_a_definition_is_read_back_as_it_was_made(desk: Desk) -> None:
    made = define(desk, OUTCOME)
    found = desk.record.read(lambda c: find_metric(c, desk.pk, AGENT, "OUTCOME"))
    assert found == made
    assert (made.type, made.expected_values, made.active, made.in_api) == ("string", ("booked", "left"), True, True)
    assert made.created_at == made.updated_at == desk.clock()


def test_a_name_is_defined_once_and_its_case_counts(desk: Desk) -> None:
    define(desk, BOOKED)
    define(desk, NewMetric("booked", MetricType.BOOLEAN))
    with pytest.raises(Conflict) as refused:
        define(desk, BOOKED)
    assert refused.value.field == "name"
    names = [metric.name for metric in desk.record.read(lambda c: list_metrics(c, desk.pk, AGENT))]
    assert names == ["BOOKED", "booked"]


@pytest.mark.parametrize("name", ["a/b?c#d%", "..", "ünï 🙂", " x ", "x" * 200])
def test_any_name_that_a_write_may_bear_is_kept(desk: Desk, name: str) -> None:
    assert define(desk, NewMetric(name, MetricType.FLOAT)).name == name


def test_a_wrong_definition_leaves_nothing_behind(desk: Desk) -> None:
    with pytest.raises(BadInput):
        define(desk, NewMetric("N", MetricType.INTEGER, ("1",)))
    with pytest.raises(AgentNotFound):
        define(desk, BOOKED, agent="nobody")
    assert desk.record.read(lambda c: list_metrics(c, desk.pk, AGENT)) == []


def test_what_a_change_does_not_name_stays(desk: Desk, clock: StepClock) -> None:
    before = define(desk, OUTCOME)
    clock.advance(60)
    after = change(desk, "OUTCOME", MetricChange(active=False))
    assert (after.active, after.expected_values, after.created_at) == (False, ("booked", "left"), before.created_at)
    assert after.updated_at == clock()
    assert desk.record.read(lambda c: find_metric(c, desk.pk, AGENT, "OUTCOME")) == after


def test_until_a_call_carries_it_a_metric_may_get_another_name_and_type(desk: Desk) -> None:
    define(desk, OUTCOME)
    changed = change(desk, "OUTCOME", MetricChange(name="RESULT", type=MetricType.INTEGER))
    assert (changed.name, changed.type, changed.expected_values) == ("RESULT", "integer", ())


@pytest.mark.parametrize(
    ("wanted", "field"), [(MetricChange(type=MetricType.STRING), "type"), (MetricChange(name="BOOKING"), "name")]
)
def test_once_a_call_carries_it_name_and_type_stay(desk: Desk, wanted: MetricChange, field: str) -> None:
    define(desk, BOOKED)
    desk.hand_in(a_call(metrics={"BOOKED": "yes"}))
    with pytest.raises(Conflict) as refused:
        change(desk, "BOOKED", wanted)
    assert refused.value.field == field
    assert change(desk, "BOOKED", MetricChange(definition="True when it is.")).type == "boolean"
    assert change(desk, "BOOKED", MetricChange(type=MetricType.BOOLEAN, name="BOOKED")).name == "BOOKED"


def test_a_name_that_another_metric_has_cannot_be_taken(desk: Desk) -> None:
    define(desk, BOOKED)
    define(desk, OUTCOME)
    with pytest.raises(Conflict):
        change(desk, "OUTCOME", MetricChange(name="BOOKED"))


def test_a_change_of_what_is_not_there_says_so(desk: Desk) -> None:
    with pytest.raises(MetricNotFound):
        change(desk, "NOTHING", MetricChange(active=False))


def test_an_import_makes_what_is_missing_and_touches_nothing_else(desk: Desk) -> None:
    define(desk, BOOKED)
    other = NewMetric("BOOKED", MetricType.INTEGER, definition="Another.")
    foreseen = desk.record.read(lambda c: foresee_import(c, desk.pk, AGENT, [other, OUTCOME]))
    done = desk.record.write(lambda c: define_missing_metrics(c, desk.pk, AGENT, [other, OUTCOME], now=desk.clock()))
    assert done == foreseen
    assert (done.created, done.ignored) == (("OUTCOME",), ("BOOKED",))
    assert desk.record.read(lambda c: find_metric(c, desk.pk, AGENT, "BOOKED")).definition == "True once booked."


def test_the_agents_calls_are_indexed_anew_where_other_writes_fit_now(desk: Desk) -> None:
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT).pk)

    def noted(work: Callable[[], object]) -> bool:
        mark = desk.record.read(first_mark)
        work()
        return agent_pk in desk.record.read(lambda c: read_changes(c, mark, limit=10)).agent_pks

    assert noted(lambda: define(desk, OUTCOME))
    assert noted(lambda: change(desk, "OUTCOME", MetricChange(expected_values=("booked",))))
    assert noted(lambda: change(desk, "OUTCOME", MetricChange(type=MetricType.FLOAT)))
    assert not noted(lambda: change(desk, "OUTCOME", MetricChange(definition="In euros, when paid.", in_api=False)))


def test_definitions_are_found_by_agent_and_by_account(desk: Desk) -> None:
    desk.ask(a_question(), agent="shop")
    define(desk, BOOKED)
    define(desk, OUTCOME, agent="shop")
    clinic = desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT).pk)
    shop = desk.record.read(lambda c: find_agent_row(c, desk.pk, "shop").pk)
    found = desk.record.read(lambda c: definitions_by_agent(c, [clinic, shop]))
    assert {pk: list(named) for pk, named in found.items()} == {clinic: ["BOOKED"], shop: ["OUTCOME"]}
    assert desk.record.read(lambda c: definitions_by_agent(c, [])) == {}
    assert {each.name for each in desk.record.read(lambda c: list_account_metrics(c, desk.pk))} == {"BOOKED", "OUTCOME"}


def test_names_and_values_are_those_of_the_current_revisions(desk: Desk) -> None:
    desk.hand_in(a_call(metrics={"OLD": 1}))
    desk.hand_in(a_call(metrics={"OUTCOME": ["left", "booked"], "SCORE": 5}), replace=True)
    desk.hand_in(a_call("call-2", agent="shop", metrics={"OTHERS": 1}))
    assert desk.record.read(lambda c: names_written(c, desk.pk, AGENT)) == ("OUTCOME", "SCORE")
    assert sorted(map(str, desk.record.read(lambda c: values_written(c, desk.pk, AGENT, "OUTCOME")))) == [
        "booked",
        "left",
    ]


def test_a_sighting_holds_the_writes_and_the_answer_under_the_name(desk: Desk) -> None:
    desk.hand_in(a_call(metrics={"booked": ["no", "yes"]}))
    desk.extract(an_answer())
    desk.hand_in(a_call("call-2", metrics={"OTHER": 1}))

    def look(connection: Connection) -> list[Sighting]:
        pks = [find_call_row(connection, desk.pk, call_id).pk for call_id in ("call-2", "call-1")]
        return read_sightings(connection, [*pks, 10**9], "booked")

    [without, with_both] = desk.record.read(look)
    assert (without.call_id, without.writes, without.answer) == ("call-2", (), None)
    assert (with_both.writes, with_both.answer and with_both.answer.value) == (("no", "yes"), True)
