"""Remarks: what people say of a call's turns, and notes on the whole call."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Scope
from postcall.domain.remarks import BadReason, NewRemark, Remark, RemarkKind
from postcall.intake.explain import decode
from postcall.storage.remarks import add_remark, list_remarks, remove_remark

router = APIRouter(prefix="/postcall/v1", tags=["remarks"])


class RemarkBody(Struct, forbid_unknown_fields=True):
    """A note names no turn, every other kind does; a bad turn has a reason or a text."""

    kind: RemarkKind
    turn: int | None = None
    reason: BadReason | None = None
    text: str = ""
    who: str | None = None


_REMARK = msgspec.json.Decoder(RemarkBody)
_SHAPE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {
                        "kind": {"enum": list(RemarkKind)},
                        "turn": {"type": ["integer", "null"], "minimum": 0},
                        "reason": {"enum": [*BadReason, None]},
                        "text": {"type": "string"},
                        "who": {"type": ["string", "null"]},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


@router.get("/calls/{call_id}/remarks")
async def get_remarks(request: Request, call_id: str) -> Response:
    """All remarks on a call in the order given; `revision` says which transcript `turn` counts in."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: list_remarks(c, principal.account_pk, call_id))
    return json_reply({"remarks": [remark_json(remark) for remark in found]})


@router.post("/calls/{call_id}/remarks", status_code=201, openapi_extra=_SHAPE)
async def post_remark(request: Request, call_id: str) -> Response:
    """Remark on a turn, or on the call: `{kind, turn?, reason?, text?, who?}`.

    An agent's turn is good, bad (with a reason) or wrong_information; a caller's wrong_transcription or missing_topic.
    A note is on the whole call and names no turn.
    """
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _REMARK)
    remark = NewRemark(kind=body.kind, turn=body.turn, reason=body.reason, text=body.text, who=body.who)
    now = services.clock()
    added = await services.record.write_async(lambda c: add_remark(c, principal.account_pk, call_id, remark, now=now))
    return json_reply(remark_json(added), status=201)


@router.delete("/calls/{call_id}/remarks/{remark}", status_code=204)
async def delete_remark(request: Request, call_id: str, remark: str) -> Response:
    """Take a remark away."""
    principal = await authenticate(request, Scope.WRITE)
    await services_of(request).record.write_async(lambda c: remove_remark(c, principal.account_pk, call_id, remark))
    return Response(status_code=204)


def remark_json(remark: Remark) -> dict[str, Any]:
    """A remark."""
    return {
        "id": remark.id,
        "kind": remark.kind,
        "reason": remark.reason,
        "turn": remark.turn,
        "text": remark.text,
        "who": remark.who,
        "at": remark.at,
        "revision": remark.revision,
    }
