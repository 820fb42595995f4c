"""Bodies in, envelopes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response

from postcall.api.atoms.errors import AtomsError
from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.ids import AGENT_ID
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput
from postcall.intake.explain import decode

T = TypeVar("T")


def status_reply(data: Any, *, status: int = 200, warnings: Sequence[str] = ()) -> Response:
    """`{"status": true, "data": …}`, which most routes answer; `warnings` beside them only where there are some."""
    said = {"warnings": list(warnings)} if warnings else {}
    return json_reply({"status": True, "data": data, **said}, status=status)


def done_reply() -> Response:
    """`{"status": true}` alone."""
    return json_reply({"status": True})


def success_reply(data: Any, *, status: int = 200) -> Response:
    """`{"success": true, "data": …}`, which analytics, call actions, concurrency and templates answer."""
    return json_reply({"success": True, "data": data}, status=status)


async def reader(request: Request) -> Principal:
    """Whoever may read."""
    return await authenticate(request, Scope.READ)


async def writer(request: Request) -> Principal:
    """Whoever may place calls and hand in what belongs to calls and audiences."""
    return await authenticate(request, Scope.WRITE)


async def admin(request: Request) -> Principal:
    """Whoever may change agents, webhooks and what they do."""
    return await authenticate(request, Scope.ADMIN)


async def read_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object without the members that are null; an empty body as `{}`."""
    body = await read_body(request, limit=services_of(request).settings.max_body_bytes)
    if not body.strip():
        return {}
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadInput("the body is not JSON") from None
    if not isinstance(found, dict):
        raise BadInput("the body must be a JSON object")
    return {key: value for key, value in found.items() if value is not None}


async def read_shape(request: Request, shape: type[T]) -> T:
    """The body as this shape, nulls as if they were absent; BadInput names the field that does not fit."""
    return decode(msgspec.json.encode(await read_object(request)), msgspec.json.Decoder(shape))


def check_id(text: str, *, what: str) -> str:
    """24 hex digits, or 400 `Invalid agent id` where `what` is `agent`."""
    if not AGENT_ID.fullmatch(text):
        raise AtomsError(400, f"Invalid {what} id")
    return text


def moment(at: datetime | None) -> str | None:
    """`2026-01-15T10:30:00.000Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
