"""Random calls, random queries: the index and a plain evaluation in Python give the same numbers and the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.aside import run_aside
from tests.builders import Desk, StepClock, a_question, an_answer, findings, some_turns
from tests.reporting import plain_python as plain
from tests.reporting.plain_python import PlainCall

from postcall.domain.calls import (
    CallDetails,
    CallStatus,
    Channel,
    Environment,
    Handoff,
    IncomingCall,
    JsonScalar,
    MetricValue,
    MetricWrite,
)
from postcall.domain.queries import (
    All,
    AnyOf,
    Condition,
    Denominator,
    Filter,
    GroupValue,
    Having,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Order,
    Query,
)
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.database import Record, open_record

AGENT = "shop"
ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
CHANGES = (  # of the clock, in those zones, and a leap day for good measure
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
)
SOME_VALUES: list[MetricValue] = [
    True,
    False,
    0,
    1,
    5,
    -2,
    7.0,
    2.5,
    "5",
    "x",
    "X y",
    "true",
    "Ünder",
    "nan",
    "a'b",
    "1e3",
]
VALUES = st.sampled_from(SOME_VALUES)
OWN = ("duration", "CALL_DURATION", "CALL_IN_PROGRESS", "CALL_COMPLETED", "CONTAINED", "HANDOFF_TO")
NAMES = ("A", "B", "q", "both", 'odd.na"me', *OWN)
METRICS = tuple(f"metric.{name}" for name in NAMES)
FIELDS = (
    "channel",
    "environment",
    "status",
    "variant",
    "duration",
    "handoff",
    "handoff_destination",
    "hour",
    "minute",
    "weekday",
)
PLACES = (*METRICS, *(f"field.{name}" for name in FIELDS))
ANSWERS = ("q", "both")


def moments() -> st.SearchStrategy[datetime]:
    return st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-3 * 24 * 60, 3 * 24 * 60) | st.integers(-100, 100),
    )


FIRST = PlainCall(
    id="first",
    started_at=CHANGES[0],
    channel="voice",
    environment="live",
    status="completed",
    variant=None,
    duration_s=None,
    handoff=None,
    writes=tuple((name, True) for name in NAMES),
    answers=(),
)
"""Carries every name: what no call carries cannot be asked for."""


@st.composite
def plain_calls(draw: st.DrawFn) -> list[PlainCall]:
    made = [FIRST]
    for number in range(draw(st.integers(0, 12))):
        status = draw(st.sampled_from(["completed"] * 6 + ["no_answer", "in_progress"]))
        extracted = status == "completed" and draw(st.booleans())
        made.append(
            PlainCall(
                id=f"call-{number}",
                started_at=draw(moments()),
                channel=draw(st.sampled_from(["voice", "webchat"])),
                environment=draw(st.sampled_from(["live"] * 4 + ["sandbox"])),
                status=status,
                variant=draw(st.sampled_from([None, "a", "b"])),
                duration_s=draw(st.sampled_from([None, 0.0, 12.5, 60.0, 61.0])),
                handoff=draw(st.sampled_from([None, None, "desk"])),
                writes=tuple(draw(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5))),
                answers=tuple(draw(_answer(name)) for name in ANSWERS) if extracted else (),
            )
        )
    return made


def _answer(name: str) -> st.SearchStrategy[tuple[str, str, str | None]]:
    return st.sampled_from(
        [
            (name, "ok", "x"),
            (name, "ok", "other"),
            (name, "unknown", None),
            (name, "invalid", None),
            (name, "error", None),
        ]
    )


def conditions() -> st.SearchStrategy[Condition]:
    place = st.sampled_from(PLACES)
    ordered: st.SearchStrategy[JsonScalar] = st.sampled_from([0, 1, 5, 2.5, 60, "x", "Y"])
    anything: st.SearchStrategy[JsonScalar] = st.sampled_from(
        [*SOME_VALUES, "voice", "a", "desk", "Monday", "completed"]
    )
    return st.one_of(
        st.builds(Condition, place, st.sampled_from([Operator.EQ, Operator.NE]), anything),
        st.builds(Condition, place, st.sampled_from([Operator.GT, Operator.GTE, Operator.LT, Operator.LTE]), ordered),
        st.builds(
            lambda name, op, some: Condition(name, op, None, tuple(some)),
            place,
            st.sampled_from([Operator.IN, Operator.NOT_IN]),
            st.lists(anything, min_size=1, max_size=3),
        ),
        st.builds(
            Condition,
            place,
            st.sampled_from([Operator.CONTAINS, Operator.NOT_CONTAINS]),
            st.sampled_from(["x", "X", "ü", "5", "'", "e"]),
        ),
        st.builds(Condition, place, st.sampled_from([Operator.EXISTS, Operator.NOT_EXISTS])),
        st.builds(lambda name, low, high: Condition(name, Operator.BETWEEN, None, (low, high)), place, *[ordered] * 2),
    )


def filters() -> st.SearchStrategy[Filter]:
    return st.recursive(
        conditions(),
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(lambda parts: All(tuple(parts)), st.lists(inner, max_size=3)),
            st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, max_size=3)),
        ),
        max_leaves=5,
    )


NUMERIC = [
    MeasureKind.SUM,
    MeasureKind.AVERAGE,
    MeasureKind.MIN,
    MeasureKind.MAX,
    MeasureKind.P50,
    MeasureKind.P90,
    MeasureKind.P95,
    MeasureKind.P99,
]


def measures() -> st.SearchStrategy[Measure]:
    place = st.sampled_from(PLACES)
    number = st.sampled_from([*METRICS, "field.duration", "field.hour"])
    return st.one_of(
        st.builds(Measure, st.sampled_from([MeasureKind.CONVERSATIONS, MeasureKind.COUNT])),
        st.builds(
            Measure,
            st.sampled_from([MeasureKind.CONVERSATIONS, MeasureKind.COUNT, MeasureKind.DISTINCT, MeasureKind.SHARE]),
            place,
        ),
        st.builds(Measure, st.sampled_from(NUMERIC), number),
        st.builds(Measure, st.just(MeasureKind.RATE), place, VALUES, st.sampled_from(list(Denominator))),
    )


@st.composite
def queries(draw: st.DrawFn) -> Query:
    asked = draw(st.lists(measures(), min_size=1, max_size=3))
    times = draw(st.lists(moments(), min_size=2, max_size=2))
    bounded = draw(st.booleans())
    return Query(
        measures=tuple(
            Measure(each.kind, each.of, each.value, each.denominator, f"m{place}") for place, each in enumerate(asked)
        ),
        agent=draw(st.sampled_from([None, AGENT])),
        since=min(times) if bounded else None,
        until=max(times) if bounded else None,
        time_zone=draw(st.sampled_from(ZONES)),
        group_by=tuple(draw(st.lists(st.sampled_from([*PLACES, *plain.BUCKETS]), max_size=2, unique=True))),
        filters=All(tuple(draw(st.lists(filters(), max_size=2)))),
    )


@dataclass
class Office:
    """One record and one index for all examples; each example has an account of its own."""

    record: Record
    reports: Reports
    numbers: Iterator[int] = field(default_factory=count)

    def take_in(self, calls: list[PlainCall]) -> Desk:
        desk = Desk(self.record, StepClock(), account=f"account-{next(self.numbers)}")
        desk.ask(*(a_question(name, type="STRING") for name in ANSWERS), agent=AGENT)
        for call in calls:
            desk.hand_in(_incoming(call))
            self._settle(desk, call)
        return desk

    @staticmethod
    def _settle(desk: Desk, call: PlainCall) -> None:
        """Store the call's answers, or take its job away."""
        for job in desk.claim():
            answers = [an_answer(name, value, status=status, type="STRING") for name, status, value in call.answers]
            desk.finish(job, findings(*answers), failure=None if answers else "the model could not be asked")


