"""Asking for numbers in a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.aside import run_aside
from tests.builders import AGENT, Desk, a_call

from postcall.domain.calls import JsonScalar, MetricValue
from postcall.domain.metrics import MetricType
from postcall.domain.queries import (
    All,
    Condition,
    Coverage,
    Denominator,
    GroupValue,
    Measure,
    MeasureKind,
    Number,
    Operator,
    Query,
    Result,
)
from postcall.reporting.index import Index
from postcall.reporting.reports import KnownName, Reports
from postcall.storage.metric_definitions import NewMetric, define_metric


def a_measure(kind: str, of: str | None = None, *, value: JsonScalar = True, denominator: str | None = None) -> Measure:
    """`a_measure("sum", "metric.PRICE")`."""
    return Measure(MeasureKind(kind), of, value, Denominator(denominator) if denominator else None, name="m0")


def a_query(kind: str = "conversations", of: str | None = None, *where: Condition, **more: Any) -> Query:
    """One measure of the calls that meet every condition."""
    of_measure = {name: more.pop(name) for name in ("value", "denominator") if name in more}
    return Query((a_measure(kind, of, **of_measure),), filters=All(where), **more)


def where(field: str, op: str, value: Any = None) -> Condition:
    """`where("metric.A", "in", ["x", "y"])`."""
    if isinstance(value, list):
        return Condition(field, Operator(op), None, tuple(value))
    return Condition(field, Operator(op), value)


def define(desk: Desk, name: str, type_: MetricType, *expected: str, agent: str = AGENT) -> None:
    """Define a metric of an agent."""
    metric = NewMetric(name, type_, expected)
    desk.record.write(lambda c: define_metric(c, desk.pk, agent, metric, now=desk.clock()))


def eventually(holds: Callable[[], bool], *, within_s: float) -> float:
    """Wait until it holds; returns how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, "it never came about"
        time.sleep(0.01)
    return time.monotonic() - began


@dataclass
class Counter:
    """Reports over the calls of a desk."""

    desk: Desk
    index: Index
    reports: Reports

    def ask(self, query: Query) -> Result:
        """The whole result."""
        return self.reports.run_now(self.desk.pk, query)

    def number(self, kind: str = "conversations", of: str | None = None, *where: Condition, **more: Any) -> Number:
        """One number."""
        [row] = self.ask(a_query(kind, of, *where, **more)).rows
        return row.numbers[0]

    def count(self, *where: Condition) -> float:
        """How many calls meet the conditions."""
        return self.number("conversations", None, *where).value or 0

    def groups(self, name: str, kind: str = "conversations", of: str | None = None, **more: Any) -> dict[Any, Any]:
        """The number of each group."""
        rows = self.ask(a_query(kind, of, group_by=(name,), **more)).rows
        return {row.group[0]: row.numbers[0].value for row in rows}

    def coverage(self, name: str) -> Coverage:
        """What is known of a metric."""
        [cover] = self.ask(a_query("count", name)).coverage
        return cover

    def ids(self, query: Query | None = None, group: tuple[GroupValue, ...] | None = None) -> list[str]:
        """The calls behind a number."""
        found = run_aside(self.reports.calls(self.desk.pk, query or a_query(), group=group, limit=1_000))
        return list(found.ids)

    def names(self, agent: str | None = None) -> dict[str, KnownName]:
        """The metrics that calls carry and that postcall does not give by itself."""
        known = run_aside(self.reports.names(self.desk.pk, agent))
        return {each.name: each for each in known if each.written or each.asked}

    def take(self, count: int, *, first: int = 0, **details: Any) -> None:
        """Take in some calls, all alike."""
        for number in range(first, first + count):
            self.desk.hand_in(a_call(f"call-{number}", **details))

    def write(self, call_id: str, metrics: Mapping[str, MetricValue | list[MetricValue]], **details: Any) -> None:
        """Take in a call that code wrote these metrics in."""
        self.desk.hand_in(a_call(call_id, metrics=dict(metrics), agent=details.pop("agent", AGENT), **details))

    def of(self, account: str) -> Counter:
        """The same reports for another account."""
        return replace(self, desk=Desk(self.desk.record, self.desk.clock, account=account))
