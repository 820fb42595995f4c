"""From the numbers of two sides to what differs between them, each with its test and its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from postcall.analyst.differences.significance import adjust, effect_of_means, effect_of_rates, weigh_rates
from postcall.domain.analysis import Asked, NameKind
from postcall.domain.queries import GroupValue, Number, Result
from postcall.reporting.statistics import SMALL, compare_means, deviation_of, rate_interval

SURE = 0.05
"""Of the differences that are called significant, at most this share is expected to be chance."""
SEPARATES = 0.9
"""So much more often on one side than on the other: that says on which side a call is, and not why."""
ONLY_FIRST = 0.8
"""The same where no call of the other side has it; below that it may be the reason."""
ONLY_OTHER, ONLY_OTHER_YES = 0.5, 0.25
"""The same where no call of the first side has it: it comes of being on the other, as `booked` does of a booking."""
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
    alone: bool = False
    """Only the first side has any value of this name."""
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
        bound = SEPARATES
        if not self.one.count or self.other.count == self.other.n:
            bound = ONLY_OTHER_YES if isinstance(self.value, bool) else ONLY_OTHER
        elif not self.other.count or self.one.count == self.one.n:
            bound = ONLY_FIRST
        return abs(self.difference) >= bound

    @property
    def never(self) -> bool:
        """Whether it is recorded of no call of the first side."""
        return self.kind is ContrastKind.KNOWN and not self.one.count


def contrast_values(name: str, kind: NameKind, one: Result, other: Result) -> list[Contrast]:
    """Each common value of a name; both results count calls by it. Of two values that make up the whole, one is enough.

    Shares are of all calls, of an answer's values those of the calls with an answer, as in every report.
    """
    alone = any(row.group[0] is not None for row in one.rows) and all(row.group[0] is None for row in other.rows)
    return [replace(each, alone=alone) for each in _contrast_values(name, kind, one, other)]


def _contrast_values(name: str, kind: NameKind, one: Result, other: Result) -> Iterator[Contrast]:
    counts, others = _counts(one), _counts(other)
    known, other_known = one.calls - counts.pop(None, 0), other.calls - others.pop(None, 0)
    of_all = kind is not NameKind.ANSWER
    n, other_n = (one.calls, other.calls) if of_all else (known, other_known)
    yield from _contrast_shares(name, ContrastKind.KNOWN, None, known, one.calls, other_known, other.calls)
    values = _commonest(counts, others)
    whole = n == sum(counts.values()) and other_n == sum(others.values())
    if len(values) == len({*counts, *others}) == 2 and whole:
        values = [True] if True in values else [_commoner(values, counts, others)]
    if of_all and kind is NameKind.METRIC and len({*counts, *others}) == 1:
        return  # a flag: that it has a value is all there is to say, and was said
    for value in values:
        yield from _contrast_shares(
            name, ContrastKind.SHARE, value, counts.get(value, 0), n, others.get(value, 0), other_n
        )


def contrast_means(name: str, one: Number, other: Number) -> Iterator[Contrast]:
    """An average on both sides, where both have enough values: of a few that are all the same nothing follows."""
    if one.value is None or other.value is None or one.interval is None or other.interval is None:
        return
    if min(one.n, other.n) < ENOUGH:
        return
    deviation, others = deviation_of(one.interval, one.n), deviation_of(other.interval, other.n)
    # Ten values that are all the same say little of how much the eleventh may differ: as much as on the other side.
    deviation, others = deviation or others, others or deviation
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

    Texts that only the first side has are kept: they may be the reasons. What only the other side has came of its
    being there, as the service that was booked.
    """
    by_name: dict[str, list[Contrast]] = {}
    for each in found:
        by_name.setdefault(each.name, []).append(each)
    kept: list[Contrast] = []
    apart: list[Contrast] = []
    for mine in by_name.values():
        known = next((each for each in mine if each.kind is ContrastKind.KNOWN), None)
        if known is not None and known.never and known.p_value <= SURE and known.other.n >= ENOUGH:
            apart.append(known)
        elif any(each.alone and isinstance(each.value, str) for each in mine) and not any(map(_is_side, mine)):
            kept.extend(each for each in mine if each.kind is ContrastKind.SHARE)
        elif any(each.separates for each in mine):
            apart.extend(each for each in mine if each.separates)
            kept.extend(each for each in mine if each.kind is ContrastKind.AVERAGE)
        else:
            kept.extend(mine)
    return kept, apart


def _is_side(contrast: Contrast) -> bool:
    """A single value that nearly all calls of the first side have is its name, and not one of several reasons."""
    return contrast.kind is ContrastKind.SHARE and contrast.separates and contrast.difference >= SEPARATES


def _counts(result: Result) -> dict[GroupValue, int]:
    return {row.group[0]: int(row.numbers[0].value or 0) for row in result.rows}


def _commoner(
    values: Sequence[GroupValue], counts: Mapping[GroupValue, int], others: Mapping[GroupValue, int]
) -> GroupValue:
    """Of two values the one that the first side has more often than the other."""
    n, other_n = sum(counts.values()), sum(others.values())
    return max(values, key=lambda value: counts.get(value, 0) * other_n - others.get(value, 0) * n)


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
