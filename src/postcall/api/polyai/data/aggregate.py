"""One metric, measured over conversations and grouped."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.polyai.data.aggregate_rows import BUCKETS, Column, columns_of, read_rows, version_keys
from postcall.api.polyai.data.catalogue import Catalogue, Entry
from postcall.api.polyai.data.conditions import (
    AGENT,
    NOTHING,
    base_query,
    has_value,
    joined,
    of_channels,
    of_environments,
    read_filters,
    restricted_to,
)
from postcall.api.polyai.data.entering import Visitor, authenticate_here, catalogue_of, visit
from postcall.api.polyai.data.errors import in_detail
from postcall.api.polyai.data.reading import UTC_ZONE, AggregateBody, read_shape, read_window
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.queries import (
    All,
    AnyOf,
    Condition,
    Filter,
    Having,
    Measure,
    MeasureKind,
    Operator,
    Order,
    Query,
)
from postcall.errors import BadInput
from postcall.reporting.periods import read_zone
from postcall.storage.project_catalogue import ids_of_versions, versions_of_ids

router = APIRouter()

_KINDS = {
    "sum": MeasureKind.SUM,
    "avg": MeasureKind.AVERAGE,
    "min": MeasureKind.MIN,
    "max": MeasureKind.MAX,
    "p50": MeasureKind.P50,
    "p95": MeasureKind.P95,
    "p99": MeasureKind.P99,
    "distinct_count": MeasureKind.DISTINCT,
}
_OF_TEXTS = ("conversation_count", "distinct_count")
_SIGNS = {"eq": Operator.EQ, "gt": Operator.GT, "gte": Operator.GTE, "lt": Operator.LT, "lte": Operator.LTE}


@router.post("/metrics/aggregate")
@in_detail
async def aggregate(request: Request) -> Response:
    """`{columns, rows, limit, offset}`: the conversations that have the metric, grouped and measured."""
    principal = await authenticate_here(request)
    body = await read_shape(request, AggregateBody)
    _check(body)
    zone = UTC_ZONE if body.timezone is None else read_zone(body.timezone, field="timezone")
    visitor = await visit(request, principal, body.project_id)
    catalogue = await catalogue_of(request, visitor)
    entry = catalogue.find(body.metric, where="metric")
    record = services_of(request).record
    deployed = None
    if body.deployment_id:
        wanted = body.deployment_id
        deployed = await record.read_async(lambda c: _deployed(c, visitor.account_pk, wanted))
    _check_numbers(body, entry)
    columns = columns_of(body, entry.name)
    query = _make_query(body, visitor, catalogue, entry, columns, zone, deployed)
    result = await reports_of(request).run(visitor.account_pk, query)
    keys = version_keys(columns, result)
    versions = await record.read_async(lambda c: ids_of_versions(c, visitor.account_pk, keys)) if keys else {}
    return json_reply(
        {
            "columns": [column.name for column in columns],
            "rows": read_rows(columns, result, zone=zone, versions=versions)[body.offset :],
            "limit": body.limit,
            "offset": body.offset,
        }
    )


def _check(body: AggregateBody) -> None:
    """Refuse what contradicts itself."""
    _refuse_twice("aggs", body.aggs)
    _refuse_twice("group_by", body.group_by or [])
    if body.experiment_id and body.deployment_id:
        raise BadInput("experiment_id: cannot be combined with deployment_id", field="experiment_id")
    if body.experiment_version_id and not body.experiment_id:
        raise BadInput("experiment_version_id: needs experiment_id as well", field="experiment_version_id")
    for index, having in enumerate(body.having or ()):
        if having.field not in body.aggs:
            raise BadInput(f"having[{index}].field: {having.field} is not among aggs", field=f"having[{index}].field")
    if body.sort is not None and body.sort.field not in (*body.aggs, *(body.group_by or ())):
        raise BadInput(f"sort.field: {body.sort.field} is neither in group_by nor among aggs", field="sort.field")


def _check_numbers(body: AggregateBody, entry: Entry) -> None:
    """Refuse to calculate with texts: an average that is null looks as if there were no conversations."""
    for index, agg in enumerate(body.aggs):
        if entry.type == "string" and agg not in _OF_TEXTS:
            raise BadInput(
                f"aggs[{index}]: {entry.name} is text, of which there is no {agg}; ask for {' or '.join(_OF_TEXTS)}",
                field=f"aggs[{index}]",
            )


def _refuse_twice(name: str, values: Sequence[str]) -> None:
    twice = next((each for index, each in enumerate(values) if each in values[:index]), None)
    if twice is not None:
        raise BadInput(f"{name}: {twice} is in it twice", field=name)


def _make_query(
    body: AggregateBody,
    visitor: Visitor,
    catalogue: Catalogue,
    entry: Entry,
    columns: tuple[Column, ...],
    zone: ZoneInfo,
    deployed: Filter | None,
) -> Query:
    conditions = (
        has_value(entry, catalogue),
        *joined(read_filters(body.filters or (), catalogue), body.filter_operator),
        *of_channels(body.channel),
        *of_environments(body.client_env),
        *restricted_to("field.variant", body.variant_id),
        *((deployed,) if deployed is not None else ()),
        *((NOTHING,) if body.experiment_id else ()),  # postcall makes no experiments
    )
    base = base_query(visitor, read_window(body.from_, body.to, zone=zone), *conditions)
    return Query(
        measures=tuple(_measure(agg, entry.name) for agg in body.aggs),
        agent=base.agent,
        since=base.since,
        until=base.until,
        time_zone=zone.key,
        group_by=tuple(dict.fromkeys(name for column in columns for name in column.groups)),
        filters=base.filters,
        having=tuple(Having(each.field, _SIGNS[each.op], value=each.value) for each in body.having or ()),
        order=_order(body, columns),
        limit=body.offset + body.limit,
    )


def _measure(agg: str, metric: str) -> Measure:
    if agg == "conversation_count":
        return Measure(MeasureKind.CONVERSATIONS, name=agg)
    return Measure(_KINDS[agg], of=f"metric.{metric}", name=agg)


def _order(body: AggregateBody, columns: tuple[Column, ...]) -> tuple[Order, ...]:
    """The bucket comes first; what is not asked for follows from small to large."""
    bucket = (Order(BUCKETS[body.interval].value),) if body.interval is not None else ()
    if body.sort is None:
        return bucket
    descending = body.sort.order == "desc"
    if body.sort.field in body.aggs:
        return (*bucket, Order(body.sort.field, descending))
    by = next(column for column in columns if column.name == body.sort.field)
    return (*bucket, *(Order(name, descending) for name in by.groups))


def _deployed(connection: Connection, account_pk: int, ids: list[str]) -> Filter:
    """Calls that are pinned to any of these versions."""
    found = versions_of_ids(connection, account_pk, ids)
    return AnyOf(
        tuple(
            All(
                (
                    Condition(AGENT, Operator.EQ, each.slug),
                    Condition("field.version", Operator.EQ, each.number),
                )
            )
            for each in found
        )
    )
