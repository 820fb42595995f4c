"""What a request for the log of calls asks for: which calls, in which order, which page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from postcall.api.atoms.call_words import (
    read_attempts,
    read_durations,
    read_reason,
    read_sort,
    read_status,
    read_type,
)
from postcall.api.atoms.errors import AtomsError
from postcall.api.atoms.paging import Paging, read_paging
from postcall.api.atoms.parameters import descends
from postcall.domain.call_logs import Attempts, LogFilter, SortBy
from postcall.domain.timeline import to_utc

MAX_PAGE_SIZE = 500
_MAX_IDS = 500
_MAX_SEARCH = 200
_DATE = len("2026-01-15")
_DAY = timedelta(days=1) - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Everything that the address asks for."""

    wanted: LogFilter
    sort: SortBy
    descending: bool
    page: Paging


def read_log_query(query: Mapping[str, str]) -> LogQuery:
    """AtomsError 400 says which parameter is not understood; one that is empty is as if it were not there."""
    search = query.get("search", "").strip()[:_MAX_SEARCH]
    return LogQuery(
        wanted=LogFilter(
            agents=read_ids(query, "agentIds"),
            campaigns=read_ids(query, "campaignIds"),
            versions=read_ids(query, "versionFilter"),
            kinds=read_type(query.get("callTypes", "")),
            statuses=read_status(query.get("statusFilter", "")),
            reasons=read_reason(query.get("disconnectReasonFilter", "")),
            durations=read_durations(query.get("durationFilter", "")),
            search=search,
            # A call that was tried again is one row, unless somebody looks for a certain one.
            attempts=read_attempts(query, otherwise=Attempts.ALL if search else Attempts.FIRST),
            since=read_moment(query, "dateFrom"),
            until=read_moment(query, "dateTo", to_the_end=True),
        ),
        sort=read_sort(query),
        descending=descends(query),
        page=read_paging(query, size=5, most=MAX_PAGE_SIZE, named="limit"),
    )


def read_ids(query: Mapping[str, str], name: str) -> tuple[str, ...] | None:
    """Ids between commas; None where there are none."""
    found = tuple(dict.fromkeys(part.strip() for part in query.get(name, "").split(",") if part.strip()))
    if len(found) > _MAX_IDS:
        raise AtomsError(400, f"{name}: at most {_MAX_IDS} ids, not {len(found)}")
    return found or None


def read_moment(query: Mapping[str, str], name: str, *, to_the_end: bool = False) -> datetime | None:
    """An ISO 8601 time, in UTC where it names no zone; a date alone is its beginning, or its end."""
    text = query.get(name, "").strip()
    if not text:
        return None
    # In an address, an unescaped + has become a space.
    cleaned = text.replace(" ", "+") if "T" in text else text
    try:
        found = datetime.fromisoformat(cleaned)
        moment = to_utc(found.replace(tzinfo=found.tzinfo or UTC), name)
        return moment + _DAY if moment is not None and to_the_end and len(cleaned) <= _DATE else moment
    except (ValueError, OverflowError):
        raise AtomsError(400, f"{name}: must be an ISO 8601 time, not {text[:50]!r}") from None
