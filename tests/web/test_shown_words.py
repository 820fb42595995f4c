"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import an_answer

from postcall.domain.answers import AnswerValue
from postcall.domain.calls import MetricValue
from postcall.web import words
from postcall.web.answer_view import cut_prompt


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "–"), (0.4, "0 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (3720, "1 h 02 min")]
)
def test_durations_are_said_in_two_units_at_most(seconds: float | None, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("BOOLEAN", True, "Yes"),
        ("BOOLEAN", False, "No"),
        ("INTEGER", 1500, "1,500"),
        ("ENUM", "book_appointment", "book_appointment"),
        ("DATETIME", "2026-03-05", "Thu 5 Mar 2026"),
        ("DATETIME", "2026-03-05T15:00:00", "Thu 5 Mar 2026, 15:00"),
        ("DATETIME", "2026-03-05T15:00:00+01:00", "Thu 5 Mar 2026, 15:00 UTC+01:00"),
        ("DATETIME", "soon", "soon"),
        ("STRING", "a\x00b", "a␀b"),
    ],
)
def test_an_answer_is_shown_by_its_type(kind: str, value: AnswerValue, shown: str) -> None:
    assert words.answer_value(an_answer(value=value, type=kind)) == shown


def test_an_answer_that_does_not_count_says_why_and_never_shows_a_value() -> None:
    shown = {status: words.answer_value(an_answer(status=status)) for status in ("unknown", "invalid", "error")}
    assert shown == {"unknown": "not said", "invalid": "no usable answer", "error": "could not be asked"}


@pytest.mark.parametrize(("value", "shown"), [(True, "Yes"), (7, "7"), (2.5, "2.5"), (1e20, "1e+20"), ("x", "x")])
def test_metrics_are_shown_by_their_type(value: MetricValue, shown: str) -> None:
    assert words.scalar(value) == shown


def test_a_moment_is_shown_to_the_minute() -> None:
    assert words.moment(datetime(2026, 3, 2, 9, 5, 59, tzinfo=UTC)) == "2 Mar 2026, 09:05"


@given(st.text(max_size=60))
def test_control_characters_become_visible_and_nothing_moves(text: str) -> None:
    shown = words.visible(text)
    assert len(shown) == len(text)
    assert not any(ord(char) < 0x20 and char not in "\t\n\r" for char in shown)


@given(st.text("ab .?!:\n", max_size=400))
def test_a_long_question_keeps_all_its_words(prompt: str) -> None:
    first, more = cut_prompt(prompt)
    assert (first + (more or "")).split() == prompt.split() or f"{first} {more or ''}".split() == prompt.split()
    assert len(first) <= max(160, len(prompt) if more is None else 161)
