"""Numbers in digits and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.extraction.builtin.numbers import digitise, find_numbers


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("twenty five people", 25),
        ("one hundred and five dollars", 105),
        ("$22,025.19", 22025.19),
        ("three hundred fifty bucks", 350),
        ("two thousand and six", 2006),
        ("nineteen ninety", 1990),
        ("twenty nineteen", 2019),
        ("1.5k", 1500),
        ("hundred", 100),
        ("a hundred", 100),
        ("thousand", 1000),
        ("twelve thousand three hundred", 12300),
    ],
)
def test_a_number_is_read_as_it_is_meant(said: str, number: float) -> None:
    assert [each.value for each in find_numbers(said)] == [number]


@pytest.mark.parametrize("said", ["I like this one", "the last one please", "which one was it"])
def test_one_that_stands_for_a_thing_is_no_number(said: str) -> None:
    assert find_numbers(said) == ()


def test_digits_said_singly_stay_single() -> None:
    assert digitise("nine nine three double five").text == "9 9 3 5 5"


def test_ordinals_keep_their_ending() -> None:
    assert digitise("the twentieth of the fourth").text == "the 20th of the 4th"


def test_money_is_told_from_counts() -> None:
    assert [(each.value, each.money) for each in find_numbers("2 tickets for 30 dollars")] == [(2, False), (30, True)]


def test_a_number_knows_where_it_stands() -> None:
    text = "We are twenty-three in all"
    (number,) = find_numbers(text)
    assert text[number.start : number.end] == "twenty-three"


@given(st.text(max_size=200))
def test_spans_lie_inside_any_text(text: str) -> None:
    for number in find_numbers(text):
        assert 0 <= number.start < number.end <= len(text)


@given(
    st.lists(
        st.sampled_from(
            ["one", "twenty", "hundred", "thousand", "and", "first", "double", "oh", "x", "7", "nineteen", ",", "-"]
        ),
        max_size=12,
    )
)
def test_any_heap_of_number_words_is_read_without_failing(words: list[str]) -> None:
    text = " ".join(words)
    digits = digitise(text)
    for start in range(len(digits.text)):
        first, last = digits.span(start, start + 1)
        assert 0 <= first <= last <= len(text)
