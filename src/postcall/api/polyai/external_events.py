"""What other systems send to a conversation that waits for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.polyai.entering import enter
from postcall.api.polyai.errors import EventTaken, in_envelope
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.folding import storable
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.storage.external_events import receive_event

router = APIRouter(prefix="/v1/external-events", tags=["external events"])

LOCATIONS = ("headers", "querystring", "payload")
MOST_BYTES = 32 * 1024
"""Of one event: it is part of every later turn."""
_LONGEST_ID = 64
_FORM = "application/x-www-form-urlencoded"


@router.post("/webhook", status_code=201)
@in_envelope
async def take_external_event(request: Request) -> Response:
    """Hand something to the conversation whose function gave out this id; it knows of it from its next turn on.

    The same sent again changes nothing, so whoever got no answer may send it again.
    """
    query = request.query_params
    project_id = query.get("project_id")
    if not project_id:
        await authenticate(request, Scope.EXTERNAL_EVENTS, narrow=True)
        raise BadInput("project_id: say which project's conversation this is for", field="project_id")
    entered = await enter(request, Scope.EXTERNAL_EVENTS, project_id, account_id=query.get("account_id"))
    body = await read_body(request, limit=MOST_BYTES)
    event_id = find_event_id(request, body)
    data = _text(body)
    services = services_of(request)
    content_type = storable(request.headers.get("content-type", ""))[:200] or None
    taken = await services.record.write_async(
        lambda c: receive_event(c, entered.agent_pk, event_id, data, content_type=content_type, now=services.clock())
    )
    if not taken:
        raise EventTaken(event_id)
    return json_reply({"success": True, "ext_event_id": event_id}, status=201)


def find_event_id(request: Request, body: bytes) -> str:
    """The id, from where the address says that it is: the name of a header or parameter, or a path in the payload."""
    location, path = request.query_params.get("event_id_location"), request.query_params.get("event_id_path")
    if location not in LOCATIONS:
        raise BadInput(f"event_id_location: must be one of {', '.join(LOCATIONS)}", field="event_id_location")
    if not path:
        raise BadInput("event_id_path: say where the id is, such as data.event_id", field="event_id_path")
    if location == "headers":
        found: object = request.headers.get(path) if path.isascii() else None  # what no header is called
    elif location == "querystring":
        found = request.query_params.get(path)
    else:
        found = in_payload(body, path, form=request.headers.get("content-type", "").startswith(_FORM))
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_ID or found != storable(found):
        raise BadInput(f"event_id_path: there is no id of an external event at {path[:100]!r} of the {location}")
    return found


def in_payload(body: bytes, path: str, *, form: bool) -> object:
    """What a payload has at a path such as `data.items.0.id` (a `$.` before it is no part of it); None: nothing."""
    if form:
        return parse_qs(_text(body)).get(path, [None])[0]
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"the payload is no JSON, so no id can be found in it: {error}", field="body") from None
    for step in path.removeprefix("$.").split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isascii() and step.isdigit() and len(step) < 6:
            found = found[int(step)] if int(step) < len(found) else None
        else:
            return None
    return found


def _text(body: bytes) -> str:
    try:
        return storable(body.decode())
    except UnicodeDecodeError:
        raise BadInput("the payload is no text in UTF-8", field="body") from None
