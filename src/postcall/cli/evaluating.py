"""The command that says how true the answers are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from postcall.api.native.parameters import read_time
from postcall.api.question_format import read_question_file
from postcall.cli.opening import DataOption, opened, settings_for
from postcall.data_folder import prepare_folder
from postcall.domain.questions import DispositionMetric
from postcall.errors import BadInput, SettingsError
from postcall.evaluation.labelled import LabelledFile, Scoring, in_file, read_labelled_calls, read_scoring
from postcall.evaluation.past import PastAnswers, gather_past_answers
from postcall.evaluation.report import Report, Subject, make_report
from postcall.evaluation.running import Answered, answer_calls
from postcall.evaluation.saved import SavedReport, public_json, save_report, to_saved
from postcall.evaluation.table import HEADERS, show_metric, show_speed
from postcall.extraction.analysers import Analyser, BuiltInAnalyser, ModelAnalyser
from postcall.serving import utc_now
from postcall.settings import Settings


class AnalyserName(StrEnum):
    """Who answers."""

    BUILT_IN = "built-in"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Answers with their labels, and how to score them."""

    subject: Subject
    answered: Sequence[Answered]
    questions: Sequence[DispositionMetric]
    scoring: dict[str, Scoring]
    notes: Sequence[str]


FileOption = Path | None
_WIDE = 120
"""Columns that the whole table needs."""
_UNBOUND = 160
"""What is not written to a terminal has no edge; so wide it holds the longest names of questions."""
_NARROW = ("accuracy", "when answered", "by class", "invented")
_SHOWN_FAULTS = 5
_EXISTING = {"exists": True, "dir_okay": False}


def add_commands(app: typer.Typer) -> None:
    """evaluate."""
    app.command("evaluate")(evaluate)


