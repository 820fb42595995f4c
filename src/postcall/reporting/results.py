"""From the rows that the index returns to numbers with their intervals, their period before and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from postcall.domain.queries import (
    Bucket,
    Coverage,
    GroupValue,
    Interval,
    Measure,
    MeasureKind,
    Number,
    Query,
    Row,
)
from postcall.reporting import statistics
from postcall.reporting.buckets import buckets_between, hour_label
from postcall.reporting.dialect import split_hour
from postcall.reporting.fields import FIELDS, WEEKDAYS, FieldKind
from postcall.reporting.projection import Trait

_SHARES = (MeasureKind.RATE, MeasureKind.SHARE)
_COUNTS = (MeasureKind.CONVERSATIONS, MeasureKind.COUNT)


@dataclass(frozen=True, slots=True)
class Raw:
    """One measure of one group as the index returns it."""

    value: float | None
    """Of a rate or share, its numerator."""
    n: int
    deviation: float | None = None


def split_row(query: Query, row: Sequence[Any], names: Sequence[str]) -> tuple[tuple[Any, ...], tuple[Raw, ...]]:
    """The keys of a row's group, and what was measured."""
    at = dict(zip(names, row, strict=True))
    keys = tuple(at[f"g{index}"] for index in range(len(query.group_by)))
    raws = tuple(
        Raw(_float(at[f"v{index}"]), int(at[f"n{index}"] or 0), _float(at.get(f"d{index}")))
        for index in range(len(query.measures))
    )
    return keys, raws


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def decode_key(name: str, key: Any, traits: Mapping[str, Trait]) -> GroupValue:
    """A group's key as a value: a day's name, a number, a text."""
    if key is None:
        return None
    if name == Bucket.HOUR:
        return hour_label(*split_hour(int(key)))
    if isinstance(key, date):
        return key.isoformat()
    kind, _, rest = name.partition(".")
    if kind == "field":
        return _decode_field(rest, key)
    if isinstance(key, bool):
        return key
    if isinstance(key, float):
        return int(key) if key.is_integer() and abs(key) < 2**53 else key
    return _decode_text(str(key), traits.get(rest, Trait.TEXT))


def _decode_field(name: str, key: Any) -> GroupValue:
    if name == "weekday":
        return WEEKDAYS[int(key) - 1]
    if FIELDS[name].kind is FieldKind.NUMBER:
        number = float(key)
        return int(number) if number.is_integer() else number
    return bool(key) if FIELDS[name].kind is FieldKind.BOOLEAN else str(key)


def _decode_text(text: str, trait: Trait) -> GroupValue:
    """Values of one kind keep it; where calls differ, all are texts."""
    kinds = trait & (Trait.BOOLEAN | Trait.NUMBER | Trait.TEXT)
    if kinds == Trait.BOOLEAN:
        return text == "true"
    if kinds == Trait.NUMBER:
        number = float(text)
        return int(text) if text.lstrip("-").isdigit() else number
    return text


def make_number(measure: Measure, raw: Raw, before: Raw | None, *, compared: bool) -> Number:
    """A measured number. `before` is the same of the period before; None where nothing was there."""
    value, interval = _value_and_interval(measure, raw)
    previous, _ = _value_and_interval(measure, before) if before else (_nothing(measure), None)
    if not compared:
        previous = None
    return Number(
        value=value,
        n=raw.n,
        count=int(raw.value or 0) if measure.kind in _SHARES else None,
        interval=interval,
        small=raw.n < statistics.SMALL,
        previous=previous,
        previous_n=(before.n if before else 0) if compared else None,
        change=value - previous if value is not None and previous is not None else None,
        p_value=_p_value(measure, raw, before or Raw(0 if measure.kind in _COUNTS else None, 0)) if compared else None,
    )


def _nothing(measure: Measure) -> float | None:
    """What there is of a period without calls."""
    return 0.0 if measure.kind in (*_COUNTS, MeasureKind.DISTINCT) else None


def _value_and_interval(measure: Measure, raw: Raw) -> tuple[float | None, Interval | None]:
    if measure.kind in _SHARES:
        count = int(raw.value or 0)
        return (count / raw.n if raw.n else None), statistics.rate_interval(count, raw.n)
    value = raw.value if raw.n or measure.kind in (*_COUNTS, MeasureKind.DISTINCT) else None
    if measure.kind is MeasureKind.AVERAGE and value is not None and raw.deviation is not None:
        return value, statistics.mean_interval(value, raw.deviation, raw.n)
    return value, None


def _p_value(measure: Measure, raw: Raw, before: Raw) -> float | None:
    if measure.kind in _SHARES:
        return statistics.compare_rates(int(raw.value or 0), raw.n, int(before.value or 0), before.n)
    if measure.kind is MeasureKind.CONVERSATIONS:
        return statistics.compare_counts(int(raw.value or 0), int(before.value or 0))
    if measure.kind is MeasureKind.AVERAGE and raw.value is not None and before.value is not None:
        return statistics.compare_means(
            raw.value, raw.deviation or 0.0, raw.n, before.value, before.deviation or 0.0, before.n
        )
    return None


def make_rows(
    query: Query,
    found: Sequence[tuple[tuple[Any, ...], tuple[Raw, ...]]],
    before: Sequence[tuple[tuple[Any, ...], tuple[Raw, ...]]] | None,
    earlier_buckets: Mapping[str, Mapping[str, str]],
    traits: Mapping[str, Trait],
) -> tuple[Row, ...]:
    """The rows, each with the numbers of the same group in the period before; buckets are matched by their place."""

    def decoded(keys: tuple[Any, ...]) -> tuple[GroupValue, ...]:
        return tuple(decode_key(name, key, traits) for name, key in zip(query.group_by, keys, strict=True))

    past = {decoded(keys): raws for keys, raws in before or ()}
    rows = []
    for keys, raws in found:
        group = decoded(keys)
        earlier = past.get(
            tuple(
                earlier_buckets[name].get(str(each), each) if name in earlier_buckets else each
                for name, each in zip(query.group_by, group, strict=True)
            )
        )
        rows.append(
            Row(
                group,
                tuple(
                    make_number(measure, raw, earlier[index] if earlier else None, compared=before is not None)
                    for index, (measure, raw) in enumerate(zip(query.measures, raws, strict=True))
                ),
            )
        )
    return tuple(rows)


def _is_bucket(name: str) -> bool:
    return name in set(Bucket)


def match_buckets(query: Query, earlier: Query, zone: tzinfo) -> dict[str, dict[str, str]]:
    """For each size of bucket that a query groups by: each bucket, and the one in its place of the period before."""
    if query.since is None or query.until is None or earlier.since is None or earlier.until is None:
        return {}
    matched = {}
    for size in (Bucket(name) for name in query.group_by if _is_bucket(name)):
        now = buckets_between(size, query.since, query.until, zone)
        then = buckets_between(size, earlier.since, earlier.until, zone)
        matched[size.value] = dict(zip(now, then, strict=False))
    return matched


def make_coverage(names: Sequence[str], totals: Sequence[int]) -> tuple[int, int, tuple[Coverage, ...]]:
    """Calls, calls in progress and the coverage of each name, from the row that `Compiler.totals` asks for."""
    calls, in_progress, *rest = (int(value or 0) for value in totals)
    found = []
    for index, name in enumerate(names):
        have, unknown, invalid, error = rest[4 * index : 4 * index + 4]
        found.append(Coverage(name, calls, have, unknown, invalid, error, calls - have - unknown - invalid - error))
    return calls, in_progress, tuple(found)
