"""Calls that leave in files: what is wanted, how far it has come, and what a finished export says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ExportFormat(StrEnum):
    """What the files are."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class ExportState(StrEnum):
    """How an export stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """It was finished, and its files have been thrown away."""


OPEN = frozenset({ExportState.QUEUED, ExportState.RUNNING})
"""Work on it goes on, or will."""


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """Which calls, in which files."""

    format: ExportFormat = ExportFormat.CSV
    agents: tuple[str, ...] = ()
    """Slugs (or ids, which become slugs); empty: every agent."""
    since: datetime | None = None
    """Calls that started at this time or later."""
    until: datetime | None = None
    """Calls that started before this time."""
    transcripts: bool = False
    """Whether the turns come along, as a table of their own."""
    after: str | None = None
    """The id of an earlier export of the same calls: only what has changed since then."""


class ColumnType(StrEnum):
    """What the cells of a column are, besides empty."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOAT = "float"
    TIMESTAMP = "timestamp"
    """A moment in UTC."""
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of a table."""

    name: str
    type: ColumnType
    metric: str | None = None
    """Of a column that holds a metric or an answer: its name, which the column's may differ from."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """The columns of the files of one kind."""

    name: str
    """`calls`, `answers`, `metric_writes`, `turns` or `deleted`: what the names of its files begin with."""
    columns: tuple[ExportColumn, ...]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of a finished export."""

    name: str
    table: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AlteredColumn:
    """A column that a copy of the exports before does not have, or has too narrow."""

    name: str
    type: ColumnType
    was: ColumnType | None
    """None: the column is new."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished export says of itself; `manifest.json` holds the same."""

    id: str
    wanted: ExportWanted
    as_of: datetime
    """The files hold the record as it was at one moment, which was this one."""
    watermark: str
    """How far the record's changes have been read. An incremental export goes on from here."""
    after: str | None
    """The id of the export that this one goes on from."""
    calls: int
    """Calls in it: of an incremental export those that are new or different."""
    deleted: int
    """Calls of earlier exports that are gone, or no longer among the wanted ones."""
    tables: tuple[ExportTable, ...]
    files: tuple[ExportFile, ...]
    altered: tuple[AlteredColumn, ...] = ()
    """Columns of `calls` that are new or wider since the export that this one goes on from: to be altered in a copy
    before anything is put in, or numbers would be rounded to the narrower type."""
    notes: tuple[str, ...] = field(default_factory=tuple)
    """What a reader should know, such as that every call had to be compared."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it is listed."""

    id: str
    wanted: ExportWanted
    state: ExportState
    calls_done: int
    """Calls read so far."""
    calls_total: int | None
    """About how many there are to read; None until somebody has begun."""
    manifest: Manifest | None
    """Of one that is finished, also after its files have gone."""
    error: str | None
    """Why it failed, in words."""
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    """When its files are thrown away."""
