"""Learning from past calls."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.configure.answering import set_analyser
from postcall.domain.agents import AnalyserChoice
from postcall.domain.audit import Action
from postcall.extraction.learning.card import Score
from postcall.extraction.learning.gathering import Source
from postcall.extraction.learning.lessons import MIN_LABELS
from postcall.extraction.learning.status import LearningStatus, QuestionStatus, read_learning_status, status_json
from postcall.services import Services

if TYPE_CHECKING:  # they load numpy, for which no other command should wait
    from postcall.extraction.learning.study import Progress, Study


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
        typer.Option(
            "--from",
            help="Whose answers: people's labels, metrics of the same name, or a model's; auto: the first there is.",
        ),
    ] = Source.AUTO,
    analyser: Annotated[
        AnalyserChoice | None,
        typer.Option(help="Who answers from now on: built-in, model, or auto (heads first, then the model)."),
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Below it a head does not answer, from now on.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try, and change nothing.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Learn nothing; show what is learned and who answers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: DataOption = None,
) -> None:
    """Learn a small head for each question from calls whose answers are known, and let it answer where it wins.

    A head is held against the rules and the commonest answer on calls that it has not learned from, and published only
    where it is clearly better. A question that is changed later has no head until it is learned anew.
    """
    with opened(data) as (services, account_pk):
        if not status:
            study = _study(services, account_pk, agent, question, source, min_labels=min_labels, dry_run=dry_run)
        if not dry_run and (analyser is not None or min_confidence is not None):
            now = services.clock()
            services.record.write(
                lambda c: set_analyser(c, account_pk, agent, analyser=analyser, min_confidence=min_confidence, now=now)
            )
        if not dry_run and not (status and analyser is None and min_confidence is None):
            note(services, account_pk, Action.CHANGED, "learning", None, "postcall learn", agent=agent)
        has_model = services.settings.model is not None
        standing = services.record.read(lambda c: read_learning_status(c, account_pk, agent, has_model=has_model))
    if status:
        _print_json(status_json(standing)) if as_json else _print_status(standing)
    elif as_json:
        _print_json(study_json(study))
    else:
        _print_study(study, standing)


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


def _study(
    services: Services,
    account_pk: int,
    agent: str,
    identifiers: list[str] | None,
    source: Source,
    *,
    min_labels: int,
    dry_run: bool,
) -> Study:
    from postcall.extraction.learning.study import learn as study_calls

    with _progress() as on_progress:
        return study_calls(
            services.record,
            account_pk,
            agent,
            source=source,
            clock=services.clock,
            identifiers=identifiers or (),
            min_labels=min_labels,
            dry_run=dry_run,
            on_progress=on_progress,
        )


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading calls", total=None)
        yield lambda what, done, total: bars.update(task, description=what, completed=done, total=total)


def _print_study(study: Study, standing: LearningStatus) -> None:
    table = Table("question", "calls", "rules", "commonest", "head", "what came of it")
    for each in study.results:
        card = each.card
        came = card.verdict + "".join(f"; {count} {reason}" for reason, count in card.set_aside.items())
        if each.withdrawn:
            came += "; its earlier head was withdrawn"
        scores = (_shown(score) for score in (card.rules, card.majority, card.head))
        table.add_row(card.identifier, f"{card.learned_from:,}", *scores, Text(came))
    Console().print(table)
    if not study.stored:
        typer.echo("This was a dry run: nothing is published.")
    elif any(each.card.published for each in study.results):
        typer.echo(_who_answers(standing))


def _who_answers(standing: LearningStatus) -> str:
    if not standing.heads_answer:
        return (
            f"{standing.agent} is answered by the model alone, so its heads wait: "
            f"`postcall learn {standing.agent} --status --analyser auto`"
        )
    return f"The heads answer new calls within seconds, where their confidence is {standing.min_confidence:g} or more."


def _print_status(standing: LearningStatus) -> None:
    heads = f"heads answer from a confidence of {standing.min_confidence:g}" if standing.heads_answer else "heads wait"
    typer.echo(f"{standing.agent}, version {standing.version}: analyser {standing.analyser}, {heads}")
    table = Table("question", "head", "right", "calibration error", "free", "agrees with the model", "last attempt")
    for question in standing.questions:
        table.add_row(*_status_cells(question))
    Console().print(table)


def _status_cells(question: QuestionStatus) -> tuple[str | Text, ...]:
    card, agreement = question.card, question.agreement
    head = "answers" if question.answers else "none" if question.learns else "not learned"
    right = _shown(card.head) if card else ""
    error = f"{card.calibration_error:.3f}" if card and card.calibration_error is not None else ""
    free = f"{question.free_share:.0%}" if question.free_share is not None else ""
    agrees = f"{agreement.share:.0%} of {agreement.compared}" if agreement.share is not None else ""
    return question.identifier, head, right, error, free, agrees, Text(card.verdict if card else "")


def _shown(score: Score | None) -> str:
    return f"{score.accuracy:.1%} ({score.low:.0%}–{score.high:.0%})" if score is not None else ""


def _print_json(content: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n")
