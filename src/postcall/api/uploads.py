"""Forms with a file, read as a stream: what is large goes to disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from postcall.errors import BadInput, BodyTooLarge

_MOST_FIELDS = 20


@asynccontextmanager
async def read_form(request: Request, *, limit: int) -> AsyncGenerator[FormData]:
    """The parts of a multipart body; BodyTooLarge as soon as it is clear. Its files are gone when the block ends."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(f"the body has {int(declared):,} bytes; the limit is {limit:,}", field="body")
    if not request.headers.get("content-type", "").casefold().startswith("multipart/form-data"):
        raise BadInput("send a form: Content-Type: multipart/form-data")
    parser = MultiPartParser(request.headers, _at_most(request, limit), max_files=1, max_fields=_MOST_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise BadInput(f"the form cannot be read: {error.message}") from None
    try:
        yield form
    finally:
        await form.close()


async def _at_most(request: Request, limit: int) -> AsyncGenerator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"the body is larger than {limit:,} bytes", field="body")
        yield chunk
