"""When a call action runs, and what its template becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.call_actions import Condition, Operator, all_hold, fill, holds, is_json

KNOWN: dict[str, Any] = {
    "score": 7,
    "phone": "+15550100",
    "one": 1,
    "city": "Pune",
    "booked": True,
    "tags": ["gold", "vip"],
    "nothing": None,
    "text": "5",
}
CASES = [
    ("score", "eq", "7", True),
    ("score", "eq", "7.0", True),
    ("score", "neq", "7", False),
    ("score", "gt", "10", False),
    ("score", "lt", "10", True),
    ("score", "gte", "7", True),
    ("score", "lte", "6.5", False),
    ("text", "gt", "10", False),
    ("booked", "eq", "true", True),
    ("booked", "eq", "1", False),
    ("city", "eq", "PUNE", True),
    ("city", "in", "Mumbai, Pune", True),
    ("city", "in", '["Pune"]', True),
    ("city", "nin", "Mumbai,Delhi", True),
    ("score", "in", "6,7", True),
    ("city", "contains", "un", True),
    ("city", "notContains", "un", False),
    ("tags", "contains", "vip", True),
    ("tags", "notContains", "silver", True),
    ("phone", "startsWith", "+1555", True),
    ("phone", "endsWith", "0100", True),
    ("phone", "startsWith", "1555", False),
    ("one", "eq", "+1", False),
    ("missing", "eq", "", False),
    ("missing", "neq", "x", True),
    ("missing", "nin", "x", True),
    ("missing", "notContains", "x", True),
    ("missing", "gt", "0", False),
    ("nothing", "eq", "", False),
    ("nothing", "neq", "x", True),
]


@pytest.mark.parametrize(("field", "operator", "value", "true"), CASES, ids=[" ".join(c[:3]) for c in CASES])
def test_a_condition_compares_numbers_as_numbers_and_the_rest_as_text(
    field: str, operator: str, value: str, true: bool
) -> None:
    assert holds(Condition(field, Operator(operator), value), KNOWN) is true


def test_every_condition_must_hold_and_none_always_does() -> None:
    yes, no = Condition("score", Operator.EQ, "7"), Condition("score", Operator.EQ, "8")
    assert (all_hold([], KNOWN), all_hold([yes, yes], KNOWN), all_hold([yes, no], KNOWN)) == (True, True, False)


@given(st.sampled_from(list(Operator)), st.text(), st.text() | st.integers() | st.booleans() | st.none())
def test_whatever_is_compared_an_operator_and_its_opposite_never_agree(
    operator: Operator, value: str, known: Any
) -> None:
    opposites = {
        Operator.EQ: Operator.NEQ,
        Operator.IN: Operator.NIN,
        Operator.CONTAINS: Operator.NOT_CONTAINS,
    }
    if known is not None and operator in {Operator.GT, Operator.LTE}:
        pair = (Operator.GT, Operator.LTE)
    elif operator in opposites:
        pair = (operator, opposites[operator])
    else:
        assert holds(Condition("x", operator, value), {"x": known}) in {True, False}
        return
    assert holds(Condition("x", pair[0], value), {"x": known}) != holds(Condition("x", pair[1], value), {"x": known})


def test_a_json_template_keeps_types_outside_quotation_marks_and_escapes_inside() -> None:
    template = (
        '{"n": {{score}}, "ok": {{ booked }}, "who": "{{name}} of {{city}}", "gone": {{missing}}, "e": "{{missing}}"}'
    )
    filled = fill(template, {**KNOWN, "name": 'Zoë "Z" \\ \n'})
    assert json.loads(filled) == {"n": 7, "ok": True, "who": 'Zoë "Z" \\ \n of Pune', "gone": None, "e": ""}


def test_any_other_template_gets_plain_text() -> None:
    assert fill("Call {{call}}: {{booked}}, {{missing}}.", {"call": 'a"b', "booked": False}) == 'Call a"b: false, .'
    assert not is_json("Call {{call}}")


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text() | st.integers() | st.none() | st.booleans()))
def test_no_value_breaks_a_json_template_or_adds_to_it(known: dict[str, Any]) -> None:
    found = json.loads(fill('{"x": "{{a}}", "y": [{{b}}], "q": "\\"{{a}}"}', known))
    assert found.keys() == {"x", "y", "q"} and len(found["y"]) == 1


@given(st.text())
def test_any_text_is_a_template(template: str) -> None:
    assert isinstance(fill(template, KNOWN), str)
