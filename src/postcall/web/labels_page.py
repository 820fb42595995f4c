"""Taking in what somebody says of an answer on a call's page."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.bodies import read_body
from postcall.api.services import services_of
from postcall.domain.labels import Label, Opinion
from postcall.errors import BadInput
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.labels import store_label
from postcall.web.list_view import call_path

router = APIRouter()
_MAX_BYTES = 64 * 1024
_MAX_FIELDS = 20


@router.post("/calls/{call_id}/labels")
async def label_answer(request: Request, call_id: str) -> Response:
    """Store the label, and go back to the answer."""
    services = services_of(request)
    fields = await _read_fields(request)
    opinion, now = read_label_form(fields), services.clock()

    def store(connection: Connection) -> Label:
        return store_label(connection, find_account(connection, DEFAULT_ACCOUNT), call_id, opinion, now=now)

    await services.record.write_async(store)
    index = fields.get("index", "")
    place = f"#answer-{index}" if index.isascii() and index.isdigit() else ""
    return RedirectResponse(call_path(call_id) + place, status_code=303)


def read_label_form(fields: dict[str, str]) -> Opinion:
    """The opinion that a form's fields state; `action` is the button that was pressed."""
    action, value = fields.get("action"), fields.get("value", "").strip()
    if action not in {"confirm", "correct", "none"}:
        raise BadInput("action: must be confirm, correct or none", field="action")
    if action == "correct" and not value:
        raise BadInput("value: say what is right, or press 'There is none'", field="value")
    return Opinion(
        identifier=fields.get("identifier", ""),
        confirm=action == "confirm",
        value=value if action == "correct" else None,
        who=fields.get("who"),
        why=fields.get("why"),
    )


async def _read_fields(request: Request) -> dict[str, str]:
    body = await read_body(request, limit=_MAX_BYTES)
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise BadInput(f"the form has more than {_MAX_FIELDS} fields") from None
