"""Choices that stand in a prompt's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.configure.question_options import offered_choices


@pytest.mark.parametrize(
    ("prompt", "choices"),
    [
        ("Why did they call? Options: a, b, c", ("a", "b", "c")),
        ("Options are: booked (made, or moved), cancelled, or other. Choose one.", ("booked", "cancelled", "other")),
        ("Answer with one of: 'yes', 'no', 'maybe if unclear'.", ("yes", "no", "maybe")),
        ('Possible values: ["low", "high"]', ("low", "high")),
        ("The mood (good/bad/mixed)", ("good", "bad", "mixed")),
        ("Did they pay (yes/no)?", ("yes", "no")),
        ("Choose from: red | green | light blue.", ("red", "green", "light blue")),
        ("Choices = Low, Medium, High", ("Low", "Medium", "High")),
        ("Options: resolved; not resolved; or unknown if it is not clear", ("resolved", "not resolved", "unknown")),
        (
            "Why?\nOptions:\n- billing: a bill\n- refund - money back\n* other\nThink first.",
            ("billing", "refund", "other"),
        ),
        ("Classify:\n1. New order\n2. Return\n3. Other", ("New order", "Return", "Other")),
        ("Options: yes, yes, no", ("yes", "no")),
    ],
)
def test_listed_choices_are_read(prompt: str, choices: tuple[str, ...]) -> None:
    assert offered_choices(prompt) == choices


@pytest.mark.parametrize(
    "prompt",
    [
        "Did one of our agents help the caller?",
        "On which date (day/month/year) did he/she call (and/or write)?",
        "Did the caller ask for a person: a receptionist, a dentist, a manager?",
        "Which of the values does the caller name: honesty or the courage that he had when he was young and poor?",
        "Why did they call? book: a table is wanted. other: anything else.",
        "Options: only one",
        "Options:",
        "",
    ],
)
def test_other_lists_are_left_alone(prompt: str) -> None:
    assert offered_choices(prompt) == ()


def test_lines_without_a_heading_count_only_where_they_are_asked_for() -> None:
    prompt = "Score from 1 to 10:\n- greeting\n- closing"
    assert offered_choices(prompt) == ("greeting", "closing")
    assert offered_choices(prompt, bare_lines=False) == ()


@given(st.text())
def test_what_is_offered_stands_in_the_prompt(prompt: str) -> None:
    assert all(choice in prompt for choice in offered_choices(prompt))
