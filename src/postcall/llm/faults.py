"""What went wrong at a model's endpoint, in words, and whether trying again can help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from postcall.errors import (
    ContextTooLong,
    ModelError,
    ModelRateLimited,
    ModelRefused,
    ModelRefusedKey,
    ModelRejectedRequest,
    ModelTimeout,
    ModelUnavailable,
)
from postcall.llm.complaint import Complaint
from postcall.settings import ModelSettings

QUOTED = 300
"""Characters of an endpoint's own words that a message repeats."""
MAX_RETRY_AFTER_S = 24 * 3600.0
"""A longer wait is taken for a mistake of the endpoint's."""
SHORTEST_SECRET = 6
"""A key below this, such as the stand-in `none`, is no secret and may be part of any word."""

_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size"
    r"|(maximum|max|available) (context|model|prompt|input) (length|size)"
    r"|context (length|size|window).{0,40}exceed|exceed\w*.{0,60}(context|maximum number of tokens)"
    r"|(prompt|input|request|messages?) (is|are|too) (too )?(long|large)|reduce the length",
    re.IGNORECASE | re.DOTALL,
)
_QUOTA = re.compile(r"insufficient_quota|billing|insufficient (credit|balance|fund)|exceeded your current quota", re.I)
_FILTER = re.compile(r"content_filter|content_policy|responsible ?ai", re.IGNORECASE)
_LOOKS_LIKE_A_KEY = re.compile(r"\b(sk|pk|gsk|xai|AIza)[-_]?[A-Za-z0-9*_\-]{6,}")


def fault(complaint: Complaint, settings: ModelSettings, *, model: str) -> ModelError:
    """The error for what an endpoint said; its message never holds the key."""
    status = complaint.status
    said = _said(complaint, settings)
    if _is_context(complaint):
        return ContextTooLong(f"the prompt is too long for {model!r}{said}", retry=False)
    if status in {401, 403}:
        return ModelRefusedKey(
            f"the model's endpoint refused {settings.prefix}API_KEY, or it may not use {model!r} ({status}){said}",
            retry=False,
        )
    if status in {402, 429}:
        return _rate_limited(complaint, said)
    if status in {408, 504}:
        return ModelTimeout(
            f"the model's endpoint gave up waiting for {model!r} ({status}){said}",
            retry=True,
            retry_after_s=complaint.retry_after_s,
        )
    if status >= 500 or status in {409, 425}:
        return ModelUnavailable(
            f"the model's endpoint failed ({status}){said}", retry=True, retry_after_s=complaint.retry_after_s
        )
    if _FILTER.search(f"{complaint.code} {complaint.head}"):
        return ModelRefused(f"the endpoint's content filter refused the request{said}", retry=False)
    if status == 404:
        return ModelRejectedRequest(
            f"the endpoint does not know the model {model!r}, or {settings.prefix}BASE_URL is wrong (404){said}",
            retry=False,
        )
    return ModelRejectedRequest(f"the model's endpoint does not take the request ({status}){said}", retry=False)


def no_connection(reason: str, settings: ModelSettings) -> ModelError:
    """Nobody listens, or the name is unknown."""
    return ModelTimeout(f"no connection to {_place(settings)}: {hide_key(reason, settings)}", retry=True)


def no_answer(settings: ModelSettings, *, within_s: float | None = None) -> ModelError:
    """The time is up: `within_s`, or that of the settings."""
    limit = settings.timeout_s if within_s is None else within_s
    return ModelTimeout(f"{_place(settings)} did not answer within {limit:g} s", retry=True)


def fell_silent(settings: ModelSettings, *, for_s: float) -> ModelError:
    """A reply began, and then nothing more came."""
    return ModelTimeout(f"{_place(settings)} fell silent in the middle of its reply, for {for_s:g} s", retry=True)


def broken_connection(reason: str, settings: ModelSettings) -> ModelError:
    """The connection ended before the reply was whole."""
    return ModelUnavailable(
        f"the connection to {_place(settings)} broke before the reply was whole: {hide_key(reason, settings)}",
        retry=True,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """The seconds that an endpoint asks us to wait: `retry-after-ms`, or `Retry-After` as seconds or an HTTP date.

    None where it does not say, or says nothing sensible.
    """
    seconds = _number(headers.get("retry-after-ms"), scale=0.001)
    if seconds is None:
        text = headers.get("retry-after")
        seconds = _number(text, scale=1.0)
        if seconds is None and text:
            seconds = _seconds_until(text, now)
    if seconds is None or not 0 <= seconds <= MAX_RETRY_AFTER_S:
        return None
    return seconds


def _number(text: str | None, *, scale: float) -> float | None:
    try:
        return float(text) * scale if text else None
    except ValueError:
        return None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds())


def _is_context(complaint: Complaint) -> bool:
    # llama.cpp says so with 500 as well as with 400, Groq with 413.
    return complaint.status == 413 or bool(
        complaint.status != 429 and _CONTEXT.search(f"{complaint.code} {complaint.head}")
    )


def _rate_limited(complaint: Complaint, said: str) -> ModelError:
    if complaint.status == 402 or _QUOTA.search(f"{complaint.code} {complaint.head}"):
        return ModelRateLimited(f"the account's quota at the model's endpoint is used up{said}", retry=False)
    return ModelRateLimited(
        f"the model's endpoint takes no more requests for now (429){said}",
        retry=True,
        retry_after_s=complaint.retry_after_s,
    )


def _said(complaint: Complaint, settings: ModelSettings) -> str:
    words = " ".join(hide_key(complaint.message, settings)[: 4 * QUOTED].split())
    if not words:
        return ""
    return f": {words[:QUOTED]}…" if len(words) > QUOTED else f": {words}"


def hide_key(text: str, settings: ModelSettings) -> str:
    """Words from outside without the key, or anything that looks like one. Shorten them afterwards, not before."""
    if len(settings.api_key) >= SHORTEST_SECRET:
        text = text.replace(settings.api_key, "[key]")
    return _LOOKS_LIKE_A_KEY.sub("[key]", text)


def _place(settings: ModelSettings) -> str:
    """The endpoint's address without a password that it may hold."""
    scheme, _, rest = settings.base_url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
