"""The address of the list of calls: tidied, read, and shown as chips."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOON

from postcall.domain.queries import All, Condition, Operator
from postcall.errors import BadInput
from postcall.reporting.query_format import read_filters
from postcall.reporting.spellings import spellings
from postcall.web.filters import DEFAULT_COLUMNS, chips, path_of, tidy, with_filters
from postcall.web.list_query import Asked, read_list

BILLING = {"field": "metric.CALL_REASON", "op": "eq", "value": "billing"}
LONG = {"field": "field.duration", "op": "gte", "value": 60}


def read(*pairs: tuple[str, str]) -> Asked:
    return read_list(pairs, now=NOON)


def test_empty_fields_of_the_form_leave_the_address() -> None:
    assert tidy([("agent", "clinic"), ("status", ""), ("since", " "), ("q", "")]) == [("agent", "clinic")]


def test_a_named_period_wins_over_dates_and_what_holds_anyway_is_left_out() -> None:
    dated = [("since", "2026-03-01"), ("until", "2026-04-01")]
    assert tidy([("period", "last_7_days"), *dated]) == [("period", "last_7_days")]
    assert tidy([("period", "custom"), *dated]) == dated
    assert tidy([("time_zone", "UTC"), *(("columns", name) for name in DEFAULT_COLUMNS)]) == []


def test_each_filter_has_a_chip_that_removes_it_alone_and_goes_to_the_first_page() -> None:
    query = [("agent", "clinic"), ("metric.A & B", "x=1"), ("cursor", "abc"), ("watch", "no")]
    first, second = chips(query, All())
    assert (first.label, first.value) == ("agent", "clinic")
    assert (second.label, second.value) == ("A & B", "x=1")
    assert parse_qsl(urlsplit(first.remove).query) == [("metric.A & B", "x=1")]
    assert second.remove == "/calls?agent=clinic"


def test_built_filters_are_chips_in_words_and_each_can_go_alone() -> None:
    filters = read_filters([BILLING, {"or": [LONG, {"field": "field.handoff", "op": "eq", "value": True}]}])
    query = with_filters([("agent", "clinic")], filters)
    agent, billing, either = chips(query, filters)
    assert billing.value == "CALL_REASON is billing"
    assert either.value == "duration at least 60 s or handoff is yes"
    left = read(*parse_qsl(urlsplit(billing.remove).query))
    assert left.filters == All(filters.parts[1:]) and left.query.agent == "clinic"
    assert read(*parse_qsl(urlsplit(agent.remove).query)).filters == filters


def test_short_parameters_become_conditions() -> None:
    asked = read(("status", "completed"), ("from_number", "+1555"), ("version", "3"), ("channel", "voice"))
    assert asked.query.filters == All(
        (
            Condition("field.status", Operator.EQ, "completed"),
            Condition("field.from_number", Operator.EQ, "+1555"),
            Condition("field.version", Operator.EQ, 3),
            Condition("field.channel", Operator.EQ, "voice"),
        )
    )


def test_a_parameter_given_twice_takes_either_value() -> None:
    [condition] = read(("channel", "voice"), ("channel", "sms")).query.filters.parts
    assert condition == Condition("field.channel", Operator.IN, values=("voice", "sms"))


def test_a_metric_value_in_the_address_stands_for_its_text_and_its_number() -> None:
    assert spellings("5") == ("5", 5)
    assert spellings("true") == ("true", True)
    assert spellings("gold") == ("gold",)
    [condition] = read(("metric.PLAN", "5")).query.filters.parts
    assert condition == Condition("metric.PLAN", Operator.IN, values=("5", 5))


def test_every_environment_can_be_asked_for() -> None:
    [condition] = read(("environment", "all")).query.filters.parts
    assert condition == Condition("field.environment", Operator.IN, values=("live", "pre-release", "sandbox"))


def test_dates_are_those_of_the_time_zone() -> None:
    asked = read(("since", "2026-03-01"), ("time_zone", "Europe/Berlin"))
    assert asked.query.since is not None and asked.query.since.isoformat() == "2026-02-28T23:00:00+00:00"
    asked = read(("period", "today"), ("time_zone", "America/New_York"))
    assert asked.query.since is not None and asked.query.since.isoformat() == "2026-03-02T05:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("since", "yesterday", "ISO 8601"),
        ("status", "odd", "there are pending"),
        ("channel", "voise", "did you mean voice"),
        ("version", "two", "is a number"),
        ("colour", "red", "unknown parameter"),
        ("chanel", "voice", "did you mean channel"),
        ("period", "last_8_days", "did you mean"),
        ("time_zone", "Berlin", "Europe/Berlin"),
        ("filters", "{", "not JSON"),
        ("filters", '{"field": "field.durration", "op": "gt", "value": 1}', "field.duration"),
        ("columns", "sumary", "did you mean summary"),
        ("columns", "field.nothing", "there is no"),
        ("cursor", "xx", "not a cursor"),
        ("limit", "0", "whole number"),
        ("extraction", "odd", "is none of"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_would_help(name: str, value: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read((name, value))
    assert said in caught.value.message


NAMES = st.sampled_from(
    ["agent", "status", "since", "metric.A", "period", "cursor", "filters", "columns", "q", "environment", "time_zone"]
)
VALUES = st.text(max_size=8) | st.sampled_from(["today", "UTC", '{"and": []}', "[1]", "caller", "live", "all"])


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_a_tidy_address_is_left_alone(query: list[tuple[str, str]]) -> None:
    # Otherwise the page would send the browser round in circles.
    once = tidy(query)
    assert tidy(once) == once
    encodable = [(key, value.encode("utf-8", "replace").decode()) for key, value in once]
    assert parse_qsl(urlsplit(path_of(encodable)).query) == encodable


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5))
def test_any_address_is_read_or_refused_in_words(query: list[tuple[str, str]]) -> None:
    try:
        asked = read_list(tidy(query), now=NOON)
    except BadInput as error:
        assert error.message
    else:
        assert len(chips(tidy(query), asked.filters)) >= len(asked.filters.parts)
