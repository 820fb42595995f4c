"""Answers against gold, from answers made by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.builders import a_question, some_turns

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Evidence
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.evaluation.comparing import Comparison, Rule
from postcall.evaluation.labelled import LabelledCall, Scoring
from postcall.evaluation.running import Answered
from postcall.evaluation.scoring import MetricScore, score_metric

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TURNS = some_turns("agent: Hillside Garage.", "user: This is Nora Beck, I need tyres.")
NAME = a_question("name", "Who called?", "STRING")
WHAT = a_question("what", "What for?", "ENUM", choices=["repair", "tyres", "inspection"])
ABSENT = object()


def answered(
    question: DispositionMetric,
    gold: object,
    value: AnswerValue = None,
    status: str | None = None,
    *,
    quotes: tuple[tuple[int, str], ...] = (),
    confidence: float | None = 0.5,
    number: int = 0,
) -> Answered:
    """A call with one label, and an answer: `ok` where it has a value, else `unknown`, unless told otherwise."""
    given = AnswerStatus(status or ("ok" if value is not None else "unknown"))
    evidence = tuple(Evidence(turn, quote) for turn, quote in quotes)
    answer = Answer(question.identifier, question.type, value, given, confidence, "Because.", evidence)
    labels = {} if gold is ABSENT else {question.identifier: gold}
    call = LabelledCall(f"call-{number}", TURNS, MONDAY, labels)  # type: ignore[arg-type]
    return Answered(call, (answer,), 5.0)


def score(question: DispositionMetric, *pairs: tuple[object, AnswerValue], rule: str = "exact") -> MetricScore:
    calls = [answered(question, gold, value, number=number) for number, (gold, value) in enumerate(pairs)]
    return score_metric(question, Scoring(Rule(Comparison(rule))), calls)


def test_a_call_without_the_label_does_not_count() -> None:
    found = score(NAME, ("Nora", "Nora"), (ABSENT, "Nora"))
    assert len(found.cases) == 1
    assert found.figures.accuracy == 1.0


def test_where_there_is_nothing_any_value_is_wrong_and_invented() -> None:
    found = score(NAME, (None, "Nora"), (None, None), ("Nora", None))
    assert [case.right for case in found.cases] == [False, True, False]
    assert (found.invented, found.null) == (1, 2)
    assert found.figures.invented_rate == 0.5


def test_a_fallback_text_is_no_invention() -> None:
    found = score(NAME, (None, "not mentioned"))
    assert found.cases[0].right
    assert (found.invented, found.figures.coverage) == (0, 0.0)


@pytest.mark.parametrize("status", ["invalid", "error"])
def test_a_failed_answer_is_not_right_even_where_there_is_nothing(status: str) -> None:
    call = answered(NAME, None, None, status)
    found = score_metric(NAME, Scoring(), [call])
    assert found.figures.accuracy == 0.0
    assert found.invented == 0
    assert found.statuses[status] == 1


def test_a_call_that_could_not_be_analysed_counts_as_missed() -> None:
    call = Answered(LabelledCall("call-1", TURNS, MONDAY, {"name": "Nora"}), (), None, fault="the endpoint is away")
    found = score_metric(NAME, Scoring(), [call])
    [case] = found.cases
    assert (case.status, case.right, case.reasoning) == (AnswerStatus.ERROR, False, "the endpoint is away")
    assert found.figures.accuracy == 0.0


def test_only_quotes_that_stand_in_the_transcript_are_evidence() -> None:
    calls = [
        answered(NAME, "Nora", "Nora", quotes=((1, "This is Nora Beck"),)),
        answered(NAME, "Nora", "Nora", quotes=((0, "This is Nora Beck"),)),
        answered(NAME, "Nora", "Nora", quotes=((1, "Nora"), (7, "Nora"))),
        answered(NAME, "Nora", "Nora"),
        answered(NAME, "Nora", None),
    ]
    found = score_metric(NAME, Scoring(), calls)
    assert [case.evidenced for case in found.cases] == [True, False, False, False, False]
    assert found.figures.evidence_share == pytest.approx(1 / 4)


def test_what_is_taken_for_what_is_counted_in_the_order_of_the_choices() -> None:
    found = score(
        WHAT, ("tyres", "tyres"), ("tyres", "repair"), ("tyres", None), (None, "repair"), (None, None), (None, None)
    )
    assert found.confusion is not None
    assert found.confusion.labels == ("repair", "tyres")
    assert found.confusion.counts == ((0, 0, 0), (1, 1, 1), (1, 0, 2))
    assert score(NAME, ("a", "b")).confusion is None


def test_every_case_stands_in_the_matrix_once() -> None:
    booked = a_question()
    found = score(booked, (True, True), (False, True), (True, None))
    assert found.confusion is not None
    assert found.confusion.labels == (True, False)
    assert sum(map(sum, found.confusion.counts)) == 3


def test_the_surname_alone_is_told_beside_the_whole_name() -> None:
    scoring = Scoring(Rule(Comparison.CASE_INSENSITIVE, (Comparison.SURNAME,)))
    calls = [answered(NAME, "Katie Hale", "Katy Hale"), answered(NAME, "Tom Hale", "tom hale")]
    found = score_metric(NAME, scoring, calls)
    assert found.figures.accuracy == 0.5
    assert found.figures.also == (1.0,)
    assert found.intervals["also.surname"] == (1.0, 1.0)


def test_free_text_has_its_mean_overlap_told() -> None:
    found = score(NAME, ("sore throat", "a sore throat"), ("sore throat", None), (None, None), rule="overlap")
    assert found.mean_overlap == pytest.approx((0.8 + 0) / 2)
    assert [case.right for case in found.cases] == [True, False, True]


def test_the_confidence_of_values_given_is_held_against_their_truth() -> None:
    calls = [
        answered(NAME, "Nora", "Nora", confidence=0.9),
        answered(NAME, "Nora", "Anna", confidence=0.9),
        answered(NAME, "Nora", "Nora", confidence=None),
        answered(NAME, None, None, confidence=0.2),
    ]
    found = score_metric(NAME, Scoring(), calls)
    assert found.calibration is not None
    assert found.calibration.n == 2
    assert found.calibration.expected_error == pytest.approx(0.4)


def test_the_intervals_hold_the_figures_and_are_the_same_each_time() -> None:
    pairs: list[tuple[object, AnswerValue]] = (
        [("tyres", "tyres")] * 30 + [("tyres", "repair")] * 10 + [(None, None)] * 5
    )
    first, second = score(WHAT, *pairs), score(WHAT, *pairs)
    assert first.intervals == second.intervals
    for name in ("accuracy", "coverage", "accuracy_when_answered", "macro_f1"):
        low, high = first.intervals[name]
        assert low <= getattr(first.figures, name) <= high, name
    assert "balanced_accuracy" not in first.intervals


def test_dates_are_compared_from_the_call_s_own_day() -> None:
    day = a_question("day", "When?", "DATETIME")
    assert score(day, ("2026-03-03", "2026-03-03T09:00:00"), rule="date").figures.accuracy == 1.0
    assert score(day, ("2026-03-03", "2026-03-03T09:00:00")).figures.accuracy == 0.0
    assert QuestionType.DATETIME is day.type
