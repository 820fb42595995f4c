"""Dashboards to begin with: Overview, which is there by itself, and templates to add and change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from postcall.domain.dashboards import (
    Divisor,
    EmptyBuckets,
    Sort,
    SortBy,
    TableColumn,
    Tile,
    TileData,
    TileFormat,
    TileKind,
    Unit,
)
from postcall.domain.queries import All, Condition, Denominator, Measure, MeasureKind, Not, Operator
from postcall.errors import NotFound

CONVERSATIONS = Measure(MeasureKind.CONVERSATIONS)
CONTAINED = Measure(MeasureKind.RATE, "metric.CONTAINED", value=True, denominator=Denominator.ANSWERED)
HANDLE_TIME = Measure(MeasureKind.AVERAGE, "field.duration")


@dataclass(frozen=True, slots=True)
class Template:
    """A dashboard that one may take a copy of."""

    key: str
    name: str
    says: str
    tiles: tuple[Tile, ...]


def overview(main_answer: str | None = None) -> tuple[Tile, ...]:
    """The tiles of Overview; `main_answer` is the metric whose values are counted, such as `metric.CALL_REASON`."""
    tiles = [
        *_kpis(
            _kpi("conversations", "Conversations", CONVERSATIONS),
            _kpi("containment", "Containment rate", CONTAINED),
            _kpi("handle-time", "Average handle time", HANDLE_TIME),
            _kpi("automated-minutes", "Automated minutes", _sum("field.duration"), of=_CONTAINED_ONLY, minutes=True),
            _kpi("extracted", "Extracted", _rate("field.extracted")),
            widths=(2, 3, 3, 2, 2),
        ),
        _line("per-day", "Conversations per day", CONVERSATIONS, y=2, area=True),
        _line("containment-per-day", "Containment by day", CONTAINED, x=6, y=2, colour=1),
    ]
    if main_answer is None:
        main_answer, title = "field.disconnection_reason", "How calls end"
    else:
        title = f"Top 10 of {main_answer.removeprefix('metric.')}"
    return (
        *tiles,
        _top("top-values", title, main_answer, y=6, limit=10),
        _line(
            "handle-time-per-day",
            "Handle time by day, half and 95 % of calls",
            *_percentiles("field.duration"),
            x=6,
            y=6,
        ),
        _heatmap("busy-hours", "When calls come", y=10),
    )


def inbound_voice(main_answer: str | None = None) -> tuple[Tile, ...]:
    """Calls that come in: how many, how many stay, where the others go and why."""
    handoff = _rate("field.handoff")
    tiles = (
        *_kpis(
            _kpi("conversations", "Inbound calls", CONVERSATIONS),
            _kpi("containment", "Containment rate", CONTAINED),
            _kpi("handoff", "Handed off", handoff),
            _kpi("handle-time", "Average handle time", HANDLE_TIME),
        ),
        _line("per-day", "Calls per day", CONVERSATIONS, y=2, area=True),
        _line("containment-per-day", "Containment by day", CONTAINED, x=6, y=2, colour=1),
        _top("handoff-reasons", "Reasons for handing off", "field.handoff_reason", y=6, limit=10),
        _part("destinations", "Where calls are passed to", "field.handoff_destination", x=6, y=6),
        _top("main-answer", f"Top 10 of {main_answer.removeprefix('metric.')}", main_answer, y=10, limit=10)
        if main_answer
        else _part("endings", "How calls end", "field.disconnection_reason", y=10),
        _line("latency", "Answer latency by day, half and 95 % of calls", *_percentiles("field.latency"), x=6, y=10),
        _heatmap("busy-hours", "When calls come", y=14),
    )
    return _only(tiles, _is("field.channel", "voice"), _is("field.direction", "inbound"))


def outbound_voice() -> tuple[Tile, ...]:
    """Calls that are made: how many are answered by a person, what becomes of them, how long they take."""
    rate = TileData(filters=_CONNECTED_ONLY, divided_by=_OUTBOUND_CALLS)
    percent = TileFormat(show_as=Unit.PERCENT, show_change=True)
    by_day = _line("connected-per-day", "Connect rate by day", CONVERSATIONS, x=6, y=2, colour=1)
    tiles = (
        *_kpis(
            _kpi("conversations", "Calls made", CONVERSATIONS),
            Tile("connected", "Connect rate", TileKind.KPI, data=rate, format=percent),
            _kpi("contained", "Ended without handoff", CONTAINED),
            _kpi("talk-time", "Average talk time", HANDLE_TIME, of=_CONNECTED_ONLY),
        ),
        _line("per-day", "Calls per day", CONVERSATIONS, y=2, area=True),
        replace(
            by_day,
            data=replace(rate, group_by=by_day.data.group_by),
            format=replace(by_day.format, show_as=Unit.PERCENT),
        ),
        _part("outcomes", "What becomes of calls", "field.status", y=6),
        _part("endings", "How calls end", "field.disconnection_reason", x=6, y=6),
        Tile(
            "hours",
            "By hour of day",
            TileKind.TABLE,
            y=10,
            w=12,
            h=6,
            data=TileData(group_by=("field.hour",), sort=Sort.ASC, sort_by=SortBy.LABEL),
            columns=(
                TableColumn("Calls", CONVERSATIONS),
                TableColumn(
                    "Connect rate",
                    CONVERSATIONS,
                    show_as=Unit.PERCENT,
                    divided_by=_OUTBOUND_CALLS,
                    filters=_CONNECTED_ONLY,
                ),
                TableColumn("Average talk time", HANDLE_TIME, filters=_CONNECTED_ONLY),
            ),
        ),
    )
    return _only(tiles, *_OUTBOUND)


def web_chat() -> tuple[Tile, ...]:
    """Conversations in writing: how many engage, how long they get, how many stay."""
    engaged = All((Condition("field.user_turns", Operator.GTE, 1),))
    messages = Measure(MeasureKind.AVERAGE, "field.turns")
    tiles = (
        *_kpis(
            _kpi("conversations", "Conversations", CONVERSATIONS),
            _kpi("engaged", "Engaged conversations", CONVERSATIONS, of=engaged),
            _kpi("messages", "Messages a conversation", messages),
            _kpi("containment", "Containment rate", CONTAINED),
        ),
        _line("per-day", "Conversations per day", CONVERSATIONS, y=2, area=True),
        _line("containment-per-day", "Containment by day", CONTAINED, x=6, y=2, colour=1),
        _line("messages-per-day", "Messages a conversation, by day", messages, y=6, colour=2),
        _part("languages", "Languages", "field.language", x=6, y=6),
        _heatmap("busy-hours", "When people write", y=10),
    )
    return _only(tiles, _is("field.channel", "webchat"))


def templates(main_answer: str | None = None) -> tuple[Template, ...]:
    """All templates, in the order in which pages offer them."""
    return (
        Template(
            "overview", "Overview", "Volume, containment, handle time, and when calls come.", overview(main_answer)
        ),
        Template(
            "inbound-voice",
            "Inbound voice",
            "Volume, containment, and why and where calls are passed on.",
            inbound_voice(main_answer),
        ),
        Template(
            "outbound-voice", "Outbound voice", "Connect rate, outcomes, talk time, by hour of day.", outbound_voice()
        ),
        Template("web-chat", "Web chat", "Engaged conversations, messages, containment.", web_chat()),
        Template("empty", "Empty", "A blank page for tiles of your own.", ()),
    )


def find_template(key: str, main_answer: str | None = None) -> Template:
    """The template of this key, or NotFound."""
    found = next((each for each in templates(main_answer) if each.key == key), None)
    if found is None:
        raise NotFound(f"there is no template {key!r}; there are {', '.join(each.key for each in templates())}")
    return found


_OUTBOUND = (
    Condition("field.channel", Operator.EQ, "voice"),
    Condition("field.direction", Operator.EQ, "outbound"),
)
_OUTBOUND_CALLS = Divisor(CONVERSATIONS, All(_OUTBOUND))
_NOBODY = Condition("field.disconnection_reason", Operator.IN, values=("voicemail", "no_answer", "busy"))
_CONNECTED_ONLY = All((Condition("field.status", Operator.EQ, "completed"), Not(_NOBODY)))
"""A call whose end nobody has told counts: not all platforms tell it."""
_CONTAINED_ONLY = All((Condition("metric.CONTAINED", Operator.EQ, value=True),))


def _is(name: str, value: str) -> Condition:
    return Condition(name, Operator.EQ, value)


def _rate(name: str) -> Measure:
    return Measure(MeasureKind.RATE, name, value=True)


def _sum(name: str) -> Measure:
    return Measure(MeasureKind.SUM, name)


def _percentiles(name: str) -> tuple[Measure, Measure]:
    return Measure(MeasureKind.P50, name), Measure(MeasureKind.P95, name)


def _kpi(tile_id: str, title: str, measure: Measure, *, of: All | None = None, minutes: bool = False) -> Tile:
    shown = TileFormat(show_change=True)
    if minutes:
        shown = replace(shown, show_as=Unit.NUMBER, multiplier=1 / 60, decimals=0)
    return Tile(tile_id, title, TileKind.KPI, data=TileData(measures=(measure,), filters=of or All()), format=shown)


def _kpis(*tiles: Tile, widths: tuple[int, ...] = (3, 3, 3, 3)) -> tuple[Tile, ...]:
    """One row of them over the whole width."""
    return tuple(
        replace(tile, x=sum(widths[:index]), w=width, h=2)
        for index, (tile, width) in enumerate(zip(tiles, widths, strict=True))
    )


def _line(
    tile_id: str, title: str, *measures: Measure, x: int = 0, y: int, area: bool = False, colour: int = 0
) -> Tile:
    shown = TileFormat(area=area, colour=colour, empty=EmptyBuckets.ZERO if area else EmptyBuckets.GAP)
    data = TileData(measures=measures, group_by=("day",))
    return Tile(tile_id, title, TileKind.LINE, x=x, y=y, w=6, h=4, data=data, format=shown)


def _top(tile_id: str, title: str, name: str, *, x: int = 0, y: int, limit: int) -> Tile:
    data = TileData(group_by=(name,), sort=Sort.DESC, limit=limit)
    return Tile(tile_id, title[:100], TileKind.BAR, x=x, y=y, w=6, h=4, data=data)


def _part(tile_id: str, title: str, name: str, *, x: int = 0, y: int) -> Tile:
    data = TileData(group_by=(name,), sort=Sort.DESC, limit=8)
    return Tile(tile_id, title, TileKind.DONUT, x=x, y=y, w=6, h=4, data=data)


def _heatmap(tile_id: str, title: str, *, y: int) -> Tile:
    data = TileData(group_by=("field.weekday", "field.hour"))
    return Tile(tile_id, title, TileKind.HEATMAP, y=y, w=12, h=4, data=data)


def _only(tiles: Sequence[Tile], *conditions: Condition) -> tuple[Tile, ...]:
    """The same tiles over these calls alone."""
    return tuple(
        replace(tile, data=replace(tile.data, filters=All((*conditions, *tile.data.filters.parts)))) for tile in tiles
    )
