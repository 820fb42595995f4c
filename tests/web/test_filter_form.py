"""The form that builds filters, from its fields to filters and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.queries import All, AnyOf, Condition, Filter, Operator
from postcall.errors import BadInput
from postcall.reporting.query_format import read_filters
from postcall.reporting.reports import KnownName
from postcall.web.filter_rows import (
    OPERATORS,
    FilterForm,
    FilterRow,
    change_rows,
    filters_of,
    kinds_of,
    names_offered,
    read_form,
    rows_of,
    values_offered,
)

KINDS = {"BOOKED": "boolean", "AGE": "number", "PLAN": "text", "CODE": "mixed"}


def built(*rows: tuple[str, str, str], any_of: bool = False, rest: tuple[Filter, ...] = ()) -> All:
    return filters_of(FilterForm(tuple(FilterRow(*row) for row in rows), any=any_of, rest=rest), KINDS)


def only(*rows: tuple[str, str, str]) -> Condition:
    [part] = built(*rows).parts
    assert isinstance(part, Condition)
    return part


@pytest.mark.parametrize(
    ("row", "condition"),
    [
        (("metric.BOOKED", "eq", "yes"), Condition("metric.BOOKED", Operator.EQ, True)),
        (("metric.BOOKED", "ne", "false"), Condition("metric.BOOKED", Operator.NE, False)),
        (("metric.AGE", "gt", "30"), Condition("metric.AGE", Operator.GT, 30)),
        (("metric.AGE", "between", "18, 30.5"), Condition("metric.AGE", Operator.BETWEEN, values=(18, 30.5))),
        (("metric.PLAN", "eq", "5"), Condition("metric.PLAN", Operator.EQ, "5")),
        (("metric.PLAN", "in", 'gold, "a, b"'), Condition("metric.PLAN", Operator.IN, values=("gold", "a, b"))),
        (("metric.CODE", "eq", "5"), Condition("metric.CODE", Operator.IN, values=("5", 5))),
        (("metric.NEW", "eq", "x"), Condition("metric.NEW", Operator.EQ, "x")),
        (("metric.CODE", "contains", "5"), Condition("metric.CODE", Operator.CONTAINS, "5")),
        (("metric.CODE", "exists", "whatever"), Condition("metric.CODE", Operator.EXISTS)),
        (("field.duration", "gte", "60"), Condition("field.duration", Operator.GTE, 60)),
        (("field.handoff", "eq", "No"), Condition("field.handoff", Operator.EQ, False)),
        (("field.variant", "not in", "b,a"), Condition("field.variant", Operator.NOT_IN, values=("b", "a"))),
        (("field.started_at", "lt", "2026-03-01"), Condition("field.started_at", Operator.LT, "2026-03-01")),
    ],
)  # fmt: skip
def test_a_typed_value_means_what_the_name_holds(row: tuple[str, str, str], condition: Condition) -> None:
    assert only(row) == condition
    assert rows_of(All((condition,))).rows[0].name == condition.field


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("metric.PLAN", "eq", ""), "PLAN needs a value"),
        (("field.duration", "gt", "long"), "Duration is a number"),
        (("field.handoff", "eq", "maybe"), "yes or no"),
        (("field.channel", "eq", "voise"), "did you mean voice"),
        (("metric.AGE", "between", "5"), "both ends"),
        (("field.nothing", "eq", "5"), "there is no"),
        (("field.duration", "contains", "5"), "is no text"),
    ],
)
def test_a_row_that_cannot_be_meant_says_which_and_why(row: tuple[str, str, str], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        built(("metric.PLAN", "eq", "gold"), row)
    assert said in caught.value.message
    assert "filter 2" in caught.value.message


def test_rows_without_a_name_are_left_out() -> None:
    assert built(("", "eq", ""), ("metric.PLAN", "eq", "gold")) == All((Condition("metric.PLAN", Operator.EQ, "gold"),))
    assert built(("", "eq", "")) == All()


def test_any_of_the_rows_can_be_enough() -> None:
    filters = built(("metric.PLAN", "eq", "gold"), ("metric.AGE", "gt", "30"), any_of=True)
    assert isinstance(filters.parts[0], AnyOf) and len(filters.parts[0].parts) == 2
    again = rows_of(filters)
    assert again.any and filters_of(again, KINDS) == filters


def test_what_is_too_deep_for_rows_is_kept_beside_them() -> None:
    deep = {"not": {"field": "metric.PLAN", "op": "exists"}}
    filters = read_filters([{"field": "metric.AGE", "op": "gt", "value": 5}, deep])
    form = rows_of(filters)
    assert [row.name for row in form.rows] == ["metric.AGE"] and len(form.rest) == 1
    assert filters_of(form, KINDS) == filters


def test_rows_can_be_added_and_removed() -> None:
    form = FilterForm((FilterRow("metric.A"), FilterRow("metric.B")))
    assert change_rows(form, "add").rows[-1] == FilterRow()
    assert change_rows(form, "remove-0").rows == (FilterRow("metric.B"),)
    assert change_rows(form, "remove-9") == change_rows(form, "shape") == form


def test_the_form_is_read_row_by_row() -> None:
    given = [("f_name", "metric.A"), ("f_op", "eq"), ("f_value", "x"), ("f_name", ""), ("f_op", "gt"), ("f_value", "")]
    form = read_form([*given, ("f_join", "any")], ())
    assert form.rows == (FilterRow("metric.A", "eq", "x"), FilterRow("", "gt", "")) and form.any
    with pytest.raises(BadInput, match="incomplete"):
        read_form(given[:-1], ())


def test_names_and_values_are_offered() -> None:
    def known(name: str, agent: str, kind: str) -> KnownName:
        return KnownName(name, agent, written=True, asked=False, built_in=False, kind=kind)

    kinds = kinds_of([known("PLAN", "a", "text"), known("PLAN", "b", "number"), known("OK", "a", "boolean")])
    assert kinds == {"PLAN": "mixed", "OK": "boolean"}
    fields, metrics = names_offered(kinds, ["metric.GONE", "field.channel"])
    assert ("field.channel", "Channel") in fields[1]
    assert [title for _, title in metrics[1]] == ["GONE", "OK", "PLAN"]
    assert values_offered("field.channel", kinds) == ("voice", "webchat", "sms")
    assert values_offered("metric.OK", kinds) == values_offered("field.handoff", kinds) == ("yes", "no")
    assert values_offered("metric.PLAN", kinds) == ()


ROWS = st.tuples(
    st.sampled_from(
        ["", "metric.BOOKED", "metric.AGE", "metric.PLAN", "metric.CODE", "field.duration", "field.channel"]
    ),
    st.sampled_from([op.value for op, _ in OPERATORS]),
    st.sampled_from(
        [
            "",
            "yes",
            "true",
            "true, yes, 5",
            "5",
            "-2.5",
            "1e400",
            "gold",
            "voice",
            "a, b",
            "a, a",
            "1, 2",
            '"',
            "voice, sms",
            "0x10",
        ]
    ),
)


@given(st.lists(ROWS, max_size=4), st.booleans())
def test_what_the_form_builds_it_can_show_and_build_again(rows: list[tuple[str, str, str]], any_of: bool) -> None:
    try:
        filters = built(*rows, any_of=any_of)
    except BadInput as error:
        assert "filter " in error.message
        return
    assert filters_of(rows_of(filters), KINDS) == filters
