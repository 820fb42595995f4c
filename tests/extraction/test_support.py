"""Whether quotes contain the value; design.md, "Answers"."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.domain.answers import Evidence
from postcall.domain.questions import QuestionType
from postcall.extraction.support import contains, says_number, supports

WEDNESDAY = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        ("my name is john smith", "John Smith"),
        ("It's Peña, José Peña", "Jose Pena"),
        ("that is J O H N", "John"),
        ("S-m-i-t-h", "Smith"),
        ("O'Brien speaking", "O’Brien"),
        ("the Blue Lagoon", "Blue Lagoon"),
        ("at Blue Lagoon tonight", "The Blue Lagoon"),
        ("it's jo dot smith at example dot com", "jo.smith@example.com"),
        ("jo.smith@example.com please", "Jo.Smith@Example.com"),
        ("five five five, oh one two three", "555-0123"),
        ("555 01 23", "555-0123"),
        ("five double five 0123", "5550123"),
        ("c h three three eight", "CH3 38"),
        ("postcode is CH3 3AB", "ch3 3ab"),
        ("make it at evening 6:45", "18:45"),
        ("at seven pm", "19:00"),
        ("at half past nine", "9:30"),
        ("我想预订星期二的两个位子", "星期二"),
        ("אני דנה כהן", "דנה כהן"),
        ("order number twenty-five", "25"),
        ("we are in room 5", "Room Five"),
        ("that will be twenty dollars", "$20"),
        ("👍", "👍"),
    ],
)
def test_a_quote_contains_a_value_in_the_forms_people_say(quote: str, value: str) -> None:
    assert contains(quote, value)


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        ("my name is john", "John Smith"),
        ("smithers here", "Smith"),
        ("my name is Anna", "Ana"),
        ("five five five, oh one two four", "555-0123"),
        ("my number is 555 0123", "5"),
        ("at seven am", "19:00"),
        ("the party starts", "art"),
        ("jo at example dot com", "jo@example.org"),
        ("anything", ""),
        ("anything", "..."),
    ],
)
def test_a_quote_does_not_contain_another_value(quote: str, value: str) -> None:
    assert not contains(quote, value)


@pytest.mark.parametrize(
    ("quote", "number"),
    [
        ("a table for five", 5),
        ("for 5 people", 5),
        ("somos cinco", 5),
        ("twenty-five of us", 25),
        ("it was 1,500 dollars", 1500),
        ("on the twelfth", 12),
        ("two adults and three children", 5),
        ("me and two friends", 3),
        ("from the 5th to the 8th", 3),
        ("nineteen ninety", 1990),
    ],
)
def test_a_number_is_heard_in_digits_words_and_sums(quote: str, number: int) -> None:
    assert says_number(quote, number)


@pytest.mark.parametrize(("quote", "number"), [("four of us", 5), ("no number at all", 1), ("room 15", 5), ("5.5", 5)])
def test_another_number_is_not_heard(quote: str, number: int) -> None:
    assert not says_number(quote, number)


def test_a_value_given_in_two_turns_is_supported_by_both_quotes_together() -> None:
    quotes = [Evidence(2, "Igor"), Evidence(4, "Miksza, yes")]
    assert supports("Igor Miksza", QuestionType.STRING, quotes, [WEDNESDAY])
    assert not supports("Igor Miksza", QuestionType.STRING, quotes[:1], [WEDNESDAY])


def test_a_date_and_its_time_may_stand_in_two_quotes() -> None:
    quotes = [Evidence(2, "next Tuesday"), Evidence(4, "three in the afternoon")]
    assert supports("2026-03-17T15:00:00", QuestionType.DATETIME, quotes, [WEDNESDAY])
    assert not supports("2026-03-17T16:00:00", QuestionType.DATETIME, quotes, [WEDNESDAY])
    assert not supports("2026-03-17T15:00:00", QuestionType.DATETIME, quotes[1:], [WEDNESDAY])
