"""A call as it is shown: the record's rows put together, the same for API, pages and command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.domain.answers import Extraction
from postcall.domain.calls import Call, Json, StoredMetric, Transcript
from postcall.domain.labels import Label


class ExtractionState(StrEnum):
    """Whether a call has answers, and if not, why."""

    FINISHED = "finished"
    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    FAILED = "failed"
    LIVE = "live"
    """The call has not ended."""
    NONE = "none"
    """There is nothing to extract: the call was not completed, or the user said nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the extraction of a call stands."""

    state: ExtractionState
    reason: str | None
    """Why there is no answer yet, in words; also why a run after the current extraction failed."""
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in a list."""

    call: Call
    progress: Progress
    extraction: Extraction | None
    """The current one: the latest finished of the current transcript."""
    metrics: tuple[StoredMetric, ...] = ()
    """What was written during the call, and what postcall itself knows; only where it was asked for."""


@dataclass(frozen=True, slots=True)
class CallFile:
    """All that is known of a call."""

    call: Call
    progress: Progress
    extraction: Extraction | None
    turns: Transcript
    metrics: tuple[StoredMetric, ...]
    extractions: tuple[Extraction, ...]
    """Every one, the newest first."""
    labels: tuple[Label, ...] = ()
    """What people say of the answers, at most one a question."""
    state: dict[str, Json] | None = None
    """Of a call that postcall hosts: `conv.state` after its last turn."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls to list; every given condition must hold."""

    agent: str | None = None
    since: datetime | None = None
    """Calls that started at this time or later."""
    until: datetime | None = None
    """Calls that started before this time."""
    from_number: str | None = None
    to_number: str | None = None
    status: str | None = None
    extraction: str | None = None
    """`finished` (there are answers), `open` (waiting, running, trying again) or `failed` (and not tried again)."""
    metrics: tuple[tuple[str, str], ...] = ()
    """Name and value of a metric or an answer, the value as text."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of a list ended; the next begins behind it."""

    started_at: datetime
    pk: int


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls of a list, the newest first, and where to go on."""

    rows: tuple[CallRow, ...]
    next: Position | None
