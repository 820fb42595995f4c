"""Which of many differences are likely to be more than chance, and which of them are large."""

from __future__ import annotations

import math
from collections.abc import Sequence

from postcall.reporting.statistics import compare_rates

FEW = 5
"""Fewer expected calls than this in any of the four cells: the z-test is off, and the shares are compared exactly."""
_SLACK = 1e-7
"""Two tables as likely as each other may differ by so little in their probabilities, which are rounded."""


def weigh_rates(count: int, n: int, other: int, other_n: int) -> float | None:
    """The two-sided p-value of two shares: by the pooled z-test, by Fisher's exact test where few are expected."""
    total, hits = n + other_n, count + other
    if n == 0 or other_n == 0:
        return None
    if min(hits, total - hits) * min(n, other_n) >= FEW * total:
        return compare_rates(count, n, other, other_n)
    return fisher(count, n, other, other_n)


def fisher(count: int, n: int, other: int, other_n: int) -> float:
    """Fisher's exact test, two-sided: how likely any table of these margins is that is no likelier than this one."""
    total, hits = n + other_n, count + other
    first, last = max(0, hits - other_n), min(hits, n)
    whole = _log_choose(total, hits)
    chances = {k: math.exp(_log_choose(n, k) + _log_choose(other_n, hits - k) - whole) for k in range(first, last + 1)}
    most = chances[count] * (1 + _SLACK)
    return min(1.0, math.fsum(chance for chance in chances.values() if chance <= most))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def adjust(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg (1995): of those at or below a bound, at most that share is expected to be chance.

    In the order given; each is at least as large as it was.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index], reverse=True)
    adjusted, least = [1.0] * len(p_values), 1.0
    for place, index in enumerate(order):
        least = min(least, p_values[index] * len(p_values) / (len(p_values) - place))
        adjusted[index] = least
    return adjusted


def effect_of_rates(share: float, other: float) -> float:
    """Cohen's h: 2 asin √p − 2 asin √q."""
    return 2 * math.asin(math.sqrt(share)) - 2 * math.asin(math.sqrt(other))


def effect_of_means(mean: float, deviation: float, n: int, other: float, other_deviation: float, other_n: int) -> float:
    """Cohen's d: the difference in pooled standard deviations; 0 where nothing varies."""
    if n + other_n <= 2:
        return 0.0
    pooled = math.sqrt(((n - 1) * deviation**2 + (other_n - 1) * other_deviation**2) / (n + other_n - 2))
    return (mean - other) / pooled if pooled else 0.0