def _incoming(call: PlainCall) -> IncomingCall:
    details = CallDetails(
        agent=AGENT,
        channel=Channel(call.channel),
        started_at=call.started_at,
        duration_s=call.duration_s,
        status=CallStatus(call.status),
        environment=Environment(call.environment),
        variant=call.variant,
        handoff=Handoff(call.handoff) if call.handoff else None,
    )
    writes = tuple(MetricWrite(name, value) for name, value in call.writes)
    return IncomingCall(call.id, details, some_turns("agent: Hello", "user: Hi"), writes)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    index = Index(record, Path(folder) / "reports" / "index.duckdb", clock=StepClock())
    reports = Reports(record, index)
    yield Office(record, reports)
    reports.close()
    record.close()


def shown(value: GroupValue) -> str | None:
    return None if value is None else plain.text(value)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(calls=plain_calls(), asked=st.lists(queries(), min_size=1, max_size=6))
def test_every_query_gives_the_numbers_of_a_plain_evaluation(
    office: Office, calls: list[PlainCall], asked: list[Query]
) -> None:
    desk = office.take_in(calls)
    for query in asked:
        result = office.reports.run_now(desk.pk, query)
        expected = plain.evaluate(calls, query)
        got = {tuple(map(shown, row.group)): row.numbers for row in result.rows}
        assert len(got) == len(result.rows)
        assert set(got) == set(expected)
        for group, numbers in expected.items():
            for (value, n), number in zip(numbers, got[group], strict=True):
                assert number.n == n, (query, group)
                assert number.value == (value if value is None else pytest.approx(value)), (query, group)
                if number.interval is not None and number.value is not None:
                    assert number.interval.low <= number.value <= number.interval.high


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(calls=plain_calls(), asked=st.lists(queries(), min_size=1, max_size=3))
def test_every_row_names_exactly_its_calls(office: Office, calls: list[PlainCall], asked: list[Query]) -> None:
    desk = office.take_in(calls)
    for query in asked:
        matching = plain.matching(calls, query)
        for row in office.reports.run_now(desk.pk, query).rows:
            found = run_aside(office.reports.calls(desk.pk, query, group=row.group, limit=100))
            wanted = tuple(map(shown, row.group))
            inside = [call for call in matching if wanted in [tuple(group) for group in plain.groups(call, query)]]
            newest_first = sorted(inside, key=lambda call: call.started_at, reverse=True)
            assert sorted(found.ids) == sorted(call.id for call in inside), (query, row.group)
            starts = {call.id: call.started_at for call in calls}
            assert [starts[each] for each in found.ids] == [call.started_at for call in newest_first]


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(calls=plain_calls(), query=queries(), descending=st.booleans(), limit=st.integers(1, 4), least=st.integers(0, 3))
def test_having_order_and_limit_choose_among_the_groups(
    office: Office, calls: list[PlainCall], query: Query, descending: bool, limit: int, least: int
) -> None:
    desk = office.take_in(calls)
    whole = {row.group: row.numbers[0].value for row in office.reports.run_now(desk.pk, query).rows}
    narrowed = Query(
        measures=query.measures,
        agent=query.agent,
        since=query.since,
        until=query.until,
        time_zone=query.time_zone,
        group_by=query.group_by,
        filters=query.filters,
        having=(Having("m0", Operator.GTE, least),),
        order=(Order("m0", descending),),
        limit=limit,
    )
    rows = office.reports.run_now(desk.pk, narrowed).rows
    values = [row.numbers[0].value for row in rows]
    passing = sorted((value for value in whole.values() if value is not None and value >= least), reverse=descending)
    assert values == [pytest.approx(value) for value in passing[:limit]]
    assert all(whole[row.group] == pytest.approx(row.numbers[0].value) for row in rows)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(calls=plain_calls(), query=queries())
