"""What differs between some calls and others: failing and passing ones, two periods, two versions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain

from postcall.analyst.asking import QUERIES_AT_ONCE
from postcall.analyst.differences.contrasts import (
    MOST_VALUES,
    Contrast,
    contrast_means,
    contrast_values,
    rank_contrasts,
    set_apart,
)
from postcall.domain.analysis import Asked, KnownTerm, NameKind
from postcall.domain.builtin_metrics import BUILT_IN
from postcall.domain.queries import All, Measure, MeasureKind, Order, Query, Result
from postcall.errors import BadInput
from postcall.reporting.mentions import filters_on, mentions, metric_names
from postcall.reporting.query_format import MAX_MEASURES, name_measures
from postcall.reporting.reports import Reports
from postcall.reporting.statistics import compare_counts

MOST_GROUPS = 1_000
"""A name with more values than this on a side is no dimension, but a text that differs from call to call."""
_CATEGORIES = frozenset({"field.version", "field.hour", "field.attempt"})
"""Numbers whose average says nothing."""
_SKIPPED = frozenset(
    {
        *(f"field.{name}" for name in ("id", "from_number", "user_number", "started_at", "minute", "campaign_id")),
        *(f"field.{name}" for name in ("environment", "extracted", "user_turns", "agent_turns")),
        *(f"metric.{name}" for name in BUILT_IN if name != "CONTAINED"),
    }
)
"""What is each call's own, the same for all, or a field under another name or a part of one."""
_WHOLE = {"field.weekday": timedelta(days=7), "field.hour": timedelta(days=1)}
"""Only stretches of time that hold each of these equally often can be compared by them."""
_EACH_ITS_OWN = frozenset({"field.to_number"})
"""One of a few lines, as long as nobody is called: then each callee has a value."""


@dataclass(frozen=True, slots=True)
class Side:
    """Some calls; of the query its filters, period, agent and words count, not what it measures."""

    says: str
    """`calls where AUTHENTICATED is no`, `calls from 9 to 15 November 2026`."""
    query: Query


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A name that could not be compared."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What two sides differ in."""

    one: Asked
    """How many calls there are on this side."""
    other: Asked
    found: tuple[Contrast, ...]
    """All that was compared: the significant first, and of either the largest effects."""
    separating: tuple[Contrast, ...] = ()
    """What all but says on which side a call is, and so explains little; not among `found`."""
    both: Asked | None = None
    """How many calls are on both sides, where some are: the tests take them for different ones."""
    change: bool = False
    """Whether the sides are the same calls of two stretches of time or two versions, the later one first."""
    volume_p: float | None = None
    """How likely so different numbers of calls are where nothing changed; only of two periods of the same length."""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def compared(self) -> int:
        """How many comparisons the p-values are adjusted for."""
        return len(self.found)

    @property
    def sure(self) -> tuple[Contrast, ...]:
        """The significant ones."""
        return tuple(each for each in self.found if each.sure)


async def find_differences(
    reports: Reports, account_pk: int, one: Side, other: Side, terms: Sequence[KnownTerm]
) -> Differences:
    """Compare two sides by every term that does not itself say which side a call is on.

    Raises BadInput where a side asks for what there is not. A term that cannot be asked for is left out, by name.
    """
    sizes = await asyncio.gather(*(_size(reports, account_pk, side) for side in (one, other)))
    both = await _on_both(reports, account_pk, one.query, other.query)
    comparable = _comparable(one, other, terms)
    averaged = [term.name for term in comparable if term.type == "number" and term.name not in _CATEGORIES]
    compare = _Comparing(reports, account_pk, (one.query, other.query), asyncio.Semaphore(QUERIES_AT_ONCE))
    told = await asyncio.gather(
        compare.means(averaged), *(compare.values(term) for term in comparable if term.name not in averaged)
    )
    contrasts = [each for some in told for each in some if isinstance(each, Contrast)]
    change = is_change(one.query, other.query)
    # What came with a new period or version may well be what changed.
    found, separating = (contrasts, []) if change else set_apart(contrasts)
    return Differences(
        one=sizes[0],
        other=sizes[1],
        found=rank_contrasts(found),
        separating=tuple(separating),
        both=both if both is not None and both.result.calls else None,
        change=change,
        volume_p=_volume_p(sizes[0], sizes[1]),
        left_out=tuple(each for some in told for each in some if isinstance(each, LeftOut)),
    )


def is_change(one: Query, other: Query) -> bool:
    """Whether the two are the same calls of two stretches of time or two versions."""
    same = replace(one, since=other.since, until=other.until, filters=_without_version(one.filters))
    return same == replace(other, filters=_without_version(other.filters))


def split_by(query: Query, failing: All, passing: All) -> tuple[Query, Query]:
    """The calls of a query that meet one condition, and those that meet the other."""
    return (
        replace(query, filters=All((*query.filters.parts, *failing.parts))),
        replace(query, filters=All((*query.filters.parts, *passing.parts))),
    )


def _comparable(one: Side, other: Side, terms: Sequence[KnownTerm]) -> list[KnownTerm]:
    """The fields first."""
    wanted = {
        term.name: term
        for term in terms
        if term.name not in _SKIPPED
        and term.type != "time"
        and not mentions(one.query, term.name)
        and not mentions(other.query, term.name)
        and not _by_calendar(one.query, other.query, term.name)
    }
    return sorted(wanted.values(), key=lambda term: term.kind is not NameKind.FIELD)


