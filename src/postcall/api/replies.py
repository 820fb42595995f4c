"""JSON out, and errors in one shape."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from postcall.errors import NotAuthenticated, PostcallError


def json_reply(content: Any, *, status: int = 200) -> Response:
    """Any of our values as JSON; datetimes become RFC 3339."""
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def error_body(error: PostcallError) -> dict[str, Any]:
    """`{"error": {code, message, field?}}`."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.field is not None:
        body["field"] = error.field
    return {"error": body}


async def show_error(_: Request, error: Exception) -> Response:
    """One of our own errors, as its status and body."""
    assert isinstance(error, PostcallError)
    reply = json_reply(error_body(error), status=error.status)
    if isinstance(error, NotAuthenticated):
        reply.headers["www-authenticate"] = 'Bearer realm="postcall"'
    if error.retry_after_s is not None:
        reply.headers["retry-after"] = str(math.ceil(error.retry_after_s))
    return reply


async def show_http_error(_: Request, error: Exception) -> Response:
    """A route that is not there, or does not take this method."""
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return Response(
        msgspec.json.encode({"error": {"code": code, "message": error.detail}}),
        status_code=error.status_code,
        media_type="application/json",
        headers=dict(error.headers or {}),
    )


async def show_bad_parameters(_: Request, error: Exception) -> Response:
    """A parameter of the wrong type."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    return json_reply({"error": {"code": "bad_input", "message": f"{name}: {first['msg']}", "field": name}}, status=400)
