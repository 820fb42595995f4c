"""What whoever takes over a conversation is told of its state."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.polyai.entering import Entered, enter
from postcall.api.polyai.errors import in_envelope
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Scope
from postcall.domain.visibility import handoff_data, shared_id_of
from postcall.errors import BadInput, CallNotFound, NotFound
from postcall.storage.calls import find_call_row
from postcall.storage.conversations import conversation_state
from postcall.storage.shared_ids import find_by_shared_id

router = APIRouter(tags=["handoff"])


@router.get("/v1/{account_id}/{project_id}/handoff_state")
@in_envelope
async def get_handoff_state(request: Request, account_id: str, project_id: str) -> Response:
    """The chosen keys of a conversation's state, after its last finished turn; `shared_id` wins over `id`.

    A shared id that several conversations have means the one that began last.
    """
    entered = await enter(request, Scope.HANDOFF, project_id, account_id=account_id)
    shared_id, call_id = request.query_params.get("shared_id"), request.query_params.get("id")
    if not shared_id and not call_id:
        raise BadInput("say which conversation: id, or shared_id")
    record = services_of(request).record
    return json_reply(await record.read_async(lambda c: _look(c, entered, shared_id, call_id)))


def _look(connection: Connection, entered: Entered, shared_id: str | None, call_id: str | None) -> dict[str, Any]:
    if shared_id:
        call_id = find_by_shared_id(connection, entered.agent_pk, shared_id)
        if call_id is None:
            raise NotFound(f"there is no conversation with the shared id {shared_id[:100]!r}")
    if call_id is None or not CALL_ID.fullmatch(call_id):
        raise CallNotFound((call_id or "")[:100])
    row = find_call_row(connection, entered.principal.account_pk, call_id)
    if row.agent_pk != entered.agent_pk:
        raise CallNotFound(call_id)
    state = conversation_state(connection, row.pk)
    if state is None:
        raise NotFound(f"call {call_id!r} has no state: it was not answered here")
    handoff = entered.settings.handoff
    reply: dict[str, Any] = {"id": call_id, "data": handoff_data(handoff, state)}
    known_by = shared_id_of(handoff, state)
    return reply if known_by is None else {**reply, "shared_id": known_by}
