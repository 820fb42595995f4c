"""Calls: the log of them, one of them, what came after one that nobody answered, and ending one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.call_events import events_json
from postcall.api.atoms.call_filters import MAX_PAGE_SIZE, read_log_query
from postcall.api.atoms.call_format import RecordingAddress, asked_json, call_json, kind_of_log, log_row
from postcall.api.atoms.call_words import wire_status, wire_type
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.paging import Paging, read_paging
from postcall.api.atoms.replies import check_id, moment, read_shape, reader, status_reply, success_reply, writer
from postcall.api.hosting import hosting_of
from postcall.api.recordings import GOOD_FOR, base_of, presigned
from postcall.api.services import services_of
from postcall.domain.call_logs import Attempts, CallLog, LogFilter, LogPage, SortBy
from postcall.domain.calls import DisconnectionReason, Transcript
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Principal
from postcall.errors import CallNotFound, ConversationOver
from postcall.storage.agents import find_agent_row
from postcall.storage.call_events import News, read_news
from postcall.storage.call_logs import list_logs, logs_by_id, logs_of_series
from postcall.storage.ending_calls import Cancelled, cancel_call

router = APIRouter()

MAX_SEARCHED = 100


class SearchBody(msgspec.Struct):
    """Which calls to show."""

    callIds: list[str] | None = None  # noqa: N815 - the wire's name


class CancelBody(msgspec.Struct):
    """Which call to end."""

    callId: str | None = None  # noqa: N815 - the wire's name
    reason: str | None = None


@router.get("/conversation")
@in_envelope
async def list_calls(request: Request) -> Response:
    """The log: filtered, sorted, a page of it."""
    principal = await reader(request)
    query = read_log_query(request.query_params)
    found = await services_of(request).record.read_async(
        lambda c: list_logs(
            c,
            principal.account_pk,
            query.wanted,
            sort=query.sort,
            descending=query.descending,
            offset=query.page.skip,
            limit=query.page.size,
        )
    )
    address = recordings_of(request)
    return status_reply(
        {
            "logs": [log_row(log, address) for log in found.logs],
            "pagination": _pagination(found, query.page),
            "dispositionMetricsConfig": asked_json(dict(pair for log in found.logs for pair in log.asked).items()),
        }
    )


@router.post("/conversation/search")
@in_envelope
async def search_calls(request: Request) -> Response:
    """The calls of these ids; those that are not there, or are others', are left out."""
    principal = await reader(request)
    ids = (await read_shape(request, SearchBody)).callIds
    if ids is None:
        raise AtomsError(400, "callIds: Required")
    if not 1 <= len(ids) <= MAX_SEARCHED:
        raise AtomsError(400, f"callIds: must hold 1 to {MAX_SEARCHED} ids, not {len(ids)}")
    found = await services_of(request).record.read_async(lambda c: logs_by_id(c, principal.account_pk, ids))
    address = recordings_of(request)
    logs = [log_row(log, address, searched=True) for log in found]
    return status_reply({"logs": logs, "total": len(logs), "requestedCount": len(ids)})


@router.get("/conversation/{call_id}")
@in_envelope
async def get_call(request: Request, call_id: str) -> Response:
    """One call with its transcript, results and events."""
    principal = await reader(request)

    def read(connection: Connection) -> tuple[CallLog, Transcript, News]:
        found = logs_by_id(connection, principal.account_pk, [call_id])
        if not found:
            raise CallNotFound(call_id)
        news = read_news(connection, principal.account_pk, call_id, None, with_pii=principal.may_see_pii)
        return found[0], news.turns, news

    try:
        log, turns, news = await services_of(request).record.read_async(read)
    except CallNotFound:
        raise no_call() from None
    return status_reply(call_json(log, turns, events_json(log.row.call, news), recordings_of(request)))


@router.get("/conversation/{call_id}/retries")
@in_envelope
async def list_retries(request: Request, call_id: str) -> Response:
    """Every call to the person whom this one went to, the first one first."""
    principal = await reader(request)
    try:
        found = await services_of(request).record.read_async(lambda c: logs_of_series(c, principal.account_pk, call_id))
    except CallNotFound:
        raise no_call() from None
    address = recordings_of(request)
    return status_reply({"retries": [log_row(log, address) for log in found]})


