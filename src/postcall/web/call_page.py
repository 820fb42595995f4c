"""The page of one call, its side panel beside the list, and its data."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import csv_reply
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Role
from postcall.domain.conversations import Outgoing
from postcall.domain.people import Person
from postcall.errors import CallNotFound
from postcall.intake.service import extract_again
from postcall.notify.sending import make_senders, sendable_by
from postcall.storage.outbox import send_again
from postcall.storage.whole_calls import WholeCall, read_whole_call
from postcall.web.behind_view import show_behind
from postcall.web.call_address import CallAddress, address_of
from postcall.web.call_look import CSV_COLUMNS, CallLook, look_at_call, look_json, look_rows
from postcall.web.call_view import show_call
from postcall.web.delivery_view import show_rows
from postcall.web.label_view import LabelForm, show_label_forms
from postcall.web.looking_again import BUSY_S, Looking, digest_of, has_seen, is_partial
from postcall.web.outbox_view import show_outbox
from postcall.web.people import person_of
from postcall.web.recording_page import show_recording
from postcall.web.remark_view import remark_options
from postcall.web.render import render

router = APIRouter()

_SUFFIXES = (".json", ".csv")


@router.api_route("/calls/{address}", methods=["GET", "HEAD"])
async def show_call_page(request: Request, address: str) -> Response:
    """The call, or with the header of htmx only the part that changes; with `.json` or `.csv` behind it, its data.

    An id may itself end so: whoever has exactly this id comes first, and its data are at `ID.json.json`.
    """
    try:
        whole = await _read(request, address)
    except CallNotFound:
        suffix = next((suffix for suffix in _SUFFIXES if address.endswith(suffix)), None)
        if suffix is None:
            raise
        return await _show_data(request, address.removesuffix(suffix), suffix, missing=address)
    return _show(request, whole, in_panel=False)


@router.api_route("/calls/{call_id}/panel", methods=["GET", "HEAD"])
async def show_call_panel(request: Request, call_id: str) -> Response:
    """The call for the list's side panel; to whoever has no script, its page."""
    if not is_partial(request):
        address = address_of(call_id, request.query_params.multi_items(), in_panel=False)
        return RedirectResponse(address.page, status_code=303)
    return _show(request, await _read(request, call_id), in_panel=True)


@router.post("/calls/{call_id}/extractions")
async def ask_again(request: Request, call_id: str) -> Response:
    """Run the agent's questions again, and go back to the call, where the run can be watched."""
    services, person = services_of(request), person_of(request)
    await services.record.write_async(extract_again(person.account_pk, call_id, now=services.clock()))
    return come_back(request, call_id)


@router.post("/calls/{call_id}/outbox/{item_id}")
async def send_message_again(request: Request, call_id: str, item_id: str) -> Response:
    """Send one of the call's messages again, and go back to the call."""
    services, person = services_of(request), person_of(request)
    sendable, now = _sendable(request), services.clock()
    await services.record.write_async(lambda c: send_again(c, person.account_pk, item_id, sendable=sendable, now=now))
    return come_back(request, call_id, "#outbox")


def come_back(request: Request, call_id: str, place: str = "") -> Response:
    """To the page or panel whose form was sent; `place` is an anchor such as `#turn-3`."""
    in_panel = request.query_params.get("panel") == "1" and is_partial(request)
    address = address_of(call_id, request.query_params.multi_items(), in_panel=in_panel)
    return RedirectResponse(address.here + place, status_code=303)


async def _show_data(request: Request, call_id: str, suffix: str, *, missing: str) -> Response:
    try:
        look = look_at_call(await _read(request, call_id), request.query_params.get("q", ""))
    except CallNotFound:
        raise CallNotFound(call_id if call_id else missing) from None
    if suffix == ".json":
        return json_reply(look_json(look))
    return csv_reply(CSV_COLUMNS, look_rows(look), f"{call_id}.csv")


async def _read(request: Request, call_id: str) -> WholeCall:
    person, services = person_of(request), services_of(request)

    def read(connection: Connection) -> WholeCall:
        return read_whole_call(
            connection, person.account_pk, call_id, with_pii=person.may_see_pii, now=services.clock()
        )

    return await services.record.read_async(read)


def _show(request: Request, whole: WholeCall, *, in_panel: bool) -> Response:
    file = whole.file
    seen = digest_of(
        file.progress,
        [run.id for run in file.extractions],
        file.call.updated_at,
        len(file.turns),
        file.labels,
        whole.remarks,
        whole.definitions,
        whole.outbox,
        whole.deliveries,
        whole.recording.created_at if whole.recording else None,
        whole.behind.standing if whole.behind else None,
    )
    if has_seen(request, seen):
        return Response(status_code=204)
    address = address_of(file.call.id, request.query_params.multi_items(), in_panel=in_panel)
    look = look_at_call(whole, request.query_params.get("q", ""))
    view = show_call(look, address)
    person = person_of(request)
    template = "_call_body.html" if is_partial(request) else "call.html"
    return render(
        request,
        template,
        call=view,
        at=address,
        may_change=person.may_change,
        who=person.name,
        remarked=_remarked(request, look),
        behind=show_behind(look),
        recording=show_recording(whole.recording),
        outbox=show_outbox(
            whole.outbox,
            path=address.path,
            query=address.post_query,
            may_send=person.may_change,
            sendable=_sendable(request),
        ),
        deliveries=show_rows(whole.deliveries),
        options={role.value: remark_options(role) for role in Role},
        label_forms=_label_forms(whole, address, person),
        looking=_looking(request, address, seen, busy=view.unfinished),
        level=2 if in_panel else 1,
    )


def _sendable(request: Request) -> Callable[[Outgoing], bool]:
    services = services_of(request)
    return sendable_by(make_senders(services.settings, clock=services.clock))


def _label_forms(whole: WholeCall, address: CallAddress, person: Person) -> dict[str, LabelForm]:
    if not person.may_change:
        return {}
    action = f"{address.path}/labels{address.post_query}"
    return show_label_forms(whole.file, whole.questions, action=action, asks_name=person.name is None)


def _remarked(request: Request, look: CallLook) -> int | None:
    """The turn whose form is open, for whoever has no script."""
    text = request.query_params.get("remark", "")
    turn = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    return turn if 0 <= turn < len(look.whole.file.turns) else None


def _looking(request: Request, address: CallAddress, seen: str, *, busy: bool) -> Looking:
    return Looking(
        href=address.with_(("seen", seen)),
        every_s=BUSY_S,
        paused=request.query_params.get("watch") == "no",
        busy=busy,
        pause=address.with_(("watch", "no")),
        resume=address.here,
    )
