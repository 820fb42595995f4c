"""Questions for reasons are answered from the names that hold them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import AskBack, KnownTerm, NameKind, Question, QuestionKind, Understood
from postcall.domain.queries import Condition, Operator
from postcall.reporting.fields import FIELDS

NOW = datetime(2026, 4, 15, 12, 0, tzinfo=UTC)
_FIELDS = tuple(
    KnownTerm(f"field.{field.name}", NameKind.FIELD, field.kind.value, field.values, field.says)
    for field in FIELDS.values()
    if field.name not in {"placed", "campaign", "campaign_id", "attempt", "cost"}
)
WANTS_HUMAN = KnownTerm("metric.asked_for_human", NameKind.ANSWER, "boolean", (), "Did the caller ask for a person?")
TOPIC = KnownTerm("metric.topic", NameKind.ANSWER, "text", ("delivery", "refund"), "What is the call about?")
LATE = KnownTerm("metric.parcel_late", NameKind.METRIC, "boolean", (), "True when a parcel came late.")
WHY_LATE = KnownTerm("metric.delayCode", NameKind.METRIC, "text", ("snow", "strike"), "Why a parcel came late.")


def read(text: str, *terms: KnownTerm) -> Understood:
    """The reading with these names beside the fields."""
    found = read_question(Question(text, NOW), (*_FIELDS, *terms))
    assert isinstance(found, Understood), found
    return found


def test_reasons_to_ask_for_a_human_are_those_written_with_the_handoff() -> None:
    found = read("What are the top reasons callers request a human this week?", WANTS_HUMAN, TOPIC)
    [query] = found.queries
    assert (found.kind, query.group_by) == (QuestionKind.TOP, ("field.handoff_reason",))
    assert Condition("metric.asked_for_human", Operator.EQ, True) in query.filters.parts
    assert query.since == datetime(2026, 4, 13, tzinfo=UTC)
    assert "topic holds reasons too" in found.says


def test_why_callers_ask_for_a_human_ranks_the_reasons_and_reads_what_they_say() -> None:
    found = read("Why are callers asking for a human?", WANTS_HUMAN, TOPIC)
    assert found.kind is QuestionKind.THEMES
    assert found.queries[0].group_by == ("field.handoff_reason",)
    assert found.calls is not None
    assert found.calls.filters.parts == (Condition("metric.asked_for_human", Operator.EQ, True),)


def test_a_definition_that_says_why_holds_reasons_whatever_the_name() -> None:
    assert read("reasons for late parcels", LATE, WHY_LATE, TOPIC).queries[0].group_by == ("metric.delayCode",)


@pytest.mark.parametrize(
    "text",
    ["Why are people calling us?", "what do callers ask for most", "what are people calling about this week?"],
)
def test_why_people_call_is_told_by_what_calls_are_about(text: str) -> None:
    found = read(text, TOPIC, WANTS_HUMAN)
    assert (found.kind, found.queries[0].group_by) == (QuestionKind.TOP, ("metric.topic",))


def test_a_number_by_reason_is_grouped_by_it() -> None:
    assert read("median duration by reason", TOPIC).queries[0].group_by == ("metric.topic",)


def test_a_reason_is_none_for_itself() -> None:
    assert read("reasons for refunds", TOPIC).kind is QuestionKind.DIFFERENCE


def test_what_was_not_done_is_compared_with_what_was() -> None:
    found = read("Why were parcels not late?", LATE, WHY_LATE)
    assert (found.kind, found.queries[0].group_by) == (QuestionKind.DIFFERENCE, ("metric.parcel_late",))


def test_where_no_name_holds_reasons_the_hangups_are_compared_with_the_other_calls() -> None:
    found = read("Why are callers hanging up?")
    those, others = found.queries
    assert found.kind is QuestionKind.DIFFERENCE
    assert those.filters.parts == (Condition("field.disconnection_reason", Operator.EQ, "user_hangup"),)
    assert others.filters != those.filters
    assert found.calls is not None
    assert found.calls.filters == those.filters


def test_reasons_of_what_nobody_records_are_not_made_up() -> None:
    found = read_question(Question("What are the main reasons for purple elephants?", NOW), _FIELDS)
    assert isinstance(found, AskBack)
