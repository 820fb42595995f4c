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
from postcall.domain.calls import Json
from postcall.domain.folding import storable
from postcall.domain.ids import AGENT_ID
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput
from postcall.intake.explain import decode

T = TypeVar("T")

DEEPEST = 64
"""Objects and lists in one another: everything that walks over a body later can do so."""


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
    """The body as a JSON object without the members that are null; an empty body as `{}`.

    Nothing is in it that a database cannot hold.
    """
    body = await read_body(request, limit=services_of(request).settings.max_body_bytes)
    return parse_object(body, name="the body") if body.strip() else {}


def parse_object(text: str | bytes, *, name: str) -> dict[str, Any]:
    """The same of what arrives otherwise; BadInput calls it by this name."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise BadInput(f"{name} is not JSON") from None
    if not isinstance(found, dict):
        raise BadInput(f"{name} must be a JSON object")
    return {storable(key): _storable(value, name, DEEPEST) for key, value in found.items() if value is not None}


def _storable(value: Any, name: str, deepest: int) -> Any:
    if deepest == 0:
        raise BadInput(f"{name} is nested more than {DEEPEST} levels deep")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable(each, name, deepest - 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each, name, deepest - 1) for each in value]
    return value


def read_variables(given: Any) -> dict[str, Json]:
    """Variables of a call: texts, numbers and booleans by name; what is null is absent."""
    if not isinstance(given, dict):
        raise AtomsError(400, "Invalid input")
    found = {name: value for name, value in given.items() if value is not None}
    if not all(isinstance(value, str | int | float | bool) for value in found.values()):
        raise AtomsError(400, "Invalid input")
    return found


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
