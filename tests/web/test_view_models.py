"""What pages are told to show, decided without a record or a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.builders import NOON, a_question, an_answer, findings, some_turns

from postcall.domain.answers import Evidence, Extraction, ExtractionStatus, Usage
from postcall.domain.metrics import MetricDefinition, MetricType
from postcall.domain.views import ExtractionState, Progress
from postcall.storage.whole_calls import StoredWrite
from postcall.storage.work_counts import WorkDone
from postcall.web.answer_view import show_answers, show_turns
from postcall.web.call_look import CheckedWrite
from postcall.web.call_view import show_run
from postcall.web.list_view import shared_columns, show_work
from postcall.web.state_view import UNFINISHED, show_state
from postcall.web.tones import Tone
from postcall.web.written_view import show_metrics

TURNS = some_turns("agent: Hello.", "user: I want a refund.", "agent: A refund it is.")
RUN = Extraction(
    id="f" * 24,
    call_id="call-1",
    version=2,
    revision=1,
    status=ExtractionStatus.FINISHED,
    failure_code=None,
    failure=None,
    findings=findings(an_answer()),
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=2.5),
)


@pytest.mark.parametrize("state", ExtractionState)
def test_every_state_has_words_and_a_sign_besides_its_colour(state: ExtractionState) -> None:
    badge = show_state(Progress(state, "because")).badge
    assert badge.text and badge.sign.strip()
    assert (badge.tone is Tone.WAITING) == (state in UNFINISHED)


def test_a_call_that_is_tried_again_says_when_and_why() -> None:
    shown = show_state(Progress(ExtractionState.RETRYING, "no answer within 60 s", retry_at=NOON))
    assert shown.detail == "Next attempt at 12:00:00 UTC, because: no answer within 60 s"


def test_an_answered_call_still_tells_that_a_later_run_failed() -> None:
    assert show_state(Progress(ExtractionState.FINISHED, "it broke")).detail == "A later run failed: it broke"
    assert show_state(Progress(ExtractionState.FINISHED, None)).detail is None


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (WorkDone(answered=412, failed=0, waiting=1088, open_jobs=1088), "412 of 1,500 answered"),
        (WorkDone(answered=1, failed=2, waiting=3, open_jobs=3), "1 of 6 answered, 2 failed"),
        (
            WorkDone(answered=5, failed=0, waiting=0, open_jobs=1),
            "5 of 5 answered; 1 more run of answered calls under way",
        ),
    ],
)
def test_the_work_is_said_in_numbers(work: WorkDone, said: str) -> None:
    shown = show_work(work)
    assert shown is not None
    assert shown.text == said
    assert 0 <= shown.answered <= shown.total


def test_nothing_is_said_of_work_that_is_done() -> None:
    assert show_work(WorkDone(answered=5, failed=1, waiting=0, open_jobs=0)) is None


def test_an_answer_names_its_turns_once_and_in_order() -> None:
    evidence = (Evidence(2, "refund"), Evidence(1, "a refund"), Evidence(2, "it is"))
    [shown] = show_answers([an_answer(evidence=evidence)], [a_question()], TURNS).answers
    assert shown.turns == "2 1"
    assert [(each.turn, each.speaker) for each in shown.evidence] == [(2, "Agent"), (1, "Caller"), (2, "Agent")]
    assert shown.prompt == "Did the caller book an appointment?"


def test_evidence_of_a_turn_that_is_not_there_marks_nothing() -> None:
    answer = an_answer(evidence=(Evidence(9, "refund"),))
    assert [shown.evidence[0].speaker for shown in show_answers([answer], [], TURNS).answers] == [""]
    assert not any(piece.answers for turn in show_turns(TURNS, [answer]) for piece in turn.segments)


def test_confidence_is_explained_once_and_only_where_there_is_any() -> None:
    unsure = an_answer(status="unknown")
    assert show_answers([unsure], [], TURNS).calibration is None
    assert "not calibrated" in (show_answers([unsure, an_answer()], [], TURNS).calibration or "")
    calibrated = replace(an_answer(), calibrated=True)
    assert "not calibrated" not in (show_answers([calibrated], [], TURNS).calibration or "")
    assert "not calibrated" in (show_answers([calibrated, an_answer()], [], TURNS).calibration or "")


def test_a_metric_shows_all_its_writes_and_which_do_not_fit() -> None:
    seats = MetricDefinition("a" * 24, "SEATS", MetricType.INTEGER, (), "How many come.", True, True, NOON, NOON)
    writes = [StoredWrite("SEATS", value, "live", NOON + timedelta(seconds=value)) for value in (2, 3)]
    odd = StoredWrite("SEATS", "many", "live", NOON)
    [shown] = show_metrics([CheckedWrite(each, seats, fits=each is not odd) for each in (*writes, odd)])
    assert (shown.value, shown.fits, shown.definition, shown.meaning) == ("many", False, "integer", "How many come.")
    assert [(each.value, each.at, each.fits) for each in shown.writes] == [
        ("2", "12:00:02", True),
        ("3", "12:00:03", True),
        ("many", "12:00:00", False),
    ]


def test_a_run_tells_what_it_cost_only_where_that_is_known() -> None:
    free = {fact.name for fact in show_run(RUN, is_current=True).facts}
    assert not free & {"Cost", "Tokens", "Code of the failure"}
    paid = replace(RUN, findings=replace(RUN.findings, usage=Usage(2, 1500, 1000, 80, cost=0.0021)))
    facts = {fact.name: fact.value for fact in show_run(paid, is_current=True).facts}
    assert facts["Tokens"] == "1,500 read (1,000 from the cache), 80 written"
    assert (facts["Requests"], facts["Cost"], facts["Took"]) == ("2", "0.002100", "2.5 s")


def test_answers_have_columns_of_their_own_only_where_all_calls_share_them() -> None:
    assert shared_columns([("booked", "seats"), ("booked", "seats")]) == ("booked", "seats")
    assert shared_columns([("booked",), ("seats",)]) == ()
    assert shared_columns([(), ()]) == ()
    assert shared_columns([]) == ()
