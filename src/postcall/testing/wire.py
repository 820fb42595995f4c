"""Just enough of an HTTP/1.1 server: cheap, so that a benchmark measures the client and not the stand-in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import cast

import httptools

from postcall.testing.envelope import HttpReply


@dataclass(frozen=True)
class HttpRequest:
    """One request, whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


Send = Callable[[HttpReply], Awaitable[None]]
Handler = Callable[[HttpRequest, Send], Awaitable[None]]
"""Is cancelled where the client goes away meanwhile."""


@dataclass
class Connections:
    """All clients of one server."""

    open: set[HttpConnection] = field(default_factory=set)
    made: int = 0
    """Since the start."""


class HttpConnection(asyncio.Protocol):
    """One client's connection; requests are answered one after the other."""

    def __init__(self, handler: Handler, connections: Connections) -> None:
        self._handler = handler
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[HttpRequest, bool]] = deque()
        self._answering: asyncio.Task[None] | None = None
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast and no assertion: uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._connections.open.add(self)
        self._connections.made += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._connections.open.discard(self)
        if self._answering is not None:
            self._answering.cancel()

    def close(self) -> None:
        """Drop the client, answered or not."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    # What the parser calls, in this order.

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = {}
        self._body = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        request = HttpRequest(
            method=self._parser.get_method().decode("ascii"),
            path=self._url.decode("latin-1").partition("?")[0],
            headers=self._headers,
            body=b"".join(self._body),
        )
        self._waiting.append((request, self._parser.should_keep_alive()))
        if self._answering is None:
            self._answering = asyncio.get_running_loop().create_task(self._answer())

    async def _answer(self) -> None:
        while self._waiting and self._transport is not None:
            request, keep_alive = self._waiting.popleft()
            await self._handler(request, partial(self._send, keep_alive=keep_alive))
        self._answering = None

    async def _send(self, reply: HttpReply, *, keep_alive: bool) -> None:
        if self._transport is None:
            return
        if reply.stream is not None and reply.close_after is None:
            await self._send_stream(reply, reply.stream, self._transport, keep_alive=keep_alive)
            return
        if reply.close_after is None:
            self._transport.write(_head(reply, keep_alive=keep_alive) + reply.body)
            if not keep_alive:
                self._transport.close()
            return
        if reply.close_after >= 0:
            self._transport.write(_head(reply, keep_alive=False) + reply.body[: reply.close_after])
        self._transport.close()

    async def _send_stream(
        self, reply: HttpReply, pieces: AsyncIterator[bytes], transport: asyncio.Transport, *, keep_alive: bool
    ) -> None:
        head = _head(reply, keep_alive=keep_alive)
        try:
            async for piece in pieces:
                transport.write(b"%b%x\r\n%b\r\n" % (head, len(piece), piece) if piece else head)
                head = b""
        except ConnectionAbortedError:
            transport.write(head)
            transport.close()
            return
        transport.write(head + b"0\r\n\r\n")
        if not keep_alive:
            transport.close()


def _head(reply: HttpReply, *, keep_alive: bool) -> bytes:
    reason = HTTPStatus(reply.status).phrase if reply.status in _KNOWN_STATUS else "Unknown"
    lines = [
        f"HTTP/1.1 {reply.status} {reason}",
        f"content-type: {reply.content_type}",
        f"content-length: {len(reply.body)}" if reply.stream is None else "transfer-encoding: chunked",
        *(f"{name}: {value}" for name, value in reply.headers),
    ]
    if not keep_alive:
        lines.append("connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


_KNOWN_STATUS = frozenset(status.value for status in HTTPStatus)
