"""Commands that change what is asked, and who may ask."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postcall.api.question_format import read_question_file
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain
from postcall.configure.publishing import check_slug, publish_questions
from postcall.domain.agents import VersionConfig
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.storage.accounts import DEFAULT_ACCOUNT
from postcall.storage.agents import create_agent, list_agents
from postcall.storage.keys import create_key, list_keys, revoke_key

agents = typer.Typer(no_args_is_help=True, help="Agents: list, create.")
metrics = typer.Typer(no_args_is_help=True, help="Questions asked after each call, and metrics that code writes.")
keys = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke.")


def add_commands(app: typer.Typer) -> None:
    """agents, metrics, keys."""
    app.add_typer(agents, name="agents")
    app.add_typer(metrics, name="metrics")
    app.add_typer(keys, name="keys")


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
    made = "new agent, " if published.agent_is_new else ""
    typer.echo(f"{agent}: {made}version {published.version} with {len(questions)} questions is active")


@keys.command("create")
def make_key(
    name: str,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="May be given several times; read and write otherwise.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; it does not otherwise.")] = None,
    data: DataOption = None,
) -> None:
    """Make a key and print it, this once."""
    scopes = frozenset(scope or [Scope.READ, Scope.WRITE])
    with opened(data) as (services, _):
        now = services.clock()
        expires_at = now + timedelta(days=days) if days else None
        made = services.record.write(
            lambda c: create_key(c, DEFAULT_ACCOUNT, name=name, scopes=scopes, expires_at=expires_at, now=now)
        )
    typer.echo(made.secret)
    typer.echo(f"id {made.key.id}, scopes {', '.join(sorted(scopes))}; it is not shown again", err=True)


@keys.command("list")
def show_keys(data: DataOption = None) -> None:
    """Every key, with the ends of its secret."""
    with opened(data, to_read=True) as (services, _):
        found = services.record.read(lambda c: list_keys(c, DEFAULT_ACCOUNT))
        now = services.clock()
    table = Table("id", "name", "key", "scopes", "state")
    for key in found:
        expired = key.expires_at is not None and key.expires_at <= now
        state = "revoked" if key.revoked_at else "expired" if expired else "active"
        table.add_row(key.id, plain(key.name), plain(key.shown), ", ".join(sorted(key.scopes)), state)
    Console().print(table)


@keys.command("revoke")
def end_key(key_id: str, data: DataOption = None) -> None:
    """End a key at once."""
    if not key_id:
        raise BadInput("name the key by its id, which `postcall keys list` shows")
    with opened(data) as (services, _):
        now = services.clock()
        services.record.write(lambda c: revoke_key(c, DEFAULT_ACCOUNT, key_id, now=now))
    typer.echo(f"{key_id} is revoked")
