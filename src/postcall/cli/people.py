"""Commands for who can sign in to the pages."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.configure.passwords import SHORTEST, Passwords
from postcall.domain.audit import Action
from postcall.domain.people import Role, read_email
from postcall.errors import BadInput, Conflict
from postcall.storage.users import add_user, change_password, change_role, find_user, list_users, remove_user

users = typer.Typer(no_args_is_help=True, help="Who can sign in to the pages: add, list, remove, password, role.")

_LONGEST_NAME = 100
PasswordOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def add_commands(app: typer.Typer) -> None:
    """users."""
    app.add_typer(users, name="users")


@users.command("add")
def add(
    email: str,
    name: Annotated[str | None, typer.Option(help="A name to show; the e-mail address otherwise.")] = None,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.EDITOR,
    password_stdin: PasswordOption = False,
    data: DataOption = None,
) -> None:
    """Let somebody sign in; asks for their password twice."""
    address = read_email(email)
    with opened(data) as (services, account_pk):
        if address in {user.email for user in services.record.read(lambda c: list_users(c, account_pk))}:
            raise Conflict(f"there is a user {address} already; `postcall users password` gives them another password")
        shown = safe(name or "").strip()[:_LONGEST_NAME] or address
        kept = Passwords().keep(_read_password(from_stdin=password_stdin))
        now = services.clock()
        services.record.write(
            lambda c: add_user(c, account_pk, email=address, name=shown, role=role, password=kept, now=now)
        )
        note(services, account_pk, Action.CHANGED, "user", address, "postcall users add")
    typer.echo(f"{address} can sign in, as {role.value}")


@users.command("list")
def show(data: DataOption = None) -> None:
    """Everybody who can sign in, and the day they were last here."""
    with opened(data, to_read=True) as (services, account_pk):
        found = services.record.read(lambda c: list_users(c, account_pk))
    if not found:
        typer.echo("Nobody can sign in yet. `postcall users add EMAIL` lets somebody.")
        return
    table = Table("e-mail", "name", "role", "last here")
    for user in found:
        seen = user.last_seen_at.date().isoformat() if user.last_seen_at else "never"
        table.add_row(plain(user.email), plain(user.name), user.role.value, seen)
    Console().print(table)


@users.command("remove")
def remove(email: str, data: DataOption = None) -> None:
    """End somebody's access at once; what they did stays."""
    with opened(data) as (services, account_pk):
        services.record.write(lambda c: remove_user(c, account_pk, email))
        note(services, account_pk, Action.CHANGED, "user", read_email(email), "postcall users remove")
    typer.echo(f"{read_email(email)} is removed and signed out")


@users.command("password")
def password(email: str, password_stdin: PasswordOption = False, data: DataOption = None) -> None:
    """Give somebody another password, and sign them out everywhere."""
    with opened(data) as (services, account_pk):
        services.record.read(lambda c: find_user(c, account_pk, email))
        kept = Passwords().keep(_read_password(from_stdin=password_stdin))
        services.record.write(lambda c: change_password(c, account_pk, email, kept))
        note(services, account_pk, Action.CHANGED, "user", read_email(email), "postcall users password")
    typer.echo(f"{read_email(email)} has a new password, and is signed out")


@users.command("role")
def give_role(email: str, role: Role, data: DataOption = None) -> None:
    """Change what somebody may do; they sign in again."""
    with opened(data) as (services, account_pk):
        services.record.write(lambda c: change_role(c, account_pk, email, role))
        note(services, account_pk, Action.CHANGED, "user", read_email(email), "postcall users role")
    typer.echo(f"{read_email(email)} is now {role.value}, and is signed out")


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.buffer.readline().decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise BadInput("the password on standard input is not UTF-8") from None
    if not sys.stdin.isatty():
        raise BadInput("a password is asked for at a terminal; elsewhere hand it in with --password-stdin")
    first = getpass.getpass(f"Password ({SHORTEST} characters or more): ")
    if getpass.getpass("The same again: ") != first:
        raise BadInput("the two passwords differ; nothing was changed")
    return first
