"""Exports that the server makes: queued, worked at by whoever takes up the job, finished, and thrown away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.exports import OPEN, Export, ExportState, ExportWanted, Manifest
from postcall.domain.ids import new_object_id
from postcall.errors import BadInput, ExportFileNotFound, ExportNotFound, ExportNotReady, ExportStopped
from postcall.storage.access_schema import export_files, exports
from postcall.storage.agents import find_agent_row
from postcall.storage.jobs import PRIORITY_BACKGROUND, add_job
from postcall.storage.statements import lock_row, upsert

EXPORT = "export"
"""The kind of job that makes an export's files."""

HIDDEN = "."
"""Names of files that belong to the work and not to the result begin so; they are given to nobody."""
KNOWN = ".known"
"""That of them which stays: the next incremental export goes on from it."""


def queue_export(
    connection: Connection, account_pk: int, wanted: ExportWanted, *, by: str | None, now: datetime
) -> Export:
    """Ask for an export. BadInput where `after` is not an export of the same calls, and as `check_wanted`."""
    wanted = check_wanted(connection, account_pk, wanted)
    if wanted.after is not None:
        _check_after(connection, account_pk, wanted)
    export_id = new_object_id()
    connection.execute(
        sa.insert(exports).values(
            account_pk=account_pk,
            id=export_id,
            wanted=msgspec.to_builtins(wanted),
            state=ExportState.QUEUED,
            progress={},
            created_by=by,
            created_at=now,
            updated_at=now,
        )
    )
    add_job(connection, EXPORT, {"export": export_id}, call_pk=None, now=now, priority=PRIORITY_BACKGROUND)
    return find_export(connection, account_pk, export_id)


def check_wanted(connection: Connection, account_pk: int, wanted: ExportWanted) -> ExportWanted:
    """The same with slugs for ids; AgentNotFound, and BadInput where the times are the wrong way round."""
    if wanted.since is not None and wanted.until is not None and wanted.since >= wanted.until:
        raise BadInput("until: must be later than since", field="until")
    slugs = {find_agent_row(connection, account_pk, named).slug for named in wanted.agents}
    return replace(wanted, agents=tuple(sorted(slugs)))


def list_exports(connection: Connection, account_pk: int, limit: int) -> tuple[Export, ...]:
    """The newest exports of the account, the newest first."""
    rows = connection.execute(_mine(account_pk).order_by(exports.c.pk.desc()).limit(limit))
    return tuple(_read(row) for row in rows)


def find_export(connection: Connection, account_pk: int, export_id: str) -> Export:
    """One export; ExportNotFound also where it is another account's."""
    return _read(_find_row(connection, account_pk, export_id))


def cancel_export(connection: Connection, account_pk: int, export_id: str, *, now: datetime) -> Export:
    """Stop the work on an export; one that has ended stays as it is."""
    row = _find_row(connection, account_pk, export_id, locked=True)
    if ExportState(row.state) in OPEN:
        _set_state(connection, row.pk, ExportState.CANCELLED, now=now)
        _forget_files(connection, row.pk)
    return find_export(connection, account_pk, export_id)


def delete_export(connection: Connection, account_pk: int, export_id: str) -> None:
    """Take an export away with its files; whoever works at it stops."""
    row = _find_row(connection, account_pk, export_id, locked=True)
    connection.execute(sa.delete(exports).where(exports.c.pk == row.pk))


def read_export_file(connection: Connection, account_pk: int, export_id: str, name: str) -> bytes:
    """The content of one file of a finished export. ExportNotReady (409) before that; ExportFileNotFound."""
    row = _find_row(connection, account_pk, export_id)
    if ExportState(row.state) in OPEN:
        raise ExportNotReady(export_id, row.state)
    content = None if name.startswith(HIDDEN) else _content(connection, row.pk, name)
    if content is None:
        raise ExportFileNotFound(export_id, name)
    return content


def forget_old_exports(connection: Connection, *, now: datetime) -> int:
    """Throw the files of exports away whose time has come; returns of how many. The exports stay listed."""
    due = sa.select(exports.c.pk).where(exports.c.expires_at <= now, exports.c.state == ExportState.FINISHED).limit(10)
    pks = list(connection.execute(due).scalars())
    for pk in pks:
        _set_state(connection, pk, ExportState.EXPIRED, now=now)
        _forget_files(connection, pk)
    return len(pks)


@dataclass(frozen=True, slots=True)
class ExportWork:
    """An export as whoever works at it needs it."""

    pk: int
    account_pk: int
    id: str
    wanted: ExportWanted
    progress: dict[str, Any]
    """As it was kept last; empty where nobody has begun."""
    step: int
    """How many steps have been kept."""


def take_up_export(connection: Connection, export_id: str, *, now: datetime) -> ExportWork:
    """Begin, or go on with, an export. ExportStopped where it is gone, cancelled or finished."""
    row = connection.execute(lock_row(connection, sa.select(exports).where(exports.c.id == export_id))).one_or_none()
    if row is None or ExportState(row.state) not in OPEN:
        raise ExportStopped(export_id)
    _set_state(connection, row.pk, ExportState.RUNNING, now=now)
    progress = dict(row.progress)
    step = progress.pop("step", 0)
    return ExportWork(row.pk, row.account_pk, row.id, _read_wanted(row.wanted), progress, step)


