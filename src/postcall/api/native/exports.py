"""Exports: calls in files, made by the worker and fetched when they are finished."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.csv_reply import attachment
from postcall.api.native.export_shapes import MAX_AGENTS, ExportBody, export_json, wanted_of
from postcall.api.native.parameters import read_limit
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.exports import ExportFormat
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.storage.exports import (
    cancel_export,
    delete_export,
    find_export,
    list_exports,
    queue_export,
    read_export_file,
)

router = APIRouter(prefix="/postcall/v1", tags=["exports"])

_NEW = msgspec.json.Decoder(ExportBody)
_CLOSED = {"format": tuple(ExportFormat)}
_MAX_BYTES = 256 * 1024
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


def _body(shape: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    schema = components.get(shape.__name__, schema)
    schema["properties"]["format"] = {"enum": ["csv", "jsonl", "parquet"], "default": "csv"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("/exports")
async def get_exports(request: Request) -> Response:
    """The newest exports, the newest first: `limit`."""
    principal = await authenticate(request, Scope.READ)
    for name in request.query_params:
        if name != "limit":
            raise BadInput(f"{name}: unknown parameter; there is limit", field=name)
    limit = read_limit(request.query_params)
    found = await services_of(request).record.read_async(lambda c: list_exports(c, principal.account_pk, limit))
    return json_reply({"exports": [export_json(each) for each in found]})


@router.post("/exports", status_code=202, openapi_extra=_body(ExportBody))
async def post_export(request: Request) -> Response:
    """Ask for an export: `{format?, agents?, since?, until?, transcripts?, after?}`; it is made in the background."""
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    given = decode(await read_body(request, limit=_MAX_BYTES), _NEW, closed_sets=_CLOSED)
    if len(given.agents) > MAX_AGENTS:
        raise BadInput(f"agents: at most {MAX_AGENTS:,}", field="agents")
    wanted, now = wanted_of(given), services.clock()
    made = await services.record.write_async(
        lambda c: queue_export(c, principal.account_pk, wanted, by=principal.name, now=now)
    )
    return json_reply(export_json(made), status=202)


@router.get("/exports/{export_id}")
async def get_export(request: Request, export_id: str) -> Response:
    """One export: how far it has come, and once it is finished its manifest and where its files are."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: find_export(c, principal.account_pk, export_id))
    return json_reply(export_json(found))


@router.post("/exports/{export_id}:cancel")
async def post_cancel(request: Request, export_id: str) -> Response:
    """Stop the work on an export; one that has ended stays as it is."""
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    now = services.clock()
    found = await services.record.write_async(lambda c: cancel_export(c, principal.account_pk, export_id, now=now))
    return json_reply(export_json(found))


@router.get("/exports/{export_id}/files/{name}")
async def get_file(request: Request, export_id: str, name: str) -> Response:
    """One file of a finished export; 409 before it is finished."""
    principal = await authenticate(request, Scope.READ)
    content = await services_of(request).record.read_async(
        lambda c: read_export_file(c, principal.account_pk, export_id, name)
    )
    media_type = _MEDIA.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(content, media_type=media_type, headers=attachment(name))


@router.delete("/exports/{export_id}", status_code=204)
async def remove_export(request: Request, export_id: str) -> Response:
    """Take an export away with its files; one that is being made is stopped."""
    principal = await authenticate(request, Scope.WRITE)
    await services_of(request).record.write_async(lambda c: delete_export(c, principal.account_pk, export_id))
    return Response(status_code=204)
