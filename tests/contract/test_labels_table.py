"""Labels: what people say of answers, appended and checked, the latest counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.builders import NOON, Desk, a_call, a_question, an_answer

from postcall.domain.labels import Label, Opinion, Verdict
from postcall.errors import BadInput, CallNotFound, Conflict
from postcall.evaluation.past import gather_past_answers
from postcall.intake.service import extract_again
from postcall.storage.labels import list_labels, read_calls_with_labels, store_label

QUESTIONS = (
    a_question("booked"),
    a_question("seats", "For how many people?", "INTEGER"),
    a_question("day", "For which day?", "DATETIME"),
    a_question("why", "What for?", "ENUM", choices=["pain", "check-up"]),
    a_question("name", "Who called?", "STRING"),
)


def label(desk: Desk, opinion: Opinion, call_id: str = "call-1") -> Label:
    return desk.record.write(lambda c: store_label(c, desk.pk, call_id, opinion, now=desk.clock()))


def counting(desk: Desk, call_id: str = "call-1") -> dict[str, Label]:
    return {each.identifier: each for each in desk.read(call_id).labels}


def ever_given(desk: Desk) -> list[Label]:
    [call] = desk.record.read(lambda c: list(read_calls_with_labels(c, desk.pk, "clinic")))
    return list(desk.record.read(lambda c: list_labels(c, call.call_pk)))


@pytest.fixture
def answered(desk: Desk) -> Desk:
    """A call with an answer to each question but the last."""
    desk.ask(*QUESTIONS)
    desk.hand_in(a_call())
    desk.extract(
        an_answer("booked", True),
        an_answer("seats", 2, type="INTEGER"),
        an_answer("day", "2026-03-03", type="DATETIME"),
        an_answer("why", status="unknown", type="ENUM"),
        an_answer("name", status="invalid", type="STRING"),
    )
    return desk


def test_a_confirmed_answer_is_kept_with_who_when_and_why(answered: Desk) -> None:
    given = label(answered, Opinion("booked", confirm=True, who="Ana", why="I took the call"))
    extraction = answered.read().extraction
    assert extraction is not None
    assert counting(answered)["booked"] == given
    assert (given.value, given.verdict, given.who, given.why) == (True, Verdict.CONFIRMED, "Ana", "I took the call")
    assert (given.at, given.revision, given.extraction_id) == (answered.clock(), 1, extraction.id)


@pytest.mark.parametrize(
    ("identifier", "raw", "value"),
    [
        ("booked", "no", False),
        ("seats", "three", 3),
        ("day", "next Friday", "2026-03-06"),
        ("why", "Check up", "check-up"),
        ("name", " Ana 🙂 שלום ", "Ana 🙂 שלום"),
        ("booked", None, None),
        ("name", "unknown", None),
        ("seats", 4.0, 4),
    ],
)
def test_a_correction_is_read_as_an_answer_of_the_question_s_type(
    answered: Desk, identifier: str, raw: object, value: object
) -> None:
    given = label(answered, Opinion(identifier, value=raw))
    stored = counting(answered)[identifier]
    assert stored == given
    assert (stored.value, stored.verdict) == (value, Verdict.CORRECTED)
    assert type(stored.value) is type(value)


@pytest.mark.parametrize(
    ("identifier", "raw", "words"),
    [
        ("booked", "perhaps", "neither true nor false"),
        ("seats", "2 or 3", "whole number"),
        ("why", "polish", "'pain', 'check-up'"),
        ("day", "soon", "no clear date"),
        ("name", ["Ana"], "not a list"),
    ],
)
def test_a_correction_that_could_be_no_answer_is_refused_and_nothing_is_stored(
    answered: Desk, identifier: str, raw: object, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        label(answered, Opinion(identifier, value=raw))
    assert refused.value.field == "value"
    assert words in refused.value.message
    assert counting(answered) == {}


def test_an_unknown_question_is_refused(answered: Desk) -> None:
    with pytest.raises(BadInput, match="'mood' is no question"):
        label(answered, Opinion("mood", value="fine"))


def test_an_answer_that_failed_cannot_be_confirmed_but_corrected(answered: Desk) -> None:
    with pytest.raises(Conflict, match="'name' has no answer to confirm"):
        label(answered, Opinion("name", confirm=True))
    assert label(answered, Opinion("name", value="Ana")).verdict is Verdict.CORRECTED


def test_that_there_is_no_answer_can_be_confirmed(answered: Desk) -> None:
    given = label(answered, Opinion("why", confirm=True))
    assert (given.value, given.verdict) == (None, Verdict.CONFIRMED)


def test_a_correction_to_what_was_answered_is_a_confirmation(answered: Desk) -> None:
    assert label(answered, Opinion("seats", value="two")).verdict is Verdict.CONFIRMED
    assert label(answered, Opinion("why", value=None)).verdict is Verdict.CONFIRMED


def test_the_latest_label_counts_and_the_earlier_ones_stay(answered: Desk) -> None:
    first = label(answered, Opinion("seats", value=3, who="Ana"))
    answered.clock.advance(60)
    second = label(answered, Opinion("seats", value=4, who="Ben"))
    other = label(answered, Opinion("booked", confirm=True))
    assert counting(answered) == {"seats": second, "booked": other}
    assert ever_given(answered) == [other, second, first]


def test_a_question_that_was_never_answered_can_be_labelled(desk: Desk) -> None:
    desk.ask(*QUESTIONS)
    desk.hand_in(a_call())
    given = label(desk, Opinion("seats", value=2))
    assert given.extraction_id is None
    with pytest.raises(Conflict):
        label(desk, Opinion("booked", confirm=True))


def test_a_question_that_was_added_since_can_be_labelled(answered: Desk) -> None:
    answered.ask(*QUESTIONS, a_question("angry", "Was the caller angry?"))
    assert label(answered, Opinion("angry", value="no")).value is False


def test_labels_of_replaced_words_no_longer_count(answered: Desk) -> None:
    label(answered, Opinion("seats", value=3))
    answered.hand_in(a_call("call-1", "user: Cancel it."), replace=True)
    assert counting(answered) == {}
    fresh = label(answered, Opinion("seats", value=None))
    assert (fresh.revision, counting(answered)["seats"]) == (2, fresh)


def test_another_account_cannot_label_the_call(answered: Desk) -> None:
    other = Desk(answered.record, answered.clock, account="other")
    with pytest.raises(CallNotFound):
        label(other, Opinion("booked", confirm=True))
    assert counting(answered) == {}


def test_an_endless_reason_is_refused(answered: Desk) -> None:
    with pytest.raises(BadInput, match="why: at most 2,000 characters"):
        label(answered, Opinion("booked", confirm=True, why="x" * 2_001))
    assert label(answered, Opinion("booked", confirm=True, who="  ", why="nul\x00l")).why == "null"


def test_a_call_s_labels_go_with_it(answered: Desk) -> None:
    from postcall.storage.agents import find_agent_row
    from postcall.storage.calls import remove_calls

    label(answered, Opinion("booked", confirm=True))
    answered.record.write(
        lambda c: remove_calls(c, find_agent_row(c, answered.pk, "clinic").pk, id_prefix="call-", now=NOON)
    )
    assert answered.record.read(lambda c: list(read_calls_with_labels(c, answered.pk, "clinic"))) == []


def test_only_labelled_calls_of_the_agent_are_gathered_in_the_order_of_their_start(desk: Desk) -> None:
    desk.ask(*QUESTIONS)
    desk.ask(*QUESTIONS, agent="garage")
    starts = {"late": 1, "early": 3, "unlabelled": 2}
    for name, hours in starts.items():
        desk.hand_in(a_call(name, started_at=NOON - timedelta(hours=hours)))
    desk.hand_in(replace(a_call("elsewhere"), details=replace(a_call().details, agent="garage")))
    for name in ("late", "early", "elsewhere"):
        label(desk, Opinion("seats", value=2), name)

    def gathered(hours: float | None = None) -> list[str]:
        since = None if hours is None else NOON - timedelta(hours=hours)
        found = desk.record.read(lambda c: list(read_calls_with_labels(c, desk.pk, "clinic", since=since)))
        return [call.call_id for call in found]

    assert gathered() == ["early", "late"]
    assert gathered(2) == ["late"]
    assert gathered(3) == ["early", "late"], "the first moment counts"


def test_past_answers_are_scored_by_what_people_say_of_them(answered: Desk) -> None:
    label(answered, Opinion("booked", confirm=True))
    label(answered, Opinion("seats", value=3))
    past = answered.record.read(lambda c: gather_past_answers(c, answered.pk, "clinic"))
    [call] = past.answered
    assert call.call.gold == {"booked": True, "seats": 3}
    assert {answer.identifier: answer.value for answer in call.answers}["seats"] == 2
    assert past.questions == QUESTIONS
    assert (past.analyser, past.model) == ("model", "scripted")
    assert "1 confirm an answer, 1 correct one" in past.notes[0]


def test_a_later_run_is_scored_by_the_labels_that_were_given_before(answered: Desk) -> None:
    label(answered, Opinion("seats", value=3))
    answered.record.write(extract_again(answered.pk, "call-1", now=answered.clock()))
    answered.extract(an_answer("seats", 3, type="INTEGER"))
    [call] = answered.record.read(lambda c: gather_past_answers(c, answered.pk, "clinic")).answered
    assert [(answer.identifier, answer.value) for answer in call.answers] == [("seats", 3)]
    assert call.call.gold == {"seats": 3}


def test_a_label_of_a_question_that_changed_its_type_is_left_out(answered: Desk) -> None:
    label(answered, Opinion("seats", value=3))
    answered.ask(a_question("seats", "Where do they sit?", "STRING"))
    [call] = answered.record.read(lambda c: gather_past_answers(c, answered.pk, "clinic")).answered
    assert call.call.gold == {}
