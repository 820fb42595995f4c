"""Taking in and away what somebody remarks on a call's page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.remarks import NewRemark, Remark, RemarkKind
from postcall.errors import BadInput
from postcall.storage.remarks import add_remark, remove_remark
from postcall.web.call_page import come_back
from postcall.web.form_fields import read_fields
from postcall.web.people import person_of
from postcall.web.remark_view import read_option

router = APIRouter()


@router.post("/calls/{call_id}/remarks")
async def remark_on_call(request: Request, call_id: str) -> Response:
    """Add the remark, and go back to its turn."""
    services, person = services_of(request), person_of(request)
    remark, now = read_remark_form(await read_fields(request), signed_in=person.name), services.clock()

    def add(connection: Connection) -> Remark:
        return add_remark(connection, person.account_pk, call_id, remark, now=now)

    return come_back(request, call_id, _place(await services.record.write_async(add)))


@router.post("/calls/{call_id}/remarks/{remark_id}/remove")
async def take_remark_away(request: Request, call_id: str, remark_id: str) -> Response:
    """Remove the remark, and go back to where it stood."""
    person = person_of(request)

    def remove(connection: Connection) -> Remark:
        return remove_remark(connection, person.account_pk, call_id, remark_id)

    return come_back(request, call_id, _place(await services_of(request).record.write_async(remove)))


def read_remark_form(fields: dict[str, str], *, signed_in: str | None) -> NewRemark:
    """The remark that a form's fields state; who has signed in signs with that name."""
    try:
        kind, reason = read_option(fields.get("what", RemarkKind.NOTE.value))
        turn = int(fields["turn"]) if fields.get("turn") else None
    except ValueError:
        raise BadInput("what: choose what there is to say of the turn", field="what") from None
    return NewRemark(
        kind=kind, turn=turn, reason=reason, text=fields.get("text", ""), who=signed_in or fields.get("who")
    )


def _place(remark: Remark) -> str:
    return "#notes" if remark.turn is None else f"#turn-{remark.turn}"
