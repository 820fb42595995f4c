"""From the numbers of two sides to what differs between them, each with its test and its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from postcall.analyst.significance import adjust, deviation_behind, effect_of_means, effect_of_rates, weigh_rates
from postcall.domain.analysis import Asked, NameKind
from postcall.domain.queries import GroupValue, Number, Result
from postcall.reporting.statistics import SMALL, compare_means, rate_interval

SURE = 0.05
"""Of the differences that are called significant, at most this share is expected to be chance."""
SEPARATES = 0.98
"""A value that almost all calls of one side and almost none of the other have says what parts the sides."""
ENOUGH = 10
"""On a side with fewer calls all may have a value by chance."""
FEWEST = 5
"""Calls, of both sides together, that a value must have to be compared."""
MOST_VALUES = 20
"""Of one name, so many values are compared: the commonest of both sides together, so that chance does not choose."""


class ContrastKind(StrEnum):
    """What is compared."""

    SHARE = "share"
    """The share of calls with a value."""
    KNOWN = "known"
    """The share of calls with any value at all."""
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Contrast:
    """One number on each side."""

    name: str
    """As queries have it."""
    kind: ContrastKind
    value: GroupValue
    """Of a share; None otherwise."""
    one: Number
    other: Number
    difference: float
    """`one` less `other`; of shares 0.02 is two points."""
    effect: float
    """Cohen's h of shares and d of averages: 0.2 is small, 0.5 medium, 0.8 large."""
    p_value: float
    adjusted: float = 1.0
    """The p-value after Benjamini and Hochberg, over all that was compared."""
    asked: tuple[Asked, Asked] | None = None
    """What the numbers come from: of a share its group and the sum of the groups, of an average the one number."""

    @property
    def sure(self) -> bool:
        """Whether it is significant among all that was compared."""
        return self.adjusted <= SURE

    @property
    def size(self) -> str:
        """In a word: `large`, `medium`, `small` or `tiny`."""
        effect = abs(self.effect)
        return "large" if effect >= 0.8 else "medium" if effect >= 0.5 else "small" if effect >= 0.2 else "tiny"

    @property
    def separates(self) -> bool:
        """Whether it all but says on which side a call is."""
        if self.kind is ContrastKind.AVERAGE or min(self.one.n, self.other.n) < ENOUGH:
            return False
        return abs(self.difference) >= SEPARATES


def contrast_values(name: str, kind: NameKind, one: Result, other: Result) -> Iterator[Contrast]:
    """Each common value of a name; both results count calls by it. Of two values that make up the whole, one is enough.

    Shares are of all calls, of an answer's values those of the calls with an answer, as in every report.
    """
    counts, others = _counts(one), _counts(other)
    known, other_known = one.calls - counts.pop(None, 0), other.calls - others.pop(None, 0)
    of_all = kind is not NameKind.ANSWER
    n, other_n = (one.calls, other.calls) if of_all else (known, other_known)
    if kind is not NameKind.FIELD:
        yield from _contrast_shares(name, ContrastKind.KNOWN, None, known, one.calls, other_known, other.calls)
    values = _commonest(counts, others)
    whole = n == sum(counts.values()) and other_n == sum(others.values())
    if len(values) == len({*counts, *others}) == 2 and whole:
        values = [True] if True in values else values[:1]
    if of_all and kind is NameKind.METRIC and len({*counts, *others}) == 1:
        return  # a flag: that it has a value is all there is to say, and was said
    for value in values:
        yield from _contrast_shares(
            name, ContrastKind.SHARE, value, counts.get(value, 0), n, others.get(value, 0), other_n
        )


def contrast_means(name: str, one: Number, other: Number) -> Iterator[Contrast]:
    """An average on both sides, where both have several values."""
    if one.value is None or other.value is None or one.interval is None or other.interval is None:
        return
    deviation, others = deviation_behind(one.interval, one.n), deviation_behind(other.interval, other.n)
    p_value = compare_means(one.value, deviation, one.n, other.value, others, other.n)
    if p_value is None:
        return
    effect = effect_of_means(one.value, deviation, one.n, other.value, others, other.n)
    yield Contrast(name, ContrastKind.AVERAGE, None, one, other, one.value - other.value, effect, p_value)


def rank_contrasts(found: Sequence[Contrast]) -> tuple[Contrast, ...]:
    """With adjusted p-values; what is significant first, and of either the largest effects."""
    adjusted = adjust([each.p_value for each in found])
    weighed = [replace(each, adjusted=value) for each, value in zip(found, adjusted, strict=True)]
    return tuple(sorted(weighed, key=lambda each: (not each.sure, -abs(each.effect), each.p_value, each.name)))


def set_apart(found: Sequence[Contrast]) -> tuple[list[Contrast], list[Contrast]]:
    """What is worth comparing, and what says the sides over again: where one value does, the name's others do too.

    A metric that only one side has keeps its values: they may be the reasons.
    """
    telling = {each.name for each in found if each.separates and each.kind is ContrastKind.SHARE}
    again = [each.separates or (each.name in telling and each.kind is ContrastKind.SHARE) for each in found]
    return (
        [each for each, known in zip(found, again, strict=True) if not known],
        [each for each, known in zip(found, again, strict=True) if known and each.separates],
    )


def _counts(result: Result) -> dict[GroupValue, int]:
    return {row.group[0]: int(row.numbers[0].value or 0) for row in result.rows}


def _commonest(counts: Mapping[GroupValue, int], others: Mapping[GroupValue, int]) -> list[GroupValue]:
    together = Counter(dict(counts)) + Counter(dict(others))
    common = [value for value, calls in together.items() if calls >= FEWEST]
    return sorted(common, key=lambda value: (-together[value], str(value)))[:MOST_VALUES]


def _contrast_shares(
    name: str, kind: ContrastKind, value: GroupValue, count: int, n: int, other: int, other_n: int
) -> Iterator[Contrast]:
    p_value = weigh_rates(count, n, other, other_n)
    if p_value is None or (count, other) in {(0, 0), (n, other_n)}:  # nothing can differ
        return
    share, other_share = count / n, other / other_n
    yield Contrast(
        name,
        kind,
        value,
        _share(count, n),
        _share(other, other_n),
        share - other_share,
        effect_of_rates(share, other_share),
        p_value,
    )


def _share(count: int, n: int) -> Number:
    return Number(value=count / n, n=n, count=count, interval=rate_interval(count, n), small=n < SMALL)
