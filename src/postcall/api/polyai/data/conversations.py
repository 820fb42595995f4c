"""Conversations with the values of their metrics, filtered by these."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from postcall.api.polyai.data.catalogue import SUMMARY, Catalogue, is_personal
from postcall.api.polyai.data.conditions import base_query, joined, of_channels, of_environments, read_filters
from postcall.api.polyai.data.entering import authenticate_here, catalogue_of, visit
from postcall.api.polyai.data.errors import in_detail
from postcall.api.polyai.data.reading import SearchBody, SearchSort, read_shape, read_window
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.calls import MetricValue
from postcall.domain.queries import Order
from postcall.storage.project_catalogue import Project
from postcall.storage.valued_calls import ValuedCall, read_valued_calls

router = APIRouter()

_SORTED_BY = {"started_at": "field.started_at", "duration": "field.duration", "conversation_id": "field.id"}


@router.post("/conversations/search")
@in_detail
async def search_conversations(request: Request) -> Response:
    """Conversations that have ended, the newest first unless `sort` says otherwise; `total` counts all that match."""
    principal = await authenticate_here(request)
    body = await read_shape(request, SearchBody)
    window = read_window(body.from_, body.to)
    visitor = await visit(request, principal, body.project_id)
    catalogue = await catalogue_of(request, visitor)
    wanted = None if body.fields is None else _read_fields(body.fields, catalogue)
    filters = joined(read_filters(body.filters or (), catalogue), body.filter_operator)
    query = base_query(visitor, window, *of_channels(body.channel), *of_environments(body.client_env), *filters)
    reports = reports_of(request)
    total, keys = await asyncio.gather(
        reports.count(visitor.account_pk, query),
        reports.calls(visitor.account_pk, query, limit=body.limit, order=_order(body.sort), offset=body.offset),
    )
    rows = await services_of(request).record.read_async(lambda c: read_valued_calls(c, visitor.account_pk, keys.pks))
    projects = {project.slug: project for project in visitor.projects}
    found = [
        _conversation_json(row, _metrics(row, projects[row.call.agent_slug], catalogue, wanted))
        for row in rows
        if row.call.agent_slug in projects  # it went over to another agent since it was found
    ]
    return json_reply({"conversations": found, "total": total, "limit": body.limit, "offset": body.offset})


def _order(sort: SearchSort | None) -> tuple[Order, ...]:
    if sort is None:
        return ()
    return (Order(_SORTED_BY[sort.field], descending=sort.order == "desc"),)


def _read_fields(given: Collection[str], catalogue: Catalogue) -> frozenset[str]:
    """The metrics that are wanted back. Personal ones may be named by any key, and the reply leaves them out."""
    found: set[str] = set()
    for index, name in enumerate(given):
        meant = catalogue.look_up(name) or ((name.casefold(),) if is_personal(name) else None)
        found.update(meant or (catalogue.find(name, where=f"fields[{index}]").name,))
    return frozenset(found)


def _metrics(
    row: ValuedCall, project: Project, catalogue: Catalogue, wanted: frozenset[str] | None
) -> dict[str, MetricValue | list[MetricValue]]:
    return {
        name: value
        for name, value in metric_values(row).items()
        if (wanted is None or name in wanted) and catalogue.shows(project, name)
    }


def metric_values(row: ValuedCall) -> Mapping[str, MetricValue | list[MetricValue]]:
    """Each metric of a call with its type kept: a list where it was written more than once."""
    values: dict[str, MetricValue | list[MetricValue]] = {}
    if row.call.duration_s is not None:
        values["duration"] = row.call.duration_s
    if row.summary:
        values[SUMMARY] = row.summary
    values.update({name: each[0] if len(each) == 1 else list(each) for name, each in row.values.items()})
    return values


def _conversation_json(row: ValuedCall, metrics: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conversation_id": row.call.id,
        "project_id": row.call.agent_slug,
        "started_at": row.call.started_at,
        "duration_seconds": row.call.duration_s,
        "metrics": metrics,
    }
