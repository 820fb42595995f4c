"""Errors in the envelope of this interface, with its texts and statuses."""

from __future__ import annotations

import functools
import logging
import math
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeAlias

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from postcall.api.replies import json_reply
from postcall.errors import (
    AgentNotFound,
    BadInput,
    InternalFault,
    NotAllowed,
    NotAuthenticated,
    PostcallError,
    TooManyRequests,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
REQUEST_ID = "x-request-id"
PREFIXES = ("/atoms/v1", "/api/v1")
_OURS = re.compile(r"/(atoms|api)/v1(/|\Z)")


class AtomsError(PostcallError):
    """What this interface says in words of its own: a status, its texts, and what else the body holds."""

    code = "atoms"

    def __init__(self, status: int, *texts: str, **more: Any) -> None:
        super().__init__("; ".join(texts))
        self.status = status
        self.texts = texts
        self.more = more


class NotOffered(AtomsError):
    """A route of the vendor's for something that postcall does not do."""

    def __init__(self, what: str, instead: str = "") -> None:
        super().__init__(501, f"postcall does not offer {what}" + (f": {instead}" if instead else ""))


def speaks_atoms(path: str) -> bool:
    """Whether an address is of this interface, so that its errors have this envelope."""
    return _OURS.match(path) is not None


def in_envelope(route: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """A route whose replies carry a request id, and whose errors have the envelope of this interface."""

    @functools.wraps(route)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        request_id = secrets.token_hex(12)
        try:
            reply = await route(*args, **kwargs)
        except PostcallError as error:
            return refuse(error, request_id)
        except Exception as error:  # told to the client, and logged under the id that it is given
            log.exception("request %s of the Atoms interface failed", request_id)
            return refuse(InternalFault(error), request_id)
        reply.headers[REQUEST_ID] = request_id
        return reply

    return answer


def refuse(error: PostcallError, request_id: str | None = None) -> Response:
    """The error as a reply: `{"status": false, "errors": [text, ...]}`; never 422, which clients here do not know."""
    request_id = request_id or secrets.token_hex(12)
    status, texts, more = _read(error)
    if status == 500:
        log.error("request %s of the Atoms interface: %s", request_id, error.message)
        texts = (f"postcall failed; its log says more about {request_id}",)
    reply = json_reply({"status": False, "errors": list(texts), **more}, status=status)
    reply.headers[REQUEST_ID] = request_id
    if isinstance(error, NotAuthenticated):
        reply.headers["www-authenticate"] = 'Bearer realm="postcall"'
    if error.retry_after_s is not None:
        reply.headers["retry-after"] = str(math.ceil(error.retry_after_s))
    return reply


Show: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


def as_asked(elsewhere: Show) -> Show:
    """Errors of the framework (no such route, a parameter of the wrong type): here as here, `elsewhere` as there."""

    async def show(request: Request, error: Exception) -> Response:
        if not speaks_atoms(request.url.path):
            return await elsewhere(request, error)
        if isinstance(error, RequestValidationError):
            texts = [f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in error.errors()]
            return refuse(AtomsError(400, *texts))
        assert isinstance(error, HTTPException)
        reply = refuse(AtomsError(error.status_code, f"{request.method} {request.url.path}: {error.detail}"))
        for name, value in (error.headers or {}).items():
            reply.headers[name] = value
        return reply

    return show


def _read(error: PostcallError) -> tuple[int, tuple[str, ...], dict[str, Any]]:
    if isinstance(error, AtomsError):
        return error.status, error.texts, error.more
    if isinstance(error, AgentNotFound):
        return 400, ("No agent found",), {}
    if isinstance(error, NotAuthenticated):
        return 401, (f"Unauthorized: {error.message}",), {}
    if isinstance(error, NotAllowed):  # clients expect an object beside the texts
        return error.status, (error.message,), {"data": {}}
    if isinstance(error, BadInput):
        return 400, (error.message,), {}
    if isinstance(error, TooManyRequests):
        return error.status, (error.message,), _too_many(error)
    return (error.status if error.status != 422 else 400), (error.message,), {}


def _too_many(error: TooManyRequests) -> dict[str, Any]:
    """Clients read one of two published forms, so this is both."""
    wait_s = math.ceil(error.retry_after_s or 0)
    return {
        "error": "Rate limit exceeded",
        "code": "RATE_LIMIT_EXCEEDED",
        "retry_after": wait_s,
        "message": error.message,
        "rateLimit": {"routeClass": "key", "limit": error.most, "retryAfterSec": wait_s},
    }
