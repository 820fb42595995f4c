"""Dates: absolute, spoken, relative."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.extraction.builtin.dates import find_dates, find_loose_dates

FRIDAY = date(2019, 3, 1)


def days(text: str, *, day_first: bool | None = None, past: bool = False) -> list[str]:
    return [each.value.isoformat() for each in find_dates(text, today=FRIDAY, day_first=day_first, past=past)]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2020-02-29", "2020-02-29"),
        ("September 25, 1994", "1994-09-25"),
        ("25th of September 1994", "1994-09-25"),
        ("the twentieth, of the fourth, nineteen ninety", "1990-04-20"),
        ("9th of May 2000 and 4", "2004-05-09"),
        ("25 grudnia 1945", "1945-12-25"),
        ("el 15 de marzo", "2019-03-15"),
        ("March 8th at 3 pm", "2019-03-08"),
        ("next Tuesday", "2019-03-05"),
        ("this Saturday", "2019-03-02"),
        ("Friday next week", "2019-03-08"),
        ("on Monday", "2019-03-04"),
        ("last Monday", "2019-02-25"),
        ("tomorrow", "2019-03-02"),
        ("the day after tomorrow", "2019-03-03"),
        ("yesterday", "2019-02-28"),
        ("in two weeks", "2019-03-15"),
        ("three days ago", "2019-02-26"),
        ("the 12th of this month", "2019-03-12"),
        ("pojutrze", "2019-03-03"),
        ("January 5", "2019-01-05"),
    ],
)
def test_a_date_is_read_as_people_mean_it(said: str, day: str) -> None:
    assert days(said) == [day]


def test_the_order_of_day_and_month_follows_the_rule() -> None:
    assert days("3/4/2020") == ["2020-03-04"]
    assert days("3/4/2020", day_first=True) == ["2020-04-03"]
    assert days("25/4/2020") == ["2020-04-25"]


@pytest.mark.parametrize("said", ["may 5 people come", "I may 3", "at 10:30", "call 555-213-8890", "the second floor"])
def test_what_is_no_date_is_not_read_as_one(said: str) -> None:
    assert days(said) == []


@pytest.mark.parametrize(
    ("said", "day"), [("0909 2006", "2006-09-09"), ("2303 1961", "1961-03-23"), ("0 8 0 6 1 9 3 1", "1931-06-08")]
)
def test_a_birthday_said_digit_by_digit_is_put_together(said: str, day: str) -> None:
    (mention,) = find_loose_dates(said, today=FRIDAY, day_first=True)
    assert mention.value.isoformat() == day


def test_two_digit_years_of_birth_lie_in_the_past() -> None:
    assert days("23/03/61", day_first=True, past=True) == ["1961-03-23"]


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2090, 12, 31)))
def test_a_full_date_is_read_back_in_every_form(day: date) -> None:
    for text in (day.isoformat(), f"{day:%B} {day.day}, {day.year}", f"{day.day} {day:%B} {day.year}"):
        assert days(text) == [day.isoformat()]


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2080, 1, 1)), st.integers(0, 6))
def test_a_weekday_is_the_coming_one(today: date, weekday: int) -> None:
    name = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][weekday]
    (mention,) = find_dates(f"on {name}", today=today)
    assert mention.value.weekday() == weekday
    assert timedelta(0) <= mention.value - today < timedelta(7)


@given(st.text(max_size=120))
def test_spans_lie_inside_any_text(text: str) -> None:
    for mention in find_dates(text, today=FRIDAY):
        assert 0 <= mention.start < mention.end <= len(text)
