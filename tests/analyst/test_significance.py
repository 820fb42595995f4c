"""P-values and effects, against scipy and by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from postcall.analyst.differences.significance import (
    adjust,
    effect_of_means,
    effect_of_rates,
    fisher,
    weigh_rates,
)
from postcall.reporting.statistics import compare_rates


@given(st.data())
def test_fishers_test_is_that_of_scipy(data: st.DataObject) -> None:
    n, other_n = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))
    count, other = data.draw(st.integers(0, n)), data.draw(st.integers(0, other_n))
    expected = stats.fisher_exact([[count, n - count], [other, other_n - other]]).pvalue
    assert fisher(count, n, other, other_n) == pytest.approx(expected, rel=1e-6)


def test_few_calls_are_compared_exactly_and_many_by_the_z_test() -> None:
    assert weigh_rates(3, 4, 0, 5) == pytest.approx(fisher(3, 4, 0, 5))
    assert weigh_rates(300, 1_000, 200, 1_000) == compare_rates(300, 1_000, 200, 1_000)


def test_a_handful_of_hits_in_a_million_is_compared_exactly_and_quickly() -> None:
    assert weigh_rates(4, 500_000, 1, 500_000) == pytest.approx(0.375, abs=1e-4)


def test_nothing_can_be_said_of_a_side_without_calls() -> None:
    assert weigh_rates(0, 0, 3, 9) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_p_values_are_adjusted_as_scipy_does_it(p_values: list[float]) -> None:
    assert adjust(p_values) == pytest.approx(list(stats.false_discovery_control(p_values)))


def test_nothing_compared_is_nothing_adjusted() -> None:
    assert adjust([]) == []


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_effect_of_two_shares_turns_with_its_sides(share: float, other: float) -> None:
    assert effect_of_rates(share, other) == pytest.approx(-effect_of_rates(other, share))
    assert abs(effect_of_rates(share, other)) <= math.pi + 1e-9


def test_the_effect_of_means_is_in_standard_deviations() -> None:
    assert effect_of_means(12, 2, 10, 10, 2, 30) == pytest.approx(1.0)
    assert effect_of_means(12, 0, 10, 10, 0, 30) == 0
