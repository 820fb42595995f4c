"""What a query means, said in plain Python over plain calls: slow, obvious, and written from the rules alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from statistics import fmean
from zoneinfo import ZoneInfo

from postcall.domain.calls import JsonScalar, MetricValue
from postcall.domain.queries import (
    All,
    AnyOf,
    Condition,
    Denominator,
    Filter,
    GroupValue,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Query,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LIVE = ("pending", "in_progress")
SPEAK_OF_LIVE = {"field.status", "metric.CALL_IN_PROGRESS"}
BUCKETS = ("hour", "day", "week", "month")


@dataclass(frozen=True)
class PlainCall:
    """A call with all that a report may ask of it."""

    id: str
    started_at: datetime
    channel: str
    environment: str
    status: str
    variant: str | None
    duration_s: float | None
    handoff: str | None
    writes: tuple[tuple[str, MetricValue], ...]
    answers: tuple[tuple[str, str, str | None], ...]
    """Identifier, status, value."""

    def values(self, name: str) -> list[MetricValue]:
        """Every write; where there is none the answer; where there is none what postcall itself knows."""
        written = [value for written, value in self.writes if written == name]
        answered = [value for asked, status, value in self.answers if asked == name and status == "ok"]
        return written or [value for value in answered if value is not None] or self._own(name)

    def _own(self, name: str) -> list[MetricValue]:
        completed = self.status == "completed"
        known: dict[str, MetricValue | None] = {
            "duration": self.duration_s,
            "CALL_DURATION": self.duration_s,
            "CALL_IN_PROGRESS": True if self.status == "in_progress" else None,
            "CALL_COMPLETED": True if completed else None,
            "CONTAINED": self.handoff is None if completed else None,
            "HANDOFF_TO": self.handoff,
        }
        value = known.get(name)
        return [] if value is None else [value]

    def was_asked(self, name: str) -> bool:
        return any(asked == name for asked, _, _ in self.answers)

    def status_of(self, name: str) -> str:
        found = [status for asked, status, _ in self.answers if asked == name]
        return found[0] if found else "not asked"


def text(value: MetricValue) -> str:
    """How a value is written in a group."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number(value: MetricValue) -> float | None:
    """True is 1, false is 0, and a text that reads as a number is one."""
    if isinstance(value, str):
        if value in ("true", "false"):
            return float(value == "true")
        try:
            read = float(value)
        except ValueError:
            return None
        return read if math.isfinite(read) else None
    return float(value)


def values_of(call: PlainCall, name: str, zone: ZoneInfo) -> list[MetricValue]:
    """Of a field or a metric."""
    kind, _, rest = name.partition(".")
    if kind == "metric":
        return call.values(rest)
    local = call.started_at.astimezone(zone)
    fields: dict[str, MetricValue | None] = {
        "channel": call.channel,
        "environment": call.environment,
        "status": call.status,
        "variant": call.variant,
        "duration": call.duration_s,
        "handoff": call.handoff is not None,
        "handoff_destination": call.handoff,
        "hour": local.hour,
        "minute": local.hour * 60 + local.minute,
        "weekday": WEEKDAYS[local.weekday()],
        "id": call.id,
    }
    value = fields[rest]
    return [] if value is None else [value]


def bucket(call: PlainCall, size: str, zone: ZoneInfo) -> str:
    local = call.started_at.astimezone(zone)
    if size == "hour":
        in_force = timezone(local.utcoffset() or timedelta(0))  # of the call, also where the clock changes in this hour
        return local.replace(minute=0, second=0, microsecond=0, tzinfo=in_force).isoformat(timespec="minutes")
    day = local.date()
    if size == "week":
        day -= timedelta(days=day.weekday())
    if size == "month":
        day = day.replace(day=1)
    return day.isoformat()


def same(value: MetricValue, wanted: JsonScalar) -> bool:
    if isinstance(wanted, bool):
        return text(value) == ("true" if wanted else "false")
    if isinstance(wanted, int | float):
        return text(value) not in ("true", "false") and number(value) == wanted
    return text(value) == wanted


def ordered(value: MetricValue, op: Operator, wanted: JsonScalar) -> bool:
    if isinstance(wanted, int | float):
        mine = number(value)
        return mine is not None and _compare(mine, op, float(wanted))
    return _compare(text(value), op, str(wanted))


def _compare(mine: float | str, op: Operator, wanted: float | str) -> bool:
    match op:
        case Operator.GT:
            return mine > wanted  # type: ignore[operator]
        case Operator.GTE:
            return mine >= wanted  # type: ignore[operator]
        case Operator.LT:
            return mine < wanted  # type: ignore[operator]
        case _:
            return mine <= wanted  # type: ignore[operator]


def test(value: MetricValue, condition: Condition) -> bool:
    match condition.op:
        case Operator.EQ:
            return same(value, condition.value)
        case Operator.NE:
            return not same(value, condition.value)
        case Operator.IN:
            return any(same(value, each) for each in condition.values)
        case Operator.NOT_IN:
            return not any(same(value, each) for each in condition.values)
        case Operator.CONTAINS:
            return str(condition.value).lower() in text(value).lower()
        case Operator.NOT_CONTAINS:
            return str(condition.value).lower() not in text(value).lower()
        case Operator.BETWEEN:
            low, high = condition.values
            return ordered(value, Operator.GTE, low) and ordered(value, Operator.LTE, high)
        case _:
            return ordered(value, condition.op, condition.value)


