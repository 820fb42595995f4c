"""What a report asks: measures over calls, filtered and grouped. Every number on every surface begins as a Query.

A name is `field.NAME` for what every call has (see reporting/fields.py) or `metric.NAME` for what code wrote or a
question answered, with its case as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from postcall.domain.calls import JsonScalar


class MeasureKind(StrEnum):
    """How many calls or values become one number."""

    CONVERSATIONS = "conversations"
    """How many calls."""
    COUNT = "count"
    """How many values: of a metric, every write; of a field, the calls that have it."""
    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    DISTINCT = "distinct"
    """How many different values."""
    RATE = "rate"
    """The share of calls with a value, among those of the denominator."""
    SHARE = "share"
    """The share of calls that have any value."""


class Denominator(StrEnum):
    """Which calls a rate is a share of."""

    CALLS = "calls"
    """All that match; the default for real-time metrics and fields."""
    ANSWERED = "answered"
    """Those that have a value; the default for answers."""
    ASKED = "asked"
    """Those whose extraction asked the question, whatever came of it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number in each row of a result."""

    kind: MeasureKind
    of: str | None = None
    """The name measured; None for `conversations`, and for `count` where it counts calls."""
    value: JsonScalar = True
    """For `rate`: the value whose share is wanted."""
    denominator: Denominator | None = None
    """For `rate`; None: the default of what is measured."""
    name: str = ""
    """The column's name; unique in a query."""


class Bucket(StrEnum):
    """A stretch of time that calls are grouped by, in the query's time zone; weeks begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Operator(StrEnum):
    """How a value is compared. With several writes a call matches if any of them does."""

    EQ = "eq"
    NE = "ne"
    """A call without a value matches neither `eq` nor `ne`; `not` around `eq` takes those in."""
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not in"
    CONTAINS = "contains"
    """Anywhere in the text, upper and lower case alike."""
    NOT_CONTAINS = "not contains"
    EXISTS = "exists"
    NOT_EXISTS = "not exists"
    BETWEEN = "between"
    """Both ends included."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison."""

    field: str
    op: Operator
    value: JsonScalar = None
    values: tuple[JsonScalar, ...] = ()
    """For `in`, `not in` and (two) `between`."""


@dataclass(frozen=True, slots=True)
class All:
    """Every part must hold; true where there is none."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must hold; false where there is none."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold; a call without a value fails a comparison, and so passes its `not`."""

    part: Filter


Filter: TypeAlias = Condition | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Having:
    """A condition on a column of the result: eq, ne, gt, gte, lt, lte or between."""

    column: str
    op: Operator
    value: float | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A column of the result, a group's or a measure's."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. The account is not part of it: it comes from who asks."""

    measures: tuple[Measure, ...]
    agent: str | None = None
    """An id or slug; None for every agent."""
    among: frozenset[int] | None = None
    """The keys of the agents that whoever asks may know of: no others' calls count, and no others' names are known."""
    since: datetime | None = None
    """Calls that started at this time or later; aware."""
    until: datetime | None = None
    """Calls that started before this time; aware."""
    time_zone: str = "UTC"
    """A name of the tz database."""
    group_by: tuple[str, ...] = ()
    """`field.NAME`, `metric.NAME` or a bucket; the columns of the result bear the same names."""
    filters: All = field(default_factory=All)
    having: tuple[Having, ...] = ()
    order: tuple[Order, ...] = ()
    """Then by the groups, from small to large; what has no value comes last."""
    limit: int | None = None
    compare: bool = False
    """Also measure the period of the same length before, which needs `since` and `until`."""
    text: str | None = None
    """Words that the transcript must hold, as in the search of the calls page."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Number:
    """One measured number with what one needs to trust it."""

    value: float | None
    """None where there was nothing to measure. A rate or share lies between 0 and 1."""
    n: int
    """Of a rate or share, its denominator; otherwise how many values went in."""
    count: int | None = None
    """Of a rate or share, its numerator."""
    interval: Interval | None = None
    """Of rates, shares and averages."""
    small: bool = False
    """Too few values to rely on (fewer than 30)."""
    previous: float | None = None
    """The same in the period before; None where not compared, or nothing was there."""
    previous_n: int | None = None
    change: float | None = None
    """`value` less `previous`; of a rate in the same units, so 0.02 is two points."""
    p_value: float | None = None
    """How likely a difference at least so large is where nothing changed; None where no test fits."""


GroupValue: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One group, and its numbers in the order of the query's measures."""

    group: tuple[GroupValue, ...]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of one metric among the calls that match: the parts sum to `calls`."""

    name: str
    calls: int
    have: int
    """Calls with a value that counts."""
    unknown: int
    """The transcript did not say."""
    invalid: int
    """An answer or a write that does not fit."""
    error: int
    """The model could not be asked."""
    not_asked: int
    """Nothing was written and no finished extraction asked."""


@dataclass(frozen=True, slots=True)
class Result:
    """The rows, and what they rest on."""

    query: Query
    rows: tuple[Row, ...]
    coverage: tuple[Coverage, ...]
    calls: int
    """How many calls match, before grouping."""
    in_progress: int
    """Calls that match but have not ended; they are counted nowhere else."""
    notes: tuple[str, ...] = ()
    """What was applied without being asked for, such as that only live calls are counted."""
    lag_s: float = 0.0
    """How far the numbers are behind the record; 0 where every change is in."""
