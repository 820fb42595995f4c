"""Commands that bring calls in and look at them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from postcall.api.native.parameters import read_filter
from postcall.api.native.shapes import call_file_json, call_row_json
from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.domain.answers import Answer, AnswerStatus
from postcall.domain.audit import Action
from postcall.domain.views import CallFile, CallRow
from postcall.errors import BadInput
from postcall.intake.importing import ImportResult, import_file
from postcall.intake.service import extract_again
from postcall.storage.call_views import failed_calls, list_calls, read_call

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, as the API does.")]
_SHOWN_ERRORS = 20


def add_commands(app: typer.Typer) -> None:
    """import, calls, show, extract."""
    app.command("import")(import_calls)
    app.command("calls")(calls)
    app.command("show")(show)
    app.command("extract")(extract)


def import_calls(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One call a line, as JSON.")],
    agent: Annotated[str, typer.Option(help="Whose calls they are, where a line does not say.")],
    gold_as_metrics: Annotated[bool, typer.Option(help="Write the lines' labels as real-time metrics.")] = False,
    data: DataOption = None,
) -> None:
    """Bring in a file of calls; a second run goes on where the first one ended, and adds nothing twice."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with opened(data) as (services, account_pk):
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("bytes", total=file.stat().st_size)
            result = import_file(
                services.record,
                account_pk,
                file,
                agent=agent,
                gold_as_metrics=gold_as_metrics,
                clock=services.clock,
                on_progress=lambda done: progress.update(task, completed=done),
            )
        note(services, account_pk, Action.CHANGED, "calls", None, "postcall import", agent=agent)
    _tell_import(result)
    if result.refused:
        raise typer.Exit(1)


def calls(
    agent: Annotated[str | None, typer.Option()] = None,
    since: Annotated[str | None, typer.Option(help="ISO 8601, with its zone, or a date.")] = None,
    until: Annotated[str | None, typer.Option(help="ISO 8601, with its zone, or a date.")] = None,
    status: Annotated[str | None, typer.Option()] = None,
    extraction: Annotated[str | None, typer.Option(help="finished, open or failed.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; may be given several times.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """The newest calls, with their answers."""
    given = {"agent": agent, "since": since, "until": until, "status": status, "extraction": extraction}
    query = {name: value for name, value in given.items() if value is not None}
    for each in metric or []:
        name, given_value, value = each.partition("=")
        if not (name and given_value):
            raise BadInput(f"--metric {each}: write NAME=VALUE")
        query[f"metric.{name}"] = value
    wanted = read_filter(query)
    with opened(data, to_read=True) as (services, account_pk):
        page = services.record.read(lambda c: list_calls(c, account_pk, wanted, after=None, limit=limit))
    if as_json:
        _print_json([call_row_json(row) for row in page.rows])
        return
    if not page.rows:
        typer.echo(
            "No calls match." if query else "There are no calls yet. `postcall import FILE --agent NAME` adds some."
        )
        return
    table = Table("started (UTC)", "call", "answers", box=SIMPLE, expand=True)
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for row in page.rows:
        table.add_row(*_row_cells(row))
    Console().print(table)


def show(call_id: str, as_json: JsonOption = False, data: DataOption = None) -> None:
    """One call: what was said, what was measured, what was found."""
    with opened(data, to_read=True) as (services, account_pk):
        file = services.record.read(lambda c: read_call(c, account_pk, call_id))
    if as_json:
        _print_json(call_file_json(file))
    else:
        _print_call(file, Console())


def extract(
    call_ids: Annotated[list[str] | None, typer.Argument(help="Calls to ask again.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every call whose extraction failed.")] = False,
    agent: Annotated[str | None, typer.Option(help="With --failed: of this agent only.")] = None,
    data: DataOption = None,
) -> None:
    """Queue the agent's active questions for calls that were asked before; nothing is overwritten."""
    if bool(call_ids) == failed:
        raise BadInput("name the calls, or give --failed")
    with opened(data, to_read=True) as (services, account_pk):
        wanted = call_ids or services.record.read(lambda c: failed_calls(c, account_pk, agent))
        for call_id in wanted:
            services.record.write(extract_again(account_pk, call_id, now=services.clock()))
        note(
            services,
            account_pk,
            Action.CHANGED,
            "calls",
            call_ids[0] if len(wanted) == 1 and call_ids else None,
            "postcall extract",
            agent=agent,
        )
    typer.echo(f"{len(wanted):,} calls queued; `postcall serve` or `postcall worker` asks them")


def _tell_import(result: ImportResult) -> None:
    for line, reason in result.refused[:_SHOWN_ERRORS]:
        typer.echo(f"line {line}: {reason}", err=True)
    if len(result.refused) > _SHOWN_ERRORS:
        typer.echo(f"and {len(result.refused) - _SHOWN_ERRORS} more", err=True)
    typer.echo(f"{result.added:,} added, {result.there:,} there already, {len(result.refused):,} refused")


def _row_cells(row: CallRow) -> tuple[str, Text, Text]:
    call = row.call
    if row.extraction is None:
        answers = Text(f"{row.progress.state}: {row.progress.reason}", style="italic")
    else:
        found = [answer for answer in row.extraction.findings.answers if answer.status is AnswerStatus.OK]
        answers = Text(", ".join(f"{answer.identifier}={_shown(answer.value)}" for answer in found) or "nothing known")
    return f"{call.started_at:%m-%d %H:%M}", plain(call.id), answers


def _print_call(file: CallFile, console: Console) -> None:
    call = file.call
    console.print(Text(f"{call.id}   {call.agent_slug}   {call.started_at:%Y-%m-%d %H:%M} UTC", style="bold"))
    console.print(Text(f"{call.details.channel}, {call.details.direction}, {call.details.status}"))
    console.print()
    for index, turn in enumerate(file.turns):
        spoken = Text(f"{index:>3} {turn.role:>5}  ", style="bold").append(safe(turn.text), style="not bold")
        console.print(spoken)
    if file.metrics:
        console.print()
        table = Table("metric", "value", "writes", box=SIMPLE)
        for metric in file.metrics:
            table.add_row(Text(safe(metric.name)), Text(_shown(metric.value)), str(len(metric.values)))
        console.print(table)
    console.print()
    if file.extraction is None:
        again = f"; next try at {file.progress.retry_at:%H:%M:%S} UTC" if file.progress.retry_at else ""
        console.print(Text(f"{file.progress.state}: {file.progress.reason}{again}"))
        return
    console.print(Text(safe(file.extraction.findings.summary)))
    if not file.extraction.findings.answers:
        console.print(
            Text(
                f"Version {file.extraction.version} of {call.agent_slug} asks nothing. "
                f"`postcall metrics set {call.agent_slug} metrics.json` gives it questions, for the calls that follow.",
                style="italic",
            )
        )
    for answer in file.extraction.findings.answers:
        _print_answer(answer, console)


def _print_answer(answer: Answer, console: Console) -> None:
    confidence = "" if answer.confidence is None else f", confidence {answer.confidence:.2f}"
    console.print()
    value = Text(f"{answer.identifier}  ", style="bold").append(_shown(answer.value))
    console.print(value.append(f"  ({answer.status}{confidence})", style="dim"))
    console.print(Padding(Text(safe(answer.reasoning)), (0, 0, 0, 2)))
    for evidence in answer.evidence:
        console.print(Padding(Text(f"turn {evidence.turn}: “{safe(evidence.quote)}”", style="italic"), (0, 0, 0, 2)))


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe(str(value))


def _print_json(content: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n")
