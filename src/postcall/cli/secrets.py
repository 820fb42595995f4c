"""Commands for the secrets of agents."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.configure.call_actions import reseal_actions
from postcall.configure.sealing import sealer_for
from postcall.configure.secrets import reseal_secrets, set_secret
from postcall.configure.webhooks import reseal_webhooks
from postcall.domain.audit import Action
from postcall.domain.secrets import MAX_VALUE, check_secret_name, check_secret_value, too_short_to_hide
from postcall.errors import BadInput, SecretUnknown
from postcall.storage.agents import find_agent_row
from postcall.storage.secrets import list_secrets, remove_secret

secrets = typer.Typer(no_args_is_help=True, help="Secrets that an agent's functions use: set, list, remove, reseal.")


def add_commands(app: typer.Typer) -> None:
    """secrets."""
    app.add_typer(secrets, name="secrets")


@secrets.command("set")
def put(
    agent: str,
    name: str,
    as_json: Annotated[bool, typer.Option("--json", help="The value is a JSON object, not a text.")] = False,
    data: DataOption = None,
) -> None:
    """Set a secret; its value comes from standard input, or is asked for at a terminal."""
    check_secret_name(name)
    value = check_secret_value(_read_value(as_json=as_json))
    with opened(data) as (services, account_pk):
        sealer, now = sealer_for(services.settings), services.clock()
        services.record.write(
            lambda c: set_secret(c, sealer, find_agent_row(c, account_pk, agent).pk, name, value, now=now)
        )
        note(services, account_pk, Action.CHANGED, "secret", name, "postcall secrets set", agent=agent)
    typer.echo(f"{safe(name)} is set")
    warning = too_short_to_hide(name, value)
    if warning:
        typer.echo(safe(warning), err=True)


@secrets.command("list")
def show(agent: str, data: DataOption = None) -> None:
    """The names of an agent's secrets, and when each was set last."""
    with opened(data, to_read=True) as (services, account_pk):
        found = services.record.read(lambda c: list_secrets(c, find_agent_row(c, account_pk, agent).pk))
    if not found:
        typer.echo("This agent has no secrets. `postcall secrets set AGENT NAME` sets one.")
        return
    table = Table("name", "set (UTC)")
    for secret in found:
        table.add_row(plain(secret.name), f"{secret.updated_at:%Y-%m-%d %H:%M}")
    Console().print(table)


@secrets.command("remove")
def remove(agent: str, name: str, data: DataOption = None) -> None:
    """Take a secret away."""
    with opened(data) as (services, account_pk):
        if not services.record.write(lambda c: remove_secret(c, find_agent_row(c, account_pk, agent).pk, name)):
            raise SecretUnknown(name)
        note(services, account_pk, Action.CHANGED, "secret", name, "postcall secrets remove", agent=agent)
    typer.echo(f"{safe(name)} is removed")


@secrets.command("reseal")
def reseal(data: DataOption = None) -> None:
    """Seal under the newest key what an older one has sealed, so that the older key can be taken away."""
    with opened(data) as (services, account_pk):
        sealer, now = sealer_for(services.settings), services.clock()
        number = services.record.write(
            lambda c: (
                reseal_secrets(c, sealer, now=now) + reseal_webhooks(c, sealer, now=now) + reseal_actions(c, sealer)
            )
        )
        note(services, account_pk, Action.CHANGED, "secrets", None, "postcall secrets reseal")
    typer.echo(f"{number} sealed anew" if number else "Everything is sealed under the newest key.")


def _read_value(*, as_json: bool) -> object:
    """Never an argument, which every user of the machine could see."""
    text = getpass.getpass("Value: ") if sys.stdin.isatty() else _read_stdin()
    if not as_json:
        return text
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise BadInput(f"the value is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadInput("with --json the value must be an object")
    return value


def _read_stdin() -> str:
    content = sys.stdin.buffer.read(4 * MAX_VALUE + 1)
    try:
        return content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise BadInput("the value on standard input is not UTF-8") from None
