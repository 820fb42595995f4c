"""Intervals and p-values are those of the textbook, which here is SciPy."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from postcall.reporting.statistics import (
    compare_counts,
    compare_means,
    compare_rates,
    mean_interval,
    rate_interval,
)

scipy: Any = stats


@st.composite
def shares(draw: st.DrawFn, *, most: int = 5_000) -> tuple[int, int]:
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


means = st.floats(-1e6, 1e6)
deviations = st.floats(0.01, 1e5)
numbers = st.integers(2, 5_000)


@given(shares())
def test_the_interval_of_a_rate_is_wilsons(share: tuple[int, int]) -> None:
    interval = rate_interval(*share)
    expected = scipy.binomtest(*share).proportion_ci(method="wilson")
    assert interval is not None
    assert interval.low == pytest.approx(expected.low, abs=1e-9)
    assert interval.high == pytest.approx(expected.high, abs=1e-9)


@given(shares(most=10**12))
def test_an_interval_holds_its_rate_and_stays_between_nought_and_one(share: tuple[int, int]) -> None:
    interval = rate_interval(*share)
    assert interval is not None
    assert 0 <= interval.low <= share[0] / share[1] <= interval.high <= 1
    assert interval.low < interval.high


@given(st.integers(1, 1_000))
def test_none_and_all_leave_room_on_one_side_only(n: int) -> None:
    none, every = rate_interval(0, n), rate_interval(n, n)
    assert none is not None
    assert every is not None
    assert none.low == 0 < none.high < 1
    assert every.high == 1 > every.low > 0
    assert none.high == pytest.approx(1 - every.low)


def test_nothing_has_no_interval() -> None:
    assert rate_interval(0, 0) is None
    assert mean_interval(5.0, 0.0, 1) is None
    assert mean_interval(5.0, 0.0, 0) is None


@given(means, deviations, numbers)
def test_the_interval_of_a_mean_is_students(mean: float, deviation: float, n: int) -> None:
    interval = mean_interval(mean, deviation, n)
    low, high = scipy.t.interval(0.95, n - 1, loc=mean, scale=deviation / math.sqrt(n))
    assert interval is not None
    assert interval.low == pytest.approx(low)
    assert interval.high == pytest.approx(high)
    assert interval.low <= mean <= interval.high


def test_equal_values_have_an_interval_of_no_width() -> None:
    interval = mean_interval(5.0, 0.0, 10)
    assert interval is not None
    assert (interval.low, interval.high) == (5.0, 5.0)


@given(means, deviations, numbers, means, deviations, numbers)
def test_means_are_compared_by_welch(
    mean: float, deviation: float, n: int, earlier: float, earlier_deviation: float, earlier_n: int
) -> None:
    p = compare_means(mean, deviation, n, earlier, earlier_deviation, earlier_n)
    expected = scipy.ttest_ind_from_stats(mean, deviation, n, earlier, earlier_deviation, earlier_n, equal_var=False)
    assert p == pytest.approx(float(expected.pvalue), abs=1e-12)


def test_means_without_spread_are_the_same_or_not() -> None:
    assert compare_means(5.0, 0.0, 3, 5.0, 0.0, 4) == 1
    assert compare_means(5.0, 0.0, 3, 6.0, 0.0, 4) == 0
    assert compare_means(5.0, 1.0, 1, 6.0, 1.0, 40) is None
    assert compare_means(5.0, 1.0, 40, 6.0, 1.0, 1) is None


@given(shares(), shares())
def test_rates_are_compared_as_the_chi_square_test_does(now: tuple[int, int], before: tuple[int, int]) -> None:
    p = compare_rates(*now, *before)
    assert p is not None
    assert 0 <= p <= 1
    assert p == pytest.approx(compare_rates(*before, *now))
    pooled = now[0] + before[0]
    if pooled in (0, now[1] + before[1]):
        assert p == 1
        return
    table = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]
    assert p == pytest.approx(float(scipy.chi2_contingency(table, correction=False).pvalue), abs=1e-9)


def test_a_rate_of_nothing_cannot_be_compared() -> None:
    assert compare_rates(0, 0, 3, 4) is None
    assert compare_rates(3, 4, 0, 0) is None
    assert compare_counts(0, 0) is None


@given(st.integers(0, 500), st.integers(0, 500))
def test_small_counts_are_compared_exactly(count: int, earlier: int) -> None:
    p = compare_counts(count, earlier)
    if count + earlier:
        assert p == pytest.approx(float(scipy.binomtest(count, count + earlier, 0.5).pvalue), abs=1e-12)


@given(st.integers(600, 100_000), st.integers(-300, 300))
def test_large_counts_are_compared_nearly_exactly(count: int, more: int) -> None:
    earlier = count + more
    p = compare_counts(count, earlier)
    assert p == pytest.approx(float(scipy.binomtest(count, count + earlier, 0.5).pvalue), abs=0.002)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_every_p_value_is_a_probability(count: int, earlier: int) -> None:
    p = compare_counts(count, earlier)
    assert p is None or 0 <= p <= 1
    assert p == compare_counts(earlier, count)
