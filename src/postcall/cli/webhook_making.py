"""Commands that make a webhook and give it a new secret; beside those of `webhooks`, so after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy.engine import Connection

from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.webhooks import webhooks
from postcall.configure.sealing import sealer_for
from postcall.configure.webhook_events import TELLABLE, find_wanted
from postcall.configure.webhooks import (
    GRACE,
    MAX_GRACE,
    MAX_TIMEOUT_MS,
    MIN_TIMEOUT_MS,
    make_webhook,
    read_headers,
    rotate_secret,
    webhook_secret,
)
from postcall.domain.audit import Action
from postcall.domain.webhooks import CallMoment, WebhookFormat

_HOUR = timedelta(hours=1)


def add_commands(_: typer.Typer) -> None:
    """webhooks add, rotate."""
    webhooks.command("add")(add)
    webhooks.command("rotate")(rotate)


def add(
    url: Annotated[str, typer.Argument(help="Where it is told.")],
    event: Annotated[
        list[CallMoment] | None, typer.Option("--event", help="May be given several times; every one otherwise.")
    ] = None,
    agent: Annotated[
        list[str] | None, typer.Option("--agent", help="Of these agents' calls; of every agent's otherwise.")
    ] = None,
    format_: Annotated[WebhookFormat, typer.Option("--format", help="Of what arrives.")] = WebhookFormat.ATOMS,
    description: Annotated[str, typer.Option("--description", help="What it is for.")] = "",
    header: Annotated[
        list[str] | None, typer.Option("--header", help="'Name: value', sent with every delivery.")
    ] = None,
    timeout_ms: Annotated[
        int | None,
        typer.Option("--timeout-ms", min=MIN_TIMEOUT_MS, max=MAX_TIMEOUT_MS, help="How long an attempt may take."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Make a webhook and print its secret."""
    with opened(data) as (services, account_pk):
        sealer, now = sealer_for(services.settings), services.clock()
        moments = event or [each for each in CallMoment if each in TELLABLE[format_]]
        agents: Sequence[str | None] = agent or [None]
        wanted = [(name, moment) for name in agents for moment in moments]

        def work(connection: Connection) -> tuple[str, str]:
            made = make_webhook(
                connection,
                sealer,
                account_pk,
                url=url,
                description=description,
                format=format_,
                wanted=find_wanted(connection, account_pk, format_, wanted),
                headers=read_headers("\n".join(header or ())),
                timeout_ms=timeout_ms,
                now=now,
            )
            return made.id, webhook_secret(connection, sealer, account_pk, made.id)

        webhook_id, secret = services.record.write(work)
        note(services, account_pk, Action.CHANGED, "webhook", webhook_id, "postcall webhooks add")
    typer.echo(secret)
    typer.echo(f"id {webhook_id}; deliveries are signed with this secret", err=True)


def rotate(
    webhook: Annotated[str, typer.Argument(help="Its id.")],
    grace: Annotated[
        float,
        typer.Option("--grace", min=0, max=MAX_GRACE / _HOUR, help="Hours for which the old secret signs as well."),
    ] = GRACE / _HOUR,
    data: DataOption = None,
) -> None:
    """Give a webhook a new secret, and print it."""
    with opened(data) as (services, account_pk):
        sealer, now = sealer_for(services.settings), services.clock()
        secret = services.record.write(
            lambda c: rotate_secret(c, sealer, account_pk, webhook, grace=grace * _HOUR, now=now)
        )
        note(services, account_pk, Action.CHANGED, "webhook", webhook, "postcall webhooks rotate")
    typer.echo(secret)
    typer.echo(f"the old one signs as well for {grace:g} hours" if grace else "the old one is gone", err=True)
