"""What the page of a metric asks the reports: the tiles that suit its kind, and the shares of its values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from postcall.domain.dashboards import Sort, Tile, TileData, TileFormat, TileKind
from postcall.domain.queries import (
    All,
    Condition,
    Denominator,
    GroupValue,
    Measure,
    MeasureKind,
    Number,
    Operator,
    Order,
    Query,
)
from postcall.reporting.reports import Reports
from postcall.reporting.toolbar import Toolbar, toolbar_conditions

TREND, VERSIONS, HEADLINE, DISTRIBUTION = "trend", "versions", "headline", "distribution"
_LINES = 6
"""Values of a text that are drawn over time."""
_VALUES = 15
"""Values whose shares are shown."""


@dataclass(frozen=True, slots=True)
class Share:
    """One value, and among how many of the calls that have any it is."""

    value: GroupValue
    number: Number


@dataclass(frozen=True, slots=True)
class Distribution:
    """The commonest values, the most frequent first."""

    shares: tuple[Share, ...]
    have: int
    """Calls that have any value."""
    more: bool
    """There are other values."""
    query: Query


def metric_tiles(name: str, kind: str) -> tuple[Tile, ...]:
    """The tiles: the headline, the trend by day, and the versions beside one another.

    `kind` is `boolean`, `number` or anything else for texts.
    """
    of = f"metric.{name}"
    headline, measures, groups = _asked(of, kind)
    limit = _LINES if groups else None
    by_day = "by day" if groups or kind in {"boolean", "number"} else "of calls by day"
    return (
        *(
            Tile(f"{HEADLINE}-{index}", title, TileKind.KPI, x=4 * index, w=4, h=2, data=TileData((measure,)),
                 format=TileFormat(show_change=True))
            for index, (title, measure) in enumerate(headline)
        ),
        Tile(
            TREND, f"Trend, {by_day}", TileKind.LINE, y=2, w=12, h=4,
            data=TileData(measures, ("day", *groups), sort=Sort.DESC, limit=limit),
        ),
        Tile(
            VERSIONS, "By version of the agent", TileKind.BAR, y=6, w=12, h=4,
            data=TileData(measures[:1], ("field.version", *groups), sort=Sort.DESC, limit=limit),
        ),
    )  # fmt: skip


def _asked(of: str, kind: str) -> tuple[list[tuple[str, Measure]], tuple[Measure, ...], tuple[str, ...]]:
    """The headline's measures, those drawn over time, and by what texts are told apart."""
    covered = ("Calls that have it", Measure(MeasureKind.SHARE, of))
    if kind == "boolean":
        rate = Measure(MeasureKind.RATE, of, value=True, denominator=Denominator.ANSWERED)
        return [("Yes, of those that have it", rate), covered], (rate,), ()
    if kind == "number":
        average, p50, p95 = (Measure(each, of) for each in (MeasureKind.AVERAGE, MeasureKind.P50, MeasureKind.P95))
        return [("Average", average), ("Median", p50), covered], (average, p95), ()
    different = Measure(MeasureKind.DISTINCT, of)
    return [covered, ("Different values", different)], (Measure(MeasureKind.CONVERSATIONS),), (of,)


async def ask_distribution(reports: Reports, account_pk: int, name: str, toolbar: Toolbar) -> Distribution:
    """The commonest values first, then the share of each with its interval."""
    of = f"metric.{name}"
    base = Query(
        measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"), Measure(MeasureKind.SHARE, of, name="have")),
        agent=toolbar.agent,
        since=toolbar.since,
        until=toolbar.until,
        time_zone=toolbar.time_zone,
        group_by=(of,),
        filters=All((*toolbar_conditions(toolbar), Condition(of, Operator.EXISTS))),
        order=(Order("calls", descending=True),),
        limit=_VALUES + 1,
    )
    found = await reports.run(account_pk, base)
    values = [row.group[0] for row in found.rows if row.group[0] is not None]
    shown = values[:_VALUES]
    if not shown:
        return Distribution((), 0, more=False, query=base)
    measures = tuple(
        Measure(MeasureKind.RATE, of, value=value, denominator=Denominator.ANSWERED, name=f"m{index}")
        for index, value in enumerate(shown)
    )
    [row] = (await reports.run(account_pk, replace(base, measures=measures, group_by=(), order=(), limit=None))).rows
    shares = tuple(Share(value, number) for value, number in zip(shown, row.numbers, strict=True))
    return Distribution(shares, found.calls, more=len(values) > _VALUES, query=base)
