"""The command that writes calls into files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from postcall.api.native.parameters import read_time
from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import safe
from postcall.domain.audit import Action
from postcall.domain.exports import ExportFormat, ExportWanted, Manifest
from postcall.errors import BadInput
from postcall.exporting.folder import FolderShelf, open_shelf
from postcall.exporting.making import make_export
from postcall.exporting.progress import Progress, Stage
from postcall.exporting.work import PartSize, Work
from postcall.services import Services
from postcall.storage.exports import check_wanted

_PART = PartSize(calls=50_000, bytes=128 * 1024 * 1024)
"""What a kill costs at most, and what one file holds."""
_WORDS = {
    Stage.SCAN: "reading calls",
    Stage.CATCH_UP: "reading what changed",
    Stage.COMPARE: "comparing",
    Stage.WRITE: "writing files",
    Stage.FINISH: "writing files",
    Stage.DONE: "done",
}


def add_commands(app: typer.Typer) -> None:
    """export."""
    app.command("export")(export)


def export(
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="Each export gets a numbered folder of its own in it.")
    ],
    format_: Annotated[ExportFormat, typer.Option("--format", help="What the files are.")] = ExportFormat.CSV,
    agent: Annotated[
        list[str] | None, typer.Option("--agent", help="Only its calls; may be given several times.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Calls that started then or later, such as 2026-03-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Calls that started before then.")] = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Only what has changed since the last export in the folder.")
    ] = False,
    transcripts: Annotated[bool, typer.Option("--transcripts", help="What was said as well, a row per turn.")] = False,
    data: DataOption = None,
) -> None:
    """Write calls, answers and metric writes into files; where it was cut off, the same command goes on."""
    given = {name: text for name, text in (("since", since), ("until", until)) if text is not None}
    asked = ExportWanted(
        format=format_,
        agents=tuple(agent or ()),
        since=read_time(given, "since"),
        until=read_time(given, "until"),
        transcripts=transcripts,
    )
    with opened(data, to_read=True) as (services, account_pk):
        wanted = services.record.read(lambda c: check_wanted(c, account_pk, asked))
        one = wanted.agents[0] if len(wanted.agents) == 1 else None
        note(services, account_pk, Action.READ, "export", None, "postcall export", agent=one)
        with _in_words(folder), open_shelf(folder, wanted, incremental=incremental) as shelf:
            manifest = _make(services, account_pk, shelf)
            finished = shelf.publish()
    _tell(finished, manifest)


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """A disk that is full, or a folder that cannot be written, in one line."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{folder}: {why}; once that is put right, the same command goes on where it was") from error


def _make(services: Services, account_pk: int, shelf: FolderShelf) -> Manifest:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    work = Work(
        record=services.record,
        account_pk=account_pk,
        id=shelf.kept.id,
        wanted=shelf.kept.wanted,
        earlier=shelf.earlier,
        shelf=shelf,
        folder=shelf.making,
        size=_PART,
        clock=services.clock,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("calls"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading calls", total=None)

        def tell(progress: Progress) -> None:
            total = max(progress.total, progress.calls)
            bar.update(task, description=_WORDS[progress.stage], completed=progress.calls, total=total)

        return make_export(work, shelf.kept.progress, tell=tell)


def _tell(folder: Path, manifest: Manifest) -> None:
    what = f"{manifest.calls:,} calls"
    if manifest.after is not None:
        what += f" new or different, {manifest.deleted:,} gone"
    typer.echo(f"{safe(str(folder))}: {what}, {len(manifest.files)} files and manifest.json")
    for says in manifest.notes:
        typer.echo(says, err=True)
