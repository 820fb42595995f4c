"""Commands that change what is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postcall.api.question_format import read_question_file
from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain
from postcall.configure.publishing import check_slug, publish_questions
from postcall.domain.agents import VersionConfig
from postcall.domain.audit import Action
from postcall.errors import BadInput
from postcall.storage.agents import create_agent, list_agents

agents = typer.Typer(no_args_is_help=True, help="Agents: list, create.")
metrics = typer.Typer(no_args_is_help=True, help="Questions asked after each call, and metrics that code writes.")


def add_commands(app: typer.Typer) -> None:
    """agents, metrics."""
    app.add_typer(agents, name="agents")
    app.add_typer(metrics, name="metrics")


@agents.command("list")
def show_agents(data: DataOption = None) -> None:
    """Every agent, with the number of its active version."""
    with opened(data, to_read=True) as (services, account_pk):
        found = services.record.read(lambda c: list_agents(c, account_pk))
    if not found:
        typer.echo(
            "There are no agents yet. `postcall agents create NAME` makes one, and so does a call that names one."
        )
        return
    table = Table("slug", "id", "name", "version")
    for agent in found:
        table.add_row(plain(agent.slug), agent.id, plain(agent.name), str(agent.active_version))
    Console().print(table)


@agents.command("create")
def make_agent(
    slug: str,
    name: Annotated[str | None, typer.Option(help="A name to show; the slug otherwise.")] = None,
    data: DataOption = None,
) -> None:
    """Make an agent without questions."""
    with opened(data) as (services, account_pk):
        now = services.clock()
        agent = services.record.write(
            lambda c: create_agent(
                c, account_pk, slug=check_slug(slug), name=name or slug, config=VersionConfig(), now=now
            )
        )
        note(services, account_pk, Action.CHANGED, "agent", agent.slug, "postcall agents create", agent=agent.slug)
    typer.echo(f"{agent.slug}   {agent.id}")


@metrics.command("set")
def set_metrics(
    agent: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="metrics.json: an array of questions.")],
    data: DataOption = None,
) -> None:
    """Publish the questions in a file as the agent's next version; a new agent is made."""
    try:
        questions = read_question_file(file.read_bytes())
    except BadInput as error:
        raise BadInput(f"{file}: {error.message}", field=error.field) from None
    with opened(data) as (services, account_pk):
        now = services.clock()
        published = services.record.write(lambda c: publish_questions(c, account_pk, agent, questions, now=now))
        note(services, account_pk, Action.CHANGED, "questions", None, "postcall metrics set", agent=agent)
    made = "new agent, " if published.agent_is_new else ""
    typer.echo(f"{agent}: {made}version {published.version} with {len(questions)} questions is active")
