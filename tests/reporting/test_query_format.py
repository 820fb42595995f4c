"""The query as JSON: what is read, what is refused and how, and that nothing is lost on the way there and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.queries import (
    All,
    AnyOf,
    Bucket,
    Condition,
    Denominator,
    Filter,
    Having,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Order,
    Query,
)
from postcall.errors import BadInput
from postcall.reporting.query_format import (
    filters_in_words,
    name_measures,
    read_filters,
    read_query,
    write_filters,
    write_query,
)


def refused(raw: object) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_query(raw)
    assert caught.value.field is not None
    assert caught.value.message.startswith(caught.value.field), "the path stands first, so that a line is enough"
    return caught.value


def test_a_whole_query_is_read() -> None:
    read = read_query(
        {
            "agent": "clinic",
            "since": "2026-03-01",
            "until": "2026-03-08T00:00:00Z",
            "time_zone": "Europe/Berlin",
            "measures": [
                {"measure": "conversations"},
                {"measure": "rate", "of": "metric.BOOKED", "denominator": "answered", "as": "booked"},
                {"measure": "p95", "of": "field.duration"},
            ],
            "group_by": ["field.channel", "metric.CALL_REASON", "day"],
            "filters": {"and": [{"field": "field.direction", "op": "eq", "value": "inbound"}]},
            "having": [{"column": "conversations", "op": "gte", "value": 5}],
            "order": [{"column": "booked", "descending": True}],
            "limit": 10,
            "compare": True,
            "text": "invoice",
        }
    )
    assert read == Query(
        measures=(
            Measure(MeasureKind.CONVERSATIONS, name="conversations"),
            Measure(MeasureKind.RATE, "metric.BOOKED", True, Denominator.ANSWERED, "booked"),
            Measure(MeasureKind.P95, "field.duration", name="p95_duration"),
        ),
        agent="clinic",
        since=datetime(2026, 2, 28, 23, tzinfo=UTC),
        until=datetime(2026, 3, 8, tzinfo=UTC),
        time_zone="Europe/Berlin",
        group_by=("field.channel", "metric.CALL_REASON", "day"),
        filters=All((Condition("field.direction", Operator.EQ, "inbound"),)),
        having=(Having("conversations", Operator.GTE, 5.0),),
        order=(Order("booked", descending=True),),
        limit=10,
        compare=True,
        text="invoice",
    )


def test_columns_without_a_name_get_one_of_their_own() -> None:
    raw = [
        {"measure": "rate", "of": "metric.PLAN", "value": "gold"},
        {"measure": "rate", "of": "metric.PLAN", "value": "gold", "denominator": "asked"},
        {"measure": "average", "of": "metric.duration"},
        {"measure": "average", "of": "field.duration"},
        {"measure": "count", "as": "average_duration"},
    ]
    assert [measure.name for measure in read_query({"measures": raw}).measures] == [
        "rate_PLAN_gold",
        "rate_PLAN_gold_2",
        "average_duration_2",
        "average_duration_3",
        "average_duration",
    ]


@pytest.mark.parametrize(
    ("spelling", "meant"),
    [
        ("=", Operator.EQ),
        ("!=", Operator.NE),
        ("not_in", Operator.NOT_IN),
        ("nin", Operator.NOT_IN),
        ("NOT IN", Operator.NOT_IN),
        ("not_contains", Operator.NOT_CONTAINS),
        ("not-exists", Operator.NOT_EXISTS),
        (">=", Operator.GTE),
        ("between", Operator.BETWEEN),
    ],
)
def test_operators_are_taken_as_people_write_them(spelling: str, meant: Operator) -> None:
    value = {Operator.NOT_IN: ["a"], Operator.BETWEEN: [1, 2], Operator.NOT_EXISTS: None}.get(meant, "a")
    read = read_filters({"and": [{"field": "metric.X", "op": spelling, "value": value}]})
    assert isinstance(read.parts[0], Condition) and read.parts[0].op is meant


@pytest.mark.parametrize(
    ("raw", "path", "said"),
    [
        ([], "body", "must be an object"),
        ({"mesures": []}, "mesures", "did you mean measures"),
        ({"measures": [{"measure": "averge", "of": "field.duration"}]}, "measures[0].measure", "average"),
        ({"measures": [{"measure": "sum"}]}, "measures[0].of", "must say of what"),
        ({"measures": [{"measure": "conversations", "of": "metric.X"}]}, "measures[0].of", "is of nothing"),
        ({"measures": [{"measure": "sum", "of": "field.durations"}]}, "measures[0].of", "field.duration"),
        ({"measures": [{"measure": "sum", "of": "metric.X", "value": 5}]}, "measures[0].value", "only 'rate'"),
        ({"measures": [{"measure": "rate", "of": "metric.X", "value": [1]}]}, "measures[0].value", "not a list"),
        ({"measures": [{"measure": "rate", "of": "metric.X", "denominator": "a"}]}, "measures[0].denominator", "asked"),
        ({"measures": [{"measure": "count", "as": "day"}], "group_by": ["day"]}, "measures[0].as", "another column"),
        ({"group_by": ["dya"]}, "group_by[0]", "did you mean day"),
        ({"group_by": ["channel"]}, "group_by[0]", "did you mean field.channel"),
        ({"group_by": ["day", "day"]}, "group_by[1]", "twice"),
        ({"filters": {"and": [{"field": "field.chanel", "op": "eq"}]}}, "filters.and[0].field", "channel"),
        ({"filters": {"or": [{"field": "metric.X", "op": "equls", "value": 1}]}}, "filters.or[0].op", "no operator"),
        ({"filters": {"field": "metric.X", "op": "between", "value": [1]}}, "filters.value", "two values"),
        ({"filters": {"field": "metric.X", "op": "in", "value": "a"}}, "filters.value", "a list of values"),
        ({"filters": {"field": "metric.X", "op": "in", "value": []}}, "filters.value", "at least one"),
        ({"filters": {"field": "metric.X", "op": "eq"}}, "filters.value", "a value is needed"),
        ({"filters": {"field": "metric.X", "op": "exists", "value": 1}}, "filters.value", "takes no value"),
        ({"filters": {"field": "metric.X", "op": "gt", "value": True}}, "filters.value", "a number or a text"),
        ({"filters": {"field": "field.channel", "op": "eq", "value": "voise"}}, "filters.value", "did you mean voice"),
        ({"filters": {"field": "field.duration", "op": "gt", "value": "60"}}, "filters.value", "is a number"),
        ({"filters": {"field": "field.handoff", "op": "eq", "value": "yes"}}, "filters.value", "true or false"),
        ({"filters": {"field": "field.handoff", "op": "gt", "value": 1}}, "filters.op", "true or false"),
        ({"filters": {"field": "field.duration", "op": "contains", "value": "6"}}, "filters.op", "is no text"),
        ({"filters": {"field": "field.started_at", "op": "gt", "value": "noon"}}, "filters.value", "ISO 8601"),
        ({"filters": {"and": [], "or": []}}, "filters", "must stand alone"),
        ({"filters": {"not": [{"field": "metric.X", "op": "exists"}]}}, "filters.not", "must be an object"),
        ({"having": [{"column": "calls", "op": "gt", "value": 1}]}, "having[0].column", "no column"),
        ({"order": [{"column": "conversation"}], "measures": [{"measure": "conversations"}]}, "order[0].column",
         "did you mean conversations"),
        ({"since": "yesterday"}, "since", "ISO 8601"),
        ({"since": "2026-03-02", "until": "2026-03-02"}, "until", "later than since"),
        ({"time_zone": "Europe/Berln"}, "time_zone", "did you mean Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "no time zone"),
        ({"limit": 0}, "limit", "from 1 to 10,000"),
        ({"limit": 10_001}, "limit", "from 1 to 10,000"),
        ({"limit": True}, "limit", "whole number"),
        ({"compare": True, "since": "2026-03-02"}, "compare", "both since and until"),
        ({"text": "  "}, "text", "empty"),
        ({"text": "a\x00b"}, "text", "no database"),
        ({"agent": 5}, "agent", "must be text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_what_would_help(raw: object, path: str, said: str) -> None:
    error = refused(raw)
    assert error.field == path
    assert said in error.message


def test_only_columns_of_numbers_can_be_compared_in_having() -> None:
    base: dict[str, Any] = {"measures": [{"measure": "conversations"}]}
    error = refused({**base, "having": [{"column": "conversations", "op": "contains", "value": 1}]})
    assert error.field == "having[0].op"
    error = refused({**base, "having": [{"column": "conversations", "op": "between", "value": [1]}]})
    assert error.field == "having[0].value"


def test_filters_have_bounds() -> None:
    deep: dict[str, Any] = {"field": "metric.X", "op": "exists"}
    for _ in range(9):
        deep = {"not": deep}
    assert read_filters(deep)
    with pytest.raises(BadInput, match="levels deep"):
        read_filters({"not": {"not": deep}})
    one = {"field": "metric.X", "op": "exists"}
    assert len(read_filters([one] * 200).parts) == 200
    with pytest.raises(BadInput, match="at most 200"):
        read_filters({"or": [{"and": [one] * 150}, {"and": [one] * 51}]})


# Hypothesis: nothing is lost on the way to JSON and back.

SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
NAMES = st.sampled_from(["metric.CALL_REASON", "metric.a b", "metric.Ünïcode", "metric.field.x"])
NUMERIC = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    field = draw(NAMES)
    op = draw(st.sampled_from(Operator))
    if op in {Operator.EXISTS, Operator.NOT_EXISTS}:
        return Condition(field, op)
    if op in {Operator.IN, Operator.NOT_IN}:
        return Condition(field, op, values=tuple(draw(st.lists(SCALARS, min_size=1, max_size=4))))
    if op is Operator.BETWEEN:
        return Condition(field, op, values=(draw(NUMERIC), draw(NUMERIC)))
    if op in {Operator.CONTAINS, Operator.NOT_CONTAINS}:
        return Condition(field, op, "some text")
    if op in {Operator.EQ, Operator.NE}:
        return Condition(field, op, draw(SCALARS))
    return Condition(field, op, draw(NUMERIC))


def parts() -> st.SearchStrategy[Filter]:
    return st.recursive(
        conditions(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda some: All(tuple(some))),
            st.lists(inner, max_size=3).map(lambda some: AnyOf(tuple(some))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


FILTERS = st.lists(parts(), max_size=3).map(lambda some: All(tuple(some)))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    kind = draw(st.sampled_from(MeasureKind))
    name = draw(st.sampled_from(["", "", "one", "two"]))
    if kind is MeasureKind.CONVERSATIONS:
        return Measure(kind, name=name)
    of = draw(st.sampled_from(["metric.PLAN", "field.duration"]))
    if kind is not MeasureKind.RATE:
        return Measure(kind, of, name=name)
    return Measure(kind, of, draw(SCALARS), draw(st.sampled_from([None, *Denominator])), name)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    groups = tuple(draw(st.lists(st.sampled_from(["field.channel", "metric.PLAN", *Bucket]), unique=True, max_size=3)))
    given_names = draw(st.lists(measures(), max_size=3, unique_by=lambda each: each.name or id(each)))
    named = name_measures(given_names, groups)
    columns = [*groups, *(measure.name for measure in named)]
    since = draw(st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
    since = since.replace(fold=0) if since is not None else None
    length = draw(st.none() | st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
    until = since + length if since is not None and length is not None else None
    having = [Having(each.name, Operator.BETWEEN, values=(draw(NUMERIC), draw(NUMERIC))) for each in named]
    return Query(
        measures=named,
        agent=draw(st.sampled_from([None, "clinic"])),
        since=since,
        until=until,
        time_zone=draw(st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu"])),
        group_by=tuple(str(group) for group in groups),
        filters=draw(FILTERS),
        having=tuple(having),
        order=tuple(Order(str(name), draw(st.booleans())) for name in columns),
        limit=draw(st.none() | st.integers(1, 10_000)),
        compare=until is not None and draw(st.booleans()),
        text=draw(st.sampled_from([None, "refund policy"])),
    )


@given(queries())
def test_a_query_comes_back_from_json_as_it_was(query: Query) -> None:
    sent = json.loads(json.dumps(write_query(query)))
    assert repr(read_query(sent)) == repr(query)  # repr tells true from 1
    assert write_query(read_query(sent)) == sent, "there is one way to write a query"


@given(FILTERS)
def test_filters_come_back_and_can_be_said(filters: All) -> None:
    assert repr(read_filters(json.loads(json.dumps(write_filters(filters))))) == repr(filters)
    assert bool(filters_in_words(filters)) == bool(filters.parts)


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    ["measure", "of", "value", "as", "field", "op", "and", "or", "not", "field.duration", "metric.X", "eq", "in",
     "between", "rate", "conversations", "column", "day", "UTC", "2026-03-01", "0001-01-01T00:00+14:00", "gt"]
)  # fmt: skip
NEAR = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(-5, 20), st.floats()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)
KEYED = st.dictionaries(
    st.sampled_from(
        ["agent", "since", "until", "time_zone", "measures", "group_by", "filters", "having", "order", "limit",
         "compare", "text", "other"]
    ),
    NEAR,
    max_size=4,
)  # fmt: skip


@given(JUNK | NEAR | KEYED)
def test_any_json_is_read_or_refused_in_words(raw: object) -> None:
    try:
        read = read_query(raw)
    except BadInput as error:
        assert error.field is not None and error.message
    else:
        assert write_query(read_query(write_query(read))) == write_query(read)
