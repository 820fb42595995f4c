"""Hours, days of the week, and words that ask for a number in each of several stretches of time."""

from __future__ import annotations

import pytest
from tests.analyst.reading_times import periods, times

from postcall.domain.queries import Bucket

WORKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WEEKEND = ("Saturday", "Sunday")
HOURS = {
    "emergencies between 9 and 12 o'clock": (540, 719),
    "calls between 9 and 12 last week": (540, 719),
    "calls yesterday between 3 and 6 pm": (900, 1079),
    "between 9:30 and 11": (570, 659),
    "from noon to 3 pm": (720, 899),
    "between 10pm and 6am": (1320, 359),
    "started after 6pm": (1080, 1439),
    "after 6 in the evening": (1080, 1439),
    "before 9 a.m.": (0, 539),
    "before noon yesterday": (0, 719),
    "at 3 o'clock in the afternoon": (900, 959),
    "at 14:00": (840, 899),
    "in the morning": (0, 719),
    "in the morning (8 to 12)": (480, 719),
    "in the afternoon (2 to 5)": (840, 1019),
    "evening calls": (1080, 1439),
    "overnight": (1320, 359),
}
DAYS = {
    "on Mondays": ("Monday",),
    "every friday": ("Friday",),
    "on Mondays and Fridays": ("Monday", "Friday"),
    "on a Sunday": ("Sunday",),
    "at weekends": WEEKEND,
    "weekend calls": WEEKEND,
    "on weekdays": WORKDAYS,
    "Monday to Friday": WORKDAYS,
}
BUCKETS = {
    "calls per day": Bucket.DAY,
    "daily calls": Bucket.DAY,
    "how many calls a day": Bucket.DAY,
    "busiest day last week": Bucket.DAY,
    "the day with the most calls": Bucket.DAY,
    "weekly": Bucket.WEEK,
    "week by week": Bucket.WEEK,
    "in each week": Bucket.WEEK,
    "by month": Bucket.MONTH,
    "month over month": Bucket.MONTH,
    "calls per hour yesterday": Bucket.HOUR,
}
HOURS_OF_DAY = ("busiest hour", "by hour of day", "over the hours of the day", "peak times", "calls by hour last month")
WEEKDAYS = ("busiest weekday", "by weekday", "which day of the week has the most calls", "per day of the week")


@pytest.mark.parametrize("question", HOURS)
def test_hours_of_the_day_are_a_condition(question: str) -> None:
    found = times(question).clocks
    assert [(each.first_minute, each.last_minute) for each in found] == [HOURS[question]]


@pytest.mark.parametrize("question", DAYS)
def test_days_of_the_week_are_a_condition(question: str) -> None:
    found = times(question)
    assert [each.weekdays for each in found.clocks] == [DAYS[question]]
    assert not found.periods


def test_monday_mornings_are_both() -> None:
    (clock,) = times("calls on Monday mornings in March").clocks
    assert (clock.weekdays, clock.first_minute, clock.last_minute) == (("Monday",), 0, 719)


def test_numbers_of_something_else_are_no_hours() -> None:
    for question in ("between 5 and 10 turns", "pain level between 3 and 6", "calls with 3 to 5 turns", "good morning"):
        assert not times(question).clocks


@pytest.mark.parametrize("question", BUCKETS)
def test_a_number_is_wanted_in_each_stretch(question: str) -> None:
    found = times(question)
    assert found.bucket is BUCKETS[question]
    assert not found.by_hour_of_day and not found.by_weekday


@pytest.mark.parametrize("question", HOURS_OF_DAY)
def test_hours_of_the_day_are_put_together(question: str) -> None:
    found = times(question)
    assert found.by_hour_of_day and found.bucket is None


@pytest.mark.parametrize("question", WEEKDAYS)
def test_days_of_the_week_are_put_together(question: str) -> None:
    found = times(question)
    assert found.by_weekday and found.bucket is None and not found.clocks


def test_a_weekday_that_somebody_books_is_not_the_day_of_a_call() -> None:
    for question in ("Which weekdays are booked the most?", "median party size by weekday booked"):
        found = times(question)
        assert not found.by_weekday and not found.clocks and found.bucket is None


def test_weekends_in_a_question_by_weekday_do_not_hide_the_other_days() -> None:
    found = times("Do weekends have a higher transfer rate? by weekday please")
    assert found.by_weekday and not found.clocks


def test_a_question_can_say_all_of_it() -> None:
    question = "bookings per week on Mondays after 6pm since March 2"
    found = times(question)
    assert [question[each.start : each.end] for each in found.periods] == ["since March 2"]
    assert [question[each.start : each.end] for each in found.clocks] == ["on Mondays", "after 6pm"]
    assert [question[slice(*each)] for each in found.group_spans] == ["per week"]
    assert periods(question) == ["2026-03-02..now"]
