"""Errors as the Data API shows them: `{"detail": …}`, and for a request that is malformed a list of what is wrong."""

from __future__ import annotations

import functools
import logging
import math
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

from fastapi import Response

from postcall.api.polyai.errors import CORRELATION, MethodNotAllowed
from postcall.api.replies import json_reply
from postcall.errors import (
    BadInput,
    BodyTooLarge,
    InternalFault,
    NotAuthenticated,
    PostcallError,
    QueryTooSlow,
    ReportsBuilding,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
_PART = re.compile(r"[^.\[\]]+")
_OURS = re.compile(r"/api/v1/(metrics(/aggregate)?|conversations/search|transcripts/(search|conversation/[^/]*))/*\Z")


def speaks_data(path: str) -> bool:
    """Whether an address is of the Data API, among those of another interface below the same prefix."""
    return _OURS.match(path) is not None


class Malformed(BadInput):
    """The request has not the shape that it should have: a wrong type, a value out of its range, an unknown field."""

    status = 422
    code = "malformed"

    def __init__(self, message: str, *, place: str, field: str | None) -> None:
        super().__init__(message, field=field)
        self.place = place
        """`body`, `query` or `path`."""


def in_detail(route: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """A route whose replies carry a correlation id, and whose errors are `{"detail": …}`."""

    @functools.wraps(route)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        correlation = secrets.token_hex(16)
        try:
            reply = await route(*args, **kwargs)
        except PostcallError as error:
            return refuse(error, correlation)
        except Exception as error:  # told to the client, and logged under the id that it is given
            log.exception("request %s of the Data API failed", correlation)
            return refuse(InternalFault(error), correlation)
        reply.headers[CORRELATION] = correlation
        return reply

    return answer


def refuse(error: PostcallError, correlation: str | None = None) -> Response:
    """The error as a reply."""
    correlation = correlation or secrets.token_hex(16)
    status, detail = _status(error), _detail(error)
    if status == 500:
        log.error("request %s of the Data API: %s", correlation, error.message)
        detail = f"postcall failed; its log says more about {correlation}"
    reply = json_reply({"detail": detail}, status=status)
    reply.headers[CORRELATION] = correlation
    if isinstance(error, NotAuthenticated):
        reply.headers["www-authenticate"] = 'Bearer realm="postcall"'
    if isinstance(error, MethodNotAllowed):
        reply.headers["allow"] = error.allowed
    if error.retry_after_s is not None:
        reply.headers["retry-after"] = str(math.ceil(error.retry_after_s))
    return reply


def _status(error: PostcallError) -> int:
    if isinstance(error, Malformed | BodyTooLarge):
        return error.status
    if isinstance(error, ReportsBuilding | QueryTooSlow):  # the one status that clients know for a store at fault
        return 502
    return 400 if isinstance(error, BadInput) else error.status


def _detail(error: PostcallError) -> str | list[dict[str, Any]]:
    if isinstance(error, Malformed):
        return [{"loc": [error.place, *_location(error.field)], "msg": error.message, "type": "value_error"}]
    return error.message


def _location(field: str | None) -> list[str | int]:
    """`filters[0].op` as its parts."""
    parts = [] if field in (None, "body") else _PART.findall(field or "")
    return [int(part) if part.isdecimal() and len(part) < 10 else part for part in parts]
