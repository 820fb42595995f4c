"""Who may see the pages, what the browser may do with them, and which requests are ours.

Pages are open to whoever sits at this machine: the name in the address is a loopback name (so no other site's name was
made to point here), the connection comes from this machine, and no proxy says that it forwards. Others sign in.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from postcall.api.services import services_of
from postcall.domain.people import Person
from postcall.errors import NotAllowed, SignInNeeded
from postcall.web.people import meet, person_of

_INTERFACES = ("/postcall", "/api", "/atoms", "/payment", "/adk", "/data-mcp")
"""Where the interfaces live: their access, errors and headers are their own."""
_VERSIONED = re.compile(r"/v\d{1,3}(/|\Z)")
"""They live here too, also under versions that there are not: whoever asks for those is a program."""
STATIC = "/static"
_FORWARDING = ("forwarded", "via", "x-real-ip")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
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
    if _VERSIONED.match(path):
        return False
    return not any(path == prefix or path.startswith(prefix + "/") for prefix in _INTERFACES)


def is_at_machine(headers: Mapping[str, str], client: str | None, http_version: str = "1.1") -> bool:
    """Whether this request is that of somebody at this machine. `client` is the address it came from."""
    if http_version == "1.0":  # no browser speaks it, but nginx does to what it stands before, with no other trace
        return False
    if any(name in _FORWARDING or name.startswith("x-forwarded-") for name in headers):
        return False
    return is_loopback(host_name(headers.get("host", ""))) and client is not None and is_loopback(client)


def check_same_origin(method: str, headers: Mapping[str, str], public_url: str | None = None) -> None:
    """Refuse a change, or a sign-in, that another site's page asks for in this user's browser.

    Browsers say by themselves where a request is from, and no page can have them say otherwise: in Sec-Fetch-Site under
    https and on this machine, in Origin with every form. Where the operator has said under which address people see the
    pages, that is the only origin; else it is the Host. X-Forwarded-Host is not looked at: whoever speaks to us past
    the proxy can write it.
    """
    if method in _READING:
        return
    site = headers.get("sec-fetch-site")
    source = _origin(headers.get("origin") or headers.get("referer") or "")
    if public_url is not None:
        allowed = source == public_url and site in {None, "same-origin"}
        if not allowed and source is not None and source.partition("//")[2] == headers.get("host"):
            raise NotAllowed(f"changes are taken only under {public_url}; open this page there")
    elif site is not None:
        allowed = site == "same-origin"
    else:
        allowed = source is not None and source.partition("//")[2] == headers.get("host", "")
    if not allowed:
        raise NotAllowed(
            "this change was not asked for from a page of postcall; use the page's own button, or the API with a key"
        )


def _origin(address: str) -> str | None:
    """`scheme://host:port` of an address; None where it has none, as `null` has not."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


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


async def check_asking(request: Request) -> None:
    """Find out who asks, for `person_of`; refuse strangers and what other sites ask for.

    For pages whose forms ask and change nothing but one's own: readers may send them.
    """
    person = await recognise(request)
    check_source(request)
    if person is None:
        raise SignInNeeded()


async def check_access(request: Request) -> None:
    """Find out who asks, for `person_of`; refuse strangers, changes by readers, and what other sites ask for."""
    await check_asking(request)
    person = person_of(request)
    if request.method not in _READING and not person.may_change:
        raise NotAllowed(f"your role is {person.role.value}: you may look at everything, and change nothing")


def check_source(request: Request) -> None:
    """Refuse what another site's page has this browser send."""
    check_same_origin(request.method, request.headers, services_of(request).settings.public_url)


async def recognise(request: Request) -> Person | None:
    """Who asks: also at this machine people sign in where the operator has said under which address they do."""
    client = request.client.host if request.client else None
    is_here = is_at_machine(request.headers, client, request.scope.get("http_version", "1.1"))
    return await meet(request, is_at_machine=is_here and services_of(request).settings.public_url is None)


def _cache_rule(scope: Scope) -> str:
    if not scope["path"].startswith(STATIC + "/"):
        return "private, no-cache"
    # Our own links name an asset with a digest of its content; whoever asks without it gets no promise.
    return "public, max-age=31536000, immutable" if scope["query_string"].startswith(b"v=") else "no-cache"
