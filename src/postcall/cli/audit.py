"""The command that shows who read and changed what."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from postcall.api.native.audit import event_json, read_audit_filter
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import entry, safe
from postcall.domain.audit import Action, Actor, ActorKind, AuditEvent
from postcall.storage.audit import list_audit


def add_commands(app: typer.Typer) -> None:
    """audit."""
    app.command("audit")(audit)


def audit(
    actor: Annotated[str | None, typer.Option(help="By the key of this id.")] = None,
    actor_name: Annotated[str | None, typer.Option("--by", help="By whoever is called so: a key, an e-mail.")] = None,
    action: Annotated[Action | None, typer.Option(help="What was done.")] = None,
    subject_kind: Annotated[str | None, typer.Option("--kind", help="To what, such as call, key or agent.")] = None,
    subject: Annotated[str | None, typer.Option(help="To the one of this id.")] = None,
    agent: Annotated[str | None, typer.Option(help="Of this agent.")] = None,
    since: Annotated[str | None, typer.Option(help="ISO 8601, with its zone, or a date.")] = None,
    until: Annotated[str | None, typer.Option(help="ISO 8601, with its zone, or a date.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each.")] = False,
    data: DataOption = None,
) -> None:
    """Who read and changed what, the newest first; times in UTC."""
    given = {
        "actor": actor,
        "actor_name": actor_name,
        "action": action,
        "subject_kind": subject_kind,
        "subject": subject,
        "agent": agent,
        "since": since,
        "until": until,
    }
    wanted = read_audit_filter({name: value for name, value in given.items() if value})
    with opened(data, to_read=True) as (services, account_pk):
        page = services.record.read(lambda c: list_audit(c, account_pk, wanted, limit=limit))
    if as_json:
        for event in page.events:
            typer.echo(msgspec.json.encode(event_json(event)).decode())
        return
    _print(page.events)


def _print(events: tuple[AuditEvent, ...]) -> None:
    if not events:
        typer.echo("Nothing of that kind is in the log.")
        return
    for event in events:
        what, times = event.entry, f" ×{event.times:,}" if event.times > 1 else ""
        subject = " ".join(filter(None, (what.subject_kind, what.subject, what.agent and f"({what.agent})")))
        status = f" → {what.status}" if what.status else ""
        first = f"{event.at:%Y-%m-%d %H:%M:%S}  {_who(what.actor)}  {what.action.value}{times}  {subject}"
        typer.echo(entry(safe(first), safe(f"{what.request}{status}")))


def _who(actor: Actor) -> str:
    if actor.kind is ActorKind.MACHINE:
        return "whoever sits at the machine"
    return f"{actor.kind.value} {actor.name or actor.id or 'without a name'}"
