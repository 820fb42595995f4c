"""Recordings of calls: handed in as audio or as an address, and heard."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.recordings import (
    GOOD_FOR,
    PATH,
    base_of,
    check_signature,
    read_media_type,
    serve_recording,
    signed_address,
)
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput, NotAllowed, NotFound
from postcall.intake.explain import decode
from postcall.storage.recordings import Recording, find_recording, put_recording, recording_of

router = APIRouter(prefix="/postcall/v1", tags=["recordings"])
signed = APIRouter()
"""Opened by the signature in the address rather than by a key."""

_JSON = "application/json"
_MAX_ADDRESS = 2_000


class RecordingBody(msgspec.Struct, forbid_unknown_fields=True):
    """Where a recording is that somebody else keeps."""

    url: str
    """http:// or https://; people and programs that may hear the call are sent there."""
    media_type: str = "audio/wav"


@router.put("/calls/{call_id}/recording")
async def put(request: Request, call_id: str) -> Response:
    """Keep a call's recording: the audio itself under its media type, or as JSON `{"url"}` where it is."""
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content: bytes | None = None
    url: str | None = None
    if kind == _JSON:
        body = await read_body(request, limit=services.settings.max_body_bytes)
        given = decode(body, msgspec.json.Decoder(RecordingBody))
        media_type, url = read_media_type(given.media_type), check_address(given.url)
    else:
        media_type = read_media_type(kind)
        content = await read_body(request, limit=services.settings.max_recording_bytes)
        if not content:
            raise BadInput("the body is empty: send the audio, or JSON with its url", field="body")
    now = services.clock()
    kept = await services.record.write_async(
        lambda c: put_recording(
            c, principal.account_pk, call_id, media_type=media_type, content=content, url=url, now=now
        )
    )
    return json_reply(recording_json(request, principal, kept))


@router.get("/calls/{call_id}/recording")
async def get(request: Request, call_id: str) -> Response:
    """The audio, or by `Range` a part of it; with `Accept: application/json` what is known of it, and an address.

    That address opens it without a key for a quarter of an hour. A recording that somebody else keeps is a 307 to it.
    """
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: find_recording(c, principal.account_pk, call_id))
    if _JSON in request.headers.get("accept", ""):
        return json_reply(recording_json(request, principal, found))
    return serve_recording(request, found)


@signed.api_route(PATH + "/{account}/{call_id}", methods=["GET", "HEAD"], include_in_schema=False)
async def hear(request: Request, account: str, call_id: str) -> Response:
    """The audio, to whoever has an address that was signed for it and is still good."""
    services, query = services_of(request), request.query_params
    try:
        found = await services.record.read_async(lambda c: recording_of(c, account, call_id))
    except NotFound:  # who has no address for it is not told whether it is there
        raise NotAllowed("this address was not signed for this recording; ask for another") from None
    check_signature(found, query.get("until", ""), query.get("signature", ""), now=services.clock())
    return serve_recording(request, found)


def recording_json(request: Request, principal: Principal, recording: Recording) -> dict[str, Any]:
    """What is known of a recording; `url` is good for a quarter of an hour where we keep it."""
    until = services_of(request).clock() + GOOD_FOR
    ours = recording.url is None
    return {
        "call": recording.call_id,
        "media_type": recording.media_type,
        "size": recording.size if ours else None,
        "kept_here": ours,
        "url": recording.url
        or signed_address(base_of(request), principal.account, recording.call_id, recording.key, until=until),
        "url_until": until if ours else None,
        "created_at": recording.created_at,
    }


def check_address(url: str) -> str:
    """An http:// or https:// address, as it was given."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    printable = url.isprintable() and " " not in url and len(url) <= _MAX_ADDRESS
    if parts.scheme not in {"http", "https"} or not parts.hostname or not printable:
        raise BadInput("url: must be an http:// or https:// address", field="url")
    return url
