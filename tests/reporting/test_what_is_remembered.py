"""What reports keep between two questions: it may only ever make an answer quicker."""

from __future__ import annotations

import pytest
from tests.aside import run_aside
from tests.reporting.counter import Counter, a_query, where

from postcall.domain.queries import Query

QUERIES = {
    "all": a_query(),
    "by a value": a_query(group_by=("metric.CALL_REASON",)),
    "a sum of some": a_query("sum", "metric.PRICE", where("metric.CALL_REASON", "eq", "billing")),
    "a name that no call has": a_query("count", "metric.CONTAINED"),
}


@pytest.fixture
def shop(small_counter: Counter) -> Counter:
    """Three calls, one of them about a sale."""
    for number, reason in enumerate(["billing", "billing", "sales"]):
        small_counter.write(f"call-{number}", {"CALL_REASON": reason, "PRICE": 10 * number})
    return small_counter


@pytest.mark.parametrize("query", list(QUERIES.values()), ids=list(QUERIES))
def test_the_rows_alone_are_those_of_the_whole_result(shop: Counter, query: Query) -> None:
    for _ in range(2):
        assert run_aside(shop.reports.rows(shop.desk.pk, query)) == shop.ask(query).rows


def test_numbers_that_share_their_totals_are_each_right_after_every_call(small_counter: Counter) -> None:
    """How many calls there are is asked once for both groupings, and anew when a call came in."""
    by_channel, by_language = (a_query(group_by=(f"field.{name}",)) for name in ("channel", "language"))
    for number in range(1, 4):
        small_counter.write(f"call-{number}", {"PRICE": number})
        for query in (by_channel, by_language):
            assert small_counter.ask(query).calls == number
            assert sum(row.numbers[0].n for row in run_aside(small_counter.reports.rows(small_counter.desk.pk, query)))
        assert run_aside(small_counter.reports.count(small_counter.desk.pk, by_channel)) == number
        assert small_counter.number("sum", "metric.PRICE").value == sum(range(number + 1))


def test_totals_are_of_the_query_that_asked_for_them(shop: Counter) -> None:
    """The same grouping of other calls has other totals."""
    every, some = a_query(), a_query("conversations", None, where("metric.CALL_REASON", "eq", "sales"))
    assert [shop.ask(each).calls for each in (every, some, every, some)] == [3, 1, 3, 1]
    assert [run_aside(shop.reports.count(shop.desk.pk, each)) for each in (every, some)] == [3, 1]
