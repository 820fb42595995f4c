"""Learning from past calls."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from postcall.cli.opening import DataOption, opened
from postcall.domain.agents import AnalyserChoice
from postcall.extraction.cascade import choose_analyser
from postcall.extraction.learning.card import Card, Score
from postcall.extraction.learning.gathering import Source
from postcall.extraction.learning.lessons import MIN_LABELS
from postcall.extraction.learning.status import LearningStatus, QuestionStatus, read_learning_status, status_json
from postcall.extraction.learning.study import Progress, Study
from postcall.services import Services
from postcall.storage.agents import find_agent_row, find_version, publish_version


def add_commands(app: typer.Typer) -> None:
    """learn."""
    app.command("learn")(learn)


def learn(
    agent: str,
    question: Annotated[
        list[str] | None, typer.Option(help="An identifier; may be given several times. Every question otherwise.")
    ] = None,
    min_labels: Annotated[int, typer.Option(min=10, help="Fewer known answers are not learned from.")] = MIN_LABELS,
    source: Annotated[
        Source,
        typer.Option("--from", help="Whose answers: people's labels, metrics of the same name, a model's; auto: labels, then a model's."),
    ] = Source.AUTO,
    analyser: Annotated[
        AnalyserChoice | None,
        typer.Option(help="From now on let these answer: built-in, model, or auto (heads first, then the model)."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try, and publish nothing.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Learn nothing; show what is learned, and who answers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API does.")] = False,
    data: DataOption = None,
) -> None:
    """Learn a small head for each question from calls whose answers are known, and let it answer where it wins.

    A head is held against the rules and the commonest answer on calls that it has not learned from, and published only
    where it is clearly better. A changed question needs a new one.
    """
    with opened(data) as (services, account_pk):
        if status:
            _show_status(services, account_pk, agent, as_json=as_json)
            return
        study = _learn(services, account_pk, agent, question or [], source, min_labels=min_labels, dry_run=dry_run)
        if analyser is not None and not dry_run:
            study = replace(study, config=_set_analyser(services, account_pk, agent, analyser))
        if as_json:
            _print_json(study_json(study))
        else:
            _print_study(study, has_model=services.settings.model is not None)


def study_json(study: Study) -> dict[str, object]:
    """What came of learning, with every card."""
    return {
        "agent": study.agent,
        "version": study.version,
        "from": study.source,
        "stored": study.stored,
        "questions": [
            {**msgspec.to_builtins(each.card), "bytes": each.size, "withdrawn": each.withdrawn}
            for each in study.results
        ],
    }


def _learn(
    services: Services,
    account_pk: int,
    agent: str,
    identifiers: list[str],
    source: Source,
    *,
    min_labels: int,
    dry_run: bool,
) -> Study:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from postcall.extraction.learning.study import learn as study_calls  # numpy, only where something is learned

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        return study_calls(
            services.record,
            account_pk,
            agent,
            source=source,
            clock=services.clock,
            identifiers=identifiers,
            min_labels=min_labels,
            dry_run=dry_run,
            on_progress=_follow(bars),
        )


def _follow(bars: object) -> Progress:
    from rich.progress import Progress as Bars

    assert isinstance(bars, Bars)
    task = bars.add_task("reading calls", total=None)
    return lambda what, done, total: bars.update(task, description=what, completed=done, total=total)


def _set_analyser(services: Services, account_pk: int, agent: str, analyser: AnalyserChoice):  # type: ignore[no-untyped-def]
    ...
