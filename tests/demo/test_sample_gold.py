"""The right answers that come with the sample calls: they must be right, for analysers are measured with them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postcall.demo import CLINIC_QUESTIONS, generate_calls, with_gold
from postcall.demo.clinic import CLINIC_ZONE, is_holiday, is_open
from postcall.demo.spoken import (
    clock,
    month_day,
    month_day_spanish,
    relative_day,
    relative_day_spanish,
    time_in_words,
    time_spanish,
)
from postcall.domain.answers import AnswerValue
from postcall.domain.calls import CallStatus, IncomingCall, Role
from postcall.domain.questions import QuestionType, check_questions

END = datetime(2026, 12, 9, 14, 5, tzinfo=UTC)
LABELLED = [pair for seed in (1, 2) for pair in with_gold(seed=seed, count=1500, end=END)]
CALLED_BEFORE = {1: ("once",), 2: ("twice", "third"), 3: ("three times",), 4: ("four times",)}


def words(call: IncomingCall) -> str:
    return " ".join(turn.text for turn in call.turns).casefold()


def callers_words(call: IncomingCall) -> str:
    return " ".join(turn.text for turn in call.turns if turn.role is Role.USER).casefold()


def day_of(call: IncomingCall) -> datetime:
    assert call.details.started_at is not None
    return call.details.started_at.astimezone(CLINIC_ZONE)


def known(identifier: str) -> list[tuple[IncomingCall, AnswerValue]]:
    return [(call, gold[identifier]) for call, gold in LABELLED if gold.get(identifier) is not None]


def test_the_clinics_questions_are_well_formed_and_of_all_five_types() -> None:
    check_questions(CLINIC_QUESTIONS)
    assert {question.type for question in CLINIC_QUESTIONS} == set(QuestionType)
    assert len(CLINIC_QUESTIONS) >= 8


def test_every_choice_is_explained_and_there_is_a_way_out() -> None:
    for question in CLINIC_QUESTIONS:
        if question.type is QuestionType.ENUM:
            assert "other" in question.choices
            assert all(f"{choice}: " in question.prompt for choice in question.choices)


def test_labels_come_with_the_very_calls_that_are_generated() -> None:
    assert [call for call, _ in LABELLED[:1500]] == list(generate_calls(seed=1, count=1500, end=END))


def test_every_label_answers_a_question_in_its_type() -> None:
    questions = {question.identifier: question for question in CLINIC_QUESTIONS}
    for call, gold in LABELLED:
        for identifier, value in gold.items():
            question = questions[identifier]
            if value is None:
                assert question.type in {QuestionType.STRING, QuestionType.INTEGER, QuestionType.DATETIME}
            elif question.type is QuestionType.ENUM:
                assert value in question.choices, call.id
            elif question.type is QuestionType.DATETIME:
                assert isinstance(value, str)
                assert datetime.fromisoformat(value).tzinfo is None
            else:
                kind = {QuestionType.STRING: str, QuestionType.BOOLEAN: bool, QuestionType.INTEGER: int}[question.type]
                assert type(value) is kind


@pytest.mark.parametrize("identifier", [question.identifier for question in CLINIC_QUESTIONS])
def test_every_question_has_plenty_of_labels_and_more_than_one_answer(identifier: str) -> None:
    values = [gold[identifier] for _, gold in LABELLED if identifier in gold]
    assert len(values) > 1000
    assert len(set(values)) > 1
    assert sum(value is not None for value in values) > 40


def test_every_choice_is_the_right_one_somewhere() -> None:
    for question in CLINIC_QUESTIONS:
        assert set(question.choices) <= {gold.get(question.identifier) for _, gold in LABELLED}


def test_calls_that_are_not_extracted_have_no_labels() -> None:
    for call, gold in LABELLED:
        is_extracted = call.details.status is CallStatus.COMPLETED and any(t.role is Role.USER for t in call.turns)
        assert is_extracted == bool(gold), call.details.metadata


def test_the_callers_name_and_insurer_are_said() -> None:
    for identifier in ("caller_name", "insurance_provider"):
        for call, value in known(identifier):
            for word in str(value).casefold().split():
                assert word in words(call), (call.id, value)


def test_the_clinic_is_not_the_one_to_bring_up_the_insurer_it_is_labelled_with() -> None:
    for call, value in known("insurance_provider"):
        assert str(value).casefold() in callers_words(call), call.details.metadata


def test_how_often_they_called_before_is_said_by_the_caller() -> None:
    for call, value in known("times_called_before"):
        assert isinstance(value, int)
        assert any(way in callers_words(call) for way in CALLED_BEFORE[value]), call.details.metadata


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(min_value=0, max_value=2**32),
    end=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_the_appointment_is_spoken_of_lies_ahead_and_the_clinic_is_open(seed: int, end: datetime) -> None:
    for call, gold in with_gold(seed=seed, count=60, end=end):
        if not gold.get("appointment_date"):
            continue
        at = datetime.fromisoformat(str(gold["appointment_date"]))
        today = day_of(call)
        days = {
            month_day(at),
            f"{at.month}/{at.day}",
            month_day_spanish(at),
            relative_day(at.date(), today.date()),
            relative_day_spanish(at.date(), today.date()),
        }
        times = {clock(at.time()), time_in_words(at.time()), time_spanish(at.time())}
        assert any(day.casefold() in words(call) for day in days), (call.details.metadata, days)
        assert any(time.casefold() in words(call) for time in times), (call.details.metadata, times)
        assert at > today.replace(tzinfo=None)
        assert is_open(at.date(), at.time())
        assert not is_holiday(at.date())


def test_tomorrow_said_late_in_the_evening_is_tomorrow_at_the_clinic() -> None:
    evenings = 0
    for call, gold in with_gold(seed=4, count=12_000, end=END):
        today = day_of(call)
        is_next_day_in_utc = today.date() != today.astimezone(UTC).date()
        if is_next_day_in_utc and call.details.metadata["conversation"] == "book-soon-relative-day-only":
            at = datetime.fromisoformat(str(gold["appointment_date"]))
            assert relative_day(at.date(), today.date()).casefold() in words(call)
            evenings += 1
    assert evenings > 5


def test_booked_outcome_and_date_agree() -> None:
    for _, gold in LABELLED:
        if "outcome" in gold:
            assert gold["appointment_booked"] == (gold["outcome"] in {"booked", "rescheduled"})
            if gold["outcome"] in {"cancelled", "booking_failed"}:
                assert gold.get("appointment_date") is None
        if gold.get("appointment_booked"):
            assert gold.get("appointment_date", "left out") is not None


def test_what_the_agents_code_wrote_agrees_with_the_labels() -> None:
    for call, gold in LABELLED:
        written = {write.name: write.value for write in call.metrics}
        if "BOOKING_CONFIRMED" in written:
            assert written["BOOKING_CONFIRMED"] == gold["appointment_booked"]
        if "BOOKING_FAILED" in written:
            assert gold["appointment_booked"] is False
        if call.details.handoff:
            assert gold["outcome"] == "handed_off"
        elif "outcome" in gold:
            assert gold["outcome"] != "handed_off"


def test_someone_who_tells_the_agent_to_lie_is_not_believed() -> None:
    tries = [
        (call, gold)
        for call, gold in LABELLED
        if call.details.metadata["conversation"] == "odd-ignore-your-instructions"
    ]
    assert tries
    for call, gold in tries:
        assert "appointment booked to true" in callers_words(call)
        assert gold["appointment_booked"] is False
        assert gold["appointment_date"] is None