def test_coverage_parts_sum_to_the_calls_that_match(office: Office, calls: list[PlainCall], query: Query) -> None:
    desk = office.take_in(calls)
    result = office.reports.run_now(desk.pk, query)
    matching = plain.matching(calls, query)
    assert result.calls == len(matching)
    for cover in result.coverage:
        name = cover.name.removeprefix("metric.")
        without = [call for call in matching if not call.values(name)]
        assert cover.have == len(matching) - len(without)
        assert cover.unknown == sum(call.status_of(name) == "unknown" for call in without)
        assert cover.invalid == sum(call.status_of(name) == "invalid" for call in without)
        assert cover.error == sum(call.status_of(name) == "error" for call in without)
        parts = (cover.have, cover.unknown, cover.invalid, cover.error, cover.not_asked)
        assert sum(parts) == cover.calls == len(matching)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(calls=plain_calls(), query=queries(), hours=st.integers(1, 200))
def test_the_period_before_is_measured_like_any_other(
    office: Office, calls: list[PlainCall], query: Query, hours: int
) -> None:
    desk = office.take_in(calls)
    until = query.until or CHANGES[0]
    since = until - timedelta(hours=hours)
    compared = Query(
        measures=query.measures, since=since, until=until, filters=query.filters, group_by=(), compare=True
    )
    earlier = Query(measures=query.measures, since=since - timedelta(hours=hours), until=since, filters=query.filters)
    [row] = office.reports.run_now(desk.pk, compared).rows
    [expected] = plain.evaluate(calls, earlier).values()
    for number, (value, n) in zip(row.numbers, expected, strict=True):
        assert number.previous_n == n
        assert number.previous == (value if value is None else pytest.approx(value))
        assert number.p_value is None or 0 <= number.p_value <= 1 + 1e-9
