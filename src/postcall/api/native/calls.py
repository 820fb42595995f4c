"""Calls: taking them in, listing and reading them."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import replace as replace_fields
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body, read_lines
from postcall.api.narrowing import check_call, keep_intake, on_call
from postcall.api.native.finding import find_calls
from postcall.api.native.parameters import read_cursor, read_filter, read_limit, write_cursor
from postcall.api.native.shapes import call_file_json, call_row_json
from postcall.api.replies import error_body, json_reply
from postcall.api.services import Services, services_of
from postcall.domain.keys import Principal, Scope
from postcall.domain.views import CallFile
from postcall.errors import BadInput, InternalFault, PostcallError
from postcall.intake.call_format import (
    CallBody,
    EndBody,
    MetricsBody,
    TurnsBody,
    digest,
    read_call_body,
    read_end_body,
    read_metrics_body,
    read_turns_body,
)
from postcall.intake.service import (
    check_key,
    extract_again,
    once_for_key,
    take_call,
    take_end,
    take_metrics,
    take_turns,
)
from postcall.storage.call_views import read_call
from postcall.storage.calls import Accepted

log = logging.getLogger(__name__)

router = APIRouter(prefix="/postcall/v1", tags=["calls"])

_IN_FLIGHT = 256
"""Lines of a batch under way at once: enough to fill a group commit."""
_BYTES_IN_FLIGHT = 4 * 1024 * 1024
"""What is taken in before those under way are waited for: objects take several times the memory of their text."""


def _body(shape: type) -> dict[str, Any]:
    """The request body as the documentation shows it; decoding is msgspec's, for speed."""
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    schema = components.get(shape.__name__, schema)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post("/calls", status_code=202, openapi_extra=_body(CallBody))
async def post_call(request: Request) -> Response:
    """Hand in a whole call. 202 once it is committed; 200 where the same call was there already.

    The same id with other content is a 409, or with `?replace=true` a new revision. A call without an id that may be
    sent again needs an `Idempotency-Key`, or it is another call each time.
    """
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    services = services_of(request)
    replace = _flag(request, "replace")
    body = await read_body(request, limit=services.settings.max_body_bytes)
    key = check_key(request.headers.get("idempotency-key"), required=False)
    call = read_call_body(body)
    work = take_call(principal.account_pk, call, now=services.clock(), replace=replace)
    if key is not None:
        work = once_for_key(principal.account_pk, work, key=key, body=body, now=services.clock())
    accepted = await services.record.write_async(keep_intake(principal, call, work))
    return json_reply(_accepted_json(accepted), status=_accepted_status(accepted))


@router.post("/calls:batch")
async def post_batch(request: Request) -> StreamingResponse:
    """Hand in calls as NDJSON, of any length; the reply has a line for each line.

    Good lines are accepted whatever the others are. With an `Idempotency-Key`, calls without an id get one from the key
    and their line, so that the batch can be sent again. The reply begins when the body has been read, since most
    clients do not read before they have sent.
    """
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    services = services_of(request)
    results = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 - closed when it has been sent
    await _take_lines(request, services, principal, results, replace=_flag(request, "replace"))
    results.seek(0)

    def send() -> Iterator[bytes]:
        with results:
            while chunk := results.read(1 << 16):
                yield chunk

    return StreamingResponse(send(), media_type="application/x-ndjson")


async def _take_lines(
    request: Request, services: Services, principal: Principal, results: Any, *, replace: bool
) -> None:
    under_way: deque[tuple[int, asyncio.Future[Accepted] | PostcallError]] = deque()
    number = held = 0
    key = check_key(request.headers.get("idempotency-key"), required=False)
    batch = digest(key.encode())[:16] if key is not None else None

    async def settle() -> None:
        line, outcome = under_way.popleft()
        results.write(msgspec.json.encode(await _line_result(line, outcome)) + b"\n")

    async for line in read_lines(request, limit=services.settings.max_body_bytes):
        number += 1
        if isinstance(line, bytes) and not line.strip():
            continue
        own_id = f"batch-{batch}-{number}" if batch is not None else None
        under_way.append((number, _take_line(services, principal, line, replace=replace, own_id=own_id)))
        held += len(line) if isinstance(line, bytes) else 0
        if held > _BYTES_IN_FLIGHT:
            while under_way:
                await settle()
            held = 0
        elif len(under_way) >= _IN_FLIGHT:
            await settle()
    while under_way:
        await settle()