def holds(call: PlainCall, part: Filter, zone: ZoneInfo) -> bool:
    """Any write that matches is enough."""
    match part:
        case All(parts):
            return all(holds(call, each, zone) for each in parts)
        case AnyOf(parts):
            return any(holds(call, each, zone) for each in parts)
        case Not(inner):
            return not holds(call, inner, zone)
        case Condition():
            values = values_of(call, part.field, zone)
            if part.op is Operator.EXISTS:
                return bool(values)
            if part.op is Operator.NOT_EXISTS:
                return not values
            return any(test(value, part) for value in values)


def names_in(part: Filter) -> set[str]:
    match part:
        case Condition():
            return {part.field}
        case Not(inner):
            return names_in(inner)
        case All(parts) | AnyOf(parts):
            return set().union(*(names_in(each) for each in parts))


def matching(calls: Sequence[PlainCall], query: Query) -> list[PlainCall]:
    """The calls that count: live environment and ended, unless the query speaks of either."""
    zone = ZoneInfo(query.time_zone)
    spoken = names_in(query.filters) | set(query.group_by)
    if query.measures and all(measure.of == "metric.CALL_IN_PROGRESS" for measure in query.measures):
        spoken.add("metric.CALL_IN_PROGRESS")
    return [
        call
        for call in calls
        if (query.since is None or call.started_at >= query.since)
        and (query.until is None or call.started_at < query.until)
        and ("field.environment" in spoken or call.environment == "live")
        and (spoken & SPEAK_OF_LIVE or call.status not in LIVE)
        and holds(call, query.filters, zone)
    ]


def groups(call: PlainCall, query: Query) -> list[tuple[GroupValue, ...]]:
    """A call joins each distinct value's group once, and the group of nothing where it has no value."""
    zone = ZoneInfo(query.time_zone)
    found: list[tuple[GroupValue, ...]] = [()]
    for name in query.group_by:
        if name in BUCKETS:
            keys: list[GroupValue] = [bucket(call, name, zone)]
        else:
            keys = list(dict.fromkeys(text(value) for value in values_of(call, name, zone))) or [None]
        found = [(*group, key) for group in found for key in keys]
    return found


def measure(calls: Sequence[PlainCall], wanted: Measure, zone: ZoneInfo) -> tuple[float | None, int]:
    """The value, and how many calls or values it rests on."""
    name = wanted.of
    if name is None:
        return float(len(calls)), len(calls)
    lists = [values_of(call, name, zone) for call in calls]
    having = sum(1 for values in lists if values)
    everything = [value for values in lists for value in values]
    match wanted.kind:
        case MeasureKind.CONVERSATIONS:
            return float(having), having
        case MeasureKind.COUNT:
            return float(len(everything)), len(everything)
        case MeasureKind.DISTINCT:
            return float(len({text(value) for value in everything})), len(everything)
        case MeasureKind.SHARE:
            return (having / len(calls) if calls else None), len(calls)
        case MeasureKind.RATE:
            return rate(calls, wanted, zone)
    numbers = sorted(read for read in map(number, everything) if read is not None)
    return aggregate(numbers, wanted.kind), len(numbers)


def rate(calls: Sequence[PlainCall], wanted: Measure, zone: ZoneInfo) -> tuple[float | None, int]:
    name = wanted.of or ""
    hits = sum(1 for call in calls if any(same(value, wanted.value) for value in values_of(call, name, zone)))
    match wanted.denominator:
        case Denominator.ANSWERED:
            n = sum(1 for call in calls if values_of(call, name, zone))
        case Denominator.ASKED:
            rest = name.partition(".")[2]
            n = sum(1 for call in calls if values_of(call, name, zone) or call.was_asked(rest))
        case _:
            n = len(calls)
    return (hits / n if n else None), n


def aggregate(numbers: Sequence[float], kind: MeasureKind) -> float | None:
    if not numbers:
        return None
    match kind:
        case MeasureKind.SUM:
            return math.fsum(numbers)
        case MeasureKind.AVERAGE:
            return fmean(numbers)
        case MeasureKind.MIN:
            return numbers[0]
        case MeasureKind.MAX:
            return numbers[-1]
    share = {MeasureKind.P50: 0.5, MeasureKind.P90: 0.9, MeasureKind.P95: 0.95, MeasureKind.P99: 0.99}[kind]
    place = share * (len(numbers) - 1)
    low = math.floor(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def evaluate(calls: Sequence[PlainCall], query: Query) -> dict[tuple[str | None, ...], list[tuple[float | None, int]]]:
    """Each group's numbers, before having, order and limit; groups by the text of their values."""
    zone = ZoneInfo(query.time_zone)
    members: dict[tuple[str | None, ...], list[PlainCall]] = {}
    if not query.group_by:
        members[()] = []
    for call in matching(calls, query):
        for group in groups(call, query):
            members.setdefault(group, []).append(call)  # type: ignore[arg-type]
    return {group: [measure(inside, wanted, zone) for wanted in query.measures] for group, inside in members.items()}


def moment(text_: str) -> datetime:
    return datetime.fromisoformat(text_).astimezone(UTC)
