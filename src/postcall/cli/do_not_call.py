"""Commands for the do-not-call list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import Connection

from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain
from postcall.domain.audit import Action
from postcall.errors import NotFound
from postcall.outbound.barring import bar_file, read_barring_file
from postcall.outbound.numbers import read_number
from postcall.storage.agents import find_agent_row
from postcall.storage.do_not_call import bar, list_barred, unbar_number

do_not_call = typer.Typer(no_args_is_help=True, help="Numbers that are not to be called: add, list, remove, import.")
AgentOption = Annotated[str | None, typer.Option("--agent", help="Of this agent alone; every agent's otherwise.")]


def add_commands(app: typer.Typer) -> None:
    """do-not-call."""
    app.add_typer(do_not_call, name="do-not-call")


@do_not_call.command("add")
def add(phone: str, agent: AgentOption = None, data: DataOption = None) -> None:
    """Put a number on the list, as +14155550123."""
    number = read_number(phone)
    with opened(data) as (services, account_pk):
        now = services.clock()
        _, new = services.record.write(
            lambda c: bar(c, account_pk, number, agent_pk=_agent_pk(c, account_pk, agent), now=now)
        )
        note(services, account_pk, Action.CHANGED, "do-not-call", number, "postcall do-not-call add", agent=agent)
    typer.echo(f"{number} is not called any more" if new else f"{number} was on the list already")


@do_not_call.command("list")
def show(
    agent: AgentOption = None,
    search: Annotated[str, typer.Option(help="Part of a number.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    data: DataOption = None,
) -> None:
    """The numbers, the newest first."""
    with opened(data, to_read=True) as (services, account_pk):
        found = services.record.read(
            lambda c: list_barred(
                c,
                account_pk,
                agent_pk=_agent_pk(c, account_pk, agent),
                search=search.strip().removeprefix("+"),
                limit=limit,
            )
        )
    if not found.entries:
        typer.echo("No number is on the list. `postcall do-not-call add NUMBER` adds one.")
        return
    table = Table("number", "agent", "source", "since (UTC)")
    for entry in found.entries:
        table.add_row(entry.phone, plain(entry.agent_id or "all"), entry.source, f"{entry.created_at:%Y-%m-%d %H:%M}")
    Console().print(table)
    if found.total > len(found.entries):
        typer.echo(f"{found.total - len(found.entries)} more; --limit shows them")


@do_not_call.command("remove")
def remove(phone: str, agent: AgentOption = None, data: DataOption = None) -> None:
    """Take a number off the list, so that it may be called again."""
    number = read_number(phone)
    with opened(data) as (services, account_pk):
        removed = services.record.write(
            lambda c: unbar_number(c, account_pk, number, agent_pk=_agent_pk(c, account_pk, agent))
        )
        if removed:
            note(
                services, account_pk, Action.CHANGED, "do-not-call", number, "postcall do-not-call remove", agent=agent
            )
    if not removed:
        raise NotFound(f"{number} is not on the list")
    typer.echo(f"{number} may be called again")


@do_not_call.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV with a column phoneNumber.")],
    agent: AgentOption = None,
    data: DataOption = None,
) -> None:
    """Put every number of a CSV file on the list; nothing, where a row holds none."""
    with file.open("rb") as opened_file:
        phones = read_barring_file(opened_file)
    with opened(data) as (services, account_pk):
        added = services.record.write(bar_file(account_pk, phones, agent=agent, now=services.clock()))
        note(services, account_pk, Action.CHANGED, "do-not-call", None, "postcall do-not-call import", agent=agent)
    typer.echo(f"{added} added, {len(phones) - added} were there already")


def _agent_pk(connection: Connection, account_pk: int, agent: str | None) -> int | None:
    return None if agent is None else int(find_agent_row(connection, account_pk, agent).pk)