@router.get("/conversation/{call_id}/recording/download-url")
@in_envelope
async def get_download_address(request: Request, call_id: str) -> Response:
    """An address that opens the recording without a key for some minutes."""
    principal = await reader(request)
    if not CALL_ID.fullmatch(call_id):
        raise AtomsError(400, "Invalid call ID format")
    found = await services_of(request).record.read_async(lambda c: logs_by_id(c, principal.account_pk, [call_id]))
    if not found:
        raise no_call()
    address = recordings_of(request)(found[0])
    if address is None:
        raise AtomsError(404, "No recording found")
    return status_reply({"presignedUrl": address})


@router.post("/conversation/cancel")
@in_envelope
async def cancel(request: Request) -> Response:
    """End a call, whether it waits, rings or goes on."""
    principal = await writer(request)
    body = await read_shape(request, CancelBody)
    if not body.callId:
        raise AtomsError(400, "callId: Required")
    done = await _cancel(request, principal, body.callId, why=body.reason, queued_only=False)
    return status_reply(
        {"callId": done.call_id, "status": "cancelled", "previousStatus": wire_status(done.status, done.placed)}
    )


@router.post("/conversation/{call_id}/cancel")
@in_envelope
async def cancel_queued(request: Request, call_id: str) -> Response:
    """Take a call out of the queue."""
    principal = await writer(request)
    done = await _cancel(request, principal, call_id, why=None, queued_only=True)
    return status_reply({"callId": done.call_id, "status": "cancelled"})


@router.get("/agent/{agent_id}/call-logs")
@in_envelope
async def list_calls_of_agent(request: Request, agent_id: str) -> Response:
    """An agent's calls, the newest first; durations in milliseconds."""
    principal = await reader(request)
    check_id(agent_id, what="agent")
    page = read_paging(request.query_params, size=10, most=MAX_PAGE_SIZE)
    wanted = LogFilter(agents=(agent_id,), attempts=Attempts.ALL)

    def read(connection: Connection) -> LogPage:
        find_agent_row(connection, principal.account_pk, agent_id)
        return list_logs(
            connection, principal.account_pk, wanted, sort=SortBy.STARTED, offset=page.skip, limit=page.size
        )

    found = await services_of(request).record.read_async(read)
    return success_reply(
        {
            "callLogs": [_short_row(log) for log in found.logs],
            "totalCount": found.total,
            "page": page.page,
            "offset": page.size,
        }
    )


def recordings_of(request: Request) -> RecordingAddress:
    """Where recordings can be heard from now on, for some minutes."""
    base = base_of(request)
    until: datetime = services_of(request).clock() + GOOD_FOR
    return lambda log: presigned(base, log, until=until)


def no_call() -> AtomsError:
    """There is no such call, or it is another account's."""
    return AtomsError(404, "No conversation found")


async def _cancel(
    request: Request, principal: Principal, call_id: str, *, why: str | None, queued_only: bool
) -> Cancelled:
    services = services_of(request)
    now = services.clock()
    try:
        done = await services.record.write_async(
            lambda c: cancel_call(c, principal.account_pk, call_id, why=why, queued_only=queued_only, now=now)
        )
    except CallNotFound:
        raise no_call() from None
    if not done.cancelled:
        where = "in queue and" if queued_only else "under way any more and"
        raise AtomsError(400, f"Conversation with ID {call_id} is not {where} cannot be cancelled")
    if done.hosted:
        try:  # a turn that runs in this process stops at once; in another one it finds out when it is stored
            call = await hosting_of(request).find(principal.account_pk, call_id)
            async for _ in call.hang_up(DisconnectionReason.AGENT_HANGUP):
                pass
        except (ConversationOver, CallNotFound):
            pass
    return done


def _short_row(log: CallLog) -> dict[str, Any]:
    call = log.row.call
    return {
        "callId": call.id,
        "callStatus": wire_status(call.details.status, log.placed),
        "callType": wire_type(kind_of_log(log)),
        "fromNumber": call.details.from_number or "",
        "toNumber": call.details.to_number or "",
        "createdAt": moment(call.started_at),
        "callDuration": round((call.duration_s or 0) * 1000),
    }


def _pagination(found: LogPage, page: Paging) -> dict[str, Any]:
    return {
        "total": found.total,
        "page": page.page,
        "limit": page.size,
        "hasMore": page.has_more(found.total),
        "totalPages": page.pages(found.total),
    }
