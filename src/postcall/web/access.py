"""Who may see the pages, what the browser may do with them, and which requests are ours.

Until people sign in, the pages are for whoever sits at this machine: the name in the address is a loopback name (so no
other site's name was made to point here), the connection comes from this machine, and no proxy says that it forwards.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from postcall.errors import NotAllowed

_INTERFACES = ("/postcall", "/v1", "/api", "/atoms")
"""Where the interfaces live: their access, errors and headers are their own."""
STATIC = "/static"
_FORWARDING = ("forwarded", "via", "x-real-ip")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    # Not no-referrer: under that, browsers send `Origin: null` with forms, and a form could not prove where it is from.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


def is_page(path: str) -> bool:
    """Whether this address is one of the pages' (or nobody's), and not an interface's."""
    return not any(path == prefix or path.startswith(prefix + "/") for prefix in _INTERFACES)


def why_refused(headers: Mapping[str, str], client: str | None, http_version: str = "1.1") -> str | None:
    """Why this request may not see pages, in a sentence; None where it may. `client` is the address it came from."""
    if http_version == "1.0":  # no browser speaks it, but nginx does to what it stands before, with no other trace
        return "the request came by HTTP/1.0, as from a proxy"
    host = headers.get("host", "")
    if not is_loopback(host_name(host)):
        return (
            f"the address names {host!r}, which is not this machine: open http://127.0.0.1 or http://localhost instead"
        )
    forwarding = next((name for name in headers if name in _FORWARDING or name.startswith("x-forwarded-")), None)
    if forwarding is not None:
        return f"the request was forwarded by a proxy (it has the header {forwarding})"
    if client is not None and not is_loopback(client):
        return f"the connection comes from {client}, which is not this machine"
    return None


def check_same_origin(method: str, headers: Mapping[str, str]) -> None:
    """Refuse a change that another site's page asks for in this user's browser."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        allowed = site == "same-origin"
    else:
        source = headers.get("origin") or headers.get("referer") or ""
        allowed = bool(source) and urlsplit(source).netloc == headers.get("host", "")
    if not allowed:
        raise NotAllowed(
            "this change was not asked for from a page of postcall; use the page's own button, or the API with a key"
        )


def host_name(host: str) -> str:
    """The name of a Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") <= 1 else host


def is_loopback(name: str) -> bool:
    """`localhost`, `::1` or an address that begins with 127."""
    if name.casefold() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


class PageHeaders:
    """Puts the browser's rules on every page and asset, errors included; the interfaces pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        cache = _cache_rule(scope)

        async def send_with_rules(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", cache if message["status"] < 400 else "no-store")
            await send(message)

        await self._app(scope, receive, send_with_rules)


def check_access(request: Request) -> None:
    """Refuse whoever may not see pages, and changes that come from elsewhere."""
    headers: Headers = request.headers
    refused = why_refused(
        headers, request.client.host if request.client else None, request.scope.get("http_version", "1.1")
    )
    if refused is not None:
        raise NotAllowed(f"The pages are open only on the machine that runs postcall, and {refused}.")
    check_same_origin(request.method, headers)


def _cache_rule(scope: Scope) -> str:
    if not scope["path"].startswith(STATIC + "/"):
        return "private, no-cache"
    # Our own links name an asset with a digest of its content; whoever asks without it gets no promise.
    return "public, max-age=31536000, immutable" if scope["query_string"].startswith(b"v=") else "no-cache"
