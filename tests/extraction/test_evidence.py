"""Each quote stands in the turn that it names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.answers import Evidence
from postcall.domain.calls import Role, Transcript, Turn
from postcall.extraction.evidence import verify_quote


def spoken(*texts: str) -> Transcript:
    return tuple(Turn(Role.USER, text) for text in texts)


CALL = spoken(
    "Hello there.",
    "I'd like to book a table for five people, please.",
    "It is “really”   urgent…\nI cannot wait any longer",
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("book a table for five people", "book a table for five people"),
        ("BOOK A  TABLE\nfor five", "book a table for five"),
        ("  I’d like to book  ", "I'd like to book"),
        ('"for five people"', "for five people"),
        ("...a table for five people...", "a table for five people"),
        ("… a table for five people …", "a table for five people"),
        ("for five people.", "for five people"),
        ("I'd like to bok a tabel for five people", "I'd like to book a table for five people"),
    ],
)
def test_a_quote_is_found_as_it_stands_in_the_turn(quote: str, found: str) -> None:
    assert verify_quote(quote, 1, CALL) == Evidence(1, found)


def test_curly_quotes_and_line_breaks_fold_both_ways() -> None:
    assert verify_quote('It is "really" urgent', 2, CALL) == Evidence(2, "It is “really”   urgent")
    assert verify_quote("urgent... I cannot wait", 2, CALL) == Evidence(2, "urgent…\nI cannot wait")


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "...",
        '"',
        "book a flight",
        "table for six people",
        "ook a",
        "five peop",
        "fivepeopl",
        "I would really love to have something quite different",
        "I'd like to book a table for five people, please. And also a second table for our friends next door.",
    ],
)
def test_a_quote_that_is_not_in_the_turn_does_not_survive(quote: str) -> None:
    assert verify_quote(quote, 1, CALL) is None


def test_a_quote_of_another_turn_does_not_survive() -> None:
    assert verify_quote("Hello there", 0, CALL) is not None
    assert verify_quote("Hello there", 1, CALL) is None


@pytest.mark.parametrize("turn", [-1, 3, 10**12])
def test_a_turn_that_does_not_exist_has_no_quotes(turn: int) -> None:
    assert verify_quote("Hello there", turn, CALL) is None


def test_digits_are_never_a_slip() -> None:
    call = spoken("My number is 555 0123 4567, call me in the evening", "the room costs 15 dollars")
    assert verify_quote("My number is 555 0123 4568, call me in the evening", 0, call) is None
    assert verify_quote("my nmber is 555 0123 4567, call me in the evening", 0, call) is not None
    assert verify_quote("5", 1, call) is None


def test_a_denial_is_never_a_slip() -> None:
    call = spoken("Well, I do not want to go ahead with the booking today", "We can't see you before Thursday, sorry")
    assert verify_quote("Well, I do want to go ahead with the booking today", 0, call) is None
    assert verify_quote("We can see you before Thursday, sorry", 1, call) is None


def test_short_quotes_must_be_exact() -> None:
    call = spoken("Bern please")
    assert verify_quote("Bonn", 0, call) is None
    assert verify_quote("bern", 0, call) == Evidence(0, "Bern")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("שלום, אני רוצה לקבוע תור ליום שלישי", "לקבוע תור ליום שלישי"),
        ("مرحبا، أريد حجز موعد يوم الثلاثاء", "حجز موعد"),
        ("\u202bשלום, אני דנה\u202c", "שלום, אני דנה"),
        ("That is great 👍🏽 thank you 👩‍👩‍👧", "great 👍🏽 thank you 👩‍👩‍👧"),
        ("👍", "👍"),
        ("我想预订星期二的两个位子", "星期二的两个"),
        ("Señor Peña llegó a las 3", "señor peña"),
        ("nul\x00l bytes \x00here", "null bytes here"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("Straße 5", "STRASSE 5"),
    ],
)
def test_every_script_can_be_quoted(text: str, quote: str) -> None:
    found = verify_quote(quote, 0, spoken(text))
    assert found is not None
    assert found.quote in text


def test_accents_may_be_composed_or_not() -> None:
    composed, parted = "café con leche", "cafe\u0301 con leche"
    assert verify_quote(composed, 0, spoken(parted)) == Evidence(0, parted)
    assert verify_quote(parted, 0, spoken(composed)) == Evidence(0, composed)


@given(text=st.text(min_size=1, max_size=80), data=st.data())
def test_whatever_survives_stands_in_the_turn(text: str, data: st.DataObject) -> None:
    quote = data.draw(st.text(max_size=20) | st.integers(0, len(text)).map(lambda start: text[start:]))
    found = verify_quote(quote, 0, spoken(text))
    assert found is None or (found.turn == 0 and found.quote in text and found.quote.strip())


@given(words=st.lists(st.text(alphabet="abcdefgäéñ", min_size=1, max_size=8), min_size=3, max_size=12), data=st.data())
def test_whole_words_of_a_turn_always_survive(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    quote = " ".join(words[start : data.draw(st.integers(start + 1, len(words)))])
    found = verify_quote(quote.upper(), 0, spoken("  ".join(words)))
    assert found is not None
    assert found.quote.split() == quote.split()


def test_quotes_in_a_call_of_5000_turns_are_found_at_once() -> None:
    call = spoken(*(f"This is turn number {index} and it says nothing much at all" for index in range(5_000)))
    began = time.perf_counter()
    for index in range(0, 5_000, 50):
        assert verify_quote(f"turn number {index} and it", index, call) is not None
        assert verify_quote("something that nobody ever said here", index, call) is None
    assert time.perf_counter() - began < 2.0


def test_a_turn_of_a_million_characters_is_searched_in_bounded_time() -> None:
    call = spoken("la " * 330_000 + "the end of it")
    began = time.perf_counter()
    assert verify_quote("The end of  it", 0, call) == Evidence(0, "the end of it")
    assert verify_quote("words that were never said in all this time", 0, call) is None
    assert time.perf_counter() - began < 10.0
