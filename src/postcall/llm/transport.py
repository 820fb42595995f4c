"""The one place that touches the `openai` package, and so takes half a second to import: see ModelClient."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import cast

import anyio
import httpx2
import openai

from postcall.errors import ModelError, SettingsError
from postcall.llm.complaint import Complaint, read_complaint
from postcall.llm.faults import broken_connection, fell_silent, no_answer, no_connection, retry_after
from postcall.settings import ModelSettings

IDLE_S = 4.0
"""How long an idle connection is kept: less than the 5 s after which uvicorn and Node servers close theirs, so that a
request does not meet a connection that is just being closed."""
CONNECT_S = 10.0
"""A server that has not taken the connection by then is not there."""

DRAIN_S = 0.05
"""How long the end of a stream is waited for once all is said: it usually comes along, and then the connection serves
the next request."""

POOL = 16
"""Connections in one pool. A pool looks at each of its connections with every request, so one of 128 would cost a fifth
of all processor time."""

_BROKEN = (httpx2.RequestError, httpx2.StreamError, ssl.SSLError, anyio.EndOfStream)
"""What reading a response raises; the last two are not wrapped by the layers between."""


class _Pool:
    """Some connections, and how many of them are busy."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self.client = client
        self.in_flight = 0

    async def post(self, body: bytes, path: str) -> httpx2.Response:
        self.in_flight += 1
        try:
            return await self.client.post(path, cast_to=httpx2.Response, content=body)
        finally:
            self.in_flight -= 1

    async def open(self, body: bytes, timeout: httpx2.Timeout) -> httpx2.Response:
        """The response as soon as its head is there; it counts as in flight until `release`."""
        self.in_flight += 1
        try:
            response = await self.client.post(
                "/chat/completions",
                cast_to=httpx2.Response,
                content=body,
                options={"timeout": timeout},
                stream=True,
                stream_cls=openai.AsyncStream[object],
            )
            # The package's types do not know that a raw response can be asked for here as well.
            return cast(httpx2.Response, response)
        except BaseException:
            self.in_flight -= 1
            raise

    def release(self) -> None:
        """The response is closed."""
        self.in_flight -= 1


class Stream:
    """A reply that is arriving. Close it, whatever happens."""

    def __init__(self, response: httpx2.Response, pool: _Pool, settings: ModelSettings, *, timeout_s: float) -> None:
        self._response = response
        self._bytes: AsyncGenerator[bytes, None] = response.aiter_bytes()
        self._pool = pool
        self._settings = settings
        self._timeout_s = timeout_s
        self._left_s = timeout_s

    async def read(self, *, silence_s: float | None = None) -> bytes:
        """The next bytes; empty at the end.

        Raises ModelTimeout where nothing comes for `silence_s`, or the time of the request is up; only waiting counts,
        not what the caller does between two reads.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        limit = self._left_s if silence_s is None else min(silence_s, self._left_s)
        try:
            async with asyncio.timeout(limit):
                return await anext(self._bytes, b"")
        except TimeoutError:
            if silence_s is not None and limit < self._left_s:
                raise fell_silent(self._settings, for_s=silence_s) from None
            raise no_answer(self._settings, within_s=self._timeout_s) from None
        except _BROKEN as error:
            raise broken_connection(str(error) or type(error).__name__, self._settings) from None
        finally:
            self._left_s -= loop.time() - begun

    async def drain(self) -> None:
        """Read what little may come after the last word, so that the connection can be used again."""
        try:
            async with asyncio.timeout(DRAIN_S):
                async for _ in self._bytes:
                    pass
        except (TimeoutError, *_BROKEN):
            # All is said; what is wrong with the connection concerns no reply, and it is closed.
            return

    async def close(self) -> None:
        """End the request, or give the connection back where it is over."""
        try:
            await self._bytes.aclose()
            await self._response.aclose()
        finally:
            self._pool.release()


def _client(settings: ModelSettings, verify: ssl.SSLContext) -> openai.AsyncOpenAI:
    client = openai.AsyncOpenAI(
        base_url=settings.base_url,
        api_key=settings.api_key,
        default_headers={"Authorization": f"Bearer {settings.api_key}"},
        max_retries=0,
        http_client=httpx2.AsyncClient(
            verify=verify,
            timeout=httpx2.Timeout(settings.timeout_s, connect=min(CONNECT_S, settings.timeout_s)),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=POOL, keepalive_expiry=IDLE_S),
            follow_redirects=True,
        ),
    )
    # The package reads OPENAI_… variables of the environment, which are about somebody else's account.
    client.organization = None
    client.project = None
    return client


class Transport:
    """Posts bodies to the endpoint over pooled connections."""

    def __init__(self, settings: ModelSettings) -> None:
        if not settings.api_key.isascii() or not settings.api_key.isprintable():
            raise SettingsError(f"{settings.prefix}API_KEY holds a character that no HTTP header can carry")
        self._settings = settings
        verify = httpx2.create_ssl_context()
        # Who reads a stream watches the time itself, and a second watch for each read costs as much as the read.
        self._patient = httpx2.Timeout(None, connect=min(CONNECT_S, settings.timeout_s))
        self._pools = [_Pool(_client(settings, verify)) for _ in range(-(-settings.concurrency // POOL))]

    async def post(self, body: bytes, *, path: str = "/chat/completions") -> bytes | Complaint:
        """The body that came with 200, or what the endpoint says instead; a ModelError where it says nothing.

        The raw response is asked for because building the package's own objects costs more than all the rest.
        """
        try:
            # httpx's own limits are between two bytes; a server that dribbles would pass them for ever.
            async with asyncio.timeout(self._settings.timeout_s):
                response = await self._least_busy().post(body, path)
        except openai.APIStatusError as error:
            return _complaint(error.response)
        except TimeoutError:
            raise no_answer(self._settings) from None
        except openai.APIConnectionError as error:
            # Not chained: the errors underneath hold the request, and with it the key.
            raise self._unanswered(error.__cause__) from None
        return response.content

    async def open(self, body: bytes, *, timeout_s: float) -> Stream | Complaint:
        """The reply as it arrives, as soon as the endpoint takes the request; else as `post`.

        `timeout_s` is for the head of the reply, and then for the rest.
        """
        pool = self._least_busy()
        try:
            async with asyncio.timeout(timeout_s):
                response = await pool.open(body, self._patient)
        except openai.APIStatusError as error:
            return _complaint(error.response)
        except TimeoutError:
            raise no_answer(self._settings, within_s=timeout_s) from None
        except openai.APIConnectionError as error:
            raise self._unanswered(error.__cause__) from None
        except _BROKEN as error:
            # The body of a refusal, which the package reads without wrapping what goes wrong.
            raise broken_connection(str(error) or type(error).__name__, self._settings) from None
        return Stream(response, pool, self._settings, timeout_s=timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        for pool in self._pools:
            await pool.client.close()

    def _least_busy(self) -> _Pool:
        return min(self._pools, key=lambda pool: pool.in_flight)

    def _unanswered(self, cause: BaseException | None) -> ModelError:
        if isinstance(cause, httpx2.ConnectTimeout):
            return no_connection("nothing takes the connection", self._settings)
        if isinstance(cause, httpx2.TimeoutException):
            return no_answer(self._settings)
        if isinstance(cause, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol):
            return no_connection(str(cause), self._settings)
        return broken_connection(str(cause) or type(cause).__name__, self._settings)


def _complaint(response: httpx2.Response) -> Complaint:
    return read_complaint(
        response.status_code,
        response.content,
        retry_after_s=retry_after(response.headers, now=datetime.now(UTC)),
    )
