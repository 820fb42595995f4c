"""What can be asked, and what a question that cannot be answered is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.aside import run_aside
from tests.builders import NOON, a_call, a_question
from tests.reporting.counter import Counter, a_measure, a_query, where

from postcall.domain.queries import All, Having, Operator, Order, Query
from postcall.domain.views import Position
from postcall.errors import AgentNotFound, BadInput
from postcall.reporting.reports import Explanation


@pytest.fixture
def shop(small_counter: Counter) -> Counter:
    """Three calls that name a few things."""
    for number, reason in enumerate(["billing", "billing", "sales"]):
        small_counter.write(
            f"call-{number}",
            {"CALL_REASON": reason, "BOOKING_CONFIRMED": number == 1, "PRICE": 10 * number},
            started_at=NOON - timedelta(hours=number),
        )
    return small_counter


def refusal(counter: Counter, query: Query) -> BadInput:
    with pytest.raises(BadInput) as caught:
        counter.ask(query)
    return caught.value


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("metric.CALL_REASN", "metric.CALL_REASON"),
        ("metric.call_reason", "metric.CALL_REASON"),
        ("metric.BOOKING_CONFIRM", "metric.BOOKING_CONFIRMED"),
        ("field.chanel", "field.channel"),
        ("field.CALL_REASON", "metric.CALL_REASON"),
        ("channel", "field.channel"),
        ("metric.refund_askd", "metric.refund_asked"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(shop: Counter, asked: str, meant: str) -> None:
    shop.desk.ask(a_question("refund_asked"))
    for query in (
        a_query("count", asked),
        a_query(group_by=(asked,)),
        a_query("conversations", None, where(asked, "exists")),
    ):
        told = str(refusal(shop, query))
        assert repr(asked) in told
        assert meant in told


def test_an_unknown_name_is_told_with_its_place(shop: Counter) -> None:
    assert refusal(shop, a_query("count", "metric.NOPE")).field == "measures[0].of"
    assert refusal(shop, a_query(group_by=("metric.NOPE",))).field == "group_by"
    assert refusal(shop, a_query("count", None, where("metric.NOPE", "eq", 1))).field == "filters"
    two = Query((a_measure("conversations"), a_measure("sum", "metric.NOPE")))
    assert refusal(shop, two).field == "measures[1].of"


def test_names_of_questions_and_of_what_postcall_knows_need_no_call(small_counter: Counter) -> None:
    small_counter.desk.ask(a_question("refund_asked"))
    for name in ("metric.refund_asked", "metric.CONTAINED", "metric.duration", "field.latency"):
        assert small_counter.number("count", name).value == 0
        assert small_counter.groups(name) == {}
    assert small_counter.number("conversations").value == 0


def test_an_unknown_agent_is_told(shop: Counter) -> None:
    with pytest.raises(AgentNotFound):
        shop.ask(a_query(agent="clinik"))


@pytest.mark.parametrize("more", [{}, {"since": NOON}, {"until": NOON}])
def test_a_comparison_needs_to_know_the_period(shop: Counter, more: dict[str, Any]) -> None:
    error = refusal(shop, a_query(compare=True, **more))
    assert error.field == "compare"
    assert "since and until" in str(error)


def test_calls_are_not_grouped_by_each_moment(shop: Counter) -> None:
    error = refusal(shop, a_query(group_by=("field.started_at",)))
    assert error.field == "group_by"
    assert "day" in str(error)


@pytest.mark.parametrize("name", ["field.channel", "field.handoff", "field.started_at", "field.weekday"])
def test_only_numbers_have_an_average(shop: Counter, name: str) -> None:
    for kind in ("sum", "average", "min", "max", "p50", "p95", "p99"):
        error = refusal(shop, a_query(kind, name))
        assert error.field == "measures[0].of"
        assert name in str(error)
        assert kind in str(error)


def test_what_is_no_moment_and_no_column_is_told(shop: Counter) -> None:
    assert "soon" in str(refusal(shop, a_query("count", None, where("field.started_at", "gt", "soon"))))
    assert refusal(shop, a_query("count", None, where("field.started_at", "contains", "2026"))).field == "filters"
    assert refusal(shop, a_query(having=(Having("m9", Operator.GT, 1.0),))).field == "having"
    assert refusal(shop, a_query(order=(Order("m9"),))).field == "order"
    assert refusal(shop, a_query(time_zone="Mars/Olympus")).field == "time_zone"


def test_having_order_and_limit_choose_the_rows_but_not_the_calls(shop: Counter) -> None:
    query = a_query(group_by=("metric.CALL_REASON",), order=(Order("m0", descending=True),), limit=1)
    result = shop.ask(query)
    assert [row.group for row in result.rows] == [("billing",)]
    assert result.calls == 3
    assert shop.groups("metric.CALL_REASON", having=(Having("m0", Operator.LT, 2.0),)) == {"sales": 1}
    rates = {"group_by": ("metric.CALL_REASON",), "having": (Having("m0", Operator.GT, 0.4),)}
    assert [row.group for row in shop.ask(a_query("rate", "metric.BOOKING_CONFIRMED", **rates)).rows] == [("billing",)]


def test_an_explanation_holds_sql_that_runs_and_how_much_it_read(shop: Counter) -> None:
    query = a_query("rate", "metric.BOOKING_CONFIRMED", where("field.channel", "eq", "voice"), group_by=("day",))
    told: Explanation = run_aside(shop.reports.explain(shop.desk.pk, query))
    assert told.rows_read >= 3
    assert told.seconds > 0
    assert told.plan
    with shop.index.reading() as cursor:
        rows = cursor.execute(told.sql, {"p1": "voice"}).fetchall()
    assert [(row[1], row[2]) for row in rows] == [(1, 3)]


def test_every_explanation_says_that_rows_were_read(shop: Counter) -> None:
    for query in (a_query(), a_query("sum", "metric.PRICE"), a_query(group_by=("field.weekday",))):
        assert run_aside(shop.reports.explain(shop.desk.pk, query)).rows_read > 0


def test_calls_behind_a_number_are_read_page_by_page(shop: Counter) -> None:
    seen: list[str] = []
    after: Position | None = None
    while True:
        page = run_aside(shop.reports.calls(shop.desk.pk, a_query(), after=after, limit=1))
        seen += page.ids
        if page.next is None:
            break
        after = page.next
    assert seen == ["call-0", "call-1", "call-2"]


def test_calls_of_the_same_moment_are_read_once(small_counter: Counter) -> None:
    small_counter.take(7)
    seen: list[str] = []
    after: Position | None = None
    while True:
        page = run_aside(small_counter.reports.calls(small_counter.desk.pk, a_query(), after=after, limit=2))
        seen += page.ids
        if page.next is None:
            break
        after = page.next
    assert sorted(seen) == [f"call-{number}" for number in range(7)]


def test_words_of_the_transcript_narrow_what_is_counted(counter: Counter) -> None:
    counter.desk.hand_in(a_call("call-1", "user: I lost my umbrella."))
    counter.desk.hand_in(a_call("call-2", "user: I want to pay."))
    assert counter.ids(a_query(text="umbrella")) == ["call-1"]
    assert counter.ask(a_query(text="umbrella")).calls == 1
    assert counter.ask(a_query(text="giraffe")).calls == 0
    counter.desk.hand_in(a_call("call-3", "user: An umbrella, please."))
    assert counter.ask(a_query(text="umbrella")).calls == 2


def test_the_index_says_how_it_stands(shop: Counter) -> None:
    shop.count()
    status = shop.reports.status_now()
    assert (status.state, status.calls, status.behind, status.lag_s) == ("ready", 3, 0, 0.0)
    assert status.bytes > 0
    shop.write("call-9", {})
    shop.desk.clock.advance(5)
    status = shop.reports.status_now()
    assert (status.behind, status.lag_s) == (1, 5.0)
    rebuilt = run_aside(shop.reports.rebuild())
    assert (rebuilt.state, rebuilt.calls, rebuilt.behind) == ("ready", 4, 0)
    assert rebuilt.reason


def test_values_are_never_part_of_the_statement(shop: Counter) -> None:
    sneaky = "x') OR true OR metrics IN ('"
    query = Query((a_measure("rate", "metric.CALL_REASON", value=sneaky),), filters=All())
    assert shop.ask(query).rows[0].numbers[0].count == 0
    assert sneaky not in run_aside(shop.reports.explain(shop.desk.pk, query)).sql
    assert shop.count(where("metric.CALL_REASON", "eq", sneaky)) == 0
