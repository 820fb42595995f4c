"""What differs between some calls and others: failing and passing ones, two periods, two versions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from postcall.analyst.contrasts import Contrast, contrast_means, contrast_values, rank_contrasts, set_apart
from postcall.domain.analysis import Asked, KnownTerm, NameKind
from postcall.domain.builtin_metrics import BUILT_IN
from postcall.domain.queries import All, Measure, MeasureKind, Order, Query
from postcall.errors import BadInput
from postcall.reporting.mentions import filters_on, mentions
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
    both: int = 0
    """Calls on both sides: the tests take them for different ones."""
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
    told = await asyncio.gather(
        *(_contrast(reports, account_pk, one.query, other.query, term) for term in _comparable(one, other, terms))
    )
    contrasts = [each for some in told if not isinstance(some, LeftOut) for each in some]
    # What came with a new period or version may well be what changed.
    found, separating = (contrasts, []) if is_change(one.query, other.query) else set_apart(contrasts)
    return Differences(
        one=sizes[0],
        other=sizes[1],
        found=rank_contrasts(found),
        separating=tuple(separating),
        both=both,
        volume_p=_volume_p(sizes[0], sizes[1]),
        left_out=tuple(each for each in told if isinstance(each, LeftOut)),
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


async def _contrast(
    reports: Reports, account_pk: int, one: Query, other: Query, term: KnownTerm
) -> list[Contrast] | LeftOut:
    numeric = term.type == "number" and term.name not in _CATEGORIES
    ask = _ask_mean if numeric else _ask_values
    try:
        told = await asyncio.gather(*(ask(reports, account_pk, query, term.name) for query in (one, other)))
    except BadInput as refused:
        return LeftOut(term.name, refused.message)
    mine, others = told
    if any(len(each.result.rows) > MOST_GROUPS for each in told):
        return LeftOut(term.name, f"it has more than {MOST_GROUPS:,} values")
    found = (
        contrast_means(term.name, mine.result.rows[0].numbers[0], others.result.rows[0].numbers[0])
        if numeric
        else contrast_values(term.name, term.kind, mine.result, others.result)
    )
    return [replace(each, asked=(mine, others)) for each in found]


async def _ask_values(reports: Reports, account_pk: int, side: Query, name: str) -> Asked:
    query = replace(
        _bare(side, Measure(MeasureKind.CONVERSATIONS, name="calls")),
        group_by=(name,),
        order=(Order("calls", descending=True),),
        limit=MOST_GROUPS + 1,
    )
    return Asked(query, await reports.run(account_pk, query))


async def _ask_mean(reports: Reports, account_pk: int, side: Query, name: str) -> Asked:
    query = _bare(side, Measure(MeasureKind.AVERAGE, name, name="average"))
    return Asked(query, await reports.run(account_pk, query))


def _bare(query: Query, measure: Measure) -> Query:
    """The same calls, and one number of them."""
    return replace(query, measures=(measure,), group_by=(), having=(), order=(), limit=None, compare=False)


async def _on_both(reports: Reports, account_pk: int, one: Query, other: Query) -> int:
    if one.text != other.text or one.agent != other.agent or one.among != other.among:
        return 0
    begins = [each for each in (one.since, other.since) if each is not None]
    ends = [each for each in (one.until, other.until) if each is not None]
    since, until = max(begins, default=None), min(ends, default=None)
    if since is not None and until is not None and since >= until:
        return 0
    query = _bare(one, Measure(MeasureKind.CONVERSATIONS, name="calls"))
    filters = All((*one.filters.parts, *other.filters.parts))
    return await reports.count(account_pk, replace(query, since=since, until=until, filters=filters))


def _volume_p(one: Asked, other: Asked) -> float | None:
    mine, others = one.query, other.query
    if mine.since is None or mine.until is None or others.since is None or others.until is None:
        return None
    same = replace(mine, since=others.since, until=others.until) == others
    if not same or mine.since == others.since or mine.until - mine.since != others.until - others.since:
        return None
    return compare_counts(one.result.calls, other.result.calls)
