"""Errors in the envelope of the Agent Studio interface, with its codes and statuses."""

from __future__ import annotations

import functools
import logging
import math
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

from fastapi import Response

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
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
CORRELATION = "X-PolyAI-Correlation-Id"


class AccountNotFound(NotFound):
    """The path names an account that the key does not belong to."""

    def __init__(self, account: str) -> None:
        super().__init__(f"there is no account {account!r} for this key")


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


MEANINGS: tuple[tuple[type[PostcallError], int, str], ...] = (
    (NotAuthenticated, 401, "AUTH_USER_UNAUTHORISED"),
    (NotAllowed, 403, "USER_ACCESS_FORBIDDEN"),
    (AccountNotFound, 404, "ACCOUNT_NOT_FOUND"),
    (AgentNotFound, 404, "PROJECT_NOT_FOUND"),
    (NoProject, 404, "DEPLOYMENT_NOT_FOUND"),
    (CallNotFound, 404, "CONVERSATIONS_NOT_FOUND"),
    (NotFound, 404, "NOT_FOUND"),
    (MethodNotAllowed, 405, "METHOD_NOT_ALLOWED"),
    (TooManyRequests, 429, "TOO_MANY_REQUESTS"),
    (ConversationOver, 410, "ChatConversationEnded"),
    (CallNotLive, 410, "ChatConversationEnded"),
    (ConversationBusy, 400, "CHAT_TIMEOUT"),
    (DraftMissing, 400, "CHAT_DRAFT_NOT_EXIST"),
    (BadInput, 400, "CONVERSATIONS_VALIDATION_FAILED"),
    (Conflict, 400, "CONVERSATIONS_VALIDATION_FAILED"),
)
"""What an error is called here; the first that fits. Clients of this interface know no other statuses."""

_OURS = re.compile(
    r"/(v[123]/[^/]*/[^/]*/chat|v1/agents/[^/]*/debug-chat|adk/v1/accounts/[^/]*/projects/[^/]*/(draft/)?chat)(/|\Z)"
)


def speaks_here(path: str) -> bool:
    """Whether an address is of this interface, so that its errors have this envelope."""
    return _OURS.match(path) is not None


def in_envelope(
    route: Callable[P, Awaitable[Response]],
) -> Callable[P, Awaitable[Response]]:
    """A route whose replies carry a correlation id, and whose errors have the envelope of this interface."""

    @functools.wraps(route)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        correlation = secrets.token_hex(16)
        try:
            reply = await route(*args, **kwargs)
        except PostcallError as error:
            return refuse(error, correlation)
        except Exception as error:  # told to the client, and logged under the id that it is given
            log.exception("request %s of the Agent Studio interface failed", correlation)
            return refuse(InternalFault(error), correlation)
        reply.headers[CORRELATION] = correlation
        return reply

    return answer


def refuse(error: PostcallError, correlation: str | None = None) -> Response:
    """The error as a reply."""
    correlation = correlation or secrets.token_hex(16)
    status, code = next(((status, code) for kind, status, code in MEANINGS if isinstance(error, kind)), _of(error))
    message = error.message
    if status == 500:
        log.error("request %s of the Agent Studio interface: %s", correlation, error.message)
        message = f"postcall failed; its log says more about {correlation}"
    reply = json_reply(_envelope(message, code, correlation), status=status)
    reply.headers[CORRELATION] = correlation
    if isinstance(error, NotAuthenticated):
        reply.headers["www-authenticate"] = 'Bearer realm="postcall"'
    if error.retry_after_s is not None:
        reply.headers["retry-after"] = str(math.ceil(error.retry_after_s))
    if isinstance(error, MethodNotAllowed):
        reply.headers["allow"] = error.allowed
    return reply


def _of(error: PostcallError) -> tuple[int, str]:
    """Of an error that has no name in this interface but perhaps its own."""
    return (400, error.code) if error.status < 500 else (500, "INTERNAL_ERROR")


def _envelope(message: str, code: str, correlation: str) -> dict[str, Any]:
    return {
        "success": False,
        "error": message,
        "error_id": correlation,
        "error_code": code,
        "error_message": message,
        "data": None,
    }


def check_account(principal_account: str, account: str) -> None:
    """The path's account must be the key's own, with or without the `ws-` before it."""
    if account.removeprefix("ws-") != principal_account.removeprefix("ws-"):
        raise AccountNotFound(account)
