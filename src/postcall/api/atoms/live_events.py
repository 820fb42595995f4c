"""A call as it goes on, as server-sent events: from its start, until it is over."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.engine import Connection

from postcall.api.atoms.call_events import call_end, call_start, told_of
from postcall.api.atoms.calls import no_call
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import moment, reader
from postcall.api.native.call_events import pieces
from postcall.api.native.following import listen, watch_of
from postcall.api.services import services_of
from postcall.domain.calls import LIVE, Call
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Principal
from postcall.errors import CallNotFound
from postcall.storage.call_views import read_rows
from postcall.storage.calls import find_call_row

router = APIRouter()

KEEP_ALIVE_S = 15.0
"""After so long without news a comment is sent, or proxies close what is silent."""


@router.get("/events")
@in_envelope
async def get_events(request: Request) -> Response:
    """What happens in a live call; a call that is over is a 400, since its events are with the call itself."""
    principal = await reader(request)
    call_id = request.query_params.get("callId", "").strip()
    if not call_id:
        raise AtomsError(400, "callId: Required")
    if not CALL_ID.fullmatch(call_id):
        raise AtomsError(400, "Invalid call ID format")
    call_pk, call = await _find(request, principal, call_id)
    if call.details.status not in LIVE:
        raise AtomsError(400, f"Call {call_id} is not active")
    told = _tell(request, principal, call_pk, call)
    return StreamingResponse(
        told, media_type="text/event-stream", headers={"cache-control": "no-cache", "x-accel-buffering": "no"}
    )


async def _find(request: Request, principal: Principal, call_id: str) -> tuple[int, Call]:
    def read(connection: Connection) -> tuple[int, Call]:
        pk = find_call_row(connection, principal.account_pk, call_id).pk
        (row,) = read_rows(connection, principal.account_pk, [pk])
        return pk, row.call

    try:
        return await services_of(request).record.read_async(read)
    except CallNotFound:
        raise no_call() from None


async def _tell(request: Request, principal: Principal, call_pk: int, call: Call) -> AsyncGenerator[bytes]:
    yield _frame(request, "sse_init")
    yield _event(call_start(call))
    watch = watch_of(request)
    told = listen(request, watch, principal, call.id, call_pk, None, keep_alive_s=KEEP_ALIVE_S)
    async with aclosing(told):
        async for news in told:
            if news is None:
                yield b": still there\n\n"
                continue
            for piece, _ in pieces(news):
                for event in told_of(call, piece):
                    yield _event(event)
            if not news.live:
                _, ended = await _find(request, principal, call.id)
                yield _event(call_end(ended))
    yield _frame(request, "sse_close")


def _frame(request: Request, kind: str) -> bytes:
    return _event({"event_type": kind, "event_time": moment(services_of(request).clock())})


def _event(content: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(content) + b"\n\n"