def evaluate(
    calls: Annotated[
        FileOption, typer.Option(help="Labelled calls, one a line, each with its `gold`.", **_EXISTING)
    ] = None,
    metrics: Annotated[
        FileOption, typer.Option(help="The questions: an array of disposition metrics.", **_EXISTING)
    ] = None,
    scoring: Annotated[
        FileOption, typer.Option(help="How each question is compared: {identifier: {compare}}.", **_EXISTING)
    ] = None,
    analyser: Annotated[
        AnalyserName | None, typer.Option(help="Who answers; the model where one is configured.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many calls, from the top of the file.")] = None,
    labels: Annotated[
        str | None, typer.Option(metavar="AGENT", help="Score this agent's stored answers by people's labels instead.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="With --labels: calls that started then or later; ISO 8601 or a date.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report as JSON to this file; - prints it.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call this run; the file's name otherwise.")] = None,
    no_save: Annotated[bool, typer.Option("--no-save", help="Do not keep the run for the pages.")] = False,
    data: DataOption = None,
) -> None:
    """Compare answers with what is known to be true, and tell how often they are right.

    Either ask an analyser about a file of labelled calls (--calls, --metrics, --scoring), or score what was answered
    when the calls ended by the labels that people gave since (--labels).
    """
    settings = settings_for(data)
    began = time.perf_counter()
    if labels is not None:
        _refuse({"--calls": calls, "--metrics": metrics, "--analyser": analyser, "--limit": limit}, "--labels")
        found = _past_answers(labels, since, scoring, name, data)
    else:
        _refuse({"--since": since}, "--calls")
        files = _required(calls=calls, metrics=metrics, scoring=scoring)
        found = _ask(files, _choose_analyser(analyser, settings), limit, name)
    report = make_report(
        found.subject,
        found.answered,
        found.questions,
        found.scoring,
        made_at=utc_now(),
        elapsed_s=time.perf_counter() - began,
        notes=found.notes,
    )
    _tell(report, json, None if no_save else settings.data)


def _ask(files: dict[str, Path], analyser: Analyser, limit: int | None, name: str | None) -> Evaluated:
    questions = in_file(files["metrics"], read_question_file)
    scoring = read_scoring(files["scoring"], questions)
    labelled = read_labelled_calls(files["calls"], questions, now=utc_now(), limit=limit)
    subject = Subject(name or _name_of(files["calls"]), analyser.name, analyser.model)
    answered = asyncio.run(_answer(analyser, labelled, questions))
    return Evaluated(subject, answered, questions, scoring, labelled.notes)


async def _answer(
    analyser: Analyser, labelled: LabelledFile, questions: Sequence[DispositionMetric]
) -> tuple[Answered, ...]:
    # Rules run on one thread: more calls at once would only wait for one another, within their measured time.
    in_flight = 1 if isinstance(analyser, BuiltInAnalyser) else analyser.limit
    try:
        with _progress("calls", len(labelled.calls)) as (bar, task):
            return await answer_calls(
                analyser,
                labelled.calls,
                questions,
                in_flight=in_flight,
                on_progress=lambda done: bar.update(task, completed=done),
            )
    finally:
        await analyser.close()


def _past_answers(
    agent: str, since: str | None, scoring: Path | None, name: str | None, data: Path | None
) -> Evaluated:
    start = read_time({"since": since}, "since") if since is not None else None
    with opened(data) as (services, account_pk):
        past: PastAnswers = services.record.read(lambda c: gather_past_answers(c, account_pk, agent, since=start))
    if not past.answered:
        raise BadInput(f"people have labelled no answer of {agent!r} yet: confirm or correct some on the calls' pages")
    subject = Subject(name or f"labels-{agent}", past.analyser, past.model, source="labels")
    scored = read_scoring(scoring, past.questions) if scoring is not None else {}
    return Evaluated(subject, past.answered, past.questions, scored, past.notes)


def _choose_analyser(name: AnalyserName | None, settings: Settings) -> Analyser:
    if name is AnalyserName.MODEL or (name is None and settings.model is not None):
        if settings.model is None:
            raise SettingsError("no model is configured: set POSTCALL_LLM_BASE_URL and POSTCALL_LLM_MODEL")
        return ModelAnalyser(settings.model)
    import postcall.extraction.builtin  # noqa: F401 - loads its word lists before the clock runs

    return BuiltInAnalyser()


def _refuse(options: dict[str, object], beside: str) -> None:
    for option, given in options.items():
        if given is not None:
            raise BadInput(f"{option} does not go with {beside}")


def _required(**files: Path | None) -> dict[str, Path]:
    given = {option: file for option, file in files.items() if file is not None}
    missing = [f"--{option}" for option in files if option not in given]
    if missing:
        raise BadInput(f"{', '.join(missing)} is missing (or give --labels AGENT, to score stored answers)")
    return given


def _name_of(file: Path) -> str:
    folder = file.resolve().parent.name
    return f"{folder}-{file.stem}" if folder else file.stem


@contextmanager
def _progress(what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar, bar.add_task(what, total=total)


def _tell(report: Report, json: Path | None, data: Path | None) -> None:
    saved = to_saved(report)
    content = msgspec.json.format(msgspec.json.encode(public_json(saved)), indent=2) + b"\n"
    if json is not None and str(json) == "-":
        typer.echo(content, nl=False)
    else:
        _print(saved, Console())
        if json is not None:
            json.write_bytes(content)
    if data is not None:
        prepare_folder(data)
        typer.echo(f"kept as {save_report(data, saved)}; `postcall serve` shows it under /evaluation", err=True)


def _print(report: SavedReport, console: Console) -> None:
    if not console.is_terminal:
        console.width = _UNBOUND
    who = f"{report.analyser}, {report.model}" if report.model else report.analyser
    console.print(Text(f"{report.name}   {who}   {show_speed(report)}", style="bold"))
    console.print(_table(report, wide=console.width >= _WIDE))
    console.print(Text("Shares in per cent of the labels; below each its 95 % bootstrap interval."))
    if console.width < _WIDE:
        console.print(Text(f"A terminal of {_WIDE} columns shows coverage, evidence and calibration too."))
    for metric in report.metrics:
        if remarks := show_metric(metric).remarks:
            console.print(Text(f"{metric.identifier}: {'; '.join(remarks)}", style="dim"))
    for note in report.notes:
        console.print(Text(f"Note: {note}"))
    for fault in report.failed[:_SHOWN_FAULTS]:
        console.print(Text(f"Failed: {fault.call}: {fault.reason}", style="red"))
    if len(report.failed) > _SHOWN_FAULTS:
        console.print(Text(f"and {len(report.failed) - _SHOWN_FAULTS:,} more failed", style="red"))


def _table(report: SavedReport, *, wide: bool) -> Table:
    shown = HEADERS if wide else [each for each in HEADERS if each[0] in _NARROW]
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("question", overflow="fold")
    for header in ("n", *(header for header, _ in shown)):
        table.add_column(header, justify="right", overflow="fold")
    for metric in report.metrics:
        row = show_metric(metric)
        cells = dict(zip((header for header, _ in HEADERS), row.cells, strict=True))
        figures = [Text("\n".join(filter(None, (cells[header].value, cells[header].interval)))) for header, _ in shown]
        table.add_row(Text(f"{row.identifier}\n{row.type}"), row.n, *figures)
    return table
