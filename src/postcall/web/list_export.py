"""Exactly the calls of a list, as a file: every one that matches, in the list's order, read a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import Cell, attachment, csv_reply
from postcall.api.native.shapes import call_file_json
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.views import CallRow, Position
from postcall.errors import BadInput, CallNotFound
from postcall.reporting.reports import CallKeys
from postcall.storage.call_views import read_call, read_rows
from postcall.storage.list_facts import ListFacts, read_list_facts
from postcall.web.filters import tidy, without
from postcall.web.list_columns import cell_value
from postcall.web.list_query import Asked, read_list
from postcall.web.people import person_of

router = APIRouter()

T = TypeVar("T")

_CSV_ROWS = 500
_FILES = 50
"""Whole calls that are held at once; each may have thousands of turns."""


@router.api_route("/calls.csv", methods=["GET", "HEAD"])
async def export_csv(request: Request) -> Response:
    """The list's columns of every call that matches: its start and id, then the chosen ones."""
    asked = _read(request)
    names = ["field.started_at", "field.id", *asked.columns]
    first = await _keys(request, asked, after=None, limit=_CSV_ROWS)
    zone = ZoneInfo(asked.query.time_zone)

    async def rows() -> AsyncIterator[Sequence[Cell]]:
        async for keys in _pages(request, asked, first, limit=_CSV_ROWS):
            for row, more in await _read_rows(request, keys):
                yield [cell_value(name, row, more, zone) for name in names]

    return csv_reply([name.removeprefix("field.").removeprefix("metric.") for name in names], rows(), "calls.csv")


@router.api_route("/calls.jsonl", methods=["GET", "HEAD"])
async def export_lines(request: Request) -> Response:
    """Every call that matches, whole as the API gives it, one a line."""
    asked = _read(request)
    first = await _keys(request, asked, after=None, limit=_FILES)

    async def lines() -> AsyncIterator[bytes]:
        async for keys in _pages(request, asked, first, limit=_FILES):
            yield await _read_lines(request, keys)

    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=attachment("calls.jsonl"))


def _read(request: Request) -> Asked:
    given = without(tidy(request.query_params.multi_items()), "cursor", "limit")
    asked = read_list(given, now=services_of(request).clock())
    if asked.extraction:
        raise BadInput(
            f"extraction: an export cannot be limited to {asked.extraction!r}; `finished` it can", field="extraction"
        )
    return asked


async def _keys(request: Request, asked: Asked, *, after: Position | None, limit: int) -> CallKeys:
    account_pk = person_of(request).account_pk
    return await reports_of(request).calls(account_pk, asked.query, after=after, limit=limit)


async def _pages(request: Request, asked: Asked, first: CallKeys, *, limit: int) -> AsyncIterator[CallKeys]:
    keys = first
    while True:
        yield keys
        if keys.next is None:
            return
        keys = await _keys(request, asked, after=keys.next, limit=limit)


async def _read_rows(request: Request, keys: CallKeys) -> list[tuple[CallRow, ListFacts | None]]:
    account_pk = person_of(request).account_pk

    def read(connection: Connection) -> list[tuple[CallRow, ListFacts | None]]:
        more = read_list_facts(connection, account_pk, keys.ids)
        return [(row, more.get(row.call.id)) for row in read_rows(connection, account_pk, keys.pks)]

    return await services_of(request).record.read_async(read)


async def _read_lines(request: Request, keys: CallKeys) -> bytes:
    account_pk = person_of(request).account_pk

    def read(connection: Connection) -> bytes:
        found = bytearray()
        for call_id in keys.ids:
            try:
                file = read_call(connection, account_pk, call_id)
            except CallNotFound:  # removed since the reports were asked
                continue
            found += msgspec.json.encode(call_file_json(file)) + b"\n"
        return bytes(found)

    return await services_of(request).record.read_async(read)
