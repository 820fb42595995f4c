"""Commands that help to write questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postcall.api.question_format import question_file_json, read_unchecked_file
from postcall.cli.showing import plain, safe
from postcall.configure.question_lint import Severity, lint_questions
from postcall.configure.question_templates import Group, find_templates
from postcall.errors import BadInput

questions = typer.Typer(no_args_is_help=True, help="Writing questions: advice on them, and templates.")


def add_commands(app: typer.Typer) -> None:
    """questions."""
    app.add_typer(questions, name="questions")


@questions.command("lint")
def lint(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="metrics.json: an array of questions.")],
) -> None:
    """Look through the questions in a file; exit code 1 where there is a warning, 0 where there are hints at most."""
    try:
        read = read_unchecked_file(file.read_bytes())
    except BadInput as error:
        raise BadInput(f"{file}: {error.message}", field=error.field) from None
    findings = lint_questions(read)
    for finding in findings:
        typer.echo(safe(f"{finding.severity} {finding.identifier}: {finding.message} {finding.fix or ''}").rstrip())
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    hints = len(findings) - warnings
    typer.echo(f"{_count(len(read), 'question')}: {_count(warnings, 'warning')}, {_count(hints, 'hint')}")
    if warnings:
        raise typer.Exit(1)


@questions.command("templates")
def show_templates(
    group: Annotated[Group | None, typer.Option(help="One field of work; all otherwise.")] = None,
    search: Annotated[str, typer.Option(help="Words that must stand in the template.")] = "",
    as_file: Annotated[bool, typer.Option("--as-file", help="Print their questions as a metrics.json.")] = False,
) -> None:
    """Templates to begin from."""
    found = find_templates(group=group, text=search)
    if as_file:
        asked = tuple(question for template in found for question in template.questions)
        typer.echo(json.dumps(question_file_json(asked), indent=2, ensure_ascii=False))
        return
    table = Table("template", "group", "use", "questions")
    for template in found:
        names = ", ".join(question.identifier for question in template.questions)
        table.add_row(template.id, template.group, plain(template.use), names)
    Console().print(table)


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
