"""Tiles of every kind that can be shown, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

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
from postcall.domain.queries import All, AnyOf, Condition, Denominator, Measure, MeasureKind, Not, Operator

names = st.sampled_from(["field.duration", "field.channel", "metric.BOOKED", "metric.call reason"])
scalars = st.one_of(st.booleans(), st.integers(-5, 5), st.floats(-5, 5), st.text("abc ", max_size=3))
texts = st.text("abcÄ -", min_size=1, max_size=12).filter(str.strip)
conditions = st.one_of(
    st.builds(Condition, st.just("metric.BOOKED"), st.sampled_from([Operator.EQ, Operator.NE]), scalars),
    st.builds(
        lambda values: Condition("metric.A", Operator.IN, values=tuple(values)),
        st.lists(scalars, min_size=1, max_size=3),
    ),
    st.just(Condition("field.variant", Operator.NOT_EXISTS)),
)
filters = st.builds(
    lambda parts: All(tuple(parts)),
    st.lists(
        st.one_of(
            conditions,
            st.builds(Not, conditions),
            st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(conditions, max_size=3)),
        ),
        max_size=3,
    ),
)
measures = st.one_of(
    st.just(Measure(MeasureKind.CONVERSATIONS)),
    st.builds(Measure, st.sampled_from([MeasureKind.SUM, MeasureKind.P95, MeasureKind.DISTINCT]), names),
    st.builds(
        Measure,
        st.just(MeasureKind.RATE),
        names,
        value=st.sampled_from([True, False, 5, "x"]),
        denominator=st.one_of(st.none(), st.sampled_from(Denominator)),
    ),
)
divisors = st.one_of(st.none(), st.builds(Divisor, measures, filters))
formats = st.builds(
    TileFormat,
    show_as=st.one_of(st.none(), st.sampled_from(Unit)),
    currency=st.sampled_from(["EUR", "USD"]),
    multiplier=st.floats(0.001, 1e6),
    suffix=st.sampled_from(["", " min", "%"]),
    decimals=st.one_of(st.none(), st.integers(0, 6)),
    show_change=st.booleans(),
    colour=st.integers(0, 7),
    area=st.booleans(),
    gridlines=st.booleans(),
    empty=st.sampled_from(EmptyBuckets),
    y_label=st.one_of(st.just(""), texts),
)
GROUPS: dict[TileKind, list[tuple[str, ...]]] = {
    TileKind.KPI: [()],
    TileKind.PIE: [("field.channel",)],
    TileKind.DONUT: [("metric.BOOKED",)],
    TileKind.LINE: [("day",), ("week", "metric.BOOKED")],
    TileKind.BAR: [("hour",), ("field.agent", "field.channel")],
    TileKind.HEATMAP: [("field.weekday", "field.hour")],
    TileKind.TABLE: [("field.channel",)],
}


@st.composite
def tiles(draw: st.DrawFn) -> Tile:
    """A tile that can be shown."""
    kind = draw(st.sampled_from(TileKind))
    x = draw(st.integers(0, 11))
    data = TileData(
        measures=(draw(measures),),
        group_by=draw(st.sampled_from(GROUPS[kind])),
        sort=draw(st.sampled_from(Sort)),
        sort_by=draw(st.sampled_from(SortBy)),
        limit=draw(st.one_of(st.none(), st.integers(1, 200))),
        filters=draw(filters),
        divided_by=draw(divisors),
        show_missing=draw(st.booleans()),
    )
    columns = st.lists(
        st.builds(TableColumn, texts, measures, st.one_of(st.none(), st.sampled_from(Unit)), divisors, filters),
        min_size=1,
        max_size=3,
    )
    return Tile(
        id="",
        title=draw(texts),
        kind=kind,
        x=x,
        y=draw(st.integers(0, 119)),
        w=draw(st.integers(1, 12 - x)),
        h=draw(st.integers(1, 24)),
        data=data,
        format=draw(formats),
        columns=tuple(draw(columns)) if kind is TileKind.TABLE else (),
    )
