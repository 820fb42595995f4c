"""Which writes fit a metric's definition."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.calls import MetricValue
from postcall.domain.metrics import MetricDefinition, MetricType, check_metric, fit, fit_writes
from postcall.errors import BadInput

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def defined(kind: str, *expected: str, active: bool = True) -> MetricDefinition:
    return MetricDefinition("a", "NAME", MetricType(kind), expected, "", active, True, NOW, NOW)


FITTING: list[tuple[str, MetricValue, MetricValue]] = [
    ("boolean", True, True),
    ("boolean", "yes", True),
    ("boolean", "No", False),
    ("boolean", 1, True),
    ("boolean", 0.0, False),
    ("integer", "5", 5),
    ("integer", 5.0, 5),
    ("integer", "five", 5),
    ("integer", 2**62, 2**62),
    ("float", 5, 5.0),
    ("float", "2.50", 2.5),
    ("float", "-1e3", -1000.0),
    ("string", " booked ", "booked"),
    ("string", 5.0, "5"),
    ("string", True, "true"),
    ("string", "unknown", "unknown"),
]


@pytest.mark.parametrize(("kind", "written", "value"), FITTING)
def test_a_write_is_understood_as_an_answer_would_be(kind: str, written: MetricValue, value: MetricValue) -> None:
    fitted = fit(written, defined(kind))
    assert fitted == value
    assert type(fitted) is type(value)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("boolean", "perhaps"),
        ("boolean", 2),
        ("boolean", "unknown"),
        ("integer", 5.5),
        ("integer", True),
        ("integer", "a few"),
        ("integer", 2**63),
        ("float", False),
        ("float", "2,5"),
        ("float", "1e999"),
        ("float", 10**400),
        ("float", float("inf")),
        ("string", "  "),
    ],
)
def test_what_cannot_be_meant_is_a_misfit(kind: str, written: MetricValue) -> None:
    assert fit(written, defined(kind)) is None


def test_an_expected_value_is_spelled_as_declared() -> None:
    outcome = defined("string", "Booked", "no_show", "5")
    assert [fit(each, outcome) for each in ("booked", "NO_SHOW", 5, 5.0)] == ["Booked", "no_show", "5", "5"]


def test_a_value_that_nobody_expects_is_a_misfit_even_if_it_is_near() -> None:
    outcome = defined("string", "Booked", "no_show")
    assert [fit(each, outcome) for each in ("bookd", "no show", "left", True)] == [None] * 4


def test_a_retired_definition_still_fits_the_writes_of_its_time() -> None:
    assert fit("yes", defined("boolean", active=False)) is True


def test_without_a_definition_a_value_stays_and_a_number_has_one_spelling() -> None:
    assert [fit(each, None) for each in ("yes", True, 5.0, 5.5, -0.0)] == ["yes", True, 5, 5.5, 0]
    assert type(fit(5.0, None)) is int
    assert fit(float(2**60), None) == float(2**60)
    assert type(fit(float(2**60), None)) is float
    assert fit(float("nan"), None) is None


def test_of_several_writes_the_misfits_are_counted_and_the_others_keep_their_order() -> None:
    assert fit_writes(["3", "many", 1, 2.0], defined("integer")) == ((3, 1, 2), 1)
    assert fit_writes([], defined("integer")) == ((), 0)


values = st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.booleans())
expected = st.lists(st.text(min_size=1, max_size=8).map(str.strip).filter(bool), max_size=4, unique_by=str.casefold)


@st.composite
def definitions(draw: st.DrawFn) -> MetricDefinition | None:
    kind = draw(st.sampled_from([*MetricType, None]))
    if kind is None:
        return None
    return defined(kind, *(draw(expected) if kind is MetricType.STRING else ()))


@given(values, definitions())
def test_fitting_never_fails_and_fitting_twice_is_fitting_once(
    value: MetricValue, definition: MetricDefinition | None
) -> None:
    once = fit(value, definition)
    if once is not None:
        twice = fit(once, definition)
        assert twice == once
        assert type(twice) is type(once)
    if once is not None and definition is not None:
        kinds = {"boolean": bool, "integer": int, "float": float, "string": str}
        assert type(once) is kinds[definition.type]


@pytest.mark.parametrize(
    ("field", "given_"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "   "}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "a\x00b"}),
        ("definition", {"definition": "x" * 5001}),
        ("expected_values", {"expected_values": ("a",), "type_": MetricType.INTEGER}),
        ("expected_values[1]", {"expected_values": ("Booked", "booked")}),
        ("expected_values[0]", {"expected_values": (" booked",)}),
        ("expected_values[0]", {"expected_values": ("",)}),
    ],
)
def test_a_definition_that_no_write_could_follow_is_refused_and_its_field_named(
    field: str, given_: dict[str, Any]
) -> None:
    fine: dict[str, Any] = {"name": "N", "type_": MetricType.STRING, "expected_values": (), "definition": ""}
    with pytest.raises(BadInput) as refused:
        check_metric(**(fine | given_))
    assert refused.value.field == field


@pytest.mark.parametrize("name", ["BOOKED", "a/b", "ünïcode 🙂", "..", "with space", "x" * 200])
def test_any_name_that_a_write_may_bear_can_be_defined(name: str) -> None:
    check_metric(name, MetricType.BOOLEAN, (), "")
