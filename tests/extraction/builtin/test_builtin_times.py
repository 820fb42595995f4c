"""Times of day."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.extraction.builtin.times import find_times


@pytest.mark.parametrize(
    ("said", "clock"),
    [
        ("at 4 pm", "16:00"),
        ("16:30", "16:30"),
        ("7.30pm", "19:30"),
        ("quarter to 1 in the afternoon", "12:45"),
        ("half past six in the evening", "18:30"),
        ("evening 6:45", "18:45"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("12 am", "00:00"),
        ("at one in the afternoon", "13:00"),
        ("a las diez de la mañana", "10:00"),
        ("6 30 pm", "18:30"),
        ("9 a.m.", "09:00"),
    ],
)
def test_a_time_is_read_as_people_mean_it(said: str, clock: str) -> None:
    assert [each.hhmm for each in find_times(said)] == [clock]


@pytest.mark.parametrize("said", ["costs $9", "10 people", "May 19th", "the 17th", "2 tickets", "room 12"])
def test_other_numbers_are_no_times(said: str) -> None:
    assert find_times(said) == ()


def test_a_lone_number_is_a_time_only_where_one_was_asked_for() -> None:
    assert find_times("at 7") == ()
    assert [each.hhmm for each in find_times("at 7", bare=True)] == ["07:00"]


@given(st.times())
def test_every_clock_time_is_read_back(moment: time) -> None:
    clock = f"{moment.hour:02d}:{moment.minute:02d}"
    assert [each.hhmm for each in find_times(f"It is {clock} now")] == [clock]


@given(st.text(max_size=120))
def test_spans_lie_inside_any_text(text: str) -> None:
    for mention in find_times(text, bare=True):
        assert 0 <= mention.start < mention.end <= len(text)
