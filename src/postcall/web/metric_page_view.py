"""One metric as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from postcall.domain.answers import Answer, AnswerStatus
from postcall.domain.queries import Condition, Coverage, Operator
from postcall.reporting.toolbar import Toolbar
from postcall.storage.metric_writes import Sighting
from postcall.web import words
from postcall.web.analyst_links import ask_about
from postcall.web.list_view import call_path
from postcall.web.metric_tiles import DISTRIBUTION, TREND, VERSIONS, Distribution, Share
from postcall.web.tile_links import calls_address
from postcall.web.tile_view import ChartView, SeriesView, TileView

SHARE_COLUMNS = ("value", "calls", "of_calls", "share", "low", "high")
SIGHTING_COLUMNS = ("call", "started_at", "agent", "value", "writes", "status", "confidence", "turn", "quote")
_QUOTE = 240


@dataclass(frozen=True, slots=True)
class SightingView:
    """A call that carries the metric."""

    call: str
    href: str
    started: str
    started_iso: str
    agent: str
    value: str
    writes: str
    """All of them, where there were several."""
    source: str
    confidence: str
    quote: str
    where: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """One part of all calls that match."""

    label: str
    text: str
    share: float
    """0 to 1."""


def distribution_tile(name: str, found: Distribution, toolbar: Toolbar, *, data_path: str) -> TileView:
    """The values as bars, with their intervals."""
    path, _, query = data_path.partition("?")
    blank = TileView(
        id=DISTRIBUTION,
        title="Values, of the calls that have one",
        x=0,
        y=0,
        w=12,
        h=max(4, min(8, 2 + len(found.shares) // 2)),
        message="" if found.shares else "No call of this period has a value.",
        ask_href=ask_about(f"{name}: values", [found.query], agent=toolbar.agent, time_zone=toolbar.time_zone),
        json_href=f"{path}.json?{query}",
        csv_href=f"{path}.csv?{query}",
        notes=("There are more values than are shown.",) if found.more else (),
    )
    if not found.shares:
        return blank
    chart = ChartView(
        type="bar",
        categories=tuple(words.shorten(words.scalar(each.value), 80) for each in found.shares),
        series=(_bars(found, toolbar),),
        category_label="Value",
        value_label="Share of calls",
        unit="percent",
        horizontal=True,
    )
    return replace(blank, chart=chart, calls_href=calls_address(found.query.filters, found.query, toolbar))


def arrange(tiles: Sequence[TileView], distribution: TileView) -> tuple[TileView, ...]:
    """The tiles in their places: the headline, the values beside the versions, and the trend below."""
    headline = [tile for tile in tiles if tile.id not in (TREND, VERSIONS)]
    by_id = {tile.id: tile for tile in tiles}
    values = replace(distribution, x=0, y=2, w=6)
    versions = replace(by_id[VERSIONS], x=6, y=2, w=6, h=values.h)
    return (*headline, values, versions, replace(by_id[TREND], y=2 + values.h))


def _bars(found: Distribution, toolbar: Toolbar) -> SeriesView:
    numbers = [each.number for each in found.shares]
    intervals = [number.interval for number in numbers]
    return SeriesView(
        name="Share of calls",
        values=tuple(None if number.value is None else number.value * 100 for number in numbers),
        texts=tuple(_share_text(each) for each in found.shares),
        hrefs=tuple(_behind(found, each, toolbar) for each in found.shares),
        low=tuple(None if each is None else each.low * 100 for each in intervals),
        high=tuple(None if each is None else each.high * 100 for each in intervals),
    )


def _share_text(share: Share) -> str:
    number = share.number
    if number.value is None:
        return words.NONE
    return f"{number.value * 100:.1f} % ({number.count or 0:,} of {number.n:,})"


def _behind(found: Distribution, share: Share, toolbar: Toolbar) -> str:
    [name] = found.query.group_by
    return calls_address(Condition(name, Operator.EQ, share.value), found.query, toolbar)


def share_json(share: Share) -> dict[str, Any]:
    """A value with its share."""
    number = share.number
    return {
        "value": share.value,
        "calls": number.count,
        "of": number.n,
        "share": number.value,
        "interval": None if number.interval is None else [number.interval.low, number.interval.high],
        "small": number.small,
    }


def share_cells(share: Share) -> tuple[str | int | float | None, ...]:
    """The same as the cells of `SHARE_COLUMNS`."""
    number = share.number
    low, high = (number.interval.low, number.interval.high) if number.interval else (None, None)
    return (share.value, number.count, number.n, number.value, low, high)


def show_coverage(coverage: Coverage | None) -> tuple[CoverageView, ...]:
    """The parts that there are, which sum to all calls."""
    if coverage is None or not coverage.calls:
        return ()
    parts = (
        ("Have it", coverage.have),
        ("Unknown", coverage.unknown),
        ("Does not fit", coverage.invalid),
        ("Could not be asked", coverage.error),
        ("Neither written nor asked", coverage.not_asked),
    )
    return tuple(
        CoverageView(label, f"{count:,} ({count / coverage.calls * 100:.1f} %)", count / coverage.calls)
        for label, count in parts
        if count
    )


def coverage_json(coverage: Coverage | None) -> dict[str, int] | None:
    """The parts as JSON."""
    if coverage is None:
        return None
    return {
        "calls": coverage.calls,
        "have": coverage.have,
        "unknown": coverage.unknown,
        "invalid": coverage.invalid,
        "error": coverage.error,
        "not_asked": coverage.not_asked,
    }


def show_sightings(found: Sequence[Sighting]) -> tuple[SightingView, ...]:
    """Calls with what they say, and where they say it."""
    return tuple(_show_sighting(each) for each in found)


def _show_sighting(found: Sighting) -> SightingView:
    answer = _counted(found)
    first = answer.evidence[0] if answer is not None and answer.evidence else None
    path = call_path(found.call_id)
    value = words.scalar(found.writes[-1]) if found.writes else words.answer_value(answer) if answer else words.NONE
    return SightingView(
        call=words.visible(found.call_id),
        href=f"{path}#turn-{first.turn}" if first else path,
        started=words.moment(found.started_at),
        started_iso=found.started_at.isoformat(),
        agent=found.agent_slug,
        value=words.shorten(value, 200),
        writes=" → ".join(words.shorten(words.scalar(each), 60) for each in found.writes)
        if len(found.writes) > 1
        else "",
        source="written" if found.writes else "answered",
        confidence=words.confidence(answer.confidence) if answer and answer.confidence is not None else words.NONE,
        quote=words.shorten(words.visible(first.quote), _QUOTE) if first else "",
        where=f"turn {first.turn}" if first else "",
    )


def _counted(found: Sighting) -> Answer | None:
    return found.answer if found.answer is not None and found.answer.status is AnswerStatus.OK else None


def sighting_json(found: Sighting) -> dict[str, Any]:
    """A call with what it says."""
    answer = found.answer
    return {
        "call": found.call_id,
        "agent": found.agent_slug,
        "started_at": found.started_at,
        "writes": found.writes,
        "answer": None
        if answer is None
        else {
            "value": answer.value,
            "status": answer.status,
            "confidence": answer.confidence,
            "evidence": [{"turn": each.turn, "quote": each.quote} for each in answer.evidence],
        },
    }


def sighting_cells(found: Sighting) -> tuple[Any, ...]:
    """The same as the cells of `SIGHTING_COLUMNS`."""
    answer = found.answer
    first = answer.evidence[0] if answer is not None and answer.evidence else None
    value = found.writes[-1] if found.writes else answer.value if answer else None
    return (
        found.call_id,
        found.started_at,
        found.agent_slug,
        value,
        " | ".join(words.scalar(each) for each in found.writes),
        answer.status.value if answer else None,
        answer.confidence if answer else None,
        first.turn if first else None,
        first.quote if first else None,
    )
