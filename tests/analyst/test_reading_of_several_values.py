"""Words that fit several values of a name mean all of them, in counts and in shares, and feelings go by many words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import KnownTerm, NameKind, Question, QuestionKind, Understood
from postcall.domain.queries import All, Condition, MeasureKind, Operator

NOW = datetime(2026, 4, 15, 19, 20, tzinfo=UTC)
REASONS = ("ferry_book", "ferry_search", "ferry_change", "hotel_book", "hotel_search", "other")
TERMS = (
    KnownTerm("field.duration", NameKind.FIELD, "number", (), "How long the call took."),
    KnownTerm("metric.call_reason", NameKind.ANSWER, "text", REASONS, "What was the main reason for this call?"),
    KnownTerm("metric.guest_annoyed", NameKind.ANSWER, "boolean", (), "Did the guest become annoyed?"),
)
FERRIES = Condition("metric.call_reason", Operator.IN, values=("ferry_book", "ferry_search", "ferry_change"))
HOTELS = Condition("metric.call_reason", Operator.IN, values=("hotel_book", "hotel_search"))
ANNOYED = Condition("metric.guest_annoyed", Operator.EQ, value=True)


def read(text: str) -> Understood:
    found = read_question(Question(text, NOW), TERMS)
    assert isinstance(found, Understood), found.says
    return found


@pytest.mark.parametrize("words", ["calls are about ferries", "calls were about ferries", "ferry calls were there"])
def test_calls_about_something_are_those_of_every_reason_that_names_it(words: str) -> None:
    [query] = read(f"How many {words}?").queries
    assert set(query.filters.parts) == {FERRIES}


def test_a_share_of_several_values_counts_them_all_and_what_it_is_a_share_of() -> None:
    found = read("What percentage of annoyed guests called about ferries?")
    assert found.kind is QuestionKind.RATE
    of, every = found.queries
    assert (set(of.filters.parts), every.filters) == ({ANNOYED, FERRIES}, All((ANNOYED,)))
    assert {measure.kind for query in found.queries for measure in query.measures} == {MeasureKind.CONVERSATIONS}


@pytest.mark.parametrize("word", ["angry", "furious", "upset", "irritated", "annoyed"])
def test_annoyed_guests_go_by_many_words(word: str) -> None:
    [query] = read(f"how many ferry calls had {word} guests?").queries
    assert set(query.filters.parts) == {FERRIES, ANNOYED}


@pytest.mark.parametrize(
    "text", ["annoyed guests in ferry vs hotel calls", "compare ferry and hotel calls by duration"]
)
def test_two_words_that_fit_several_values_each_are_two_sides(text: str) -> None:
    found = read(text)
    assert found.kind is QuestionKind.COMPARISON
    assert [query.filters for query in found.queries] == [All((All((FERRIES,)),)), All((All((HOTELS,)),))]


@pytest.mark.parametrize(
    "text", ["which type of call takes longest on average?", "which kind of call has the highest rate of anger?"]
)
def test_kinds_of_calls_are_the_reasons_for_calling(text: str) -> None:
    assert read(text).queries[0].group_by == ("metric.call_reason",)
