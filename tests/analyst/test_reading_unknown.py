"""What a question asks and nothing records is told, and never left aside as if it had not been asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import AskBack, KnownTerm, NameKind, Question, QuestionKind, Understood
from postcall.domain.queries import All, Condition, MeasureKind, Not, Operator, Query

NOW = datetime(2026, 4, 15, 19, 20, tzinfo=UTC)
TERMS = (
    KnownTerm("field.language", NameKind.FIELD, "text", ("en", "es")),
    KnownTerm("field.channel", NameKind.FIELD, "text", ("voice", "webchat", "sms")),
    KnownTerm("field.duration", NameKind.FIELD, "number", (), "Seconds from the start to the end."),
    KnownTerm("field.latency", NameKind.FIELD, "number", (), "Seconds that the agent took to answer, on average."),
    KnownTerm("field.user_number", NameKind.FIELD, "text"),
    KnownTerm("metric.BOOKED", NameKind.METRIC, "boolean", (), "An appointment was booked."),
    KnownTerm("metric.outcome", NameKind.ANSWER, "text", ("booked", "answered", "other"), "How did the call end?"),
    KnownTerm("metric.csat", NameKind.ANSWER, "number", (), "How satisfied was the caller, from 1 to 5?"),
    KnownTerm("metric.nights", NameKind.METRIC, "number", (), "How many nights were asked for."),
    KnownTerm("metric.hold_seconds", NameKind.METRIC, "number", (), "Seconds on hold."),
    KnownTerm("metric.PLAN_MONTHS_LEFT", NameKind.METRIC, "number", (), ""),
    KnownTerm("metric.car_issue", NameKind.ANSWER, "text", ("flat tyre", "no issue"), "What was wrong with the car?"),
)


def read(text: str, *before: str) -> Understood | AskBack:
    earlier: Understood | None = None
    for each in before:
        found = read_question(Question(each, NOW), TERMS, before=earlier)
        assert isinstance(found, Understood)
        earlier = found
    return read_question(Question(text, NOW), TERMS, before=earlier)


def only(text: str, *before: str) -> Query:
    found = read(text, *before)
    assert isinstance(found, Understood)
    shown = found.queries[0] if found.queries else found.calls
    assert shown is not None
    return shown


def parts(query: Query) -> tuple[object, ...]:
    return query.filters.parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How many Spanish calls came from Poland last month?", "Poland"),
        ("What share of callers from New Zealand were booked?", "New Zealand"),
        ("how many Spanish calls regarding pizza", "pizza"),
        ("How many calls with Sandra were booked?", "Sandra"),
        ("how many webchat calls without invoices", "invoices"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_not_recorded_is_asked_back_and_not_left_aside(text: str, words: str) -> None:
    found = read(text)
    assert isinstance(found, AskBack)
    assert f"nothing named “{words}”" in found.says
    search, wider = found.choices
    shown = search.queries[0] if search.queries else search.calls
    assert shown is not None
    assert shown.text == words
    assert wider.queries[0].text is None


def test_it_is_asked_back_in_a_thread_too() -> None:
    found = read("and from Poland?", "How many Spanish calls last week?")
    assert isinstance(found, AskBack)
    assert parts(found.choices[1].queries[0]) == (Condition("field.language", Operator.EQ, "es"),)


@pytest.mark.parametrize("text", ["calls over 3 dogs yesterday", "Spanish calls longer than 2 days"])
def test_a_comparison_with_nothing_known_is_no_count_of_all(text: str) -> None:
    found = read(text)
    assert isinstance(found, AskBack)
    assert "can be compared with" in found.says


def test_a_number_without_use_is_told() -> None:
    found = read("how many booked calls this week, 44")
    assert isinstance(found, Understood)
    assert "44" in found.left


def test_words_that_must_not_be_said_are_excluded() -> None:
    for text in ('calls that mention "insurance" but not "card"', "calls that mention insurance but not card"):
        found = read(text)
        assert isinstance(found, Understood)
        assert only(text).text in {'"insurance" -"card"', "insurance -card"}
        assert "“insurance” is said and “card” is not said" in found.says
        assert not found.left


def test_how_fast_the_agent_answered_is_no_outcome() -> None:
    assert parts(only("how many calls did we answer within 2 seconds")) == (
        Condition("field.latency", Operator.LTE, 2),
    )
    latency = only("answer latency p95")
    assert (latency.measures[0].kind, latency.measures[0].of, parts(latency)) == (
        MeasureKind.P95,
        "field.latency",
        (),
    )


def test_a_time_is_of_what_it_stands_with() -> None:
    assert parts(only("calls with less than 20 seconds on hold")) == (
        Condition("metric.hold_seconds", Operator.LT, 20),
    )


def test_a_grade_may_stand_before_or_behind_its_name() -> None:
    one = Condition("metric.csat", Operator.EQ, 1)
    assert parts(only("how many callers rated us 1 for csat")) == (one,)
    assert parts(only("how many calls with csat 4 or 5")) == (Condition("metric.csat", Operator.IN, values=(4, 5)),)


def test_the_longest_three_are_three_calls() -> None:
    for text in ("longest 3 calls", "the 3 longest calls"):
        query = only(text)
        assert (query.group_by, query.limit, parts(query)) == (("field.id",), 3, ())
    dearest = only("show me the 2 calls with the highest csat")
    assert (dearest.measures[0].of, dearest.limit) == ("metric.csat", 2)


def test_a_number_may_be_called_as_a_part_of_the_day_is() -> None:
    query = only("average number of nights")
    assert (query.measures[0].of, parts(query)) == ("metric.nights", ())


def test_who_has_no_issue_is_not_counted_among_those_with_one() -> None:
    issue = "metric.car_issue"
    expected = All((Condition(issue, Operator.EXISTS), Not(Condition(issue, Operator.EQ, "no issue"))))
    assert parts(only("how many calls with a car issue")) == (expected,)


@pytest.mark.parametrize(
    "text",
    ["Why do bookings fail?", "What share of webchat calls got booked?", "Last week, what share of calls was booked?"],
    ids=lambda value: value[:30],
)
def test_a_question_of_its_own_forgets_the_filters_before(text: str) -> None:
    query = only(text, "How many Spanish calls in March?")
    assert not any(isinstance(part, Condition) and part.field == "field.language" for part in parts(query))


def test_why_alone_asks_of_the_calls_before() -> None:
    found = read("why?", "How many Spanish calls in March?")
    assert isinstance(found, Understood)
    assert found.kind is QuestionKind.THEMES
    assert found.calls is not None
    assert parts(found.calls) == (Condition("field.language", Operator.EQ, "es"),)


def test_those_are_of_the_same_period() -> None:
    query = only("how many of those were booked?", "list Spanish calls last week")
    assert query.since == datetime(2026, 4, 6, tzinfo=UTC)
    assert len(parts(query)) == 2


def test_how_two_kinds_of_calls_did_is_what_differs() -> None:
    for text in ("how did Spanish callers do compared to the English ones", "how do voice calls differ from web chats"):
        found = read(text)
        assert isinstance(found, Understood)
        assert found.kind is QuestionKind.DIFFERENCE


def test_who_calls_most_is_told_by_number() -> None:
    query = only("who calls us the most?")
    assert (query.group_by, parts(query)[0]) == (
        ("field.user_number",),
        Condition("field.user_number", Operator.EXISTS),
    )
