"""Dates and times in words, for which there must be one reading only."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.demo.spoken import (
    clock,
    digits,
    month_day,
    relative_day,
    relative_day_spanish,
    time_in_words,
    time_spanish,
)

TUESDAY = date(2026, 11, 24)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (-1, "yesterday"),
        (0, "today"),
        (1, "tomorrow"),
        (2, "this Thursday"),
        (6, "next Monday"),
        (7, "next Tuesday"),
        (8, "Wednesday of next week"),
        (14, "Tuesday, December 8th"),
        (-5, "last Thursday"),
        (-7, "Tuesday, November 17th"),
    ],
)
def test_a_day_is_named_as_a_caller_would_on_a_tuesday(distance: int, words: str) -> None:
    assert relative_day(TUESDAY + timedelta(days=distance), TUESDAY) == words


@given(today=days)
def test_no_two_days_are_named_alike(today: date) -> None:
    around = [today + timedelta(days=distance) for distance in range(-20, 60)]
    assert len({relative_day(day, today) for day in around}) == len(around)
    assert len({relative_day_spanish(day, today) for day in around}) == len(around)


@given(today=days, distance=st.integers(min_value=2, max_value=20))
def test_next_some_day_is_the_nearest_such_day_and_lies_in_the_next_week(today: date, distance: int) -> None:
    day = today + timedelta(days=distance)
    if relative_day(day, today).startswith("next "):
        assert distance <= 7
        assert day.isocalendar()[:2] == (today + timedelta(days=7)).isocalendar()[:2]


def test_times_are_said_in_both_languages() -> None:
    assert clock(time(9, 30)) == "9:30 AM"
    assert clock(time(13)) == "1 PM"
    assert time_in_words(time(16)) == "four o'clock"
    assert time_in_words(time(8, 30)) == "eight thirty"
    assert time_spanish(time(13, 30)) == "la una y media de la tarde"
    assert time_spanish(time(11)) == "las once de la mañana"


def test_days_of_the_month_have_their_endings() -> None:
    endings = {day: month_day(date(2026, 3, day)) for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31)}
    assert list(endings.values()) == [
        *("March 1st", "March 2nd", "March 3rd", "March 4th", "March 11th", "March 12th", "March 13th"),
        *("March 21st", "March 22nd", "March 23rd", "March 30th", "March 31st"),
    ]


def test_a_number_is_read_out_digit_by_digit() -> None:
    assert digits("0142") == "oh one four two"
