"""Commands over project folders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from postcall.cli.auditing import note
from postcall.cli.configuring import agents
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.domain.audit import Action
from postcall.errors import BadInput, ProjectHasProblems
from postcall.runtime.import_checks import check_project
from postcall.runtime.projects.folder import read_folder
from postcall.runtime.projects.model import Problem
from postcall.runtime.projects.summary import say_summary
from postcall.runtime.publishing import Pushed, push_project

_LONGEST_LABEL = 200
"""As over HTTP."""


def add_commands(_: typer.Typer) -> None:
    """agents push."""
    agents.command("push")(push)


def push(
    folder: Annotated[Path, typer.Argument(help="The folder with project.yaml in it.")],
    agent: Annotated[
        str | None, typer.Option(help="The agent, by slug or id; else the one named as the project_id is.")
    ] = None,
    strict: Annotated[bool, typer.Option(help="Publish nothing where anything is wrong.")] = False,
    label: Annotated[str | None, typer.Option(help="A name for the version, of 200 characters at most.")] = None,
    activate: Annotated[bool, typer.Option(help="Take calls with it from now on.")] = True,
    data: DataOption = None,
) -> None:
    """Publish a project folder as a new version of an agent."""
    if label is not None and not 1 <= len(label) <= _LONGEST_LABEL:
        raise BadInput(f"--label must be 1 to {_LONGEST_LABEL} characters", field="label")
    files = read_folder(folder)
    checked = asyncio.run(check_project(files))
    _show_problems(checked.problems)
    if strict and checked.problems:
        raise ProjectHasProblems([str(each) for each in checked.problems], listed=False)
    with opened(data) as (services, account_pk):
        now = services.clock()
        pushed = services.record.write(
            lambda c: push_project(
                c,
                account_pk,
                checked.files,
                checked.problems,
                agent=agent,
                label=label,
                now=now,
                activate=activate,
            )
        )
        note(
            services,
            account_pk,
            Action.CHANGED,
            "version",
            str(pushed.version),
            "postcall agents push",
            agent=pushed.agent_slug,
        )
    typer.echo(say_summary(checked.project, checked.problems))
    typer.echo(safe(_say_pushed(pushed)))


def _show_problems(problems: Sequence[Problem]) -> None:
    console = Console(soft_wrap=True)
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        line = plain(place)
        line.stylize("bold")
        console.print(line.append_text(plain(f": {problem.message}")))


def _say_pushed(pushed: Pushed) -> str:
    warned = f", {len(pushed.problems)} problem{'' if len(pushed.problems) == 1 else 's'}" if pushed.problems else ""
    if pushed.unchanged:
        return f"{pushed.agent_slug}: version {pushed.version} has these files already{warned}"
    made = "new agent, " if pushed.agent_is_new else ""
    state = "is active" if pushed.active else "is published and not active"
    return f"{pushed.agent_slug}: {made}version {pushed.version} {state}{warned}"
