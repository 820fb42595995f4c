"""The command for settings of agents that act at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy.engine import Connection

from postcall.cli.auditing import note
from postcall.cli.configuring import agents
from postcall.cli.opening import DataOption, opened
from postcall.domain.audit import Action
from postcall.domain.calls import Environment
from postcall.errors import BadInput
from postcall.storage.agents import find_agent_row
from postcall.storage.real_time_configs import read_real_time_config, write_real_time_config


def add_commands(_: typer.Typer) -> None:
    """agents config."""
    agents.command("config")(config)


def config(
    agent: str,
    file: Annotated[Path | None, typer.Argument(help="JSON: the data. `-` is standard input.")] = None,
    environment: Annotated[Environment, typer.Option(help="Whose settings.")] = Environment.LIVE,
    schema: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A JSON schema (draft 7) to check the data by.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Show an agent's real-time configuration, or with FILE set it: it acts from the next turn of every call."""
    given = _read_json(file) if file is not None else None
    wanted = _read_json(schema) if schema is not None else None
    if wanted is not None and file is None:
        raise BadInput("--schema comes with the FILE that it is for")
    if file is None:
        with opened(data, to_read=True) as (services, account_pk):
            found = services.record.read(
                lambda c: read_real_time_config(c, find_agent_row(c, account_pk, agent).pk, environment)
            )
        typer.echo(msgspec.json.format(msgspec.json.encode(found[1] if found else {}), indent=2).decode())
        return

    def write(connection: Connection) -> None:
        agent_pk = find_agent_row(connection, account_pk, agent).pk
        kept = read_real_time_config(connection, agent_pk, environment)
        checked_by = wanted if wanted is not None else kept[0] if kept else {}
        write_real_time_config(connection, agent_pk, environment, checked_by, given, now=services.clock())

    with opened(data) as (services, account_pk):
        services.record.write(write)
        note(
            services,
            account_pk,
            Action.CHANGED,
            "real-time-config",
            str(environment),
            "postcall agents config",
            agent=agent,
        )
    typer.echo(f"the {environment} configuration of {agent} is set")


def _read_json(file: Path) -> Any:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return msgspec.json.decode(content)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise BadInput(f"{file} is no JSON: {error}") from None
