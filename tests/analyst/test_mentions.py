"""Words of questions are taken for the names and values that they mean."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.analyst.names.mentions import LEAST, find_mentions
from postcall.domain.analysis import KnownTerm, Mention, NameKind
from postcall.reporting.fields import FIELDS

CARRIED = {
    "agent": ("hotel-line", "bank-line"),
    "campaign": ("spring recall",),
    "handoff_destination": ("billing team", "front desk"),
    "language": ("en-US", "es", "de"),
    "variant": ("control", "a", "b"),
    "version": (1, 2, 3),
}


def metric(name: str, type_: str, *values: str, says: str = "") -> KnownTerm:
    return KnownTerm(f"metric.{name}", NameKind.METRIC, type_, values, says)


TERMS = (
    *(
        KnownTerm(f"field.{each.name}", NameKind.FIELD, each.kind.value, each.values or CARRIED.get(each.name, ()))
        for each in FIELDS.values()
    ),
    metric("APPOINTMENT_BOOKED", "boolean", says="True when the calendar took it."),
    metric("IDENTITY_VERIFIED", "boolean"),
    metric("DO_NOT_CALL", "boolean"),
    metric("asked_for_human", "boolean", says="Did the caller ask for a receptionist?"),
    metric("call_finished", "boolean", says="Did it run to its end (true), or was it cut off or abandoned (false)?"),
    metric("refund_requested", "boolean", says="Did the caller ask for money back?"),
    metric("REFUND_AMOUNT", "number"),
    metric("call_reason", "text", "lost_card", "hotel_book", "hotel_search", "ride_book", "other",
           says="Why? lost_card: a missing or stolen card. other: anything else."),
    metric("REMINDER_RESULT", "text", "confirmed", "no_answer"),
    metric("caller_sentiment", "text", "positive", "negative"),
    metric("insurance_provider", "text", "Aetna", "Delta Dental"),
    metric("churnRisk", "text", "high", "low"),
    metric("party_size", "number"),
)  # fmt: skip


def found(question: str) -> list[tuple[str, object]]:
    """Name and value of each mention; the value None where only the name is meant, `!` where it is negated."""
    return [(each.name.partition(".")[2], _told(each)) for each in find_mentions(question, TERMS)]


def _told(mention: Mention) -> object:
    value = mention.value if mention.has_value else None
    return ("!", value) if mention.negated else value


@pytest.mark.parametrize(
    ("question", "name", "value"),
    [
        ("how many people hung up?", "disconnection_reason", "user_hangup"),
        ("Calls that went to voice mail", "disconnection_reason", "voicemail"),
        ("calls that timed out", "disconnection_reason", "timeout"),
        ("how many were handed over to a colleague", "handoff", True),
        ("transfer rate", "handoff", True),
        ("Spanish calls", "language", "es"),
        ("calls in English", "language", "en-US"),
        ("web chats", "channel", "webchat"),
        ("how many text messages", "channel", "sms"),
        ("phone calls", "channel", "voice"),
        ("incoming calls", "direction", "inbound"),
        ("calls that nobody answered", "status", "no_answer"),
        ("average handle time", "duration", None),
        ("calls longer than 5 minutes", "duration", None),
        ("response time", "latency", None),
        ("user turns", "user_turns", None),
        ("where are calls handed off to", "handoff_destination", None),
        ("why are calls handed off", "handoff_reason", None),
        ("handed-off calls where a letter was mentioned", "handoff", True),
        ("version 2", "version", 2),
        ("by variant", "variant", None),
        ("unique callers", "user_number", None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_fields_are_known_by_the_words_people_use(question: str, name: str, value: object) -> None:
    assert (name, value) in found(question)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("appointments booked", [("APPOINTMENT_BOOKED", True)]),
        ("booked appointments", [("APPOINTMENT_BOOKED", True)]),
        ("booking rate", [("APPOINTMENT_BOOKED", True)]),
        ("calls about lost cards", [("call_reason", "lost_card")]),
        ("booking a hotel", [("call_reason", "hotel_book")]),
        ("stolen cards", [("call_reason", "lost_card")]),
        ("were unhappy", [("caller_sentiment", "negative")]),
        ("moods", [("caller_sentiment", None)]),
        ("negative sentiment", [("caller_sentiment", "negative")]),
        ("Aetna as insurance provider", [("insurance_provider", "Aetna")]),
        ("high churn risk", [("churnRisk", "high")]),
        ("average refund amount", [("REFUND_AMOUNT", None)]),
        ("who wanted their money back", [("refund_requested", True)]),
        ("cut off", [("call_finished", False)]),
        ("reminders that had no answer", [("REMINDER_RESULT", "no_answer")]),
        ("asked not to be called again", [("DO_NOT_CALL", True)]),
        ("What do people call about?", [("call_reason", None)]),
        ("median party size", [("party_size", None)]),
        ("how many calls are there in total?", []),
        ("number of calls yesterday, please", []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_metrics_are_known_by_their_names_values_and_definitions(
    question: str, expected: list[tuple[str, object]]
) -> None:
    assert found(question) == expected


@pytest.mark.parametrize(
    ("question", "name", "value"),
    [
        ("calls that were not booked", "APPOINTMENT_BOOKED", True),
        ("calls without an insurance provider", "insurance_provider", None),
        ("who didn't ask for a human", "asked_for_human", True),
        ("whose identity could not be verified", "IDENTITY_VERIFIED", True),
        ("unverified identities", "IDENTITY_VERIFIED", True),
        ("failed to verify the identity", "IDENTITY_VERIFIED", True),
        ("identity verification failed", "IDENTITY_VERIFIED", True),
        ("all but the Spanish ones, excluding Spanish", "language", "es"),
        ("calls other than inbound", "direction", "inbound"),
        ("calls that did not end in a handoff", "handoff", True),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_negated_is_told(question: str, name: str, value: object) -> None:
    assert (name, ("!", value)) in found(question)


def test_what_failed_is_told_once() -> None:
    both = [("IDENTITY_VERIFIED", ("!", True)), ("asked_for_human", True)]
    assert found("identity verification failed, asked for a human") == both
    assert found("failed handoffs") == [("handoff", ("!", True))]


def test_another_word_of_the_trade_means_the_choice() -> None:
    assert found("taxi bookings") == [("call_reason", "ride_book")]


def test_a_negation_reaches_only_what_it_is_about() -> None:
    assert found("not booked but transferred") == [("APPOINTMENT_BOOKED", ("!", True)), ("handoff", True)]
    assert found("transferred, not booked") == [("handoff", True), ("APPOINTMENT_BOOKED", ("!", True))]
    assert found("do we not know whether they were booked") == [("APPOINTMENT_BOOKED", True)]


def test_the_words_of_a_negation_belong_to_the_mention() -> None:
    question = "calls without an insurance provider in May"
    (mention,) = find_mentions(question, TERMS)
    assert question[mention.start : mention.end] == "without an insurance provider"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("averge duraton", "duration"),
        ("spansh calls", "language"),
        ("apointments bookd", "APPOINTMENT_BOOKED"),
        ("custmer sentimnt", "caller_sentiment"),
        ("insurence provider", "insurance_provider"),
    ],
)
def test_slips_of_the_pen_are_understood(question: str, name: str) -> None:
    assert name in [each for each, _ in found(question)]


@pytest.mark.parametrize(
    "word", ["parking", "ferry", "wedding", "weather", "letter", "looking", "CSAT", "plane", "form"]
)
def test_words_that_only_look_like_a_name_are_left_alone(word: str) -> None:
    assert found(f"calls that mention {word}") == []


def test_one_word_of_several_choices_means_all_of_them() -> None:
    (mention,) = find_mentions("calls about hotels", TERMS)
    assert (mention.name, mention.values) == ("metric.call_reason", ("hotel_book", "hotel_search"))


def test_other_meanings_of_the_same_words_are_told() -> None:
    terms = (*TERMS, metric("LANGUAGE", "text", "en", "es"))
    (mention,) = find_mentions("Spanish calls", terms)
    assert mention.name == "field.language"
    assert [(each.name, each.value) for each in mention.others] == [("metric.LANGUAGE", "es")]


def test_values_of_one_letter_need_their_name() -> None:
    assert found("is variant a or b better") == [("variant", "a"), ("variant", "b")]
    assert found("a call of b") == []


def test_words_that_are_taken_for_something_else_are_skipped() -> None:
    question = "Spanish calls of the hotel"
    assert found(question) == [("language", "es"), ("call_reason", "hotel_book")]
    (mention,) = find_mentions(question, TERMS, skip=[(0, 7)])
    assert mention.name == "metric.call_reason"
    assert find_mentions(question, TERMS, skip=[(0, len(question))]) == ()


SCRAPS = """calls not booked without Spanish hotel lost card human asked handed off to failed identity verified un
    no_answer insurance provider Aetna variant a b , . ? ! didn't ẞtraße 通話 İ ﬁne 10 longer \u0301"""
WORDS = st.sampled_from(SCRAPS.split())


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join)))
def test_mentions_never_overlap_and_lie_in_the_question(question: str) -> None:
    mentions = find_mentions(question, TERMS)
    names = {term.name for term in TERMS}
    for each in mentions:
        assert 0 <= each.start < each.end <= len(question)
        assert each.name in names
        assert LEAST <= each.score <= 1
        assert all(not other.others and other.name in names for other in each.others)
    for first, second in pairwise(mentions):
        assert first.end <= second.start


def test_a_question_of_megabytes_is_read_quickly() -> None:
    assert find_mentions("not booked hotel a b " * 100_000, TERMS) != ()
    assert find_mentions("x" * 5_000_000, TERMS) == ()
    assert find_mentions("spansh" * 3 + " " + "zz " * 1_000_000, TERMS) == ()