def keep_file(connection: Connection, *, work: ExportWork, name: str, content: bytes, step: int) -> None:
    """Store a file that step `step` made; ExportStopped where it was cancelled or another is at it."""
    _lock_work(connection, work, step)
    values = {"export_pk": work.pk, "name": name, "content": content}
    upsert(connection, export_files, values, changing=("content",))


def keep_step(
    connection: Connection,
    work: ExportWork,
    progress: dict[str, Any],
    *,
    drop: tuple[str, ...] = (),
    step: int,
    now: datetime,
) -> None:
    """Step `step` is done, its files have been stored; ExportStopped as there."""
    _lock_work(connection, work, step)
    if drop:
        connection.execute(
            sa.delete(export_files).where(export_files.c.export_pk == work.pk, export_files.c.name.in_(drop))
        )
    connection.execute(
        sa.update(exports).where(exports.c.pk == work.pk).values(progress={**progress, "step": step}, updated_at=now)
    )


def read_working_file(connection: Connection, export_pk: int, name: str) -> bytes:
    """A file of an export whatever its state; ExportFileNotFound where it is gone."""
    content = _content(connection, export_pk, name)
    if content is None:
        raise ExportFileNotFound(str(export_pk), name)
    return content


def find_earlier(connection: Connection, work: ExportWork) -> tuple[int, Manifest]:
    """The key and the manifest of the export that this one goes on from."""
    row = _find_row(connection, work.account_pk, work.wanted.after or "")
    if row.state != ExportState.FINISHED:
        raise ExportNotReady(row.id, row.state)
    return row.pk, _read_manifest(row.manifest)


def finish_export(
    connection: Connection, work: ExportWork, manifest: Manifest, *, step: int, now: datetime, keep: timedelta
) -> None:
    """Its files are all there."""
    _lock_work(connection, work, step)
    connection.execute(
        sa.update(exports)
        .where(exports.c.pk == work.pk)
        .values(
            state=ExportState.FINISHED,
            manifest=msgspec.to_builtins(manifest),
            updated_at=now,
            expires_at=now + keep,
        )
    )
    # What a step left that was cut off, and came to less when it was done again.
    name = export_files.c.name
    left = name.startswith(HIDDEN) & (name != KNOWN)
    connection.execute(sa.delete(export_files).where(export_files.c.export_pk == work.pk, left))


def fail_export(connection: Connection, export_id: str, error: str, *, now: datetime) -> None:
    """It cannot be made; what there was of it is thrown away."""
    row = connection.execute(lock_row(connection, sa.select(exports).where(exports.c.id == export_id))).one_or_none()
    if row is None or ExportState(row.state) not in OPEN:
        return
    connection.execute(
        sa.update(exports)
        .where(exports.c.pk == row.pk)
        .values(state=ExportState.FAILED, error=error[:2000], updated_at=now)
    )
    _forget_files(connection, row.pk)


def _lock_work(connection: Connection, work: ExportWork, step: int) -> None:
    """Hold the export, where its last step is the one before this."""
    row = connection.execute(lock_row(connection, sa.select(exports).where(exports.c.pk == work.pk))).one_or_none()
    if row is None or row.state != ExportState.RUNNING or row.progress.get("step", 0) != step - 1:
        raise ExportStopped(work.id)


def _check_after(connection: Connection, account_pk: int, wanted: ExportWanted) -> None:
    try:
        earlier = find_export(connection, account_pk, wanted.after or "")
    except ExportNotFound:
        raise BadInput(f"after: there is no export {wanted.after!r}", field="after") from None
    if earlier.state is not ExportState.FINISHED:
        raise BadInput(
            f"after: export {earlier.id} is {earlier.state}, and only a finished one whose files are there can be "
            "gone on from; leave `after` out to begin anew",
            field="after",
        )
    if replace(earlier.wanted, after=None) != replace(wanted, after=None):
        raise BadInput(
            f"after: export {earlier.id} is of other calls or another format; ask for the same ones", field="after"
        )


def _set_state(connection: Connection, pk: int, state: ExportState, *, now: datetime) -> None:
    connection.execute(sa.update(exports).where(exports.c.pk == pk).values(state=state, updated_at=now))


def _forget_files(connection: Connection, pk: int) -> None:
    connection.execute(sa.delete(export_files).where(export_files.c.export_pk == pk))


def _content(connection: Connection, pk: int, name: str) -> bytes | None:
    query = sa.select(export_files.c.content).where(export_files.c.export_pk == pk, export_files.c.name == name)
    content = connection.execute(query).scalar_one_or_none()
    return None if content is None else bytes(content)


def _mine(account_pk: int) -> sa.Select[Any]:
    return sa.select(exports).where(exports.c.account_pk == account_pk)


def _find_row(connection: Connection, account_pk: int, export_id: str, *, locked: bool = False) -> Row[Any]:
    query = _mine(account_pk).where(exports.c.id == export_id)
    row = connection.execute(lock_row(connection, query) if locked else query).one_or_none()
    if row is None:
        raise ExportNotFound(export_id)
    return row


def _read(row: Row[Any]) -> Export:
    return Export(
        id=row.id,
        wanted=_read_wanted(row.wanted),
        state=ExportState(row.state),
        calls_done=row.progress.get("calls", 0),
        calls_total=row.progress.get("total"),
        manifest=None if row.manifest is None else _read_manifest(row.manifest),
        error=row.error,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
    )


def _read_wanted(stored: dict[str, Any]) -> ExportWanted:
    return msgspec.convert(stored, ExportWanted)


def _read_manifest(stored: dict[str, Any]) -> Manifest:
    return msgspec.convert(stored, Manifest)
