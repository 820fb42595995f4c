"""What a model gives to a function arrives as the function declares it, or is explained to the model."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runtime.texts.by_hand import a_function

from postcall.runtime.projects.model import Parameter
from postcall.runtime.texts.arguments import Arguments, convert, read_arguments

BOOK = a_function(
    "book",
    Parameter("name", "string", ""),
    Parameter("people", "integer", ""),
    Parameter("price", "number", ""),
    Parameter("outside", "boolean", ""),
)
GOOD = {"name": "Ann", "people": 4, "price": 2.5, "outside": True}


def book(**changed: Any) -> Arguments:
    return read_arguments(json.dumps({**GOOD, **changed}), BOOK)


def test_arguments_of_the_declared_types_arrive_as_they_are() -> None:
    assert book() == Arguments(GOOD)


@pytest.mark.parametrize(
    ("name", "given_value", "arrives"),
    [
        ("people", "4", 4),
        ("people", 4.0, 4),
        ("people", "four", 4),
        ("price", 2, 2.0),
        ("price", "2.5", 2.5),
        ("name", 7, "7"),
        ("name", True, "true"),
        ("outside", "true", True),
        ("outside", "No", False),
        ("outside", 0, False),
    ],
)
def test_a_value_is_converted_where_nothing_is_lost(name: str, given_value: object, arrives: object) -> None:
    got = book(**{name: given_value}).values[name]
    assert got == arrives
    assert type(got) is type(arrives)


@pytest.mark.parametrize(
    ("name", "given_value"),
    [
        ("people", 4.5),
        ("people", "a few"),
        ("people", True),
        ("people", None),
        ("people", 2.0**60),
        ("price", "cheap"),
        ("price", 2**53 + 1),
        ("price", False),
        ("outside", 2),
        ("outside", "maybe"),
        ("name", None),
        ("name", ["Ann"]),
        ("name", {"first": "Ann"}),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(name: str, given_value: object) -> None:
    refused = book(**{name: given_value})
    assert refused.values == {}
    assert refused.error is not None
    assert name in refused.error


def test_a_missing_name_is_told_to_the_model() -> None:
    refused = read_arguments('{"name": "Ann"}', BOOK)
    assert refused.error is not None
    assert all(name in refused.error for name in ("people", "price", "outside"))


def test_a_name_that_the_function_does_not_have_is_left_out() -> None:
    got = book(colour="red")
    assert got.values == GOOD
    assert got.ignored == ("colour",)


def test_a_function_without_parameters_takes_any_nothing() -> None:
    nothing = a_function("nothing")
    for text in ("", "  ", "{}", "null", '"{}"'):
        assert read_arguments(text, nothing) == Arguments()


@pytest.mark.parametrize("text", ["[1]", "7", '{"name": "An', "Ann", "NaN", '{"price": NaN}', "[" * 100_000])
def test_what_is_no_object_is_an_error_for_the_model(text: str) -> None:
    assert read_arguments(text, BOOK).error


def test_an_object_that_was_encoded_twice_is_read() -> None:
    assert read_arguments(json.dumps(json.dumps(GOOD)), BOOK).values == GOOD


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    text=st.text(max_size=40) | JSON.map(json.dumps) | st.dictionaries(st.sampled_from([*GOOD]), JSON).map(json.dumps)
)
def test_whatever_a_model_writes_the_function_gets_its_types_or_nothing(text: str) -> None:
    got = read_arguments(text, BOOK)
    if got.error is None:
        types = {name: type(value) for name, value in got.values.items()}
        assert types == {"name": str, "people": int, "price": float, "outside": bool}
        assert math.isfinite(got.values["price"])
    else:
        assert got.values == {}


@given(st.integers())
def test_a_whole_number_keeps_its_value_in_every_spelling(number: int) -> None:
    assert convert(number, "integer") == number
    if abs(number) < 10**15:
        assert convert(str(number), "integer") == number
        assert convert(float(number), "integer") == number
