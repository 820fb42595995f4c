"""From parts to files: what is new or different is written, what reads as it was exported before is left out."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path

import msgspec

from postcall.domain.exports import ExportFile, ExportTable, Manifest
from postcall.exporting.columns import altered
from postcall.exporting.known import Known, Verdict, compare, known_line, read_known
from postcall.exporting.progress import Part, Progress, Stage, write_watermark
from postcall.exporting.reading import read_numbers, read_part, write_numbers
from postcall.exporting.tables import CALLS, DELETED, rows_of, tables_of
from postcall.exporting.work import CHANGED, OF_LAST, OF_SCAN, Work
from postcall.exporting.writing import TableFile, open_table
from postcall.storage.exports import KNOWN

MANIFEST = "manifest.json"


def compare_all(work: Work, progress: Progress) -> Progress:
    """Decide which calls go into files and which are gone, and write down what is known from now on."""
    changed, caught = set(read_numbers(work.shelf.fetch(CHANGED))), progress.parts[-progress.caught :]
    last = {each.pk for each in _keys_of(work, caught)}
    now = heapq.merge(
        (each for each in _not_read_again(work, progress) if each.pk not in changed), _keys_of(work, caught)
    )
    of_scan, of_last = array("q"), array("q")
    files = {name: work.folder / name for name in (KNOWN, OF_SCAN, OF_LAST)}
    gone = _Gone(work, progress)
    with files[KNOWN].open("w", encoding="utf-8", newline="\n") as known:
        for verdict, each in compare(_before(work), now):
            if verdict is Verdict.GONE:
                gone.add(each)
                continue
            known.write(known_line(each))
            if verdict is Verdict.NEW:
                (of_last if each.pk in last else of_scan).append(each.pk)
    write_numbers(of_scan, files[OF_SCAN])
    write_numbers(of_last, files[OF_LAST])
    compared = replace(
        progress,
        stage=Stage.WRITE,
        exported=len(of_scan) + len(of_last),
        deleted=gone.count,
        files=gone.finish(),
    )
    files |= {file.name: work.folder / file.name for file in compared.files}
    return work.keep(compared, files, drop=(CHANGED, *(part.keys for part in progress.parts)))


class _Gone:
    """The file of deleted calls, which only an incremental export has."""

    def __init__(self, work: Work, progress: Progress) -> None:
        self._file: TableFile | None = None
        self.count = 0
        if work.earlier is not None:
            table = _tables(work, progress)[DELETED]
            self._file = open_table(work.wanted.format, table, work.folder, number=1)

    def add(self, known: Known) -> None:
        if self._file is not None:
            self._file.add((known.id,))
            self.count += 1

    def finish(self) -> tuple[ExportFile, ...]:
        return () if self._file is None else (self._file.finish(),)


def _before(work: Work) -> Iterator[Known]:
    return iter(()) if work.earlier is None else read_known(work.earlier.known)


def _not_read_again(work: Work, progress: Progress) -> Iterator[Known]:
    """Of the calls that have not changed meanwhile, what is to be said: as the scan read them, or as they were."""
    if not progress.scans:
        return _before(work)
    return _keys_of(work, progress.parts[: -progress.caught])


def _keys_of(work: Work, parts: Sequence[Part]) -> Iterator[Known]:
    return chain.from_iterable(read_known(work.shelf.fetch(part.keys)) for part in parts)


def write_part(work: Work, progress: Progress) -> Progress:
    """Turn the next part into files, one of each table that has rows in it."""
    part = progress.parts[progress.written]
    scanned = len(progress.parts) - progress.caught
    chosen = read_numbers(work.shelf.fetch(OF_SCAN if progress.written < scanned else OF_LAST))
    counts = _file_counts(progress)
    tables = {name: table for name, table in _tables(work, progress).items() if name != DELETED}
    opened = {
        name: open_table(work.wanted.format, table, work.folder, number=counts.get(name, 0) + 1)
        for name, table in tables.items()
    }
    with ExitStack() as closing:
        for each in opened.values():
            closing.callback(each.close)
        for number, body in enumerate(read_part(work.shelf.fetch(part.lines), chosen)):
            if number % 1_000 == 0:
                work.check()
            for name, rows in rows_of(body, progress.columns):
                if name in opened:
                    opened[name].add_all(rows)
        made = tuple(file for file in (each.finish() for each in opened.values()) if file.rows)
    written = progress.written + 1
    stage = Stage.FINISH if written == len(progress.parts) else Stage.WRITE
    files = {file.name: work.folder / file.name for file in made}
    return work.keep(
        replace(progress, stage=stage, written=written, files=(*progress.files, *made)), files, drop=(part.lines,)
    )


def finish(work: Work, progress: Progress) -> Progress:
    """A file without rows for each table that has none, so that readers find what they look for; then the manifest."""
    counts, made, files = _file_counts(progress), [], {}
    for name, table in _tables(work, progress).items():
        if name not in counts:
            empty = open_table(work.wanted.format, table, work.folder, number=1)
            made.append(empty.finish())
            files[empty.path.name] = empty.path
    done = replace(progress, stage=Stage.DONE, files=(*progress.files, *made))
    files[MANIFEST] = work.folder / MANIFEST
    files[MANIFEST].write_bytes(dump_manifest(manifest_of(work, done)))
    return work.keep(done, files, drop=(OF_SCAN, OF_LAST))


def manifest_of(work: Work, progress: Progress) -> Manifest:
    """What a finished export says of itself."""
    calls = _tables(work, progress)[CALLS].columns
    before = calls if work.earlier is None else work.earlier.manifest.tables[0].columns
    return Manifest(
        id=work.id,
        wanted=work.wanted,
        as_of=progress.as_of,
        watermark=write_watermark(progress.mark),
        after=work.wanted.after,
        calls=progress.exported,
        deleted=progress.deleted,
        tables=tuple(_tables(work, progress).values()),
        files=tuple(sorted(progress.files, key=lambda file: file.name)),
        altered=altered(before, calls),
        notes=progress.notes,
    )


def dump_manifest(manifest: Manifest) -> bytes:
    """As `manifest.json` has it."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def load_manifest(file: Path) -> Manifest:
    """The inverse of `dump_manifest`."""
    return msgspec.json.decode(file.read_bytes(), type=Manifest)


def _tables(work: Work, progress: Progress) -> dict[str, ExportTable]:
    tables = tables_of(progress.columns, transcripts=work.wanted.transcripts, deleted=work.earlier is not None)
    return {table.name: table for table in tables}


def _file_counts(progress: Progress) -> dict[str, int]:
    counts: dict[str, int] = {}
    for file in progress.files:
        counts[file.table] = counts.get(file.table, 0) + 1
    return counts
