"""How results look on the wire, and the bodies that ask for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from postcall.api.native.parameters import MAX_LIMIT, write_cursor
from postcall.domain.queries import Bucket, Coverage, GroupValue, Measure, MeasureKind, Number, Query, Result
from postcall.errors import BadInput
from postcall.reporting.fields import FIELDS
from postcall.reporting.query_format import name_measures, write_query
from postcall.reporting.reading import read_list, read_scalar, read_text, read_whole
from postcall.reporting.reports import CallKeys, Explanation, IndexStatus, KnownName

_SECONDS = {"field.duration", "field.latency"}
_SHARES = {MeasureKind.RATE, MeasureKind.SHARE}
_EXACT = 2**53
"""Up to here a float says exactly which integer it is."""
_COUNTS = {MeasureKind.CONVERSATIONS, MeasureKind.COUNT, MeasureKind.DISTINCT}


def result_json(result: Result) -> dict[str, Any]:
    """The rows with plain values, and beside them, cell by cell, what each number rests on."""
    return {
        "columns": columns_json(result.query),
        "rows": [[*row.group, *(_plain(number.value) for number in row.numbers)] for row in result.rows],
        "numbers": [[number_json(number) for number in row.numbers] for row in result.rows],
        "coverage": [coverage_json(each) for each in result.coverage],
        "calls": result.calls,
        "in_progress": result.in_progress,
        "notes": result.notes,
        "lag_s": result.lag_s,
        "query": write_query(result.query),
    }


def columns_json(query: Query) -> list[dict[str, Any]]:
    """The groups, then the measures, in the order of a row's values."""
    groups = [
        {"name": name, "kind": "group", "unit": "time" if name in set(Bucket) else None} for name in query.group_by
    ]
    return [*groups, *(_measure_column(measure) for measure in name_measures(query.measures, query.group_by))]


def unit_of(measure: Measure) -> str | None:
    """`share` (0 to 1), `calls`, `values`, `s` (seconds); None for a metric's own unit, which nobody knows."""
    if measure.kind in _SHARES:
        return "share"
    if measure.kind in _COUNTS:
        return "calls" if measure.of is None else "values"
    return "s" if measure.of in _SECONDS else None


def number_json(number: Number) -> dict[str, Any]:
    """One number with what one needs to trust it; what it does not have is left out."""
    interval = [number.interval.low, number.interval.high] if number.interval else None
    details = {
        "n": number.n,
        "count": number.count,
        "interval": interval,
        "small": number.small,
        "previous": number.previous,
        "previous_n": number.previous_n,
        "change": number.change,
        "p_value": number.p_value,
    }
    return {name: value for name, value in details.items() if value is not None}


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """What is known of one metric."""
    return asdict(coverage)


def keys_json(keys: CallKeys) -> dict[str, Any]:
    """The ids of calls, and where to go on."""
    return {"calls": list(keys.ids), "next_cursor": write_cursor(keys.next)}


def explanation_json(explanation: Explanation, query: Query) -> dict[str, Any]:
    """How a query was answered."""
    return {**asdict(explanation), "query": write_query(query)}


def status_json(status: IndexStatus) -> dict[str, Any]:
    """How the index stands."""
    return asdict(status)


def names_json(names: tuple[KnownName, ...]) -> dict[str, Any]:
    """Every name that a query may use: the fields, and the metrics that calls carry."""
    return {
        "fields": [
            {"name": f"field.{field.name}", "kind": field.kind, "label": field.label, "says": field.says,
             "values": field.values}
            for field in FIELDS.values()
        ],
        "metrics": [{**asdict(each), "name": f"metric.{each.name}"} for each in names],
    }  # fmt: skip


def take_paging(raw: object) -> tuple[object, list[GroupValue] | None, str | None, int]:
    """The body of `query:calls` without what is not the query's: its group, its cursor, and how many at most."""
    if not isinstance(raw, dict):
        return raw, None, None, 50
    group, cursor, limit = (raw.get(name) for name in ("group", "cursor", "limit"))
    rest = {name: value for name, value in raw.items() if name not in {"group", "cursor", "limit"}}
    return (
        rest,
        None if group is None else _read_group(group),
        None if cursor is None else read_text(cursor, "cursor", most=100),
        50 if limit is None else read_whole(limit, "limit", least=1, most=MAX_LIMIT),
    )


def check_group(group: list[GroupValue] | None, query: Query) -> tuple[GroupValue, ...] | None:
    """The group of a row; it needs a value for each of the query's groups."""
    if group is None:
        return None
    if len(group) != len(query.group_by):
        raise BadInput(
            f"group: must hold {len(query.group_by)} values, one for each of group_by, not {len(group)}", field="group"
        )
    return tuple(group)


def _plain(value: float | None) -> float | int | None:
    """One number has one spelling: 5.0 is 5."""
    return int(value) if value is not None and float(value).is_integer() and abs(value) < _EXACT else value


def _read_group(raw: object) -> list[GroupValue]:
    items = read_list(raw, "group", most=100)
    return [None if item is None else read_scalar(item, f"group[{index}]") for index, item in enumerate(items)]


def _measure_column(measure: Measure) -> dict[str, Any]:
    column: dict[str, Any] = {"name": measure.name, "kind": "measure", "measure": measure.kind}
    if measure.of is not None:
        column["of"] = measure.of
    if measure.kind is MeasureKind.RATE:
        column["value"] = measure.value
    return {**column, "unit": unit_of(measure)}