def _by_calendar(one: Query, other: Query, name: str) -> bool:
    """Whether two stretches of time differ in it because they are what they are: a Monday from a Tuesday."""
    if name not in _WHOLE or (one.since, one.until) == (other.since, other.until):
        return False
    lengths = [each.until - each.since for each in (one, other) if each.until is not None and each.since is not None]
    return len(lengths) < 2 or any(length % _WHOLE[name] for length in lengths)


def _without_version(filters: All) -> All:
    return All(tuple(part for part in filters.parts if not filters_on(part, "field.version")))


async def _size(reports: Reports, account_pk: int, side: Side) -> Asked:
    query = _bare(side.query, Measure(MeasureKind.CONVERSATIONS, name="calls"))
    return Asked(query, await reports.run(account_pk, query))


@dataclass(frozen=True, slots=True)
class _Comparing:
    """Asks for the same of both sides."""

    reports: Reports
    account_pk: int
    sides: tuple[Query, Query]
    places: asyncio.Semaphore

    async def values(self, term: KnownTerm) -> list[Contrast | LeftOut]:
        """Each common value of a name."""
        counted = Measure(MeasureKind.CONVERSATIONS, name="calls")
        by_value = [
            replace(
                _bare(side, counted),
                group_by=(term.name,),
                order=(Order("calls", descending=True),),
                limit=MOST_GROUPS + 1,
            )
            for side in self.sides
        ]
        try:
            mine, others = await self._ask(by_value)
        except BadInput as refused:
            return [LeftOut(term.name, refused.message)]
        groups = max(len(each.result.rows) for each in (mine, others))
        if term.name in _EACH_ITS_OWN and groups > MOST_VALUES:
            return []
        if groups > MOST_GROUPS:
            return [LeftOut(term.name, f"it has more than {MOST_GROUPS:,} values")]
        found = contrast_values(term.name, term.kind, mine.result, others.result)
        return [replace(each, asked=(mine, others)) for each in found]

    async def means(self, names: Sequence[str]) -> list[Contrast | LeftOut]:
        """The averages of these, asked for in one go; one that cannot be asked for costs only itself."""
        if len(names) > MAX_MEASURES:
            some = [names[at : at + MAX_MEASURES] for at in range(0, len(names), MAX_MEASURES)]
            return list(chain.from_iterable(await asyncio.gather(*map(self.means, some))))
        if not names:
            return []
        measures = name_measures([Measure(MeasureKind.AVERAGE, name) for name in names], ())
        try:
            mine, others = await self._ask([replace(_bare(side), measures=measures) for side in self.sides])
        except BadInput as refused:
            if len(names) == 1:
                return [LeftOut(names[0], refused.message)]
            return list(chain.from_iterable(await asyncio.gather(*(self.means([name]) for name in names))))
        found: list[Contrast | LeftOut] = []
        for place, name in enumerate(names):
            one, other = _alone(mine, place), _alone(others, place)
            means = contrast_means(name, one.result.rows[0].numbers[0], other.result.rows[0].numbers[0])
            found.extend(replace(each, asked=(one, other)) for each in means)
        return found

    async def _ask(self, queries: Sequence[Query]) -> list[Asked]:
        results = await asyncio.gather(*map(self._run, queries))
        return [Asked(query, result) for query, result in zip(queries, results, strict=True)]

    async def _run(self, query: Query) -> Result:
        async with self.places:
            return await self.reports.run(self.account_pk, query)


def _alone(asked: Asked, place: int) -> Asked:
    """One of several numbers, as if it alone had been asked for: what is told can be looked up without the others."""
    query, result = replace(asked.query, measures=(asked.query.measures[place],)), asked.result
    rows = tuple(replace(row, numbers=(row.numbers[place],)) for row in result.rows)
    coverage = tuple(each for each in result.coverage if each.name in metric_names(query))
    return Asked(query, replace(result, query=query, rows=rows, coverage=coverage))


def _bare(query: Query, *measures: Measure) -> Query:
    """The same calls, and only these numbers of them."""
    return replace(query, measures=measures, group_by=(), having=(), order=(), limit=None, compare=False)


async def _on_both(reports: Reports, account_pk: int, one: Query, other: Query) -> Asked | None:
    """None where no call can be on both."""
    if one.text != other.text or one.agent != other.agent or one.among != other.among:
        return None
    begins = [each for each in (one.since, other.since) if each is not None]
    ends = [each for each in (one.until, other.until) if each is not None]
    since, until = max(begins, default=None), min(ends, default=None)
    if since is not None and until is not None and since >= until:
        return None
    filters = All((*one.filters.parts, *other.filters.parts))
    query = replace(
        _bare(one, Measure(MeasureKind.CONVERSATIONS, name="calls")), since=since, until=until, filters=filters
    )
    return Asked(query, await reports.run(account_pk, query))


def _volume_p(one: Asked, other: Asked) -> float | None:
    mine, others = one.query, other.query
    if mine.since is None or mine.until is None or others.since is None or others.until is None:
        return None
    same = replace(mine, since=others.since, until=others.until) == others
    if not same or mine.since == others.since or mine.until - mine.since != others.until - others.since:
        return None
    return compare_counts(one.result.calls, other.result.calls)
