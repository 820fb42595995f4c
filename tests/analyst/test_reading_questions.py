"""Questions in words become the queries that they ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import AskBack, KnownTerm, NameKind, Question, QuestionKind, Understood
from postcall.domain.queries import Query
from postcall.reporting.fields import FIELDS
from postcall.reporting.query_format import read_query, write_query

NOW = datetime(2026, 4, 15, 12, 0, tzinfo=UTC)  # a Wednesday
_REASONS = ("delivery", "refund", "new_order")
TERMS = (
    *(
        KnownTerm(
            f"field.{field.name}",
            NameKind.FIELD,
            field.kind.value,
            ("en", "es") if field.name == "language" else field.values,
            field.says,
        )
        for field in FIELDS.values()
        if field.name not in {"placed", "campaign", "campaign_id", "attempt", "cost"}
    ),
    KnownTerm("metric.ORDER_PLACED", NameKind.METRIC, "boolean", (True,), "True when an order was accepted."),
    KnownTerm("metric.BASKET_SIZE", NameKind.METRIC, "number", (1, 2, 5), "How many articles were ordered."),
    KnownTerm("metric.topic", NameKind.ANSWER, "text", _REASONS, "What is the call about?"),
    KnownTerm("metric.was_angry", NameKind.ANSWER, "boolean", (True, False), "Was the caller angry?"),
)


def read(text: str, *, before: Understood | None = None) -> Understood | AskBack:
    """The reading, in UTC."""
    return read_question(Question(text, NOW), TERMS, before=before)


def understood(text: str, *, before: Understood | None = None) -> Understood:
    """The same, where there is one."""
    found = read(text, before=before)
    assert isinstance(found, Understood), found
    return found


def asked(text: str, *, before: Understood | None = None) -> dict[str, Any]:
    """The one query of the question, without what every one has."""
    (query,) = understood(text, before=before).queries
    written = write_query(query)
    assert written.pop("time_zone") == "UTC"
    return written


CALLS = {"measures": [{"measure": "conversations", "as": "calls"}]}
ANGRY = {"field": "metric.was_angry", "op": "eq", "value": True}
LAST_WEEK = {"since": "2026-04-06T00:00:00Z", "until": "2026-04-13T00:00:00Z"}


def measure(kind: str, of: str, **more: Any) -> dict[str, Any]:
    """The query's measures, with one."""
    return {"measures": [{"measure": kind, "of": of, **more, "as": kind}]}


def where(*conditions: dict[str, Any]) -> dict[str, Any]:
    """The query's filters."""
    return {"filters": {"and": list(conditions)}}


EXAMPLES: dict[str, dict[str, Any]] = {
    "How many calls were there last week?": {**CALLS, **LAST_WEEK},
    "how many web chats": {**CALLS, **where({"field": "field.channel", "op": "eq", "value": "webchat"})},
    "How many angry callers last week?": {**CALLS, **LAST_WEEK, **where(ANGRY)},
    "number of calls longer than 5 minutes": {**CALLS, **where({"field": "field.duration", "op": "gt", "value": 300})},
    "How many calls had 10 or more user turns?": {
        **CALLS,
        **where({"field": "field.user_turns", "op": "gte", "value": 10}),
    },
    "what share of calls was handed off": measure("rate", "field.handoff", value=True),
    "What share of Spanish calls was handed off?": {
        **measure("rate", "field.handoff", value=True),
        **where({"field": "field.language", "op": "eq", "value": "es"}),
    },
    "handoff rate of web chats": {
        **measure("rate", "field.handoff", value=True),
        **where({"field": "field.channel", "op": "eq", "value": "webchat"}),
    },
    "average call duration by channel": {**measure("average", "field.duration"), "group_by": ["field.channel"]},
    "95th percentile of latency": measure("p95", "field.latency"),
    "What's the median basket size?": measure("p50", "metric.BASKET_SIZE"),
    "calls per day last week": {**CALLS, **LAST_WEEK, "group_by": ["day"]},
    "inbound versus outbound calls": {
        **CALLS,
        "group_by": ["field.direction"],
        **where({"field": "field.direction", "op": "in", "value": ["inbound", "outbound"]}),
    },
    "top 2 topics": {
        **CALLS,
        "group_by": ["metric.topic"],
        **where({"field": "metric.topic", "op": "exists"}),
        "order": [{"column": "calls", "descending": True}],
        "limit": 2,
    },
    "topics with more than 5 calls": {
        **CALLS,
        "group_by": ["metric.topic"],
        "having": [{"column": "calls", "op": "gt", "value": 5}],
    },
    "how many calls mention a voucher": {**CALLS, "text": "voucher"},
}


@pytest.mark.parametrize("text", EXAMPLES, ids=str)
def test_a_question_becomes_its_query(text: str) -> None:
    assert asked(text) == EXAMPLES[text]


