"""The columns of an aggregate, and its rows as the Data API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from postcall.api.polyai.conversation_format import CHANNELS
from postcall.api.polyai.data.conditions import AGENT
from postcall.api.polyai.data.reading import AggregateBody
from postcall.domain.calls import Channel
from postcall.domain.queries import Bucket, GroupValue, MeasureKind, Number, Result, Row
from postcall.reporting.buckets import bucket_bounds
from postcall.storage.project_catalogue import VersionKey

BUCKETS = {"hourly": Bucket.HOUR, "daily": Bucket.DAY, "weekly": Bucket.WEEK, "monthly": Bucket.MONTH}
_VERSION = "field.version"
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "project_id": (AGENT,),
    "channel": ("field.channel",),
    "deployment_id": (AGENT, _VERSION),
    "variant_id": ("field.variant",),
    "client_env": ("field.environment",),
    "experiment_id": (),
    "experiment_version_id": (),
}
_COUNTS = {MeasureKind.CONVERSATIONS, MeasureKind.DISTINCT}

Cell: TypeAlias = GroupValue


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the reply."""

    name: str
    groups: tuple[str, ...] = ()
    """The groups of the query that it is made from; none for a measure, and for what no call has."""
    bucket: Bucket | None = None
    measured: bool = False


def columns_of(body: AggregateBody, metric: str) -> tuple[Column, ...]:
    """The bucket, then the groups, then the measures, each in the order asked for."""
    bucket = BUCKETS[body.interval] if body.interval is not None else None
    return (
        *((Column("bucket", (bucket.value,), bucket),) if bucket is not None else ()),
        *(Column(name, _GROUPS.get(name, (f"metric.{metric}",))) for name in body.group_by or ()),
        *(Column(name, measured=True) for name in body.aggs),
    )


def version_keys(columns: tuple[Column, ...], result: Result) -> frozenset[VersionKey]:
    """The versions that rows are about, where they are grouped by these."""
    if not any(column.groups == _GROUPS["deployment_id"] for column in columns):
        return frozenset()
    return frozenset(_version(_group(result, row)) for row in result.rows)


def read_rows(
    columns: tuple[Column, ...], result: Result, *, zone: ZoneInfo, versions: Mapping[VersionKey, str]
) -> list[list[Cell]]:
    """A list a row, in the order of the columns."""
    measures = {measure.name: index for index, measure in enumerate(result.query.measures)}
    kinds = [measure.kind for measure in result.query.measures]
    rows: list[list[Cell]] = []
    for row in result.rows:
        group = _group(result, row)
        cells: list[Cell] = []
        for column in columns:
            if column.measured:
                index = measures[column.name]
                cells.append(_number(row.numbers[index], kinds[index]))
            else:
                cells.append(_cell(column, group, zone, versions))
        rows.append(cells)
    return rows


def _group(result: Result, row: Row) -> dict[str, GroupValue]:
    return dict(zip(result.query.group_by, row.group, strict=True))


def _cell(column: Column, group: Mapping[str, GroupValue], zone: ZoneInfo, versions: Mapping[VersionKey, str]) -> Cell:
    if not column.groups:
        return None
    if column.bucket is not None:
        return bucket_bounds(column.bucket, str(group[column.bucket.value]), zone)[0].astimezone(zone).isoformat()
    if column.name == "deployment_id":
        return versions.get(_version(group))
    value = group[column.groups[0]]
    if column.name == "channel":
        return CHANNELS[Channel(str(value))]
    if column.name == "value_string" and value is not None:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _version(group: Mapping[str, GroupValue]) -> VersionKey:
    return VersionKey(str(group[AGENT]), int(group[_VERSION] or 0))


def _number(number: Number, kind: MeasureKind) -> Cell:
    if number.value is None:
        return None
    return int(number.value) if kind in _COUNTS else number.value
