"""Dates as people say them become ISO 8601, with the call's start as the reference."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.moments import Misread, read_moment, says

WEDNESDAY = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)


def read(text: str) -> str | Misread:
    return read_moment(text, WEDNESDAY)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-05", "2026-03-05"),
        ("2026-03-05T15:00", "2026-03-05T15:00:00"),
        ("2026-03-05 15:00:30", "2026-03-05T15:00:30"),
        ("2026-03-05T15:00:00Z", "2026-03-05T15:00:00+00:00"),
        ("2026-03-05T15:00:00.250-0500", "2026-03-05T15:00:00-05:00"),
        ("2026/03/05", "2026-03-05"),
        ("20260305", "2026-03-05"),
    ],
)
def test_written_dates_keep_their_precision(text: str, moment: str) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("March 5, 2026", "2026-03-05"),
        ("5 March 2026", "2026-03-05"),
        ("the 5th of March", "2026-03-05"),
        ("March fifth, twenty twenty-six", "2026-03-05"),
        ("twenty-first of June nineteen ninety", "1990-06-21"),
        ("the twentieth of the fourth, nineteen ninety", "1990-04-20"),
        ("Dec. 24", "2026-12-24"),
        ("January 3rd", "2027-01-03"),
        ("5 de marzo de 2026", "2026-03-05"),
        ("martes 17 de marzo a las 10:30", "2026-03-17T10:30:00"),
        ("5 mars 2026", "2026-03-05"),
        ("5. März 2026", "2026-03-05"),
        ("25 grudnia 1945", "1945-12-25"),
        ("5 мая 2026", "2026-05-05"),
        ("2026年3月5日", "2026-03-05"),
        ("13/04/2026", "2026-04-13"),
        ("04/13/2026", "2026-04-13"),
        ("04/04/2026", "2026-04-04"),
        ("31.12.1999", "1999-12-31"),
        ("12/25/45", "1945-12-25"),
        ("12/25", "2026-12-25"),
        ("Feb 29", "2028-02-29"),
    ],
)
def test_clear_dates_are_read_in_many_forms(text: str, moment: str) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("today", "2026-03-11"),
        ("tomorrow", "2026-03-12"),
        ("the day after tomorrow", "2026-03-13"),
        ("yesterday", "2026-03-10"),
        ("Tuesday", "2026-03-17"),
        ("next Tuesday", "2026-03-17"),
        ("this Friday", "2026-03-13"),
        ("Tuesday next week", "2026-03-17"),
        ("last Monday", "2026-03-09"),
        ("Wednesday", "2026-03-18"),
        ("a week from Monday", "2026-03-23"),
        ("in two weeks", "2026-03-25"),
        ("3 days ago", "2026-03-08"),
        ("the 14th of this month", "2026-03-14"),
        ("the 5th", "2026-04-05"),
        ("Friday the 13th", "2026-03-13"),
        ("mañana", "2026-03-12"),
        ("pasado mañana", "2026-03-13"),
        ("el martes que viene", "2026-03-17"),
        ("el próximo viernes", "2026-03-13"),
        ("dentro de dos semanas", "2026-03-25"),
    ],
)
def test_relative_dates_count_from_the_call(text: str, moment: str) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("tomorrow at 3 pm", "2026-03-12T15:00:00"),
        ("tomorrow at three p.m.", "2026-03-12T15:00:00"),
        ("3pm tomorrow", "2026-03-12T15:00:00"),
        ("tomorrow afternoon at 3", "2026-03-12T15:00:00"),
        ("tomorrow at half past nine in the morning", "2026-03-12T09:30:00"),
        ("quarter to four in the afternoon tomorrow", "2026-03-12T15:45:00"),
        ("tomorrow, three thirty pm", "2026-03-12T15:30:00"),
        ("tonight at 8", "2026-03-11T20:00:00"),
        ("noon tomorrow", "2026-03-12T12:00:00"),
        ("12 am tomorrow", "2026-03-12T00:00:00"),
        ("tomorrow at 15:30", "2026-03-12T15:30:00"),
        ("Thursday 09:15", "2026-03-12T09:15:00"),
        ("mañana a las tres de la tarde", "2026-03-12T15:00:00"),
        ("mañana a las 9 y media de la mañana", "2026-03-12T09:30:00"),
        ("5 March 2026 15:00 UTC", "2026-03-05T15:00:00+00:00"),
        ("tomorrow morning", "2026-03-12"),
    ],
)
def test_times_are_read_with_their_date(text: str, moment: str) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "13:99",
        "tomorrow at 13:99",
        "tomorrow at 13 pm",
        "Feb 30",
        "2026-02-30",
        "2026-03-05T25:00",
        "31/31/2026",
        "2026-03-05T10:00+99:00",
        "next week",
        "next month",
        "3 pm",
        "March",
        "2026",
        "5",
        "March 5 or March 6",
        "between March 5 and 6",
        "before Friday",
        "not Tuesday",
        "Tuesday, March 11, 2026",
        "martes 5 de marzo",
        "March 5, 2026 3 PM EST",
        "no",
        "may",
        "",
        "in 9999 weeks and a day",
        "x" * 500,
    ],
)
def test_what_is_no_clear_date_is_not_guessed(text: str) -> None:
    result = read(text)
    assert isinstance(result, Misread)
    assert result.reason


def test_an_ambiguous_date_names_both_readings() -> None:
    result = read("03/04/2026")
    assert isinstance(result, Misread)
    assert "2026-04-03" in result.reason
    assert "2026-03-04" in result.reason
    assert isinstance(read("tomorrow at 3"), Misread)
    assert read("Tuesday 03/10/2026") == "2026-03-10", "the weekday tells which"


@pytest.mark.parametrize(
    ("quote", "moment"),
    [
        ("let's say next Tuesday then", "2026-03-17"),
        ("tomorrow at three works", "2026-03-12T15:00:00"),
        ("it's the twentieth, of the fourth, nineteen ninety", "1990-04-20"),
        ("03/04/2026", "2026-04-03"),
        ("03/04/2026", "2026-03-04"),
        ("on the 14th", "2026-03-14"),
        ("20 25 grudnia 1945", "1945-12-25"),
        ("2508 1922", "1922-08-25"),
        ("zero five, zero eight 2001", "2001-08-05"),
        ("05-08 2001", "2001-08-05"),
        ("25 12 1945", "1945-12-25"),
        ("родился 5 мая 1990 года", "1990-05-05"),
        ("by 5 March", "2026-03-05"),
        ("March fifth three thirty pm", "2026-03-05T15:30:00"),
    ],
)
def test_a_quote_gives_the_date_it_says(quote: str, moment: str) -> None:
    assert says(quote, moment, WEDNESDAY) == (True, True)


def test_a_quote_does_not_give_another_date_or_time() -> None:
    assert says("next Tuesday", "2026-03-18", WEDNESDAY) == (False, True)
    assert says("next Tuesday", "2026-06-02", WEDNESDAY) == (False, True), "a Tuesday, but months away"
    assert says("March 5", "1990-03-05", WEDNESDAY) == (False, True), "nobody said the year"
    assert says("March 5, and the year is 1990", "1990-03-05", WEDNESDAY) == (True, True)
    assert says("tomorrow at 3 pm", "2026-03-12T16:00:00", WEDNESDAY) == (True, False)
    assert says("tomorrow", "2026-03-12T16:00:00", WEDNESDAY) == (True, False)
    assert says("some time soon", "2026-03-12", WEDNESDAY) == (False, True)


@given(
    day=st.dates(min_value=date(1000, 1, 1)), form=st.sampled_from(["%B %d, %Y", "%d %B %Y", "%Y/%m/%d", "%A %d %b %Y"])
)
def test_every_day_in_full_is_read_as_itself(day: date, form: str) -> None:
    text = day.strftime(form).replace(f"{day.year}", f"{day.year:04d}")
    assert read(text) == day.isoformat()
    assert says(f"that was {text}, I think", day.isoformat(), WEDNESDAY)[0]


@given(ahead=st.integers(min_value=1, max_value=7))
def test_a_weekday_is_the_next_one_to_come(ahead: int) -> None:
    day = WEDNESDAY.date() + timedelta(days=ahead)
    assert read(f"next {day:%A}") == day.isoformat()


@given(text=st.text(alphabet="0123456789 /:-.,apmthofnextuesdywk年月日ñ", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    result = read(text)
    if isinstance(result, str):
        assert read(result) == result
