"""One attempt to deliver, over HTTP: never longer than its time, whatever the receiver does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpcore
import httpx

from postcall.notify.webhooks.connecting import NotReachable
from postcall.storage.deliveries import Ended

TIMEOUT_S: Final = 30.0
"""For all of it: connecting, redirects, the answer."""
MOST_REDIRECTS: Final = 3
_KEPT: Final = 2_000
"""Bytes of an answer that are read and kept for the log."""
_BODY_S: Final = 2.0
"""How long the rest of an answer is waited for: its status has said what matters."""
_FOLLOWED: Final = frozenset({307, 308})
_REDIRECTS: Final = frozenset({301, 302, 303})


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and where."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    """Ours, which every receiver may see."""
    private: Mapping[str, str] = field(default_factory=dict)
    """The signature, and what the receiver's owner configured: not for another host."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt ended, and what the receiver asked for."""

    ended: Ended
    retry_after_s: float | None = None
    gone: bool = False
    """410: it wants this never again."""


class _Misled(Exception):
    """A redirect that is not followed."""


async def deliver(
    pool: httpcore.AsyncConnectionPool, letter: Letter, *, now: datetime, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Send it once. Never raises for what the receiver or the network does.

    307 and 308 are followed with the whole body, at most three times, never from https to http; to another host
    without the private headers. 301, 302 and 303, which ask for a GET without the body, are failures.
    """
    begun = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _send(pool, letter, now=now)
    except TimeoutError:
        answer = _failed(f"there was no whole answer within {timeout_s:g} s")
    except (NotReachable, _Misled) as error:
        answer = _failed(str(error))
    except httpcore.ConnectTimeout:
        answer = _failed("no connection was made in time")
    except httpcore.ConnectError as error:
        answer = _failed(f"there is no connection: {_words(error)}")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        answer = _failed(f"the receiver ended the connection without an answer: {_words(error)}")
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol, ValueError) as error:
        answer = _failed(f"this cannot be sent: {_words(error)}")
    latency_ms = round((time.monotonic() - begun) * 1000)
    ended = answer.ended
    return Answer(Ended(ended.status, ended.error, latency_ms, ended.answer), answer.retry_after_s, gone=answer.gone)


async def _send(pool: httpcore.AsyncConnectionPool, letter: Letter, *, now: datetime) -> Answer:
    url, private = httpx.URL(letter.url), letter.private
    for _ in range(MOST_REDIRECTS + 1):
        async with pool.stream(
            "POST", _target(url), headers=_lines({**letter.headers, **private}, url), content=letter.body
        ) as response:
            moved = response.status in _FOLLOWED and _header(response.headers, b"location")
            if not moved:
                return await _read(response, now=now)
        to = _join(url, moved)
        private = private if _is_same(url, to) else {}
        url = to
    raise _Misled(f"it redirects more than {MOST_REDIRECTS} times")


async def _read(response: httpcore.Response, *, now: datetime) -> Answer:
    status = response.status
    said = await _beginning(response)
    if 200 <= status < 300:
        return Answer(Ended(status, None, None, said))
    error = f"the receiver answered {status}"
    if status in _REDIRECTS:
        error += ", which would lose the body; only 307 and 308 are followed"
    asked = _header(response.headers, b"retry-after") if status in (429, 503) else ""
    return Answer(Ended(status, error, None, said), retry_after_s=read_retry_after(asked, now=now), gone=status == 410)


async def _beginning(response: httpcore.Response) -> str:
    """As much of the body as is kept; what comes after, or does not come in time, is left."""
    said = bytearray()
    with contextlib.suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(_BODY_S):
            async for chunk in response.aiter_stream():
                said += chunk
                if len(said) >= _KEPT:
                    break
    return bytes(said[:_KEPT]).decode("utf-8", "replace")


def _target(url: httpx.URL) -> httpcore.URL:
    if url.scheme not in ("http", "https") or not url.host:
        raise _Misled(f"{url.scheme or 'nothing'}:// is no address of a receiver")
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _lines(headers: Mapping[str, str], url: httpx.URL) -> list[tuple[bytes, bytes]]:
    """Names and values as bytes; ValueError where one could begin a line of its own."""
    lines = [(b"Host", url.netloc)]
    for name, value in headers.items():
        if any(char in "\r\n\0" for char in name + value):
            raise ValueError(f"the header {name[:40]!r} holds the end of a line")
        lines.append((name.encode("ascii"), value.encode("latin-1")))
    return lines


def _join(url: httpx.URL, location: str) -> httpx.URL:
    to = url.join(location)
    if to.userinfo:
        raise _Misled("it redirects to an address with a password")
    if url.scheme == "https" and to.scheme != "https":
        raise _Misled("it redirects from https to http")
    return to


def _is_same(url: httpx.URL, to: httpx.URL) -> bool:
    """Whether another address is the same receiver's: the same host and port, or the same host with TLS."""
    if url.host != to.host:
        return False
    upgraded = (url.scheme, to.scheme) == ("http", "https") and url.port is None and to.port is None
    return upgraded or (url.scheme, url.port) == (to.scheme, to.port)


def read_retry_after(text: str, *, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, as a number or a date; None where it says neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at - now).total_seconds()) if at.tzinfo is not None else None


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), "")


def _failed(error: str) -> Answer:
    return Answer(Ended(error=error))


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
