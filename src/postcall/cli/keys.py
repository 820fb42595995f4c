"""Commands for keys: who may ask, about what, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer

from postcall.api.native.keys import key_json
from postcall.cli.auditing import note, who
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import entry, safe
from postcall.configure.keys import MAX_PER_MINUTE, make_key
from postcall.domain.audit import Action
from postcall.domain.keys import ApiKey, Scope
from postcall.errors import BadInput
from postcall.storage.accounts import DEFAULT_ACCOUNT
from postcall.storage.keys import find_key, list_keys, revoke_key

keys = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke.")


def add_commands(app: typer.Typer) -> None:
    """keys."""
    app.add_typer(keys, name="keys")


@keys.command("create")
def create(
    name: str,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="May be given several times; read and write otherwise.")
    ] = None,
    agent: Annotated[
        list[str] | None, typer.Option(help="Only for this agent; may be given several times; for all otherwise.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; it does not otherwise.")] = None,
    per_minute: Annotated[
        int | None, typer.Option(min=1, max=MAX_PER_MINUTE, help="Requests that it may make in a minute.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Make a key and print it, this once."""
    scopes = frozenset(scope or [Scope.READ, Scope.WRITE])
    with opened(data) as (services, account_pk):
        now = services.clock()
        try:
            expires_at = now + timedelta(days=days) if days else None
        except OverflowError:
            raise BadInput("--days lies beyond the end of the calendar") from None
        made = services.record.write(
            lambda c: make_key(
                c,
                DEFAULT_ACCOUNT,
                name=name,
                scopes=scopes,
                agents=agent or None,
                per_minute=per_minute,
                expires_at=expires_at,
                by=who().name,
                now=now,
            )
        )
        note(services, account_pk, Action.CHANGED, "key", made.key.id, "postcall keys create")
    typer.echo(made.secret)
    of = f", for {', '.join(made.key.agents)}" if made.key.agents else ""
    typer.echo(f"id {made.key.id}, scopes {', '.join(sorted(scopes))}{of}; it is not shown again", err=True)


@keys.command("list")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each.")] = False, data: DataOption = None
) -> None:
    """Every key, with the ends of its secret; times in UTC."""
    with opened(data, to_read=True) as (services, _):
        found = services.record.read(lambda c: list_keys(c, DEFAULT_ACCOUNT))
        now = services.clock()
    for key in found:
        if as_json:
            typer.echo(msgspec.json.encode(key_json(key, now)).decode())
            continue
        state = f"{key.state(now).value:8}"
        times = f"last used {_time(key.last_used_at)}, expires {_time(key.expires_at)}"
        typer.echo(entry(f"{key.id}  {state}  {safe(key.name)}  {safe(key.shown)}", safe(_allows(key)), times))
    if not found and not as_json:
        typer.echo("There are no keys.")


@keys.command("revoke")
def revoke(key_id: str, data: DataOption = None) -> None:
    """End a key at once."""
    if not key_id:
        raise BadInput("name the key by its id, which `postcall keys list` shows")
    with opened(data) as (services, account_pk):
        now = services.clock()
        before = services.record.read(lambda c: find_key(c, DEFAULT_ACCOUNT, key_id)).revoked_at
        if before is not None:
            typer.echo(f"{key_id} was revoked before, on {_time(before)} UTC")
            return
        services.record.write(lambda c: revoke_key(c, DEFAULT_ACCOUNT, key_id, now=now))
        note(services, account_pk, Action.CHANGED, "key", key_id, "postcall keys revoke")
    typer.echo(f"{key_id} is revoked")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


def _allows(key: ApiKey) -> str:
    parts = [", ".join(sorted(key.scopes))]
    if key.agents is not None:
        parts.append(f"for {', '.join(key.agents) or 'agents that are gone'}")
    if key.per_minute is not None:
        parts.append(f"{key.per_minute:,} a minute")
    return "; ".join(parts)
