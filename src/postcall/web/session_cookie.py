"""The cookie in which a browser carries a session's token."""

from __future__ import annotations

from fastapi import Request, Response

from postcall.api.services import services_of

COOKIE = "postcall_session"
_KEPT_S = 365 * 24 * 3600
"""The record says when a session ends, and visits move that: the cookie must only not end before it."""


def token_of(request: Request) -> str | None:
    """The token that the browser sent."""
    return request.cookies.get(COOKIE) or None


def give_token(request: Request, reply: Response, token: str) -> None:
    """Have the browser carry it: to no script, and with no form that another site sends."""
    reply.set_cookie(
        COOKIE, token, max_age=_KEPT_S, path="/", secure=came_by_https(request), httponly=True, samesite="lax"
    )


def take_token(request: Request, reply: Response) -> None:
    """Have the browser forget it."""
    reply.delete_cookie(COOKIE, path="/", secure=came_by_https(request), httponly=True, samesite="lax")


def came_by_https(request: Request) -> bool:
    """As the browser sees it. Whoever claims it falsely keeps only their own cookie from themselves."""
    public = services_of(request).settings.public_url or ""
    told = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    return request.url.scheme == "https" or told.casefold() == "https" or public.startswith("https:")
