"""The page of one call."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.native.shapes import call_file_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.questions import DispositionMetric
from postcall.domain.views import CallFile
from postcall.intake.service import extract_again
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.call_views import read_call
from postcall.web.call_view import show_call
from postcall.web.label_view import show_label_forms
from postcall.web.list_view import call_path
from postcall.web.looking_again import BUSY_S, Looking, digest_of, has_seen, is_partial
from postcall.web.render import render

router = APIRouter()


@router.api_route("/calls/{call_id}.json", methods=["GET", "HEAD"])
async def show_call_json(request: Request, call_id: str) -> Response:
    """The same call as JSON."""
    file, _ = await _look(request, call_id)
    return json_reply(call_file_json(file))


@router.api_route("/calls/{call_id}", methods=["GET", "HEAD"])
async def show_call_page(request: Request, call_id: str) -> Response:
    """The call, or with the header of htmx only the part that changes."""
    file, questions = await _look(request, call_id)
    runs = [run.id for run in file.extractions]
    seen = digest_of(file.progress, runs, file.call.updated_at, len(file.turns), file.labels)
    if has_seen(request, seen):
        return Response(status_code=204)
    view = show_call(file, questions)
    looking = Looking(
        href=f"{view.href}?seen={seen}",
        every_s=BUSY_S,
        paused=request.query_params.get("watch") == "no",
        busy=view.unfinished,
        pause=f"{view.href}?watch=no",
        resume=view.href,
    )
    template = "_call_body.html" if is_partial(request) else "call.html"
    return render(request, template, call=view, looking=looking, label_forms=show_label_forms(file, questions))


@router.post("/calls/{call_id}/extractions")
async def ask_again(request: Request, call_id: str) -> Response:
    """Run the agent's questions again, and go back to the call, where the run can be watched."""
    services = services_of(request)
    account = await services.record.read_async(lambda c: find_account(c, DEFAULT_ACCOUNT))
    await services.record.write_async(extract_again(account, call_id, now=services.clock()))
    return RedirectResponse(call_path(call_id), status_code=303)


async def _look(request: Request, call_id: str) -> tuple[CallFile, Sequence[DispositionMetric]]:
    def look(connection: Connection) -> tuple[CallFile, Sequence[DispositionMetric]]:
        account = find_account(connection, DEFAULT_ACCOUNT)
        file = read_call(connection, account, call_id)
        version = file.extraction.version if file.extraction else file.call.version
        agent = find_agent_row(connection, account, file.call.agent_id)
        return file, find_version(connection, agent.pk, version).config.questions

    return await services_of(request).record.read_async(look)
