"""Questions that set calls against others, in words that name two sides, one or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import AskBack, KnownTerm, NameKind, Question, QuestionKind, Understood
from postcall.domain.queries import All, Condition, MeasureKind, Not, Operator, Query
from postcall.reporting.fields import FIELDS

NOW = datetime(2026, 4, 15, 12, 0, tzinfo=UTC)  # a Wednesday
_KNOWN = {"language": ("en", "es"), "variant": ("a", "b"), "version": (1, 2, 3)}
TERMS = (
    *(
        KnownTerm(
            f"field.{field.name}", NameKind.FIELD, field.kind.value, _KNOWN.get(field.name, field.values), field.says
        )
        for field in FIELDS.values()
        if field.name not in {"placed", "campaign", "campaign_id", "attempt", "cost"}
    ),
    KnownTerm("metric.ORDER_PLACED", NameKind.METRIC, "boolean", (), "True when an order was accepted."),
    KnownTerm("metric.NEW_CUSTOMER", NameKind.METRIC, "boolean", (), "True at the first order."),
    KnownTerm("metric.mood", NameKind.ANSWER, "text", ("positive", "neutral", "negative"), "How the caller felt."),
    KnownTerm("metric.BASKET_SIZE", NameKind.METRIC, "number", (), "How many articles were ordered."),
)
SPANISH = Condition("field.language", Operator.EQ, "es")
LONG = Condition("field.duration", Operator.GT, 300)
NEW = Condition("metric.NEW_CUSTOMER", Operator.EQ, True)


def read(text: str) -> Understood:
    """The reading, in UTC."""
    found = read_question(Question(text, NOW), TERMS)
    assert isinstance(found, Understood), found
    return found


def only(text: str) -> Query:
    """Its one query."""
    [query] = read(text).queries
    return query


@pytest.mark.parametrize(
    ("text", "kind", "of", "by"),
    [
        ("Are Spanish calls longer than English ones?", MeasureKind.AVERAGE, "field.duration", "field.language"),
        ("is the agent faster in variant b?", MeasureKind.AVERAGE, "field.latency", "field.variant"),
        ("are Spanish callers transferred more often?", MeasureKind.RATE, "field.handoff", "field.language"),
        ("did variant b place more orders than a?", MeasureKind.RATE, "metric.ORDER_PLACED", "field.variant"),
        ("average duration of calls with and without handoff", MeasureKind.AVERAGE, "field.duration", "field.handoff"),
    ],
    ids=["longer", "faster", "more often", "more than", "with and without"],
)
def test_a_comparison_measures_what_its_words_say(text: str, kind: MeasureKind, of: str, by: str) -> None:
    query = only(text)
    assert (query.measures[0].kind, query.measures[0].of, query.group_by) == (kind, of, (by,))


def test_one_side_that_is_named_is_compared_with_all_others() -> None:
    found = read("do new customers place more orders?")
    assert found.kind is QuestionKind.COMPARISON
    assert [query.filters for query in found.queries] == [All((NEW,)), All((Not(NEW),))]


def test_working_days_are_compared_with_weekends() -> None:
    days = [query.filters.parts[0] for query in read("weekday vs weekend call volume").queries]
    assert [len(each.values) for each in days if isinstance(each, Condition)] == [5, 2]


def test_a_share_of_what_is_longer_keeps_whose_share_it_is() -> None:
    long_ones, every = read("share of Spanish calls longer than 5 minutes").queries
    assert set(long_ones.filters.parts) == {LONG, SPANISH}
    assert every.filters.parts == (SPANISH,)


def test_a_share_among_the_long_calls_is_of_what_is_named() -> None:
    query = only("what share of calls over 5 minutes placed an order")
    assert (query.measures[0].of, query.filters.parts) == ("metric.ORDER_PLACED", (LONG,))


def test_what_changed_this_week_is_against_as_much_of_last_week() -> None:
    found = read("What changed this week?")
    assert found.kind is QuestionKind.DIFFERENCE
    assert [(query.since, query.until) for query in found.queries] == [
        (datetime(2026, 4, 13, tzinfo=UTC), NOW),
        (datetime(2026, 4, 6, tzinfo=UTC), datetime(2026, 4, 8, 12, tzinfo=UTC)),
    ]


def test_what_changed_last_month_is_against_the_whole_month_before() -> None:
    later, earlier = read("what changed last month?").queries
    assert (later.since, earlier.since) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert earlier.until == later.since


@pytest.mark.parametrize(
    ("text", "later", "earlier"),
    [
        ("what changed since version 3", (Operator.GTE, 3), (Operator.LT, 3)),
        ("what changed between version 2 and 3?", (Operator.EQ, 3), (Operator.EQ, 2)),
        ("what changed since the release", (Operator.EQ, 3), (Operator.EQ, 2)),
    ],
    ids=["since one", "between two", "since the last"],
)
def test_versions_are_told_apart(text: str, later: tuple[Operator, int], earlier: tuple[Operator, int]) -> None:
    wanted = [All((Condition("field.version", op, value),)) for op, value in (later, earlier)]
    assert [query.filters for query in read(text).queries] == wanted


def test_what_changed_without_a_time_offers_the_usual_ones() -> None:
    found = read_question(Question("What changed?", NOW), TERMS)
    assert isinstance(found, AskBack)
    assert len(found.choices) > 1
    assert all(len(each.queries) == 2 for each in found.choices)


@pytest.mark.parametrize(
    "text",
    ["Are we getting better at orders?", "is the handoff rate going down?", "has the share of negative mood improved"],
)
def test_a_way_over_time_is_a_share_week_by_week(text: str) -> None:
    query = only(text)
    assert (query.measures[0].kind, query.group_by) == (MeasureKind.RATE, ("week",))


def test_few_days_are_drawn_by_day() -> None:
    assert only("plot calls over the last 14 days").group_by == ("day",)


def test_two_questions_in_one_have_two_answers() -> None:
    first, second = read("How many Spanish calls last week, and how many of them were handed off?").queries
    assert first.filters.parts == (SPANISH,)
    assert second.filters.parts == (SPANISH, Condition("field.handoff", Operator.EQ, True))
    assert first.since == second.since


def test_the_time_of_one_part_holds_for_both() -> None:
    first, second = read("how many calls and how many new customers last week?").queries
    assert first.since == second.since == datetime(2026, 4, 6, tzinfo=UTC)


def test_a_number_beside_its_name_is_its_value() -> None:
    assert only("how many calls had a basket size of 5").filters.parts == (
        Condition("metric.BASKET_SIZE", Operator.EQ, 5),
    )


def test_several_numbers_are_measured_at_once() -> None:
    query = only("average duration and latency by channel")
    assert [each.of for each in query.measures] == ["field.duration", "field.latency"]


def test_who_called_more_than_once_are_numbers_with_several_calls() -> None:
    query = only("who called more than once last week")
    assert (query.group_by, query.having[0].value) == (("field.user_number",), 2)


def test_how_many_called_twice_says_that_only_their_numbers_are_known() -> None:
    found = read_question(Question("How many people called twice?", NOW), TERMS)
    assert isinstance(found, AskBack)
    assert found.choices[0].queries[0].group_by == ("field.user_number",)


def test_a_vague_question_offers_more_than_one_thing() -> None:
    found = read_question(Question("How did we do yesterday?", NOW), TERMS)
    assert isinstance(found, AskBack)
    assert len(found.choices) > 2
