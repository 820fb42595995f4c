"""Labels: what people say of a call's answers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import UNSET, Meta, Struct, UnsetType

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.shapes import label_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Scope
from postcall.domain.labels import Opinion
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.storage.labels import store_label

router = APIRouter(prefix="/postcall/v1", tags=["labels"])


class LabelBody(Struct, forbid_unknown_fields=True):
    """Either `value` (null: there is none) or `confirm: true`."""

    identifier: Annotated[str, Meta(min_length=1, max_length=100)]
    value: Any | UnsetType = UNSET
    confirm: bool = False
    who: str | None = None
    why: str | None = None


_LABEL = msgspec.json.Decoder(LabelBody)
_SHAPE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["identifier"],
                    "properties": {
                        "identifier": {"type": "string"},
                        "value": {"type": ["string", "integer", "boolean", "null"]},
                        "confirm": {"type": "boolean"},
                        "who": {"type": ["string", "null"]},
                        "why": {"type": ["string", "null"]},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


@router.post("/calls/{call_id}/labels", status_code=201, openapi_extra=_SHAPE)
async def post_label(request: Request, call_id: str) -> Response:
    """Confirm an answer, or say what is right: `{identifier, value | confirm: true, who?, why?}`.

    The value is read as an answer of the question's type would be. Labels are appended; the latest of a question
    counts, and stands in the call's JSON under `labels`.
    """
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    opinion = read_opinion(decode(await read_body(request, limit=services.settings.max_body_bytes), _LABEL))
    now = services.clock()
    label = await services.record.write_async(lambda c: store_label(c, principal.account_pk, call_id, opinion, now=now))
    return json_reply(label_json(label), status=201)


def read_opinion(body: LabelBody) -> Opinion:
    """The opinion in a body, or BadInput where it says neither or both."""
    if body.confirm == (body.value is not UNSET):
        raise BadInput(
            "value: send either the right value (null where there is none) or confirm: true, and not both",
            field="value",
        )
    value = None if body.value is UNSET else body.value
    return Opinion(body.identifier, confirm=body.confirm, value=value, who=body.who, why=body.why)
