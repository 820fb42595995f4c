"""Pages with every kind of tile and every part of the look, under the pages' own headers, to look at and to test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import FileSystemLoader
from starlette.staticfiles import StaticFiles

from postcall.web.access import STATIC, PageHeaders
from postcall.web.analyser_view import AnalyserView
from postcall.web.render import STATIC_FOLDER, make_environment
from postcall.web.tile_view import CellView, ChartView, KpiView, SeriesView, TableView, TileView

_EMPTY = "No call in these days has ESCALATED. It appears here once a call writes it, or choose other dates."
_FAILED = (
    "The metric REFUND_AMOUNT is text in 12 calls, so it has no average. Choose another metric, or leave them out."
)
_LONG = "Donaudampfschifffahrtsgesellschaftskapitän"
DAYS = tuple(f"{day} Nov" for day in range(1, 31))


def make_gallery(views: list[TileView], *, drawn: bool | None = None) -> FastAPI:
    """An application that shows these tiles at /gallery and /gallery/editing, the parts of the look at /gallery/parts.

    A click leads to /calls.
    """
    app = FastAPI()
    environment = make_environment(FileSystemLoader(Path(__file__).parent))

    @app.get("/gallery")
    @app.get("/gallery/editing")
    @app.get("/gallery/parts")
    def show_gallery(request: Request) -> HTMLResponse:
        path = request.url.path
        return HTMLResponse(
            environment.get_template("parts.html" if path.endswith("parts") else "gallery.html").render(
                views=views,
                drawn=drawn,
                editing=path.endswith("editing"),
                path=path,
                person=None,
                analyser=AnalyserView("the built-in analyser", None),
            )
        )

    @app.get("/calls")
    def show_calls(which: str = "") -> HTMLResponse:
        return HTMLResponse(
            f"<!doctype html><link rel=icon href={STATIC}/icon.svg><title>Calls</title><h1>Calls of {which}</h1>"
        )

    app.mount(STATIC, StaticFiles(directory=STATIC_FOLDER))
    app.add_middleware(PageHeaders)
    return app


def series(
    name: str, values: list[float | None], *, colour: int = 0, suffix: str = "", spread: float = 0
) -> SeriesView:
    """A series whose points lead to `/calls?which=NAME-PLACE`."""
    return SeriesView(
        name=name,
        values=tuple(values),
        texts=tuple("" if value is None else f"{value:g}{suffix}" for value in values),
        hrefs=tuple(None if value is None else f"/calls?which={name}-{at}" for at, value in enumerate(values)),
        low=tuple(None if value is None else value - spread for value in values) if spread else (),
        high=tuple(None if value is None else value + spread for value in values) if spread else (),
        colour=colour,
    )


def every_tile() -> list[TileView]:
    """One of each kind, with gaps, intervals, long names and every state."""
    return [
        *_numbers(),
        _tile("trend", "Bookings confirmed by day", 0, 2, 6, 4, chart=_trend()),
        _tile("lines", "Calls by channel", 6, 2, 6, 4, chart=_lines()),
        _tile("reasons", "Why people call", 0, 6, 4, 4, chart=_reasons()),
        _tile("bars", "Booked by agent and channel", 4, 6, 4, 4, chart=_bars()),
        _tile("lying", "Average duration by reason", 8, 6, 4, 4, chart=replace(_lying(), horizontal=True)),
        _tile("hours", "Calls by weekday and hour", 0, 10, 8, 4, chart=_hours()),
        _tile("pie", "Who hung up", 8, 10, 4, 4, chart=_pie()),
        _tile("agents", "Agents", 0, 14, 6, 4, table=_agents()),
        replace(_tile("none", "Escalations by reason", 6, 14, 3, 4), calls_href="", message=_EMPTY),
        replace(_tile("wrong", "Refunds", 9, 14, 3, 4), calls_href="", failed=True, message=_FAILED),
    ]


def _tile(
    tile_id: str,
    title: str,
    x: int,
    y: int,
    w: int,
    h: int,
    *,
    chart: ChartView | None = None,
    table: TableView | None = None,
) -> TileView:
    """A tile with links."""
    return TileView(
        id=tile_id,
        title=title,
        x=x,
        y=y,
        w=w,
        h=h,
        chart=chart,
        table=table,
        calls_href=f"/calls?which={tile_id}",
        json_href=f"/dashboards/one/tiles/{tile_id}.json",
        csv_href=f"/dashboards/one/tiles/{tile_id}.csv",
    )


def _numbers() -> list[TileView]:
    kpis = (
        ("calls", "Calls", KpiView("12,408", "", "+312", "up")),
        (
            "booked",
            "Bookings confirmed",
            KpiView("41.2 %", "212 of 514 calls; 95 % interval 37.0–45.5 %", "+2.1 points", "up", "p = 0.03"),
        ),
        ("length", "Average duration", KpiView("2 min 05 s", "514 calls", "−0.4 s", "flat", "within chance")),
        ("cost", "Cost of a call", KpiView("—", "No call has COST_EUR.", "")),
    )
    tiles = [replace(_tile(name, title, at * 3, 0, 3, 2), kpi=view) for at, (name, title, view) in enumerate(kpis)]
    return [*tiles[:3], replace(tiles[3], notes=("Few calls: read with care",))]


def _trend() -> ChartView:
    values = [None if day in {11, 12} else round(38 + 9 * ((day * 7919) % 13) / 13 - day / 9, 1) for day in range(30)]
    return ChartView(
        "line",
        DAYS,
        (series("Booked", values, suffix=" %", spread=5),),
        "Day",
        "Bookings confirmed",
        "percent",
        area=False,
    )


def _lines() -> ChartView:
    voice = series("voice", [round(200 + 60 * ((day * 31) % 7) / 7) for day in range(30)])
    chat = series("web chat", [round(90 + 30 * ((day * 17) % 5) / 5) for day in range(30)], colour=1)
    sms = series("SMS", [round(30 + 20 * ((day * 13) % 3) / 3) for day in range(30)], colour=2)
    return ChartView("line", DAYS, (voice, chat, sms), "Day", "Calls", area=True)


def _reasons() -> ChartView:
    names = (
        "booking",
        "opening hours",
        "prices",
        "billing",
        "complaint",
        _LONG,
        "something else",
    )
    return ChartView(
        "donut", names, (series("Calls", [420, 260, 180, 120, 60, 40, 22]),), "Reason", "Calls", centre="1,102"
    )


def _bars() -> ChartView:
    agents = ("clinic", "front desk", "after hours")
    voice = series("voice", [41.2, 36, 12.5], suffix=" %", spread=4)
    chat = series("web chat", [22, None, 30], colour=1, suffix=" %", spread=7)
    return ChartView("bar", agents, (voice, chat), "Agent", "Booked", "percent")


def _lying() -> ChartView:
    names = ("a question about an invoice that was sent twice", "booking", "prices", "opening hours")
    return ChartView(
        "bar",
        names,
        (series("Duration", [380, 125, 90, 44], suffix=" s", spread=20),),
        "Reason",
        "Duration",
        "duration",
    )


def _hours() -> ChartView:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    hours = tuple(f"{hour}:00" for hour in range(7, 20))
    rows = (
        series(day, [float((at * 37 + hour * 53) % 97) if at < 6 or hour > 10 else None for hour in range(7, 20)])
        for at, day in enumerate(days)
    )
    return ChartView("heatmap", hours, tuple(rows), "Hour", "Calls")


def _pie() -> ChartView:
    return ChartView(
        "pie", ("caller", "agent", "handed over", "timeout"), (series("Calls", [300, 120, 80, 14]),), "Reason", "Calls"
    )


def _agents() -> TableView:
    rows = [
        ("clinic", 514, 41.2),
        ("front desk", 260, 36.0),
        (_LONG, 44, 12.5),
        ("<script>", 3, 100.0),
    ]
    return TableView(
        ("Agent", "Calls", "Booked"),
        (False, True, True),
        tuple(
            (
                CellView(name, f"/calls?which={number}"),
                CellView(f"{calls}"),
                CellView(f"{rate} %", None, f"{rate - 4:.1f} to {rate + 4:.1f} %"),
            )
            for number, (name, calls, rate) in enumerate(rows)
        ),
    )
