"""What the address of a request asks for."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from postcall.domain.calls import CallStatus
from postcall.domain.timeline import to_utc
from postcall.domain.views import CallFilter, Position
from postcall.errors import BadInput

MAX_LIMIT = 500
MAX_METRICS = 20
"""Each is two look-ups for every call that is passed over."""
_KNOWN = ("agent", "since", "until", "from_number", "to_number", "status", "extraction", "cursor", "limit")
_EXTRACTION = ("finished", "open", "failed")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_filter(query: Mapping[str, str]) -> CallFilter:
    """The conditions in a list's address, such as `?agent=clinic&metric.BOOKED=true`."""
    for name in query:
        if name not in _KNOWN and not name.startswith("metric."):
            raise BadInput(f"{name}: unknown parameter; there are {', '.join(_KNOWN)} and metric.NAME", field=name)
    status = query.get("status")
    if status is not None and status not in set(CallStatus):
        raise BadInput(f"status: {status!r} is none of {', '.join(CallStatus)}", field="status")
    extraction = query.get("extraction")
    if extraction is not None and extraction not in _EXTRACTION:
        raise BadInput(f"extraction: {extraction!r} is none of {', '.join(_EXTRACTION)}", field="extraction")
    metrics = tuple((name.removeprefix("metric."), query[name]) for name in query if name.startswith("metric."))
    if len(metrics) > MAX_METRICS:
        raise BadInput(f"at most {MAX_METRICS} metrics can be asked for at once, not {len(metrics)}", field="metric")
    return CallFilter(
        extraction=extraction,
        agent=query.get("agent"),
        since=read_time(query, "since"),
        until=read_time(query, "until"),
        from_number=query.get("from_number"),
        to_number=query.get("to_number"),
        status=status,
        metrics=metrics,
    )


def read_time(query: Mapping[str, str], name: str) -> datetime | None:
    """An ISO 8601 time with its zone, or a date, which begins at midnight UTC."""
    text = query.get(name)
    if text is None:
        return None
    # In an address, an unescaped + has become a space.
    cleaned = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError:
        raise BadInput(f"{name}: {text!r} is not an ISO 8601 time such as 2026-03-01T09:00:00Z", field=name) from None
    if moment.tzinfo is None and len(cleaned) > len("2026-03-01"):
        raise BadInput(f"{name}: {text!r} has no time zone; add Z or an offset such as +01:00", field=name)
    return to_utc(moment.replace(tzinfo=moment.tzinfo or UTC), name)


def read_limit(query: Mapping[str, str], *, default: int = 50, most: int = MAX_LIMIT) -> int:
    """How many at most: 1 to 500, or as many as `most` says."""
    text = query.get("limit")
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= most:
        raise BadInput(f"limit: must be a whole number from 1 to {most}, not {text!r}", field="limit")
    return int(text)


def read_cursor(query: Mapping[str, str]) -> Position | None:
    """Where the page before ended."""
    text = query.get("cursor")
    if not text:
        return None
    try:
        started_us, pk = struct.unpack(">qq", base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Position(_EPOCH + timedelta(microseconds=started_us), pk)
    except (struct.error, binascii.Error, ValueError, OverflowError):
        raise BadInput("cursor: this is not a cursor that postcall gave out", field="cursor") from None


def write_cursor(position: Position | None) -> str | None:
    """The inverse of `read_cursor`."""
    if position is None:
        return None
    started_us = (position.started_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(struct.pack(">qq", started_us, position.pk)).decode().rstrip("=")
