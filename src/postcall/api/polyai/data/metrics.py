"""The catalogue of metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from postcall.api.polyai.data.catalogue import Entry
from postcall.api.polyai.data.entering import authenticate_here, catalogue_of, visit
from postcall.api.polyai.data.errors import in_detail
from postcall.api.polyai.data.reading import QueryString
from postcall.api.replies import json_reply

router = APIRouter()


@router.get("/metrics")
@in_detail
async def get_metrics(request: Request) -> Response:
    """Every metric that can be asked about, of one project (`?project_id=`) or of all that the key is for."""
    principal = await authenticate_here(request)
    query = QueryString(request.query_params, ("project_id",))
    visitor = await visit(request, principal, query.text("project_id"))
    catalogue = await catalogue_of(request, visitor)
    metrics = [_entry_json(entry) for entry in catalogue.entries.values()]
    return json_reply({"metrics": metrics, "total": len(metrics)})


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, "type": entry.type, "description": entry.description, "values": entry.values}
