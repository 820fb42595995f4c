"""Intervals and tests: how far a number from so many calls can be trusted."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from postcall.domain.queries import Interval

_Z = NormalDist().inv_cdf(0.975)
_EXACT_UPTO = 1_000
"""Calls up to which two counts are compared exactly."""
SMALL = 30
"""Fewer values than this are too few to rely on."""


def rate_interval(count: int, n: int) -> Interval | None:
    """The 95 % Wilson score interval of `count` in `n`; None where n is 0.

    Wilson (1927): (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    """
    if n == 0:
        return None
    share, z2 = count / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(0.0 if count == 0 else max(0.0, middle - half), 1.0 if count == n else min(1.0, middle + half))


def mean_interval(mean: float, deviation: float, n: int) -> Interval | None:
    """The 95 % interval of a mean, by Student's t with n − 1 degrees; None for fewer than two values."""
    if n < 2:
        return None
    half = _t_quantile(n - 1) * deviation / math.sqrt(n)
    return Interval(mean - half, mean + half)


def deviation_of(interval: Interval, n: int) -> float:
    """The deviation that a `mean_interval` of `n` values, two or more, was made from."""
    return (interval.high - interval.low) / 2 * math.sqrt(n) / _t_quantile(n - 1)


@lru_cache(maxsize=4_096)
def _t_quantile(degrees: int) -> float:
    from scipy.special import stdtrit  # here, since it takes long to load and few commands need it

    return float(stdtrit(degrees, 0.975))


def compare_rates(count: int, n: int, earlier: int, earlier_n: int) -> float | None:
    """The two-sided p-value of two shares, by the pooled z-test; None where it says nothing."""
    if n == 0 or earlier_n == 0:
        return None
    pooled = (count + earlier) / (n + earlier_n)
    variance = pooled * (1 - pooled) * (1 / n + 1 / earlier_n)
    if variance == 0:  # all of both, or none of both
        return 1.0
    return _two_sided((count / n - earlier / earlier_n) / math.sqrt(variance))


def compare_means(
    mean: float, deviation: float, n: int, earlier: float, earlier_deviation: float, earlier_n: int
) -> float | None:
    """The two-sided p-value of two means, by Welch's t-test; None where one has fewer than two values."""
    if n < 2 or earlier_n < 2:
        return None
    one, two = deviation**2 / n, earlier_deviation**2 / earlier_n
    if one + two == 0:
        return 1.0 if mean == earlier else 0.0
    degrees = (one + two) ** 2 / (one**2 / (n - 1) + two**2 / (earlier_n - 1))
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(mean - earlier) / math.sqrt(one + two)))


def compare_counts(count: int, earlier: int) -> float | None:
    """The two-sided p-value that two counts over equal times come from one Poisson rate: a binomial test of a half.

    Exact up to a thousand, by the normal approximation with continuity correction beyond.
    """
    total = count + earlier
    if total == 0:
        return None
    if total <= _EXACT_UPTO:
        tail = sum(math.comb(total, k) for k in range(min(count, earlier) + 1))
        return float(min(1.0, 2 * tail / 2**total))
    return _two_sided(max(0.0, abs(count - earlier) - 1) / math.sqrt(total))


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))
