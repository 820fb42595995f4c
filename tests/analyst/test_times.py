"""Periods that a question names, as the person who asks means them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analyst.reading_times import NEW_YORK, NOW, periods, times

from postcall.analyst.times.finding import find_times
from postcall.reporting.periods import period

THIS_WEEK, LAST_WEEK = "2026-04-13..now", "2026-04-06..2026-04-13"
MARCH, APRIL = "2026-03-01..2026-04-01", "2026-04-01..now"

ONE = {
    "calls today": "2026-04-15..now",
    "yesterday's calls": "2026-04-14..2026-04-15",
    "the day before yesterday": "2026-04-13..2026-04-14",
    "this week so far": THIS_WEEK,
    "last week": LAST_WEEK,
    "the week before last": "2026-03-30..2026-04-06",
    "this month": APRIL,
    "last month": MARCH,
    "two months ago": "2026-02-01..2026-03-01",
    "this quarter": APRIL,
    "last quarter": "2026-01-01..2026-04-01",
    "Q4": "2025-10-01..2026-01-01",
    "first quarter of 2025": "2025-01-01..2025-04-01",
    "year to date": "2026-01-01..now",
    "last year": "2025-01-01..2026-01-01",
    "in 2025": "2025-01-01..2026-01-01",
    "the past 7 days": "2026-04-09..now",
    "over the last two weeks": "2026-04-02..now",
    "last 2 full weeks": "2026-03-30..2026-04-13",
    "past 3 months": "2026-01-16..now",
    "in the last 24 hours": "2026-04-14T15:20..now",
    "the last 90 minutes": "2026-04-15T13:50..now",
    "in March": MARCH,
    "spanish calls in march": MARCH,
    "June": "2025-06-01..2025-07-01",
    "last April": "2025-04-01..2025-05-01",
    "March 2025": "2025-03-01..2025-04-01",
    "June 1–14": "2025-06-01..2025-06-15",
    "1 to 14 June": "2025-06-01..2025-06-15",
    "between the 1st and 14th of June, 2024": "2024-06-01..2024-06-15",
    "from March 30 to April 5": "2026-03-30..2026-04-06",
    "from 28 December to 3 January": "2025-12-28..2026-01-04",
    "from Nov to Feb": "2025-11-01..2026-03-01",
    "between Jan 1 and Mar 31 2025": "2025-01-01..2025-04-01",
    "in March and April": "2026-03-01..now",
    "early March": "2026-03-01..2026-03-11",
    "second half of March": "2026-03-16..2026-04-01",
    "last week of March": "2026-03-25..2026-04-01",
    "the first Monday of April": "2026-04-06..2026-04-07",
    "last 5 days of March": "2026-03-27..2026-04-01",
    "in the week of March 18": "2026-03-16..2026-03-23",
    "the week starting April 1": "2026-04-01..2026-04-08",
    "calendar week 12": "2026-03-16..2026-03-23",
    "2026-04-02": "2026-04-02..2026-04-03",
    "2026-04-01 to 2026-04-05": "2026-04-01..2026-04-06",
    "since 2026-04-01T09:00": "2026-04-01T09:00..now",
    "on 4/14": "2026-04-14..2026-04-15",
    "14.04.2026": "2026-04-14..2026-04-15",
    "14/04/2026": "2026-04-14..2026-04-15",
    "on the 29th of February": "2024-02-29..2024-03-01",
    "since Tuesday": "2026-04-14..now",
    "since Wednesday": "2026-04-15..now",
    "since last Thursday": "2026-04-09..now",
    "on Monday": "2026-04-13..2026-04-14",
    "last Wednesday": "2026-04-08..2026-04-09",
    "Friday of last week": "2026-04-10..2026-04-11",
    "from Thursday to Tuesday": "2026-04-09..2026-04-15",
    "from last Monday to last Friday": "2026-04-06..2026-04-11",
    "last weekend": "2026-04-11..2026-04-13",
    "since the beginning of the year": "2026-01-01..now",
    "until the end of March": "..2026-04-01",
    "before 5 April": "..2026-04-05",
    "up to 5 April": "..2026-04-06",
    "after March": APRIL,
    "from April 1 onwards": APRIL,
    "since noon": "2026-04-15T12:00..now",
    "since 4 pm": "2026-04-14T16:00..now",
    "since 3 pm yesterday": "2026-04-14T15:00..now",
    "from Monday 9am to Tuesday 5pm": "2026-04-13T09:00..2026-04-14T17:00",
    "from April 1 to now": APRIL,
    "on the 14th?": "2026-04-14..2026-04-15",
    "from the 1st to the 10th": "2026-04-01..2026-04-11",
    "on the 20th": "2026-03-20..2026-03-21",
    "calls before noon yesterday": "2026-04-14..2026-04-15",
    "this morning": "2026-04-15..2026-04-15T12:00",
    "yesterday afternoon": "2026-04-14T12:00..2026-04-14T18:00",
    "on Monday morning": "2026-04-13..2026-04-13T12:00",
    "the longest call of all time": "..",
    "next week": "2026-04-20..2026-04-27",
    "over the last fortnight": "2026-04-02..now",
    "calls in 2026-03": MARCH,
    "in 03/2026": MARCH,
    "in March '26": MARCH,
    "in 2026-W14": "2026-03-30..2026-04-06",
    "a week ago today": "2026-04-08..2026-04-09",
    "two Mondays ago": "2026-04-06..2026-04-07",
    "on the weekend of March 14": "2026-03-14..2026-03-16",
    "3/20 to 3/25": "2026-03-20..2026-03-26",
    "since 9 this morning": "2026-04-15T09:00..now",
    "since 2:30 this afternoon": "2026-04-15T14:30..now",
    "the first two weeks of March": "2026-03-01..2026-03-15",
    "give me last weeks numbers": LAST_WEEK,
    "what are callers saying this month": APRIL,
    "between 2-8 March and 9-14 March, how many calls": "2026-03-02..2026-03-15",
    "last night after 10 pm": "2026-04-14T22:00..2026-04-15T06:00",
}
SEVERAL = {
    "May vs April": ["2025-05-01..2025-06-01", APRIL],
    "compare March to April": [MARCH, APRIL],
    "how did calls change from March to April": [MARCH, APRIL],
    "this week compared with last week": [THIS_WEEK, LAST_WEEK],
    "compare last week's bookings with the week befor": [LAST_WEEK, "2026-03-30..2026-04-06"],
    "more calls this month than last month": [APRIL, MARCH],
    "last 30 days against the 30 days before": ["2026-03-17..now", "2026-02-15..2026-03-17"],
    "last 7 days vs the previous period": ["2026-04-09..now", "2026-04-02..2026-04-09"],
    "today vs the same day last week": ["2026-04-15..now", "2026-04-08..2026-04-09"],
    "March vs the same month last year": [MARCH, "2025-03-01..2025-04-01"],
    "April 1-7 vs April 8-14": ["2026-04-01..2026-04-08", "2026-04-08..2026-04-15"],
    "this week so far vs the same days last week": [THIS_WEEK, "2026-04-06..2026-04-09"],
    "today so far vs the same time last week": ["2026-04-15..now", "2026-04-08..2026-04-08T15:20"],
    "compare bookings before and after April 1": ["..2026-04-01", APRIL],
    "What changed between 2-8 March and 9-14 March?": ["2026-03-02..2026-03-09", "2026-03-09..2026-03-15"],
    "did more people call on Monday or on Tuesday": ["2026-04-13..2026-04-14", "2026-04-14..2026-04-15"],
    "fewer on Tuesday than on Monday": ["2026-04-14..2026-04-15", "2026-04-13..2026-04-14"],
}
MISSPELT = {
    "yesteday": "2026-04-14..2026-04-15",
    "in Febuary": "2026-02-01..2026-03-01",
    "calls in Septmber": "2025-09-01..2025-10-01",
    "since Tusday": "2026-04-14..now",
    "on Wensday": "2026-04-15..now",
    "last mnth": MARCH,
    "last weak": LAST_WEEK,
}
NO_TIMES = (
    "may I speak to someone",
    "calls that may fail",
    "What may callers want?",
    "how many callers march on",
    "the second call",
    "how many callers sat down",
    "calls longer than 10 minutes",
    "with more than 2000 turns",
    "in the last 10 calls",
    "callers' last name",
    "caller named April",
    "appointments booked for Friday",
    "bookings made for a Sunday",
    'find "tomorrow morning"',
    "calls mentioning Monday",
    "calls that match the filter",
    "open 24/7",
    "31 April",
    "on February 29 2025",
    "called again within 2 days",
    "on Good Friday",
    "on the 2 lines",
)


@pytest.mark.parametrize("question", ONE)
def test_a_period_is_the_one_that_people_mean(question: str) -> None:
    assert periods(question) == [ONE[question]]


@pytest.mark.parametrize("question", SEVERAL)
def test_two_periods_are_compared_in_the_order_of_the_words(question: str) -> None:
    assert periods(question) == SEVERAL[question]


@pytest.mark.parametrize("question", MISSPELT)
def test_a_slip_of_the_keyboard_does_not_lose_the_period(question: str) -> None:
    assert periods(question) == [MISSPELT[question]]


@pytest.mark.parametrize("question", NO_TIMES)
def test_words_that_only_look_like_times_are_left_alone(question: str) -> None:
    found = times(question)
    assert not found.periods and not found.clocks and found.bucket is None


def test_the_day_of_whoever_asks_begins_at_their_midnight() -> None:
    assert periods("yesterday", zone=ZoneInfo("Asia/Tokyo")) == ["2026-04-15..2026-04-16"]


@pytest.mark.parametrize(("day", "hours"), [("March 29", 23), ("October 25, 2026", 25), ("March 30", 24)])
def test_a_day_on_which_clocks_change_is_shorter_or_longer(day: str, hours: int) -> None:
    found = times(f"calls on {day}", zone=ZoneInfo("Europe/Berlin")).periods[0]
    assert found.since and found.until and found.until - found.since == timedelta(hours=hours)


def test_the_last_24_hours_are_24_also_when_clocks_change() -> None:
    now = datetime(2026, 3, 29, 10, tzinfo=UTC)
    found = times("last 24 hours", now=now, zone=ZoneInfo("Europe/Berlin")).periods[0]
    assert found.since == now - timedelta(hours=24)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("today", "today"),
        ("yesterday", "yesterday"),
        ("last 30 days", "last_30_days"),
        ("this week", "this_week"),
        ("last week", "last_week"),
        ("last month", "last_month"),
    ],
)
def test_it_begins_and_ends_where_the_same_period_of_a_dashboard_does(words: str, name: str) -> None:
    since, until = period(name, NOW, "America/New_York")
    found = times(words).periods[0]
    assert found.since == since
    assert until and found.until and timedelta(0) <= until - found.until <= timedelta(minutes=1)


def test_the_reading_says_its_days_in_words() -> None:
    said = {words: times(words).periods[0].says for words in ("1 to 14 June", "yesterday", "March", "since Tuesday")}
    assert said == {
        "1 to 14 June": "1 to 14 June 2025",
        "yesterday": "14 April 2026",
        "March": "March 2026",
        "since Tuesday": "since 14 April 2026",
    }


_PIECES = st.sampled_from(
    [
        *("last", "this", "since", "from", "to", "between", "and", "before", "until", "the", "of", "week", "month"),
        *(
            "may",
            "March",
            "30",
            "31",
            "2",
            "0",
            "99999",
            "0000",
            "2026",
            "Monday",
            "mondays",
            "Sat",
            "February",
            "days",
        ),
        *("pm", "noon", "o'clock", "24:00", "9", "-", "–", ",", "vs", "ago", "next", "year", "years", "quarter", "by"),
        *("2026-02-30", "2026-12-31", "9999-12-31", "0000-00-00", "13/13/2026", "q", "hour", "morning", "(", ")", '"'),
    ]
)
_ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")]
)


@given(
    question=st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map(" ".join)),
    now=st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    zone=_ZONES,
)
def test_whatever_is_asked_periods_have_an_order_and_words_are_taken_once(
    question: str, now: datetime, zone: ZoneInfo
) -> None:
    found = find_times(question, now=now, zone=zone)
    for each in found.periods:
        assert each.since is None or each.until is None or each.since <= each.until
        assert all(moment is None or moment.tzinfo is UTC for moment in (each.since, each.until))
    spans = sorted(
        (
            *((each.start, each.end) for each in found.periods),
            *((each.start, each.end) for each in found.clocks),
            *found.group_spans,
        )
    )
    assert all(0 <= start < end <= len(question) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@given(days=st.integers(1, 3000))
def test_so_many_last_days_are_so_many_dates_up_to_today(days: int) -> None:
    found = times(f"calls of the last {days} days").periods[0]
    assert found.since
    assert (NOW.astimezone(NEW_YORK).date() - found.since.astimezone(NEW_YORK).date()).days == days - 1


def test_the_week_before_is_before_the_one_that_was_asked_about() -> None:
    spoken = datetime(2026, 3, 30, 4, tzinfo=UTC), datetime(2026, 4, 6, 4, tzinfo=UTC)
    [found] = find_times("and the week before?", now=NOW, zone=NEW_YORK, before=spoken).periods
    assert found.says == "23 to 29 March 2026"
    [march] = find_times(
        "and the month before?",
        now=NOW,
        zone=NEW_YORK,
        before=(datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC)),
    ).periods
    assert march.says == "February 2026"


def test_whom_a_call_is_with_is_no_slip_of_a_month() -> None:
    assert periods("how many calls with Marco were booked?") == []
    assert periods("how many calls in Marhc were booked?") == [MARCH]