def _take_line(
    services: Services, principal: Principal, line: bytes | BadInput, *, replace: bool, own_id: str | None
) -> asyncio.Future[Accepted] | PostcallError:
    if isinstance(line, BadInput):
        return line
    try:
        call = read_call_body(line)
        if call.id is None:
            call = replace_fields(call, id=own_id)
    except PostcallError as error:
        return error
    except Exception as error:  # whatever is wrong with one line, the others are read
        log.exception("a line of a batch could not be read")
        return InternalFault(error)
    work = take_call(principal.account_pk, call, now=services.clock(), replace=replace)
    return asyncio.wrap_future(services.record.submit(keep_intake(principal, call, work)))


async def _line_result(line: int, outcome: asyncio.Future[Accepted] | PostcallError) -> dict[str, Any]:
    try:
        if isinstance(outcome, PostcallError):
            raise outcome
        accepted = await outcome
    except PostcallError as error:
        return {"line": line, "status": error.status, **error_body(error)}
    except Exception as error:  # whatever is wrong with one line, its sender reads it, and the others are stored
        log.exception("line %s of a batch failed", line)
        return {"line": line, "status": 500, **error_body(InternalFault(error))}
    return {"line": line, "status": _accepted_status(accepted), **_accepted_json(accepted)}


@router.get("/calls")
async def get_calls(request: Request) -> Response:
    """List calls, the newest start first: `agent, since, until, from_number, to_number, status, metric.NAME`."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    query = request.query_params
    wanted, after, limit = read_filter(query), read_cursor(query), read_limit(query)

    page = await find_calls(request, principal, wanted, after=after, limit=limit)
    return json_reply({"calls": [call_row_json(row) for row in page.rows], "next_cursor": write_cursor(page.next)})


@router.get("/calls/{call_id}")
async def get_call(request: Request, call_id: str) -> Response:
    """One call: fields, turns, metrics, the current extraction and every other."""
    principal = await authenticate(request, Scope.READ, narrow=True)

    def look(connection: Connection) -> CallFile:
        check_call(connection, principal, call_id)
        return read_call(connection, principal.account_pk, call_id)

    file = await services_of(request).record.read_async(look)
    return json_reply(call_file_json(file))


@router.post("/calls/{call_id}/turns", status_code=202, openapi_extra=_body(TurnsBody))
async def post_turns(request: Request, call_id: str) -> Response:
    """Add turns to a live call; needs an `Idempotency-Key`."""
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    services = services_of(request)
    key = check_key(request.headers.get("idempotency-key"), required=True) or ""
    body = await read_body(request, limit=services.settings.max_body_bytes)
    answer = await services.record.write_async(
        on_call(
            principal,
            call_id,
            take_turns(principal.account_pk, call_id, read_turns_body(body), key=key, body=body, now=services.clock()),
        )
    )
    return json_reply(answer, status=202)


@router.post("/calls/{call_id}/metrics", status_code=202, openapi_extra=_body(MetricsBody))
async def post_metrics(request: Request, call_id: str) -> Response:
    """Add metric writes to a live call; needs an `Idempotency-Key`."""
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    services = services_of(request)
    key = check_key(request.headers.get("idempotency-key"), required=True) or ""
    body = await read_body(request, limit=services.settings.max_body_bytes)
    answer = await services.record.write_async(
        on_call(
            principal,
            call_id,
            take_metrics(
                principal.account_pk, call_id, read_metrics_body(body), key=key, body=body, now=services.clock()
            ),
        )
    )
    return json_reply(answer, status=202)


@router.post("/calls/{call_id}/end", status_code=202, openapi_extra=_body(EndBody))
async def post_end(request: Request, call_id: str) -> Response:
    """End a live call; its extraction is queued in the same transaction."""
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    services = services_of(request)
    key = check_key(request.headers.get("idempotency-key"), required=False)
    body = await read_body(request, limit=services.settings.max_body_bytes)
    answer = await services.record.write_async(
        on_call(
            principal,
            call_id,
            take_end(principal.account_pk, call_id, read_end_body(body), key=key, body=body, now=services.clock()),
        )
    )
    return json_reply(answer, status=202)


@router.post("/calls/{call_id}/extractions", status_code=202)
async def post_extraction(request: Request, call_id: str) -> Response:
    """Ask the agent's active version of the questions; the result is appended to those there are."""
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    services = services_of(request)
    extraction_id = await services.record.write_async(
        on_call(principal, call_id, extract_again(principal.account_pk, call_id, now=services.clock()))
    )
    return json_reply({"id": extraction_id, "call": call_id, "status": "queued"}, status=202)


def _accepted_json(accepted: Accepted) -> dict[str, Any]:
    return {"id": accepted.id, "created": accepted.created, "revision": accepted.revision}


def _accepted_status(accepted: Accepted) -> int:
    return 202 if accepted.created else 200


def _flag(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "false").casefold()
    if given not in {"true", "false", "1", "0", ""}:
        raise BadInput(f"{name}: must be true or false, not {given!r}", field=name)
    return given in {"true", "1", ""}
