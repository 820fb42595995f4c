"""The recording of a call, for the player on its page."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from postcall.api.recordings import serve_recording
from postcall.api.services import services_of
from postcall.storage.recordings import Recording, find_recording
from postcall.web.people import person_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class RecordingView:
    """What the call's page says of it."""

    here: bool
    """Whether the page can play it: browsers let a page of ours play only what comes from us."""
    url: str
    """Where else it is."""


@router.api_route("/calls/{call_id}/recording", methods=["GET", "HEAD"])
async def hear_recording(request: Request, call_id: str) -> Response:
    """The audio, or the part that the player asks for."""
    person = person_of(request)
    found = await services_of(request).record.read_async(lambda c: find_recording(c, person.account_pk, call_id))
    return serve_recording(request, found)


def show_recording(recording: Recording | None) -> RecordingView | None:
    """None where the call has none."""
    if recording is None:
        return None
    return RecordingView(here=recording.url is None, url=recording.url or "")
