"""What a search asks for, and where it stands in what was said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.builders import some_turns

from postcall.domain.said_words import LONGEST, locate_words, split_words
from postcall.domain.searching import MAX_TERMS, Alternative, Term, matching_turns, read_search, search_matches


def lit(text: str, words: str) -> list[str]:
    """The pieces of a turn that a search lights up."""
    return [
        text[start:end] for match in matching_turns(some_turns(f"user: {text}"), words) for start, end in match.spans
    ]


@pytest.mark.parametrize(
    ("words", "text", "pieces"),
    [
        ("refund", "A Refund, please: REFUND!", ["Refund", "REFUND"]),
        ("hotel", "l’hôtel", ["hôtel"]),
        ('"next week"', "Next  week, or the week after the next. Week!", ["Next  week", "next. Week"]),
        ("book*", "booking a bookshop", ["booking", "bookshop"]),
        ("half-past", "at half past, half-past", ["half past", "half-past"]),
        ("tea -coffee", "tea and coffee", ["tea"]),
        ("STRASSE", "Hauptstraße 3, Straße", ["Straße"]),
        ("3", "٣ or ③ or 33", ["٣", "③"]),
        ("予約", "明日の予約です、約予", ["予約"]),
        ("ครับ", "สวัสดีครับ", ["ครับ"]),
        ('"the the"', "the the the", ["the the the"]),
        ("नमस्ते", "नमस्ते जी", ["नमस्ते"]),
        ("café", "cafe\u0301 au lait", ["cafe\u0301"]),
        ("co\u00adop", "coop", ["coop"]),
    ],
)
def test_what_was_searched_for_is_lit_where_it_stands(words: str, text: str, pieces: list[str]) -> None:
    assert lit(text, words) == pieces


def test_or_parts_alternatives_and_an_or_without_a_side_is_the_word() -> None:
    one, two = Term(("one",)), Term(("two",))
    word = Term(("or",))
    assert read_search("one OR two").alternatives == (Alternative((one,)), Alternative((two,)))
    assert read_search("OR one").alternatives == (Alternative((word, one)),)
    assert read_search("one OR").alternatives == (Alternative((one, word)),)
    assert read_search("one or two").alternatives == (Alternative((one, word, two)),)
    assert read_search("one OR OR two").alternatives == (Alternative((one,)), Alternative((word, two)))
    assert read_search("!!! OR one").alternatives == (Alternative((word, one)),)


def test_what_is_excluded_is_not_lit_and_a_minus_within_a_word_parts_it() -> None:
    search = read_search('refund -card -"gift voucher" check-up')
    [only] = search.alternatives
    assert only.required == (Term(("refund",)), Term(("check", "up")))
    assert only.excluded == (Term(("card",)), Term(("gift", "voucher")))
    assert search.wanted == only.required


@pytest.mark.parametrize("words", ["", "  ", '"', '""', "-", "*", "()[]{}:;,.", "\x00", "🙂", "- - -", '"!" -"?"'])
def test_where_there_is_no_word_nothing_is_found(words: str) -> None:
    assert read_search(words).alternatives == ()
    assert not search_matches(read_search(words), ["anything"])
    assert matching_turns(some_turns("user: anything"), words) == ()


def test_ten_kilobytes_are_cut_to_what_a_search_may_cost() -> None:
    [only] = read_search(" ".join(f"word{number}" for number in range(2_000))).alternatives
    assert len(only.required) == MAX_TERMS


def test_of_a_very_long_word_its_beginning_counts() -> None:
    assert search_matches(read_search("x" * 500), ["y " + "x" * (LONGEST + 1)])
    assert not search_matches(read_search("x" * (LONGEST - 1)), ["x" * LONGEST])


@given(st.text())
@example("a\u0345b\u00bdc¨d")
@example("がカ゛ガ ｶﾞ")
def test_words_are_the_same_with_and_without_their_places(text: str) -> None:
    located = locate_words(text)
    assert [each.word for each in located] == split_words(text)
    for before, after in pairwise(located):
        assert before.start < before.end and before.start <= after.start and before.end <= len(text)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_no_text_is_a_mistake_and_what_is_found_has_something_lit(words: str, texts: list[str]) -> None:
    search = read_search(words)
    turns = some_turns(*(f"user: {text}" for text in texts))
    matches = matching_turns(turns, search)
    for match in matches:
        assert all(0 <= start < end <= len(texts[match.turn]) for start, end in match.spans)
        assert all(one[1] < two[0] for one, two in pairwise(match.spans))
    if search_matches(search, texts) and all(each.required for each in search.alternatives):
        assert matches


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    words = split_words(text)
    if words:
        assert search_matches(read_search(" ".join(words[:MAX_TERMS])), [text])
