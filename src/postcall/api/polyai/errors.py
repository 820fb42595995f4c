"""Errors in the envelope of the Agent Studio interface, with its codes and statuses."""

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
    CallNotFound,
    CallNotLive,
    Conflict,
    ConversationBusy,
    ConversationOver,
    InternalFault,
    NoProject,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PostcallError,
    TooManyRequests,
    TooManyWebhooks,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
CORRELATION = "X-PolyAI-Correlation-Id"


class AccountNotFound(NotFound):
    """The path names an account that the key does not belong to."""

    def __init__(self, account: str) -> None:
        super().__init__(f"there is no account {account!r} for this key")


class FilterUnreadable(BadInput):
    """A list of conversations was asked for in a way that is not understood."""


class SearchUnavailable(PostcallError):
    """The endpoint that compares transcripts by their meaning does not answer."""

    status = 502
    code = "search_unavailable"


class RecordingNotFound(NotFound):
    """The call has no recording, or none such as was asked for."""


class DraftMissing(BadInput):
    """A project is served as it was pushed; there is no unpublished one to talk to."""

    def __init__(self) -> None:
        super().__init__("a project is served as it was pushed: take sandbox, pre-release or live")


class MethodNotAllowed(PostcallError):
    """There is such a route, for another method."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(f"{method} is not for this address: use {allowed}")
        self.allowed = allowed


class NotOffered(PostcallError):
    """A route of the vendor's, or a wish, for something that postcall does not do."""

    status = 501
    code = "not_offered"

    def __init__(self, what: str, instead: str = "") -> None:
        super().__init__(f"postcall does not offer {what}" + (f": {instead}" if instead else ""))


class EventTaken(Conflict):
    """Something else was sent to the id of an external event before."""

    def __init__(self, event_id: str) -> None:
        super().__init__(f"the external event {event_id!r} has come already with other content: an id takes one event")


class MetricTaken(PostcallError):
    """There is a custom metric of this name already."""

    status = 409
    code = "metric_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is already a metric {name!r}", field="name")


MEANINGS: tuple[tuple[type[PostcallError], int, str], ...] = (
    (NotAuthenticated, 401, "AUTH_USER_UNAUTHORISED"),
    (NotAllowed, 403, "USER_ACCESS_FORBIDDEN"),
    (AccountNotFound, 404, "ACCOUNT_NOT_FOUND"),
    (AgentNotFound, 404, "PROJECT_NOT_FOUND"),
    (NoProject, 404, "DEPLOYMENT_NOT_FOUND"),
    (CallNotFound, 404, "CONVERSATIONS_NOT_FOUND"),
    (RecordingNotFound, 404, "CONVERSATIONS_RECORDING_NOT_FOUND"),
    (NotFound, 404, "NOT_FOUND"),
    (MethodNotAllowed, 405, "METHOD_NOT_ALLOWED"),
    (TooManyWebhooks, 409, "WEBHOOK_ENDPOINTS_FULL"),
    (EventTaken, 409, "EXTERNAL_EVENT_TAKEN"),
    (MetricTaken, 409, "CUSTOM_METRIC_ALREADY_EXISTS"),
    (NotOffered, 501, "NOT_OFFERED"),
    (TooManyRequests, 429, "TOO_MANY_REQUESTS"),
    (ConversationOver, 410, "ChatConversationEnded"),
    (CallNotLive, 410, "ChatConversationEnded"),
    (ConversationBusy, 400, "CHAT_TIMEOUT"),
    (DraftMissing, 400, "CHAT_DRAFT_NOT_EXIST"),
    (SearchUnavailable, 502, "SEARCH_UNAVAILABLE"),
    (FilterUnreadable, 400, "GET_CONVERSATIONS_FILTER_PARSE_ERROR"),
    (BadInput, 400, "CONVERSATIONS_VALIDATION_FAILED"),
    (Conflict, 400, "CONVERSATIONS_VALIDATION_FAILED"),
)
"""What an error is called here; the first that fits. Clients of this interface know no other statuses."""

_OURS = re.compile(
    r"/(v[123]/[^/]*/[^/]*/(chat|conversations|handoff_state)"
    r"|v1/(agents|accounts|outbound-calling|external-events|webhook-endpoints|alert-rules|alerts)"
    r"|adk/v1|data-mcp)(/|\Z)"
)


def speaks_here(path: str) -> bool:
    """Whether an address is of this interface, so that its errors have this envelope."""
    return _OURS.match(path) is not None


Shape: TypeAlias = Callable[[str, str, str], dict[str, Any]]
"""The body of an error, of its message, its code and the correlation id."""


def _envelope(message: str, code: str, correlation: str) -> dict[str, Any]:
    return {
        "success": False,
        "error": message,
        "error_id": correlation,
        "error_code": code,
        "error_message": message,
        "data": None,
    }


def in_envelope(
    route: Callable[P, Awaitable[Response]], *, shape: Shape = _envelope
) -> Callable[P, Awaitable[Response]]:
    """A route whose replies carry a correlation id, and whose errors have the envelope of this interface."""

    @functools.wraps(route)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        correlation = secrets.token_hex(16)
        try:
            reply = await route(*args, **kwargs)
        except PostcallError as error:
            return refuse(error, correlation, shape=shape)
        except Exception as error:  # told to the client, and logged under the id that it is given
            log.exception("request %s of the Agent Studio interface failed", correlation)
            return refuse(InternalFault(error), correlation, shape=shape)
        reply.headers[CORRELATION] = correlation
        return reply

    return answer


def refuse(error: PostcallError, correlation: str | None = None, *, shape: Shape = _envelope) -> Response:
    """The error as a reply."""
    correlation = correlation or secrets.token_hex(16)
    status, code = next(((status, code) for kind, status, code in MEANINGS if isinstance(error, kind)), _of(error))
    message = error.message
    if status == 500:
        log.error("request %s of the Agent Studio interface: %s", correlation, error.message)
        message = f"postcall failed; its log says more about {correlation}"
    reply = json_reply(shape(message, code, correlation), status=status)
    reply.headers[CORRELATION] = correlation
    if isinstance(error, NotAuthenticated):
        reply.headers["www-authenticate"] = 'Bearer realm="postcall"'
    if error.retry_after_s is not None:
        reply.headers["retry-after"] = str(math.ceil(error.retry_after_s))
    if isinstance(error, MethodNotAllowed):
        reply.headers["allow"] = error.allowed
    return reply


Show: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


def as_spoken_here(elsewhere: Show) -> Show:
    """Errors of the framework (no such route, no such method): here as here, `elsewhere` as there."""

    async def show(request: Request, error: Exception) -> Response:
        if not speaks_here(request.url.path):
            return await elsewhere(request, error)
        return refuse(_read(request, error))

    return show


def _read(request: Request, error: Exception) -> PostcallError:
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"][1:])
        return BadInput(f"{name}: {first['msg']}", field=name)
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return MethodNotAllowed(request.method, (error.headers or {}).get("Allow", "another method"))
    if error.status_code == 404:
        return NotFound(f"there is nothing at {request.url.path}")
    return BadInput(f"{request.method} {request.url.path}: {error.detail}")


def _of(error: PostcallError) -> tuple[int, str]:
    """Of an error that has no name in this interface but perhaps its own."""
    return (400, error.code) if error.status < 500 else (500, "INTERNAL_ERROR")


def check_account(principal_account: str, account: str) -> None:
    """The path's account must be the key's own, with or without the `ws-` before it."""
    if account.removeprefix("ws-") != principal_account.removeprefix("ws-"):
        raise AccountNotFound(account)
