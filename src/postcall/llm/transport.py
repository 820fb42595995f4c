"""The one place that touches the `openai` package, and so takes half a second to import: see ModelClient."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime

import httpx2
import openai

from postcall.errors import ModelError, SettingsError
from postcall.llm.complaint import Complaint, read_complaint
from postcall.llm.faults import broken_connection, no_answer, no_connection, retry_after
from postcall.settings import ModelSettings

IDLE_S = 4.0
"""How long an idle connection is kept: less than the 5 s after which uvicorn and Node servers close theirs, so that a
request does not meet a connection that is just being closed."""
CONNECT_S = 10.0
"""A server that has not taken the connection by then is not there."""


POOL = 16
"""Connections in one pool. A pool looks at each of its connections with every request, so one of 128 would cost a fifth
of all processor time."""


class _Pool:
    """Some connections, and how many of them are busy."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self.client = client
        self.in_flight = 0

    async def post(self, body: bytes) -> httpx2.Response:
        self.in_flight += 1
        try:
            return await self.client.post("/chat/completions", cast_to=httpx2.Response, content=body)
        finally:
            self.in_flight -= 1


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
            raise SettingsError("POSTCALL_LLM_API_KEY holds a character that no HTTP header can carry")
        self._settings = settings
        verify = httpx2.create_ssl_context()
        self._pools = [_Pool(_client(settings, verify)) for _ in range(-(-settings.concurrency // POOL))]

    async def post(self, body: bytes) -> bytes | Complaint:
        """The body that came with 200, or what the endpoint says instead; a ModelError where it says nothing.

        The raw response is asked for because building the package's own objects costs more than all the rest.
        """
        try:
            # httpx's own limits are between two bytes; a server that dribbles would pass them for ever.
            async with asyncio.timeout(self._settings.timeout_s):
                response = await self._least_busy().post(body)
        except openai.APIStatusError as error:
            return _complaint(error.response)
        except TimeoutError:
            raise no_answer(self._settings) from None
        except openai.APIConnectionError as error:
            # Not chained: the errors underneath hold the request, and with it the key.
            raise self._unanswered(error.__cause__) from None
        return response.content

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
