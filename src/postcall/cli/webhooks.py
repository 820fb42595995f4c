"""Commands for webhooks: which there are, what became of what they were told, and telling it again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from postcall.api.native.parameters import read_time
from postcall.cli.auditing import note
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import plain, safe
from postcall.domain.audit import Action
from postcall.domain.webhooks import DeliveryState
from postcall.errors import BadInput
from postcall.storage.delivery_log import (
    DeliveryFilter,
    add_test,
    list_deliveries,
    replay_deliveries,
    replay_delivery,
)
from postcall.storage.webhooks import find_webhook, list_webhooks

webhooks = typer.Typer(no_args_is_help=True, help="Webhooks: list, deliveries, replay, test.")

WebhookOption = Annotated[str | None, typer.Option("--webhook", help="Of this webhook: its id.")]
CallOption = Annotated[str | None, typer.Option("--call", help="About this call: its id.")]
StateOption = Annotated[DeliveryState | None, typer.Option("--state", help="Only those in this state.")]
SinceOption = Annotated[str | None, typer.Option("--since", help="Queued then or later, such as 2026-03-01T09:00Z.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Queued before then.")]


def add_commands(app: typer.Typer) -> None:
    """webhooks."""
    app.add_typer(webhooks, name="webhooks")


@webhooks.command("list")
def show(data: DataOption = None) -> None:
    """Every webhook, and what it is told."""
    with opened(data, to_read=True) as (services, account_pk):
        found = services.record.read(lambda c: list_webhooks(c, account_pk))
    if not found:
        typer.echo("There are no webhooks. `postcall webhooks add URL` and the page /webhooks make one.")
        return
    table = _table("id", "address", "format", "told of", "on")
    for each in found:
        told = ", ".join(sorted({subscription.moment.value for subscription in each.subscriptions})) or "nothing"
        table.add_row(each.id, plain(each.url), each.format, told, "yes" if each.enabled else "no")
    Console().print(table)


@webhooks.command()
def deliveries(
    webhook: WebhookOption = None,
    call: CallOption = None,
    state: StateOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many at most.")] = 50,
    data: DataOption = None,
) -> None:
    """What was told to whom, the newest first."""
    wanted = _filter(webhook, call, state, since, until)
    with opened(data, to_read=True) as (services, account_pk):
        page = services.record.read(lambda c: list_deliveries(c, account_pk, wanted, limit=limit))
    if not page.deliveries:
        typer.echo("There are no such deliveries.")
        return
    table = _table("id", "queued (UTC)", "what", "state", "came of it")
    for each in page.deliveries:
        status = f"{each.status}" if each.status else ""
        took = f"{each.latency_ms} ms" if each.latency_ms is not None else ""
        table.add_row(
            each.id,
            f"{each.created_at:%Y-%m-%d %H:%M:%S}",
            plain(" ".join(filter(None, (each.event, each.call_id)))),
            f"{each.state}, {each.attempts} attempt{'s' if each.attempts != 1 else ''}",
            plain(", ".join(filter(None, (status, took, (each.error or "")[:80])))),
        )
    Console().print(table)


@webhooks.command()
def replay(
    delivery: Annotated[
        str | None, typer.Argument(help="The id of one delivery; without it, those the options say.")
    ] = None,
    webhook: WebhookOption = None,
    call: CallOption = None,
    state: StateOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
) -> None:
    """Send one delivery again, or all that match, the oldest first and 10,000 at most."""
    wanted = _filter(webhook, call, state, since, until)
    if delivery is None and wanted == DeliveryFilter(states=wanted.states):
        raise BadInput("say which: the id of a delivery, or --webhook, --call, --since or --until")
    with opened(data) as (services, account_pk):
        now = services.clock()
        if delivery is not None:
            again = services.record.write(lambda c: replay_delivery(c, account_pk, delivery, now=now))
            note(services, account_pk, Action.CHANGED, "delivery", delivery, "postcall webhooks replay")
            typer.echo(f"queued again as {again.id}")
            return
        done = services.record.write(lambda c: replay_deliveries(c, account_pk, wanted, now=now))
        note(services, account_pk, Action.CHANGED, "deliveries", webhook, "postcall webhooks replay")
    typer.echo(f"{done.count:,} queued again")
    if done.more and done.last_at is not None:
        typer.echo(f"There are more: go on with --since {done.last_at.astimezone(UTC).isoformat()}", err=True)


@webhooks.command()
def test(webhook: Annotated[str, typer.Argument(help="Its id.")], data: DataOption = None) -> None:
    """Send a test to a webhook; a server or worker that runs sends it."""
    with opened(data) as (services, account_pk):
        now = services.clock()
        found = services.record.read(lambda c: find_webhook(c, account_pk, webhook))
        sent = services.record.write(lambda c: add_test(c, account_pk, webhook, now=now))
        note(services, account_pk, Action.CHANGED, "webhook", webhook, "postcall webhooks test")
    typer.echo(f"queued as {sent.id}, to {safe(found.url)}")


def _table(*names: str) -> Table:
    """Ids first and whole, also where the terminal is narrow: other commands take them."""
    table = Table(*names, box=SIMPLE)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.overflow = "fold"
    return table


def _filter(
    webhook: str | None, call: str | None, state: DeliveryState | None, since: str | None, until: str | None
) -> DeliveryFilter:
    return DeliveryFilter(
        webhook_id=webhook,
        call_id=call,
        states=None if state is None else frozenset({state}),
        since=_moment(since, "since"),
        until=_moment(until, "until"),
    )


def _moment(text: str | None, name: str) -> datetime | None:
    return None if text is None else read_time({name: text}, name)
