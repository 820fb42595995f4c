"""Bodies of requests, read into their shapes. What nobody asked for is ignored, as the vendor does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Request
from msgspec import Meta

from postcall.api.bodies import read_body
from postcall.api.services import services_of
from postcall.errors import BadInput
from postcall.intake.call_format import MAX_DEPTH, without_nulls
from postcall.intake.explain import decode
from postcall.runtime.session.outputs import Beside

T = TypeVar("T")
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z0-9_-]*$")]
"""Such as `en-GB`; an empty one says nothing."""


async def read_shape(request: Request, shape: type[T], *, channels: Iterable[str] = ()) -> T:
    """The body as this shape, an empty body as `{}`; BadInput names the field that does not fit.

    `channels` are those that this interface knows.
    """
    body = await read_body(request, limit=services_of(request).settings.max_body_bytes)
    return decode(body if body.strip() else b"{}", msgspec.json.Decoder(shape), closed_sets={"channel": channels})


def said(message: str | None) -> str:
    """The user's words, as both databases can keep them."""
    return without_nulls(message) or ""


def language_of(asr: str | None, tts: str | None) -> str | None:
    """A conversation has one language: that in which the agent is to speak, else that which the user speaks."""
    return tts or asr or None


def free_form(name: str, content: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What may hold anything, if it is not nested too deeply for those who walk over it."""
    if content is not None and any(depth > MAX_DEPTH for depth in _depths(content)):
        raise BadInput(f"{name}: nested more than {MAX_DEPTH} levels deep", field=name)
    return content


def beside(
    *, attributes: Mapping[str, Any] | None, asr: str | None, tts: str | None, metadata: Mapping[str, Any] | None
) -> Beside:
    """What came with a message."""
    return Beside(
        attributes=free_form("integration_attributes", attributes),
        language=language_of(asr, tts),
        metadata=free_form("metadata", metadata),
    )


def _depths(content: object) -> Iterator[int]:
    """How deep lists and objects lie in one another, without walking into them recursively."""
    level, depth = [content], 0
    while level:
        yield depth
        inner: list[object] = []
        for each in level:
            if isinstance(each, Mapping):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        level, depth = inner, depth + 1