def test_calls_not_so_include_those_of_which_nothing_is_known() -> None:
    found = asked("How many calls were not handed off?")
    assert found["filters"] == {"and": [{"not": {"field": "field.handoff", "op": "eq", "value": True}}]}


def test_two_periods_are_asked_for_one_after_the_other() -> None:
    found = understood("Number of calls last week compared with the week before")
    assert found.kind is QuestionKind.COMPARISON
    spans = {(query.since, query.until) for query in found.queries}
    assert spans == {
        (datetime(2026, 4, 6, tzinfo=UTC), datetime(2026, 4, 13, tzinfo=UTC)),
        (datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC)),
    }


def test_calls_that_are_to_be_shown_are_no_number() -> None:
    found = understood("show me the angry calls of last week")
    assert (found.kind, found.queries) == (QuestionKind.LIST, ())
    assert found.calls is not None
    assert write_query(found.calls)["filters"] == {"and": [ANGRY]}


def test_what_was_said_is_searched_for() -> None:
    found = understood('find calls where somebody says "money back"')
    assert found.kind is QuestionKind.SEARCH
    assert found.calls is not None
    assert found.calls.text == '"money back"'


def test_the_longest_calls_are_calls_in_their_order() -> None:
    found = asked("the three longest calls")
    assert (found["group_by"], found["limit"]) == (["field.id"], 3)


def test_why_people_are_so_compares_them_with_the_others_and_names_their_calls() -> None:
    found = understood("Why are callers angry?")
    assert found.kind is QuestionKind.DIFFERENCE
    assert found.queries[0].group_by == ("metric.was_angry",)
    assert found.calls is not None
    assert write_query(found.calls)["filters"] == {"and": [ANGRY]}


def test_what_tells_calls_apart_has_the_sides_as_groups() -> None:
    found = understood("How do angry calls differ from the others?")
    assert found.kind is QuestionKind.DIFFERENCE
    assert found.queries[0].group_by == ("metric.was_angry",)


def test_calls_of_a_sort_that_is_not_known_are_not_counted_as_all() -> None:
    found = read("What share of purple calls was handed off?")
    assert isinstance(found, AskBack)
    assert "purple" in found.says


@pytest.mark.parametrize("text", ["top 5?", "How did we do last week?", "compare the two", "What is the weather like?"])
def test_what_names_nothing_is_asked_back(text: str) -> None:
    assert isinstance(read(text), AskBack)


def test_an_average_of_what_no_call_has_is_refused_by_its_name() -> None:
    found = read("What's our average shoe size?")
    assert isinstance(found, AskBack)
    assert "shoe" in found.says


def test_a_question_goes_on_from_the_one_before() -> None:
    first = understood("How many angry callers last week?")
    assert asked("and this week?", before=first) == {**CALLS, "since": "2026-04-13T00:00:00Z", **where(ANGRY)} | (
        {"until": "2026-04-15T12:00:00Z"} if understood("this week?", before=first).queries[0].until else {}
    )
    spanish = {"field": "field.language", "op": "eq", "value": "es"}
    assert asked("only Spanish ones", before=first) == {**CALLS, **LAST_WEEK, **where(ANGRY, spanish)}
    assert asked("by channel", before=first) == {**CALLS, **LAST_WEEK, **where(ANGRY), "group_by": ["field.channel"]}


def test_of_a_name_that_has_a_filter_the_new_one_holds() -> None:
    first = understood("How many Spanish calls?")
    english = understood("and English ones?", before=first)
    assert write_query(english.queries[0])["filters"] == {
        "and": [{"field": "field.language", "op": "eq", "value": "en"}]
    }


def test_a_reading_says_what_it_took_which_words_for() -> None:
    found = understood("How many angry callers last week?")
    assert "was_angry is yes" in found.says
    text = "How many angry callers last week?"
    assert {text[start:end] for start, end, _ in found.taken} >= {"angry", "last week"}


def test_a_question_about_one_agent_asks_of_that_one() -> None:
    found = read_question(replace(Question("How many calls?", NOW), agent="shop"), TERMS)
    assert isinstance(found, Understood)
    assert found.queries[0].agent == "shop"


_PIECES = (
    "how many calls share of average top 5 by channel angry not last week vs per day longer than 3 minutes mention "
    "refund why Spanish and or the busiest hour which topic compare handed off \" ? , between 1 2 most % 99th ' İ ſ "
    "12.5.2 0 at least 999999999999999999999999 rate"
)
_WORDS = st.sampled_from(_PIECES.split())


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(_WORDS, max_size=14).map(" ".join), st.text(max_size=60)))
def test_no_words_break_the_reader_and_each_query_can_be_asked(text: str) -> None:
    found = read(text)
    for each in found.choices if isinstance(found, AskBack) else (found,):
        for query in (*each.queries, *((each.calls,) if each.calls else ())):
            assert isinstance(read_query(write_query(query)), Query)
