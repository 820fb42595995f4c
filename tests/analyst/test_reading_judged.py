"""Words that fit several things alike are asked about, and words beside a condition are no second one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import AskBack, KnownTerm, NameKind, Question, Understood
from postcall.domain.queries import AnyOf, Condition, Denominator, Measure, Operator, Query
from postcall.reporting.query_format import read_query, write_query

NOW = datetime(2026, 4, 15, 19, 20, tzinfo=UTC)
TERMS = (
    KnownTerm("field.language", NameKind.FIELD, "text", ("en", "es")),
    KnownTerm("field.handoff", NameKind.FIELD, "boolean", (), "Whether the call was passed on."),
    KnownTerm("field.disconnection_reason", NameKind.FIELD, "text", ("user_hangup", "agent_hangup")),
    KnownTerm("metric.RESOLVED", NameKind.METRIC, "boolean", (), ""),
    KnownTerm("metric.NEW_GUEST", NameKind.METRIC, "boolean", (), "True when they were never here before."),
    KnownTerm("metric.PAYMENT_LINK_SENT", NameKind.METRIC, "boolean", (), ""),
    KnownTerm("metric.FEE_WAIVED", NameKind.METRIC, "boolean", (), ""),
    KnownTerm("metric.INTENT", NameKind.METRIC, "text", ("payment", "billing"), "What the caller wants."),
    KnownTerm("metric.REMINDER_RESULT", NameKind.METRIC, "text", ("confirmed", "declined"), "How it ended."),
    KnownTerm("metric.SILENCES", NameKind.METRIC, "number", (), ""),
    KnownTerm("metric.party_size", NameKind.ANSWER, "number", (), "For how many people was the table booked?"),
    KnownTerm("metric.sentiment", NameKind.ANSWER, "text", ("positive", "negative"), "How did the caller feel?"),
)


def read(text: str) -> Understood | AskBack:
    return read_question(Question(text, NOW), TERMS)


def only(text: str) -> Query:
    found = read(text)
    assert isinstance(found, Understood), found.says
    shown = found.queries[0] if found.queries else found.calls
    assert shown is not None
    return shown


def measure(text: str) -> Measure:
    return only(text).measures[0]


def names(asked: AskBack) -> set[str]:
    shown = [choice.queries[0] for choice in asked.choices]
    return {part.field for query in shown for part in query.filters.parts if isinstance(part, Condition)}


def test_successful_calls_are_asked_about_with_all_that_may_be_meant() -> None:
    found = read("how many were successful?")
    assert isinstance(found, AskBack)
    assert names(found) == {"metric.RESOLVED", "metric.sentiment"}


def test_what_else_is_named_stays_in_each_choice() -> None:
    found = read("how many Spanish calls went well last week")
    assert isinstance(found, AskBack)
    assert all(Condition("field.language", Operator.EQ, "es") in it.queries[0].filters.parts for it in found.choices)


def test_a_number_of_nothing_that_is_named_is_asked_about() -> None:
    found = read("how many calls with 12")
    assert isinstance(found, AskBack)
    assert names(found) == {"metric.SILENCES", "metric.party_size"}


def test_a_number_before_its_name_is_a_value() -> None:
    assert only("how many calls had 3 silences").filters.parts == (Condition("metric.SILENCES", Operator.EQ, 3),)


def test_guests_are_not_new_ones() -> None:
    assert only("how many guests called about billing").filters.parts == (
        Condition("metric.INTENT", Operator.EQ, "billing"),
    )


def test_a_name_without_its_last_word_is_no_value_of_another() -> None:
    assert only("list the calls with a payment link").filters.parts == (
        Condition("metric.PAYMENT_LINK_SENT", Operator.EQ, True),
    )


def test_one_of_two_conditions_is_enough_where_the_question_says_or() -> None:
    waived = Condition("metric.FEE_WAIVED", Operator.EQ, True)
    sent = Condition("metric.PAYMENT_LINK_SENT", Operator.EQ, True)
    assert only("calls with either a fee waived or a payment link sent").filters.parts == (AnyOf((waived, sent)),)


@pytest.mark.parametrize(
    ("text", "of", "denominator"),
    [
        ("share of reminder calls that were confirmed", "metric.REMINDER_RESULT", Denominator.ANSWERED),
        ("how often are Spanish calls resolved", "metric.RESOLVED", None),
        ("share of negative calls among those that were handed off", "metric.sentiment", None),
        ("what percent of calls where the fee was waived were handed off", "field.handoff", None),
    ],
    ids=["of its own", "often", "among", "of whom"],
)
def test_a_share_is_of_what_the_question_says(text: str, of: str, denominator: Denominator | None) -> None:
    found = measure(text)
    assert (found.of, found.denominator) == (of, denominator)


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("the words thank you", "thank you"),
        ("calls mentioning Dr. Wilk", "dr wilk"),
        ("calls with the phrase call me back", '"call me back"'),
        ("calls that mention refund, fee or price", "refund OR fee OR price"),
        ("calls that mention refund or fee but not credit card", 'refund -"credit card" OR fee -"credit card"'),
        ("calls in which nobody mentions price", "-price"),
        ("calls where parking is not mentioned", "-parking"),
        ('calls with "a b" or "c" but not "d"', '"a b" -"d" OR "c" -"d"'),
        ("search the transcripts for wisdom tooth", "wisdom tooth"),
        ("what do people say about the price in billing calls", "price"),
    ],
    ids=lambda value: value[:44],
)
def test_what_is_searched_for_is_just_what_was_asked(text: str, search: str) -> None:
    assert only(text).text == search


@pytest.mark.parametrize(
    ("text", "limit"),
    [("give me two examples of resolved calls", 2), ("pull up ten Spanish calls", 10), ("list 5 minute calls", None)],
    ids=["examples", "ten", "minutes"],
)
def test_a_list_is_as_long_as_was_said(text: str, limit: int | None) -> None:
    assert only(text).limit == limit


@pytest.mark.parametrize("text", ["how many calls with {}", "calls with silences of {}", "gave {} for silences"])
def test_a_number_that_no_metric_can_hold_makes_no_query_that_is_refused(text: str) -> None:
    found = read(text.format("9" * 24))
    for each in found.choices if isinstance(found, AskBack) else (found,):
        for query in (*each.queries, *((each.calls,) if each.calls else ())):
            assert isinstance(read_query(write_query(query)), Query)
