"""Which words of a turn are marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from postcall.web.marks import Quoted, Segment, cut_at_quotes, find_quote


def marked(text: str, *quotes: str) -> list[str]:
    """The words that are marked."""
    return [piece.text for piece in cut_at_quotes(text, [Quoted(0, quote) for quote in quotes]) if piece.answers]


def test_the_quoted_words_are_marked_and_the_others_are_not() -> None:
    assert cut_at_quotes("I want a refund now.", [Quoted(2, "a refund")]) == (
        Segment("I want "),
        Segment("a refund", (2,)),
        Segment(" now."),
    )


def test_a_quote_is_found_in_spite_of_case_and_white_space() -> None:
    assert marked("Call  me\nBack today", "call me back") == ["Call  me\nBack"]


def test_words_that_two_answers_quote_belong_to_both() -> None:
    pieces = cut_at_quotes("one two three", [Quoted(0, "one two"), Quoted(1, "two three")])
    assert [(piece.text, piece.answers) for piece in pieces] == [("one ", (0,)), ("two", (0, 1)), (" three", (1,))]


def test_a_quote_that_does_not_stand_in_the_turn_marks_nothing() -> None:
    assert marked("Nothing of the kind.", "a refund", "", "  ") == []


def test_a_quote_with_signs_of_a_pattern_is_taken_literally() -> None:
    assert marked("It is $5.00 (five).", "$5.00 (FIVE)") == ["$5.00 (five)"]


TEXT = st.text(max_size=40)


@given(TEXT, st.lists(st.tuples(st.integers(0, 3), TEXT), max_size=4))
def test_the_pieces_together_are_the_text(text: str, quotes: list[tuple[int, str]]) -> None:
    pieces = cut_at_quotes(text, [Quoted(answer, quote) for answer, quote in quotes])
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


@given(TEXT, TEXT, TEXT)
def test_words_that_stand_in_a_text_are_found(before: str, quote: str, after: str) -> None:
    found = find_quote(before + quote + after, quote)
    assert (found is None) == (not quote.split())
    if found is not None:
        assert (before + quote + after)[slice(*found)].split() == quote.split()
