"""Reading what a client sends, up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request

from postcall.errors import BadInput, BodyTooLarge


async def read_body(request: Request, *, limit: int) -> bytes:
    """The whole body, or BodyTooLarge as soon as that is clear: before it is read where its length is declared."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(f"the body has {int(declared):,} bytes; the limit is {limit:,}", field="body")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"the body is larger than {limit:,} bytes", field="body")
        chunks.append(chunk)
    return b"".join(chunks)


async def read_lines(request: Request, *, limit: int) -> AsyncIterator[bytes | BadInput]:
    """The lines of a body of any length; a line over the limit becomes an error in its place, and is not kept."""
    held = bytearray()
    too_long = False
    async for chunk in request.stream():
        first, *rest = chunk.split(b"\n")
        held += first
        for part in rest:
            yield _too_long(limit) if too_long or len(held) > limit else bytes(held)
            held, too_long = bytearray(part), False
        if len(held) > limit:
            held, too_long = bytearray(), True
    if held or too_long:
        yield _too_long(limit) if too_long else bytes(held)


def _too_long(limit: int) -> BadInput:
    return BodyTooLarge(f"the line is longer than {limit:,} bytes", field="body")
