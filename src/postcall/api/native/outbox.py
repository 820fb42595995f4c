"""What calls asked to send."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.conversations import OutboxItem
from postcall.domain.keys import Scope
from postcall.notify.sending import make_senders, sendable_by
from postcall.storage.calls import find_call_row
from postcall.storage.outbox import OutboxRow, outbox_of_call, send_again

router = APIRouter(prefix="/postcall/v1", tags=["outbox"])


@router.get("/calls/{call_id}/outbox")
async def get_outbox(request: Request, call_id: str) -> Response:
    """The messages and handoffs that a call asked for, in that order, and how far each has come."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(
        lambda c: outbox_of_call(c, find_call_row(c, principal.account_pk, call_id).pk)
    )
    return json_reply({"outbox": [outbox_row_json(row) for row in found]})


@router.post("/outbox/{item_id}/send", status_code=202)
async def post_send(request: Request, item_id: str) -> Response:
    """Send a message that was recorded, has failed or is uncertain; the last may then arrive twice."""
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    sendable = sendable_by(make_senders(services.settings, clock=services.clock))
    now = services.clock()
    item = await services.record.write_async(
        lambda c: send_again(c, principal.account_pk, item_id, sendable=sendable, now=now)
    )
    return json_reply(outbox_json(item), status=202)


def outbox_row_json(row: OutboxRow) -> dict[str, Any]:
    """A message with its turn."""
    return {**outbox_json(row.item), "turn": row.turn}


def outbox_json(item: OutboxItem) -> dict[str, Any]:
    """A message."""
    return {
        "id": item.id,
        "kind": item.outgoing.kind,
        "to": item.outgoing.to,
        "content": item.outgoing.content,
        "state": item.state,
        "error": item.error,
        "attempts": item.attempts,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }
