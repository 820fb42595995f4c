"""Exports that the worker makes, on whichever machine it runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.aside import run_aside
from tests.builders import Desk, StepClock, a_call, a_question, an_answer

from postcall.domain.exports import Export, ExportFormat, ExportState, ExportWanted
from postcall.errors import BadInput, ExportFileNotFound, ExportNotFound, ExportNotReady, InternalFault
from postcall.exporting.job import MakeExport
from postcall.exporting.work import PartSize
from postcall.jobs.worker import Store
from postcall.storage.access_schema import export_files
from postcall.storage.exports import (
    EXPORT,
    cancel_export,
    delete_export,
    find_export,
    forget_old_exports,
    list_exports,
    queue_export,
    read_export_file,
)
from postcall.storage.jobs import Job, claim_jobs, finish_job

KEEP = timedelta(days=7)
JSONL = ExportFormat.JSONL


class Cut(Exception):
    """The machine goes out."""


def handler(desk: Desk, clock: Callable[[], Any] | None = None) -> MakeExport:
    return MakeExport(desk.record, keep=KEEP, clock=clock or desk.clock, size=PartSize(2, 10_000_000))


def queue(desk: Desk, **wanted: Any) -> Export:
    asked = ExportWanted(**{"format": JSONL, **wanted})
    return desk.record.write(lambda c: queue_export(c, desk.pk, asked, by="ann", now=desk.clock()))


def claim(desk: Desk) -> Job:
    [job] = desk.record.write(lambda c: claim_jobs(c, EXPORT, limit=5, lease_s=15.0, now=desk.clock()))
    return job


def store(desk: Desk, job: Job, result: Store) -> None:
    def both(connection: sa.Connection) -> None:
        assert finish_job(connection, job)
        result(connection)

    desk.record.write(both)


def work(desk: Desk) -> None:
    job = claim(desk)
    store(desk, job, run_aside(handler(desk).run(job)))


def look(desk: Desk, export: Export) -> Export:
    return desk.record.read(lambda c: find_export(c, desk.pk, export.id))


def content(desk: Desk, export: Export, name: str) -> bytes:
    return desk.record.read(lambda c: read_export_file(c, desk.pk, export.id, name))


def lines(desk: Desk, export: Export, table: str) -> list[dict[str, Any]]:
    manifest = look(desk, export).manifest
    assert manifest is not None
    held = [content(desk, export, file.name) for file in manifest.files if file.table == table]
    return [json.loads(line) for each in held for line in each.splitlines()]


def files_kept(desk: Desk) -> list[str]:
    return list(desk.record.read(lambda c: c.execute(sa.select(export_files.c.name)).scalars()))


def some_calls(desk: Desk, count: int = 5) -> None:
    desk.ask(a_question())
    for number in range(count):
        desk.hand_in(a_call(f"call-{number}", metrics={"N": number}))
        desk.extract(an_answer())


def test_what_was_asked_for_is_made_and_can_be_fetched(desk: Desk) -> None:
    some_calls(desk)
    export = queue(desk)
    assert (export.state, export.created_by) == (ExportState.QUEUED, "ann")
    with pytest.raises(ExportNotReady):
        content(desk, export, "manifest.json")
    work(desk)
    done = look(desk, export)
    assert done.state is ExportState.FINISHED
    assert done.calls_done >= 5
    assert done.expires_at == desk.clock() + KEEP
    assert [row["N"] for row in lines(desk, export, "calls")] == [0, 1, 2, 3, 4]
    assert done.manifest is not None
    for file in done.manifest.files:
        assert hashlib.sha256(content(desk, export, file.name)).hexdigest() == file.sha256
    assert json.loads(content(desk, export, "manifest.json"))["watermark"] == done.manifest.watermark
    for name in (".known", "nothing", "../x"):
        with pytest.raises(ExportFileNotFound):
            content(desk, export, name)


def test_one_goes_on_from_another_also_on_another_machine(desk: Desk) -> None:
    some_calls(desk)
    first = queue(desk)
    work(desk)
    desk.hand_in(a_call("call-9"))
    second = queue(desk, after=first.id)
    work(desk)
    assert [row["call_id"] for row in lines(desk, second, "calls")] == ["call-9"]
    assert lines(desk, second, "deleted") == []
    with pytest.raises(BadInput, match="other calls"):
        queue(desk, after=second.id, transcripts=True)
    with pytest.raises(BadInput, match="there is no export"):
        queue(desk, after="x" * 24)
    with pytest.raises(BadInput, match="queued"):
        queue(desk, after=queue(desk).id)


def test_a_worker_that_died_at_any_point_costs_no_more_than_a_step(desk: Desk) -> None:
    some_calls(desk)
    export, job, died = queue(desk), claim(desk), 0
    while True:
        left = [4]

        def clock(left: list[int] = left) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return desk.clock()

        try:
            store(desk, job, run_aside(handler(desk, clock).run(job)))
            break
        except Cut:
            died += 1
            assert died < 30
    assert died > 1
    assert [row["call_id"] for row in lines(desk, export, "calls")] == [f"call-{n}" for n in range(5)]
    assert sorted(files_kept(desk)) == sorted(
        [".known", "manifest.json", *(file.name for file in look(desk, export).manifest.files)]  # type: ignore[union-attr]
    )


def test_one_that_is_cancelled_or_deleted_leaves_no_file(desk: Desk) -> None:
    some_calls(desk)
    export = queue(desk)
    cancelled = desk.record.write(lambda c: cancel_export(c, desk.pk, export.id, now=desk.clock()))
    assert cancelled.state is ExportState.CANCELLED
    work(desk)
    assert look(desk, export).state is ExportState.CANCELLED
    with pytest.raises(ExportFileNotFound):
        content(desk, export, "manifest.json")
    other = queue(desk)
    work(desk)
    desk.record.write(lambda c: delete_export(c, desk.pk, other.id))
    assert files_kept(desk) == []
    with pytest.raises(ExportNotFound):
        look(desk, other)


def test_files_are_thrown_away_when_their_time_has_come(desk: Desk, clock: StepClock) -> None:
    some_calls(desk, 1)
    export = queue(desk)
    work(desk)
    clock.advance(KEEP.total_seconds() - 1)
    assert desk.record.write(lambda c: forget_old_exports(c, now=clock())) == 0
    clock.advance(2)
    assert desk.record.write(lambda c: forget_old_exports(c, now=clock())) == 1
    old = look(desk, export)
    assert (old.state, files_kept(desk)) == (ExportState.EXPIRED, [])
    assert old.manifest is not None
    with pytest.raises(BadInput, match="expired"):
        queue(desk, after=export.id)


def test_one_that_cannot_be_made_says_why(desk: Desk) -> None:
    export = queue(desk)
    job = claim(desk)
    store(desk, job, handler(desk).give_up(job, InternalFault(ValueError("no room"))))
    failed = look(desk, export)
    assert failed.state is ExportState.FAILED
    assert "no room" in (failed.error or "")


def test_another_account_sees_none_of_it(desk: Desk) -> None:
    export = queue(desk)
    other = Desk(desk.record, desk.clock, account="other")
    assert desk.record.read(lambda c: list_exports(c, other.pk, 10)) == ()
    assert [each.id for each in desk.record.read(lambda c: list_exports(c, desk.pk, 10))] == [export.id]
    for deed in (
        lambda c: find_export(c, other.pk, export.id),
        lambda c: cancel_export(c, other.pk, export.id, now=desk.clock()),
        lambda c: delete_export(c, other.pk, export.id),
        lambda c: read_export_file(c, other.pk, export.id, "manifest.json"),
    ):
        with pytest.raises(ExportNotFound):
            desk.record.write(deed)
