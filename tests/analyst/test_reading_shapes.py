"""Questions of several measures, of a measure on two sides, of groups in order, of splits and of parts of a month."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.analyst.test_reading_comparisons import only, read

from postcall.domain.analysis import QuestionKind
from postcall.domain.queries import MeasureKind, Order

MIN, MAX, AVERAGE = MeasureKind.MIN, MeasureKind.MAX, MeasureKind.AVERAGE
MEDIAN, P95, CALLS = MeasureKind.P50, MeasureKind.P95, MeasureKind.CONVERSATIONS
MARCH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kinds", "of"),
    [
        ("shortest, longest and average call duration", (MIN, MAX, AVERAGE), {"field.duration"}),
        ("median and p95 of the latency", (MEDIAN, P95), {"field.latency"}),
        ("latency per day this week: median, p95", (MEDIAN, P95), {"field.latency"}),
        ("basket size min max avg", (MIN, MAX, AVERAGE), {"metric.BASKET_SIZE"}),
        ("number of calls and average duration yesterday", (CALLS, AVERAGE), {None, "field.duration"}),
        ("average duration and maximum latency", (AVERAGE, MAX), {"field.duration", "field.latency"}),
    ],
    ids=["three", "of the", "after a colon", "terse", "calls too", "of two things"],
)
def test_all_measures_that_are_named_come_in_one_query(
    text: str, kinds: tuple[MeasureKind, ...], of: set[str | None]
) -> None:
    measures = only(text).measures
    assert tuple(each.kind for each in measures) == kinds
    assert {each.of for each in measures} == of
    assert len({each.name for each in measures}) == len(measures)


def test_a_measure_said_twice_is_one() -> None:
    assert [each.kind for each in only("how long do calls last on average").measures] == [AVERAGE]


@pytest.mark.parametrize(
    ("text", "kind", "of", "by"),
    [
        (
            "How does the average latency differ between calls that were handed off and those that were not?",
            AVERAGE,
            "field.latency",
            "field.handoff",
        ),
        ("how does the length differ with new customer yes and no", AVERAGE, "field.duration", "metric.NEW_CUSTOMER"),
        ("median basket size of new and existing customers", MEDIAN, "metric.BASKET_SIZE", "metric.NEW_CUSTOMER"),
        ("what's the difference in handoff rate between variant a and b", MeasureKind.RATE, "field.handoff", "variant"),
        ("How much longer are Spanish calls than English ones?", AVERAGE, "field.duration", "language"),
        ("average duration of English and Spanish calls", AVERAGE, "field.duration", "language"),
    ],
    ids=["those that were not", "yes and no", "existing", "difference in", "how much longer", "of each"],
)
def test_a_measure_of_two_sides_is_of_each_of_them(text: str, kind: MeasureKind, of: str, by: str) -> None:
    found = read(text)
    [query] = found.queries
    assert found.kind is QuestionKind.COMPARISON
    assert (query.measures[0].kind, query.measures[0].of) == (kind, of)
    assert query.group_by == (by if "." in by else f"field.{by}",)


def test_what_differs_is_searched_for_where_no_measure_is_said() -> None:
    assert read("what differs between calls that were handed off and those that were not").kind is (
        QuestionKind.DIFFERENCE
    )


@pytest.mark.parametrize(
    ("text", "kind", "descending", "limit"),
    [
        ("top 2 moods by median duration", MEDIAN, True, 2),
        ("which mood has the longest calls", AVERAGE, True, None),
        ("the two moods with the lowest average basket size", AVERAGE, False, 2),
        ("moods ranked by handoff rate", MeasureKind.RATE, True, None),
    ],
    ids=["top by", "longest", "with the lowest", "ranked by a rate"],
)
def test_groups_are_ranked_by_the_measure_that_is_said(
    text: str, kind: MeasureKind, descending: bool, limit: int | None
) -> None:
    query = only(text)
    assert (query.group_by, query.measures[0].kind) == (("metric.mood",), kind)
    assert query.order == (Order(query.measures[0].name, descending=descending),)
    assert limit is None or query.limit == limit


@pytest.mark.parametrize(
    "text",
    [
        "How are the calls divided between new and existing customers?",
        "how many calls were from new customers and how many were not",
    ],
    ids=["divided", "and how many not"],
)
def test_calls_that_fall_on_two_sides_are_counted_on_both(text: str) -> None:
    query = only(text)
    assert (query.group_by, query.filters.parts) == (("metric.NEW_CUSTOMER",), ())


@pytest.mark.parametrize(
    "text",
    [
        "was the handoff rate higher in the first or the second half of March",
        "handoff rate: first half vs second half of March",
        "handoff rate in the first half of last month compared with the second half",
    ],
    ids=["first or second", "without of", "second left out"],
)
def test_two_halves_of_a_month_are_two_periods(text: str) -> None:
    assert [(each.since, each.until) for each in read(text).queries] == [MARCH[:2], MARCH[1:]]


def test_the_last_day_of_a_month_is_a_day() -> None:
    query = only("calls on the last day of March")
    assert (query.since, query.until) == (datetime(2026, 3, 31, tzinfo=UTC), MARCH[2])


def test_a_rate_of_two_days_is_told_of_each_and_their_calls_together() -> None:
    assert len(read("handoff rate yesterday and the day before").queries) == 2
    assert len(read("how many calls yesterday and the day before").queries) == 1
