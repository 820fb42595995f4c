"""Connections to receivers: a name is resolved once, and only to addresses that were judged is anything connected.

This sits where a connection is made, below HTTP and TLS, so that nothing can go round it: not a redirect, not a name
that stands for another address a moment later. The certificate is still that of the name.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

import httpcore
import httpx

from postcall.notify.webhooks.targets import Targets, plain_host

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""The IP addresses of a host, in the order in which they are to be tried; OSError where there are none."""

_IDLE_S = 5.0
"""How long an unused connection is kept: receivers close theirs after some seconds."""
_IDLE_MOST = 64
_CONNECT_S = 8.0
"""For each address: one that swallows everything leaves time for the next."""


class NotReachable(Exception):
    """Every address of the receiver is one that nothing may be sent to."""


class Guard(httpcore.AsyncNetworkBackend):
    """Connects to what `targets` allows."""

    def __init__(self, targets: Targets, *, resolve: Resolve) -> None:
        self._targets = targets
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first allowed address that takes one; NotReachable where none is allowed."""
        host = plain_host(host)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved: {error}") from None
        allowed = [address for address in addresses if self._targets.allows(host, address)]
        if not allowed:
            shown = ", ".join(addresses[:3]) or "no address"
            raise NotReachable(
                f"{host} stands for {shown}, where nothing is delivered unless POSTCALL_WEBHOOKS_TO allows it"
            )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in allowed:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout or _CONNECT_S, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Between attempts to connect, of which there is one."""
        await self._network.sleep(seconds)


def open_pool(targets: Targets, *, resolve: Resolve | None = None) -> httpcore.AsyncConnectionPool:
    """Connections that go where they may and through no proxy; TLS certificates are verified."""
    return httpcore.AsyncConnectionPool(
        ssl_context=httpx.create_ssl_context(),
        max_connections=None,  # the deliverer bounds what is under way, so that no receiver waits here for another
        max_keepalive_connections=_IDLE_MOST,
        keepalive_expiry=_IDLE_S,
        network_backend=Guard(targets, resolve=resolve or resolve_by_system),
    )


async def resolve_by_system(host: str, port: int) -> list[str]:
    """What the system says a host's addresses are.

    On a thread of its own: the loop's few would all be held by names whose servers do not answer, and with them the
    deliveries to every other receiver.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def tell(addresses: list[str], error: OSError | UnicodeError | None) -> None:
        if found.done():  # nobody waits any more
            return
        if error is None:
            found.set_result(addresses)
        else:
            found.set_exception(error)

    def look() -> None:
        addresses: list[str] = []
        failure: OSError | UnicodeError | None = None
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, addresses, failure)

    threading.Thread(target=look, name="resolve", daemon=True).start()
    return await found
