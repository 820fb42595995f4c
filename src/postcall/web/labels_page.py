"""Taking in what somebody says of an answer on a call's page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.labels import Label, Opinion
from postcall.errors import BadInput
from postcall.storage.labels import store_label
from postcall.web.call_page import come_back
from postcall.web.form_fields import read_fields
from postcall.web.people import person_of

router = APIRouter()


@router.post("/calls/{call_id}/labels")
async def label_answer(request: Request, call_id: str) -> Response:
    """Store the label, and go back to the answer."""
    services, person = services_of(request), person_of(request)
    fields = await read_fields(request)
    opinion, now = read_label_form(fields, signed_in=person.name), services.clock()

    def store(connection: Connection) -> Label:
        return store_label(connection, person.account_pk, call_id, opinion, now=now)

    await services.record.write_async(store)
    index = fields.get("index", "")
    place = f"#answer-{index}" if index.isascii() and index.isdigit() else ""
    return come_back(request, call_id, place)


def read_label_form(fields: dict[str, str], *, signed_in: str | None = None) -> Opinion:
    """The opinion that a form's fields state; `action` is the button that was pressed.

    Who has signed in signs with that name.
    """
    action, value = fields.get("action"), fields.get("value", "").strip()
    if action not in {"confirm", "correct", "none"}:
        raise BadInput("action: must be confirm, correct or none", field="action")
    if action == "correct" and not value:
        raise BadInput("value: say what is right, or press 'There is none'", field="value")
    return Opinion(
        identifier=fields.get("identifier", ""),
        confirm=action == "confirm",
        value=value if action == "correct" else None,
        who=signed_in or fields.get("who"),
        why=fields.get("why"),
    )
