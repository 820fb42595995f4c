"""What is said on one side more than on the other: themes of both sides, found together and counted apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest

from postcall.analyst.budget import Budget
from postcall.analyst.differences.contrasts import SURE
from postcall.analyst.differences.significance import adjust, weigh_rates
from postcall.analyst.themes.counting import Theme
from postcall.analyst.themes.finding import Progress, Themes, group_labels, read_calls, themes_of
from postcall.analyst.themes.reading import Reader, Reading
from postcall.analyst.themes.reply import Group, Point
from postcall.analyst.themes.sampling import Sample
from postcall.domain.analysis import Citation
from postcall.domain.queries import Number
from postcall.reporting.statistics import SMALL, rate_interval
from postcall.storage.database import Record


@dataclass(frozen=True, slots=True)
class SideTheme:
    """Something that is said, and by how many on each side."""

    name: str
    one: Number
    """Its share of the calls read on this side; with an interval where they stand for more."""
    other: Number
    adjusted: float
    """The p-value that the shares differ, after Benjamini and Hochberg over all themes."""
    citations: tuple[Citation, ...]
    """Of at most three calls of the first side; of the other where nobody says it on the first."""

    @property
    def difference(self) -> float:
        """Of the shares, the first less the other."""
        return (self.one.value or 0.0) - (self.other.value or 0.0)

    @property
    def sure(self) -> bool:
        """Whether it is significant among all themes."""
        return self.adjusted <= SURE


@dataclass(frozen=True, slots=True)
class SideThemes:
    """What was found on two sides."""

    themes: tuple[SideTheme, ...]
    """First those that are surely said more on the first side, the largest difference first; then by their share."""
    one_n: int
    """Calls read on the first side."""
    other_n: int
    by_chance: bool
    """Whether the calls read are some of more."""
    notes: tuple[str, ...] = ()
    """What was not read, and why."""

    @property
    def more(self) -> tuple[SideTheme, ...]:
        """What is surely said more on the first side, the largest difference first."""
        return tuple(each for each in self.themes if each.sure and each.difference > 0)

    @property
    def less(self) -> tuple[SideTheme, ...]:
        """What is surely said less there, the largest difference first."""
        return tuple(sorted((e for e in self.themes if e.sure and e.difference < 0), key=lambda e: e.difference))


async def read_both_sides(
    reader: Reader,
    record: Record,
    question: str,
    samples: tuple[Sample, Sample],
    *,
    budget: Budget,
    now: datetime,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Progress | SideThemes, None]:
    """Like `read_themes`, over two samples: the model is not told which call is on which side, so that it cannot read
    into a call what it expects of its side."""
    one, other = samples
    reading = Reading(question, reader, record, budget, now, stop)
    async with aclosing(read_calls(reading, _in_turn(one, other))) as steps:
        async for each in steps:
            yield each
    groups = await group_labels(reading)
    notes = tuple(dict.fromkeys((*one.notes, *other.notes, *reading.notes)))
    yield compare_themes(groups, reading.points, samples, notes)


def compare_themes(
    groups: Sequence[Group],
    points: Mapping[str, tuple[Point, ...]],
    samples: tuple[Sample, Sample],
    notes: tuple[str, ...] = (),
) -> SideThemes:
    """The themes with their shares on both sides; `points` are of all calls that were read."""
    mine, others = ({call: points[call] for call in each.ids if call in points} for each in samples)
    whole = [
        themes_of(side, groups, sample, (), most=len(groups))
        for side, sample in zip((mine, others), samples, strict=True)
    ]
    first, second = ({theme.name: theme for theme in each.themes} for each in whole)
    names = list(dict.fromkeys((*first, *second)))
    pairs = [(first.get(name), second.get(name)) for name in names]
    shares = [(_share(one, whole[0]), _share(other, whole[1])) for one, other in pairs]
    weighed = [weigh_rates(a.count or 0, a.n, b.count or 0, b.n) for a, b in shares]
    chances = adjust([1.0 if each is None else each for each in weighed])
    found = [
        SideTheme(name, one, other, chance, _citations(*pair))
        for name, (one, other), chance, pair in zip(names, shares, chances, pairs, strict=True)
    ]
    by_chance = any(each.stands_for_more for each in whole)
    return SideThemes(tuple(sorted(found, key=_place)), len(mine), len(others), by_chance, notes)


def _place(theme: SideTheme) -> tuple[bool, float, str]:
    more = theme.sure and theme.difference > 0
    return (not more, -(theme.difference if more else theme.one.value or 0.0), theme.name)


def _share(theme: Theme | None, side: Themes) -> Number:
    if theme is not None:
        return theme.share
    interval = rate_interval(0, side.n) if side.stands_for_more else None
    return Number(0.0 if side.n else None, side.n, 0, interval=interval, small=side.n < SMALL)


def _citations(one: Theme | None, other: Theme | None) -> tuple[Citation, ...]:
    theme = one or other
    return () if theme is None else theme.citations


def _in_turn(one: Sample, other: Sample) -> dict[str, int]:
    """A call of one side, then one of the other: so that where somebody stops, some of both were read."""
    pairs = (zip(each.ids, each.pks, strict=True) for each in (one, other))
    return dict(pair for pair in chain.from_iterable(zip_longest(*pairs)) if pair is not None)
