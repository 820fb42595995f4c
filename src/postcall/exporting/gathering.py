"""From the record to parts. Nothing holds the record still meanwhile.

A full export reads the calls a part at a time, each few in a view of their own; then whatever changed since it began is
read once more, in one view, and takes the place of what the parts have. So the whole is what that last view shows. An
incremental export has only that second half.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy.engine import Connection

from postcall.domain.exports import ExportColumn
from postcall.exporting.columns import name_columns
from postcall.exporting.progress import Progress, Stage, read_watermark
from postcall.exporting.reading import PartWriter, write_numbers
from postcall.exporting.tables import CALL_COLUMNS
from postcall.exporting.work import CHANGED, LAST, Work
from postcall.storage.changes import first_mark, why_lost
from postcall.storage.export_changes import changed_since
from postcall.storage.export_rows import count_calls_of, next_keys, read_recorded, source_of, wanted_keys

_AT_ONCE = 250
"""Calls held in memory, unless they are very long."""
_LONG = 8 * 1024 * 1024
"""Bytes of so many calls beyond which fewer are read at once."""
_MOST_CHANGED = 50_000
"""Where more have changed, to read them all in one view would keep the databases from tidying up for too long."""


def begin(work: Work, *, drop: tuple[str, ...] = ()) -> Progress:
    """Decide whether every call is to be read, or those that have changed. `drop`: what an earlier try left."""

    def look(connection: Connection) -> Progress:
        total = count_calls_of(connection, source_of(connection, work.account_pk, work.wanted))
        everything = Progress(Stage.SCAN, first_mark(connection), True, work.clock(), total)
        if work.earlier is None:
            return everything
        mark = read_watermark(work.earlier.manifest.watermark)
        lost = why_lost(connection, mark)
        if lost is not None:
            return replace(everything, notes=(f"every call was compared with what had been exported: {lost}",))
        changed = len(changed_since(connection, work.account_pk, mark, most=_MOST_CHANGED).call_pks)
        if changed > _MOST_CHANGED:
            return everything
        return Progress(Stage.CATCH_UP, mark, False, work.clock(), changed)

    return work.keep(work.record.read(look), drop=drop)


def scan(work: Work, progress: Progress) -> Progress:
    """Read one part; calls that change meanwhile are read again by the catching up."""
    kinds, after, more, at_once = dict(progress.kinds), progress.after_pk, True, _AT_ONCE
    with PartWriter(work.folder, f"{len(progress.parts) + 1:05d}", kinds) as part:
        while more and part.calls < work.size.calls and part.bytes < work.size.bytes:
            work.check()
            before = part.bytes
            limit = min(at_once, work.size.calls - part.calls)
            keys = work.record.read(partial(_read_next, work=work, part=part, after=after, limit=limit))
            more, after = len(keys) == limit, keys[-1] if keys else after
            at_once = _next_many(at_once, part.bytes - before)
    scanned = replace(
        progress,
        stage=Stage.SCAN if more else Stage.CATCH_UP,
        calls=progress.calls + part.calls,
        after_pk=after,
        kinds=kinds,
        parts=(*progress.parts, part.part) if part.calls else progress.parts,
    )
    return work.keep(scanned, part.files if part.calls else None)


def _read_next(connection: Connection, *, work: Work, part: PartWriter, after: int, limit: int) -> list[int]:
    source = source_of(connection, work.account_pk, work.wanted)
    keys = next_keys(connection, source, after=after, limit=limit)
    part.add(read_recorded(connection, keys, transcripts=source.transcripts))
    return keys


def catch_up(work: Work, progress: Progress) -> Progress:
    """Read what has changed since the mark, in one view; from now on the export is what that view shows."""
    kinds, as_of, parts = dict(progress.kinds), work.clock(), list[PartWriter]()
    caught = work.record.read(partial(_read_changed, work=work, parts=parts, kinds=kinds, progress=progress))
    if caught is None:  # it lay for longer than changes are kept: what the parts hold is of no use
        return begin(work, drop=tuple(name for each in progress.parts for name in (each.lines, each.keys)))
    caught = replace(
        caught,
        stage=Stage.COMPARE,
        as_of=as_of,
        calls=progress.calls + sum(part.calls for part in parts),
        kinds=kinds,
        columns=name_columns(kinds, taken=[column.name for column in CALL_COLUMNS], before=_columns_before(work)),
        parts=(*progress.parts, *(part.part for part in parts)),
        caught=len(parts),
    )
    files = {name: file for part in parts for name, file in part.files.items()}
    return work.keep(caught, {**files, CHANGED: work.folder / CHANGED})


def _read_changed(
    connection: Connection, *, work: Work, parts: list[PartWriter], kinds: dict[str, int], progress: Progress
) -> Progress | None:
    if why_lost(connection, progress.mark) is not None:
        return None
    changed = changed_since(connection, work.account_pk, progress.mark)
    source = source_of(connection, work.account_pk, work.wanted)
    keys, at_once, first = wanted_keys(connection, source, changed.call_pks), _AT_ONCE, 0
    while first < len(keys) or not parts:
        with PartWriter(work.folder, f"{LAST}{len(parts) + 1:05d}", kinds) as part:
            while first < len(keys) and part.calls < work.size.calls and part.bytes < work.size.bytes:
                work.check()
                before, some = part.bytes, keys[first : first + min(at_once, work.size.calls - part.calls)]
                part.add(read_recorded(connection, some, transcripts=source.transcripts))
                first, at_once = first + len(some), _next_many(at_once, part.bytes - before)
        parts.append(part)
    write_numbers(sorted(changed.call_pks), work.folder / CHANGED)
    return replace(progress, mark=changed.mark)


def _columns_before(work: Work) -> list[ExportColumn]:
    """The columns that the export before gave to metrics: a name keeps its column."""
    if work.earlier is None:
        return []
    return [column for column in work.earlier.manifest.tables[0].columns if column.metric is not None]


def _next_many(at_once: int, read_bytes: int) -> int:
    """How many calls to read next, after so many that came to so many bytes."""
    if read_bytes > _LONG:
        return max(1, at_once // 4)
    return min(_AT_ONCE, at_once * 2) if read_bytes < _LONG // 4 else at_once
