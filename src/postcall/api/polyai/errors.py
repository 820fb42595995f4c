"""Errors in the envelope of the Agent Studio interface, with its codes."""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

from fastapi import Response

from postcall.api.replies import json_reply
from postcall.errors import (
    AgentNotFound,
    CallNotFound,
    ConversationBusy,
    ConversationOver,
    InternalFault,
    NotAllowed,
    NotAuthenticated,
    PostcallError,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
CORRELATION = "X-PolyAI-Correlation-Id"
_CODES: tuple[tuple[type[PostcallError], str], ...] = (
    (NotAuthenticated, "AUTH_USER_UNAUTHORISED"),
    (NotAllowed, "USER_ACCESS_FORBIDDEN"),
    (AgentNotFound, "PROJECT_NOT_FOUND"),
    (CallNotFound, "CONVERSATIONS_NOT_FOUND"),
    (ConversationOver, "ChatConversationEnded"),
    (ConversationBusy, "CHAT_TIMEOUT"),
)
_STATUS: tuple[tuple[type[PostcallError], int], ...] = ((ConversationBusy, 400),)


class AccountNotFound(PostcallError):
    """The path names an account that the key does not belong to."""

    status = 404
    code = "ACCOUNT_NOT_FOUND"

    def __init__(self, account: str) -> None:
        super().__init__(f"there is no account {account!r} for this key")


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
            reply = json_reply(envelope(error, correlation), status=_status_of(error))
        except Exception as error:
            log.exception("a request of the Agent Studio interface failed (%s)", correlation)
            reply = json_reply(envelope(InternalFault(error), correlation), status=500)
        reply.headers[CORRELATION] = correlation
        return reply

    return answer


def envelope(error: PostcallError, correlation: str) -> dict[str, Any]:
    """`{success, error, error_id, error_code, error_message, data}`."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), error.code)
    return {
        "success": False,
        "error": error.message,
        "error_id": correlation,
        "error_code": code,
        "error_message": error.message,
        "data": None,
    }


def _status_of(error: PostcallError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), error.status)


def check_account(principal_account: str, account: str) -> None:
    """The path's account must be the key's own, with or without the `ws-` before it."""
    if account.removeprefix("ws-") != principal_account.removeprefix("ws-"):
        raise AccountNotFound(account)
