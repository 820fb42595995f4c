"""What speech recognition gets wrong is put right before the agent reads it."""

from __future__ import annotations

import time

import pytest

from postcall.runtime.projects.model import Correction
from postcall.runtime.texts.corrections import MOST_CHARACTERS, correct


@pytest.mark.parametrize(
    ("text", "correction", "expected"),
    [
        ("my h back broke", Correction("h back", "HVAC", "partial"), "my HVAC broke"),
        ("I cont log in", Correction("Cont", "can't", "partial"), "I can't log in"),
        ("the contact form", Correction("cont", "can't", "partial"), "the contact form"),
        ("rebooking", Correction("book", "cook", "substring"), "recooking"),
        ("Broad.", Correction("broad", "fraud", "full"), "fraud"),
        ("a broad question", Correction("broad", "fraud", "full"), "a broad question"),
        ("A B one two", Correction(r"\b([a-z]) ([a-z])\b", r"\1\2", "substring"), "AB one two"),
        ("code 12-34", Correction(r"(\d+)-(\d+)", r"\2\1", "partial"), "code 3412"),
        ("ring", Correction(r"(x)?ring", r"[\1]\7", "full"), "[]"),
        ("as it is", Correction("(broken", "x", "substring"), "as it is"),
        ("as it is", Correction("(?i)IT", "she", "partial"), "as she is"),
    ],
)
def test_a_correction_replaces_what_its_kind_says(text: str, correction: Correction, expected: str) -> None:
    assert correct(text, [correction]) == expected


def test_each_correction_reads_what_the_last_one_left() -> None:
    assert correct("one", [Correction("one", "two", "full"), Correction("two", "three", "partial")]) == "three"


def test_an_expression_that_would_take_for_ever_changes_nothing() -> None:
    before = time.monotonic()
    text = "a" * 200 + "!"
    assert correct(text, [Correction("(a+)+b", "x", "substring"), Correction("!", "?", "substring")]) == "a" * 200 + "?"
    assert time.monotonic() - before < 1


def test_replacements_that_feed_on_themselves_do_not_fill_the_memory() -> None:
    doubling = [Correction("a", "aa", "substring")] * 60
    assert len(correct("a", doubling)) <= MOST_CHARACTERS


def test_a_pasted_page_is_left_alone() -> None:
    page = "h back " * MOST_CHARACTERS
    assert correct(page, [Correction("h back", "HVAC", "partial")]) == page
