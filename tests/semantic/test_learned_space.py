"""What is learned from calls, and that it survives being stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from postcall.semantic.embedding import WINDOW, split_windows
from postcall.semantic.learning import learn_space
from postcall.semantic.plain import compare_words
from postcall.semantic.ranking import rank, to_bytes
from postcall.semantic.space import SpaceUnreadable, load_space, save_space, unit
from postcall.semantic.words import LONGEST_TEXT, Said

TEXTS = st.text(max_size=40)
CALLS = st.lists(st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=4), min_size=1, max_size=6)


def said(*texts: str) -> Said:
    return [(text, True) for text in texts]


SHOP = [
    *(said(f"my parcel {number} has not arrived", "the courier lost the parcel") for number in range(10)),
    *(said(f"the courier {number} came too late", "my parcel was late") for number in range(10)),
    *(said(f"the invoice {number} is wrong", "you charged my card twice") for number in range(10)),
    *(said(f"refund my card {number} please", "the invoice was paid twice") for number in range(10)),
]


def test_a_call_is_found_by_words_that_nobody_said_in_it() -> None:
    space = learn_space(SHOP)
    wanted = space.embed(said("courier"))
    about_parcels = space.embed(said("my parcel has not arrived"))  # no courier is named
    about_money = space.embed(said("please refund my card"))
    assert float(wanted @ about_parcels) > 0.5
    assert float(wanted @ about_money) < 0.2


def test_a_word_spelled_otherwise_is_the_same_matter() -> None:
    space = learn_space(SHOP)
    assert float(space.embed(said("parcels")) @ space.embed(said("my parcel was late"))) > 0.3


def test_the_same_calls_make_the_same_space() -> None:
    first, second = learn_space(SHOP), learn_space(SHOP)
    assert save_space(first) == save_space(second)


def test_a_stored_space_makes_the_same_vectors() -> None:
    space = learn_space(SHOP)
    again = load_space(save_space(space))
    text = said("the courier lost my invoice")
    assert again.embed(text).tobytes() == space.embed(text).tobytes()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and then nothing", b"\x80\x04pickle"], ids=["empty", "zip", "pickle"]
)
def test_what_is_no_space_is_told_apart(content: bytes) -> None:
    with pytest.raises(SpaceUnreadable):
        load_space(content)


@given(CALLS, TEXTS)
@hypothesis_settings(max_examples=40)
def test_whatever_is_said_can_be_learned_from_and_looked_for(calls: list[Said], text: str) -> None:
    if not any(words for call in calls for words, _ in call if any(char.isalnum() for char in words)):
        calls = [*calls, said("hello")]
    space = load_space(save_space(learn_space(calls)))
    vector = space.embed(said(text))
    assert np.isfinite(vector).all()
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-3) or not vector.any()
    assert all(0.0 <= score <= 1.0 for score in compare_words(text, calls))


def test_calls_without_a_word_make_a_space_that_finds_nothing() -> None:
    space = load_space(save_space(learn_space([said("..."), said("\U0001f9b7!")])))
    assert space.dimensions == 1
    assert not space.embed(said("hello")).any()


def test_of_megabytes_the_beginning_counts() -> None:
    space = learn_space(SHOP)
    long = "courier " * (LONGEST_TEXT // 4)
    assert float(space.embed(said(long)) @ space.embed(said("courier"))) > 0.8


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), max_size=30), st.integers(1, 40))
@hypothesis_settings(max_examples=60)
def test_the_most_alike_are_those_that_comparing_all_would_give(vectors: list[list[int]], keep: int) -> None:
    wanted = unit(np.array([1, 2, 0, 1], np.float32))
    units = [unit(np.array(vector, np.float32)) for vector in vectors]
    rows = [(key, to_bytes(vector)) for key, vector in enumerate(units)]
    ranked = rank([rows[start : start + 4] for start in range(0, len(rows), 4)], wanted, keep=keep)
    halves = [np.frombuffer(vector, "<f2").astype(np.float32) for _, vector in rows]
    scores = [float(vector @ wanted) for vector in halves]
    alike = [score for score in scores if score > 1e-6]
    assert ranked.compared == len(rows)
    assert ranked.alike == pytest.approx(len(alike))
    best = [score for _, score in ranked.best]
    assert best == pytest.approx(sorted(alike, reverse=True)[:keep], abs=1e-5)


def test_a_calls_score_is_the_same_wherever_it_stands_among_others() -> None:
    random = np.random.default_rng(7)
    wanted = unit(random.standard_normal(128).astype(np.float32))
    rows = [(key, to_bytes(unit(random.standard_normal(128).astype(np.float32)))) for key in range(200)]
    whole = dict(rank([rows], wanted, keep=200).best)
    for first in range(1, 9):
        shifted = dict(rank([rows[first:]], wanted, keep=200).best)
        assert shifted == {key: score for key, score in whole.items() if key >= first}


def test_of_calls_with_one_score_the_newer_comes_first_also_where_rounding_made_a_vector_too_long() -> None:
    wanted = np.array([1, 0], np.float32)
    longer, long = (np.array([length, 0], np.float32) for length in (1.002, 1.001))
    best = rank([[(1, to_bytes(longer)), (2, to_bytes(long))]], wanted, keep=5).best
    assert best == ((2, 1.0), (1, 1.0))


def test_vectors_of_another_size_are_passed_over() -> None:
    wanted = unit(np.array([1, 0], np.float32))
    ranked = rank([[(1, b""), (2, to_bytes(wanted)), (3, b"\0\0")]], wanted, keep=5)
    assert [key for key, _ in ranked.best] == [2]
    assert ranked.compared == 1


@given(st.lists(st.tuples(st.text(max_size=WINDOW), st.booleans()), max_size=8))
def test_windows_hold_what_was_said_and_none_is_empty(call: Said) -> None:
    windows = split_windows(call)
    assert all(0 < len(window) <= WINDOW for window in windows)
    spoken = "".join(f"{'Caller' if caller else 'Agent'}: {text.strip()}" for text, caller in call if text.strip())
    assert "".join("".join(windows).split()) == "".join(spoken.split())
