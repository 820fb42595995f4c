"""Recordings over HTTP: addresses that open one for some minutes, and the audio, also a part of it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from postcall.api.services import services_of
from postcall.domain.call_logs import CallLog
from postcall.errors import BadInput, NotAllowed
from postcall.storage.database import Record
from postcall.storage.recordings import Recording, read_piece

PATH = "/postcall/v1/recordings"
GOOD_FOR = timedelta(minutes=15)
"""How long an address opens a recording without a key."""
_PIECE = 1 << 20
_MEDIA_TYPE = re.compile(r"audio/[a-z0-9][a-z0-9.+-]{0,60}")
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


def base_of(request: Request) -> str:
    """The origin under which others reach us: the operator's, or the one that was asked."""
    public = services_of(request).settings.public_url
    return public or str(request.base_url).rstrip("/")


def presigned(base: str, log: CallLog, *, until: datetime) -> str | None:
    """Where the recording of a call can be heard without a key until then; None where it has none.

    Of a recording that somebody else keeps, its own address, for as long as that is good.
    """
    if log.recording is None:
        return None
    call = log.row.call
    return log.recording.url or signed_address(base, call.account, call.id, log.recording.key, until=until)


def signed_address(base: str, account: str, call_id: str, key: bytes, *, until: datetime) -> str:
    """The address of a recording that is with us."""
    end = str(int(until.timestamp()))
    named = f"{quote(account, safe='')}/{quote(call_id, safe='')}"
    return f"{base}{PATH}/{named}?until={end}&signature={_signature(key, end)}"


def check_signature(recording: Recording, until: str, signature: str, *, now: datetime) -> None:
    """Refuse what was not signed for this recording, or is no longer good."""
    if not hmac.compare_digest(_signature(recording.key, until).encode(), signature.encode()):
        raise NotAllowed("this address was not signed for this recording; ask for another")
    if datetime.fromtimestamp(min(int(until), 2**33), UTC) < now:
        raise NotAllowed("this address is no longer good; ask for another")


def _signature(key: bytes, until: str) -> str:
    return hmac.new(key, until.encode(), hashlib.sha256).hexdigest()


def read_media_type(text: str) -> str:
    """`audio/wav`, without parameters; anything that is not audio is refused, since browsers would open it."""
    kind = text.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(kind):
        raise BadInput(f"content-type: must be audio, such as audio/wav, not {kind[:50]!r}", field="content-type")
    return kind


def serve_recording(request: Request, recording: Recording) -> Response:
    """The audio, or the part of it that `Range` asks for, by which players seek; one kept elsewhere is pointed to."""
    if recording.url is not None:
        return RedirectResponse(recording.url, status_code=307)
    headers = {"accept-ranges": "bytes", "cache-control": "private, max-age=300", "x-content-type-options": "nosniff"}
    part = read_range(request.headers.get("range", ""), recording.size)
    if part == ():
        headers["content-range"] = f"bytes */{recording.size}"
        return Response(status_code=416, headers=headers)
    first, last = part or (0, recording.size - 1)
    headers["content-length"] = str(last - first + 1)
    if part:
        headers["content-range"] = f"bytes {first}-{last}/{recording.size}"
    if request.method == "HEAD":
        return Response(status_code=206 if part else 200, headers=headers, media_type=recording.media_type)
    return StreamingResponse(
        _pieces(services_of(request).record, recording, first, last),
        status_code=206 if part else 200,
        headers=headers,
        media_type=recording.media_type,
    )


def read_range(header: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """The first and the last byte that are wanted; () where there are none such, None where all are wanted.

    More than one part at once is not offered, and what is not understood asks for nothing special.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        first, last = size - int(found[2]), size - 1
        return (max(0, first), last) if int(found[2]) > 0 and size else ()
    first, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and last < first:
        return None
    return (first, min(last, size - 1)) if first < size else ()


async def _pieces(record: Record, recording: Recording, first: int, last: int) -> AsyncIterator[bytes]:
    while first <= last:
        length = min(_PIECE, last - first + 1)
        piece = await record.read_async(partial(read_piece, recording=recording, first=first, length=length))
        if not piece:  # it was replaced meanwhile: what is missing is seen by its length
            return
        yield piece
        first += len(piece)
