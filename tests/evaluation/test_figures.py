"""The figures of a question: counted by hand, and in every sample that chance could have drawn."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.questions import QuestionType
from postcall.evaluation.calibration import calibrate
from postcall.evaluation.figures import Figures, Outcome, interval, percentile, reckon, resample


def figures(kind: QuestionType, *outcomes: Outcome, beside: int = 0) -> Figures:
    return reckon(Counter(outcomes).items(), kind, beside=beside)


def classed(*pairs: tuple[str | None, str | None]) -> list[Outcome]:
    return [Outcome(gold, given, right=gold == given) for gold, given in pairs]


def test_an_answer_without_a_value_is_wrong_where_gold_has_one_and_right_where_it_has_none() -> None:
    found = figures(
        QuestionType.STRING,
        Outcome("value", "value", right=True, evidenced=True),
        Outcome("value", "value", right=False, evidenced=True),
        Outcome("value", None, right=False),
        Outcome(None, None, right=True),
        Outcome(None, "value", right=False),
    )
    assert found.coverage == pytest.approx(3 / 5)
    assert found.accuracy == pytest.approx(2 / 5)
    assert found.accuracy_when_answered == pytest.approx(1 / 3)
    assert found.invented_rate == pytest.approx(1 / 2)
    assert found.evidence_share == pytest.approx(2 / 3)
    assert (found.balanced_accuracy, found.macro_f1) == (None, None)


def test_always_yes_is_half_right_by_balanced_accuracy_however_common_yes_is() -> None:
    found = figures(QuestionType.BOOLEAN, *classed(*[("True", "True")] * 95, *[("False", "True")] * 5))
    assert found.accuracy == pytest.approx(0.95)
    assert found.balanced_accuracy == pytest.approx(0.5)


def test_an_unanswered_class_is_missed_in_balanced_accuracy() -> None:
    found = figures(QuestionType.BOOLEAN, *classed(("True", "True"), ("True", None), ("False", "False")))
    assert found.balanced_accuracy == pytest.approx((1 / 2 + 1) / 2)


def test_macro_f1_counts_every_class_alike_also_one_that_is_only_given() -> None:
    found = figures(QuestionType.ENUM, *classed(("a", "a"), ("a", "b"), ("b", "b"), ("b", "c"), ("a", None)))
    of_a = 2 * 1 / (3 + 1)
    of_b = 2 * 1 / (2 + 2)
    assert found.macro_f1 == pytest.approx((of_a + of_b + 0) / 3)


def test_a_value_where_gold_has_none_is_a_false_positive_of_its_class() -> None:
    found = figures(QuestionType.ENUM, *classed(("a", "a"), (None, "a"), (None, None)))
    assert found.macro_f1 == pytest.approx(2 * 1 / (1 + 2))


def test_what_has_nothing_to_count_has_no_figure() -> None:
    found = figures(QuestionType.ENUM)
    assert (found.accuracy, found.coverage, found.macro_f1, found.invented_rate) == (None, None, None, None)
    assert interval(resample([], QuestionType.ENUM, beside=0, seed="s"), lambda sample: sample.accuracy) is None


outcomes = st.lists(
    st.builds(
        lambda gold, given, evidenced: Outcome(gold, given, right=gold == given, evidenced=evidenced and bool(given)),
        st.sampled_from([None, "a", "b", "c"]),
        st.sampled_from([None, "a", "b", "c"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=30,
)


@given(outcomes, st.sampled_from([QuestionType.ENUM, QuestionType.BOOLEAN, QuestionType.STRING]))
def test_every_figure_is_a_share_and_answers_alike_in_any_order(given: list[Outcome], kind: QuestionType) -> None:
    found = figures(kind, *given)
    shares = [found.coverage, found.accuracy, found.accuracy_when_answered, found.invented_rate, found.evidence_share]
    for share in [*shares, found.balanced_accuracy, found.macro_f1]:
        assert share is None or 0.0 <= share <= 1.0
    again = figures(kind, *reversed(given))
    assert again.accuracy == found.accuracy
    assert again.macro_f1 == pytest.approx(found.macro_f1)


@given(outcomes)
def test_all_right_is_one_by_every_measure(given: list[Outcome]) -> None:
    right = [Outcome(each.gold, each.gold, right=True) for each in given if each.gold is not None]
    found = figures(QuestionType.ENUM, *right)
    assert found.accuracy in {None, 1.0}
    assert found.macro_f1 in {None, 1.0}


def test_the_interval_holds_the_figure_and_narrows_with_more_cases() -> None:
    def spread(size: int) -> float:
        cases = classed(*[("a", "a")] * (size * 7 // 10), *[("a", "b")] * (size - size * 7 // 10))
        found = interval(resample(cases, QuestionType.ENUM, beside=0, seed="x"), lambda sample: sample.accuracy)
        assert found is not None
        assert found[0] <= 0.7 <= found[1]
        return found[1] - found[0]

    # A binomial share of 0.7 has a standard error of √(0.7·0.3/n): 95 % lie within 3.92 of them.
    assert spread(100) == pytest.approx(3.92 * (0.21 / 100) ** 0.5, rel=0.15)
    assert spread(400) == pytest.approx(3.92 * (0.21 / 400) ** 0.5, rel=0.15)


def test_the_same_seed_draws_the_same_samples_and_another_seed_others() -> None:
    cases = classed(*[("a", "a")] * 30, *[("a", "b")] * 20, *[("b", "b")] * 20)
    drawn = [resample(cases, QuestionType.ENUM, beside=0, seed=seed, resamples=50) for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_comparisons_told_beside_have_figures_and_intervals_of_their_own() -> None:
    cases = [Outcome("value", "value", right=False, also=(True,)), Outcome("value", "value", right=True, also=(True,))]
    assert figures(QuestionType.STRING, *cases, beside=1).also == (1.0,)
    samples = resample(cases * 20, QuestionType.STRING, beside=1, seed="s", resamples=100)
    assert interval(samples, lambda sample: sample.also[0]) == (1.0, 1.0)


def test_percentiles_lie_between_neighbours() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert percentile([4.0, 1.0], 1.0) == 4.0
    assert percentile([], 0.5) is None


def test_confidence_that_is_as_often_right_as_it_says_has_no_error() -> None:
    rated = [(0.75, True)] * 3 + [(0.75, False)]
    found = calibrate(rated)
    assert found is not None
    assert found.expected_error == pytest.approx(0.0)
    assert found.brier == pytest.approx((3 * 0.25**2 + 0.75**2) / 4)


def test_the_calibration_error_weighs_each_stretch_by_its_answers() -> None:
    found = calibrate([(0.95, True), (0.95, False), (0.95, False), (0.95, False), (0.3, False)])
    assert found is not None
    assert found.expected_error == pytest.approx(4 / 5 * (0.95 - 0.25) + 1 / 5 * 0.3)
    assert [(each.above, each.upto, each.n) for each in found.bins] == [(0.2, 0.3, 1), (0.9, 1.0, 4)]
    assert calibrate([]) is None


@given(st.lists(st.tuples(st.floats(min_value=0, max_value=1), st.booleans()), min_size=1, max_size=50))
def test_calibration_counts_every_answer_once(rated: list[tuple[float, bool]]) -> None:
    found = calibrate(rated)
    assert found is not None
    assert sum(each.n for each in found.bins) == len(rated)
    assert 0.0 <= found.expected_error <= 1.0 + 1e-9
    assert 0.0 <= found.brier <= 1.0
    for each in found.bins:
        assert each.above - 1e-9 <= each.confidence <= each.upto + 1e-9
