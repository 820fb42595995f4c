"""Questions that go on from the ones before, several deep."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import KnownTerm, NameKind, Question, Understood
from postcall.domain.queries import Condition, MeasureKind, Operator, Query

NOW = datetime(2026, 4, 15, 19, 20, tzinfo=UTC)
TERMS = (
    KnownTerm("field.channel", NameKind.FIELD, "text", ("voice", "webchat", "sms")),
    KnownTerm("field.language", NameKind.FIELD, "text", ("en", "es")),
    KnownTerm("field.duration", NameKind.FIELD, "number"),
    KnownTerm("field.handoff", NameKind.FIELD, "boolean", (True, False), "Whether the call was passed on."),
    KnownTerm("metric.BOOKED", NameKind.METRIC, "boolean", (True,), "True when an appointment was booked."),
    KnownTerm("metric.INTENT", NameKind.METRIC, "text", ("book", "billing", "price"), "What the caller wants."),
)
LAST_WEEK = ("2026-04-06", "2026-04-13")


def ask(*questions: str, now: datetime = NOW) -> Understood:
    """How the last of them is read."""
    before: Understood | None = None
    for text in questions:
        read = read_question(Question(text, now), TERMS, before=before)
        assert isinstance(read, Understood), text
        before = read
    assert before is not None
    return before


def only(read: Understood) -> Query:
    [query] = read.queries
    return query


def days(query: Query) -> tuple[str, str]:
    assert query.since is not None and query.until is not None
    return f"{query.since:%Y-%m-%d}", f"{query.until:%Y-%m-%d}"


def filtered(query: Query) -> dict[str, object]:
    return {part.field: part.value for part in query.filters.parts if isinstance(part, Condition)}


def test_a_period_is_before_the_one_that_was_asked_about() -> None:
    assert days(only(ask("how many calls last week?", "and the week before?"))) == ("2026-03-30", "2026-04-06")
    again = ask("how many calls last week?", "and the week before?", "and the week before?")
    assert days(only(again)) == ("2026-03-23", "2026-03-30")
    assert days(only(ask("how many calls yesterday?", "and the day before?"))) == ("2026-04-13", "2026-04-14")


def test_a_chain_keeps_what_is_not_changed() -> None:
    chain = ["how many calls last week?", "only the web chats", "what about March?", "and voice?", "per week"]
    read = only(ask(*chain))
    assert (filtered(read), days(read), read.group_by) == (
        {"field.channel": "voice"},
        ("2026-03-01", "2026-04-01"),
        ("week",),
    )


@pytest.mark.parametrize("words", ["without the channel", "drop the channel"], ids=["without", "drop"])
def test_a_filter_can_be_taken_back(words: str) -> None:
    read = only(ask("how many calls last week?", "only the web chats", words))
    assert (filtered(read), days(read)) == ({}, LAST_WEEK)


def test_those_are_the_calls_that_were_asked_about() -> None:
    read = only(ask("how many calls last week?", "and how many of those were booked, in percent?"))
    assert (read.measures[0].kind, read.measures[0].of) == (MeasureKind.RATE, "metric.BOOKED")
    assert days(read) == LAST_WEEK


def test_what_was_asked_is_compared_with_another_time() -> None:
    read = ask("what share of calls was booked last week?", "compare that with the week before")
    assert [days(each) for each in read.queries] == [LAST_WEEK, ("2026-03-30", "2026-04-06")]
    assert {each.measures for each in read.queries} == {read.queries[0].measures}


def test_another_measure_is_of_what_was_measured() -> None:
    read = only(ask("average call duration last week", "and the median?"))
    assert (read.measures[0].kind, read.measures[0].of) == (MeasureKind.P50, "field.duration")
    assert days(read) == LAST_WEEK


def test_a_ranking_can_be_cut() -> None:
    read = only(ask("top intents last week", "top 3 please"))
    assert (read.limit, read.group_by, days(read)) == (3, ("metric.INTENT",), LAST_WEEK)


def test_overall_takes_the_period_away() -> None:
    read = only(ask("how many web chats last week?", "and overall?"))
    assert (read.since, read.until, filtered(read)) == (None, None, {"field.channel": "webchat"})


def test_a_count_becomes_a_share_of_all() -> None:
    some, every = ask("how many web chats last week?", "as a percentage?").queries
    assert (filtered(some), filtered(every)) == ({"field.channel": "webchat"}, {})
    assert days(some) == days(every) == LAST_WEEK


def test_listed_calls_can_be_counted() -> None:
    read = ask("list the web chats of last week", "how many are there?")
    assert filtered(only(read)) == {"field.channel": "webchat"}
    assert only(read).measures[0].kind is MeasureKind.CONVERSATIONS


def test_a_whole_question_is_a_new_one() -> None:
    read = only(ask("top intents last week", "only voice", "How many calls yesterday?"))
    assert (read.group_by, filtered(read), days(read)) == ((), {}, ("2026-04-14", "2026-04-15"))


def test_what_went_on_to_now_goes_on_to_the_next_question() -> None:
    first = read_question(Question("how many calls this week?", datetime(2026, 4, 15, 19, 20, 7, 5, tzinfo=UTC)), TERMS)
    assert isinstance(first, Understood)
    later = datetime(2026, 4, 15, 19, 25, tzinfo=UTC)
    read = read_question(Question("only voice", later), TERMS, before=first)
    assert isinstance(read, Understood)
    assert only(read).until == later
    assert Condition("field.channel", Operator.EQ, "voice") in only(read).filters.parts
