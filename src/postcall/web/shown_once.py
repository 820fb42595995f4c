"""A new key's secret, on its way to the page that shows it once.

The form is answered with a redirect, so that loading the page again makes no second key. The secret comes along in a
cookie that only this installation can open, which is taken away as it is shown and ends by itself after a minute.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from fastapi import Request, Response

from postcall.configure.sealing import Sealer
from postcall.errors import SecretsUnreadable
from postcall.web.session_cookie import came_by_https

COOKIE = "postcall_new_key"
_KEPT_S = 60


def seal_secret(sealer: Sealer, account_pk: int, key_id: str, secret: str) -> str:
    """The secret as a cookie's value, bound to its account and key."""
    return urlsafe_b64encode(sealer.seal(account_pk, _name(key_id), secret)).decode()


def open_secret(sealer: Sealer, account_pk: int, key_id: str, value: str) -> str | None:
    """The inverse; None of a value that was not sealed here, or for another key."""
    try:
        opened = sealer.open(account_pk, _name(key_id), urlsafe_b64decode(value))
    except (SecretsUnreadable, ValueError):
        return None
    return opened if isinstance(opened, str) else None


def send_along(request: Request, reply: Response, path: str, value: str) -> None:
    """Have the browser bring it to this page, and to no other."""
    reply.set_cookie(
        COOKIE, value, max_age=_KEPT_S, path=path, secure=came_by_https(request), httponly=True, samesite="strict"
    )


def take_away(request: Request, reply: Response, path: str) -> None:
    """Have the browser forget it."""
    reply.delete_cookie(COOKIE, path=path, secure=came_by_https(request), httponly=True, samesite="strict")


def _name(key_id: str) -> str:
    """No secret of an agent can be called so."""
    return f"key:{key_id}"
