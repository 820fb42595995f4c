"""A conversation with an agent in the terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from postcall.cli.chat_ending import run_end_function
from postcall.cli.chat_input import Command, Lines, read_line
from postcall.cli.chat_output import HELP, Screen
from postcall.cli.opening import DataOption, opened
from postcall.data_folder import read_address
from postcall.domain.calls import Environment, Json
from postcall.errors import BadInput, ConversationOver
from postcall.hosts import open_hosting
from postcall.runtime.hosting import HostedCall, Hosting, OpenCall
from postcall.runtime.import_checks import check_project
from postcall.runtime.projects.folder import read_folder
from postcall.runtime.publishing import Pushed, push_project
from postcall.runtime.session.outputs import Output
from postcall.services import Services
from postcall.storage.call_events import Seen, read_news
from postcall.storage.call_views import read_call

_BEGUN_S = 0.3
"""How long a turn has to begin before Ctrl-C stops it: what has not begun cannot be cut short."""


def add_commands(app: typer.Typer) -> None:
    """chat."""
    app.command("chat")(chat)


def chat(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A project folder.")],
    agent: Annotated[str | None, typer.Option(help="The agent's slug; project.yaml's project_id otherwise.")] = None,
    variant: Annotated[str | None, typer.Option(help="The default one otherwise.")] = None,
    language: Annotated[str | None, typer.Option(help="Such as es-ES; the project's default otherwise.")] = None,
    from_number: Annotated[str | None, typer.Option("--from", help="The number that seems to call.")] = None,
    environment: Annotated[Environment, typer.Option(help="Whose settings and numbers hold.")] = Environment.SANDBOX,
    attribute: Annotated[list[str] | None, typer.Option(help="KEY=VALUE of conv.integration_attributes.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Show functions, steps, metrics and logs beside.")] = False,
    data: DataOption = None,
) -> None:
    """Talk with the agent in a folder; the call is stored like any other, under a version that is not activated."""
    attributes = _read_attributes(attribute or [])
    with opened(data) as (services, account_pk):
        screen = Screen(Console(highlight=False, soft_wrap=True), interactive=sys.stdin.isatty(), show=show)
        pushed = _keep(services, account_pk, folder, agent)
        has_model = services.settings.model is not None
        screen.introduce(pushed.agent_slug, pushed.version, pushed.problems, has_model=has_model)
        opening = OpenCall(
            environment=environment,
            version=pushed.version,
            variant=variant,
            language=language,
            from_number=from_number,
            attributes=attributes or None,
        )
        asyncio.run(_converse(Talk(services, account_pk, screen, data), pushed.agent_slug, opening))


def _keep(services: Services, account_pk: int, folder: Path, agent: str | None) -> Pushed:
    """The folder as a version of its agent, so that the call can always be seen with what served it."""
    files = read_folder(folder)
    problems = asyncio.run(check_project(files)).problems
    return services.record.write(
        lambda c: push_project(
            c, account_pk, files, problems, agent=agent, label="postcall chat", now=services.clock(), activate=False
        )
    )


def _read_attributes(given: list[str]) -> dict[str, Json]:
    read: dict[str, Json] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise BadInput(f"--attribute takes KEY=VALUE, not {each!r}", field="attribute")
        read[name] = value
    return read


@dataclass
class Talk:
    """What a conversation in the terminal needs, and how much of it was shown."""

    services: Services
    account_pk: int
    screen: Screen
    data: Path | None = None
    """The folder that the command line named."""
    seen: Seen | None = None


async def _converse(talk: Talk, agent: str, opening: OpenCall) -> None:
    hosting = open_hosting(talk.services)
    try:
        call = await hosting.open(talk.account_pk, agent, opening)
        with Lines() as lines:
            if not await _play(talk, call, call.start(), lines):
                await _take_lines(talk, call, lines)
        await _finish(talk, hosting, call)
    finally:
        await hosting.close()


async def _take_lines(talk: Talk, call: HostedCall, lines: Lines) -> None:
    """Turn after turn, until the conversation is over."""
    over = False
    while not over:
        talk.screen.ask()
        line = await lines.next()
        talk.screen.echo(line)
        over = await _obey(talk, call, read_line(line), lines)


async def _obey(talk: Talk, call: HostedCall, command: Command, lines: Lines) -> bool:
    """Do what a line asks for; whether the conversation is over then."""
    match command.name:
        case "say":
            return await _play(talk, call, call.hear(command.rest), lines)
        case "dtmf":
            return await _play(talk, call, call.hear(command.rest, dtmf=True), lines)
        case "silence":
            return await _play(talk, call, call.silence(), lines)
        case "hangup":
            return await _play(talk, call, call.hang_up(), lines)
        case "state":
            file = await talk.services.record.read_async(lambda c: read_call(c, talk.account_pk, call.id))
            talk.screen.show_state(file.state or {})
        case "help":
            talk.screen.tell(HELP)
        case "wrong":
            talk.screen.tell(command.rest)
    return False


async def _play(talk: Talk, call: HostedCall, outputs: AsyncIterator[Output], lines: Lines) -> bool:
    """Show a turn as it comes; whether it was the last. Ctrl-C within it cuts the agent short and hangs up."""
    was_interrupted = lines.interrupted.is_set()
    turn = asyncio.create_task(talk.screen.play(outputs))
    if not was_interrupted:
        await _cut_short(call, turn, lines)
    over = await turn
    if not over and lines.interrupted.is_set() and not was_interrupted:
        over = await talk.screen.play(call.hang_up())
    await _show_news(talk, call)
    return over


async def _cut_short(call: HostedCall, turn: asyncio.Task[bool], lines: Lines) -> None:
    """Wait until the turn is over or Ctrl-C is pressed, which stops it."""
    interrupted = asyncio.create_task(lines.interrupted.wait())
    await asyncio.wait({turn, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    interrupted.cancel()
    await asyncio.wait({turn}, timeout=_BEGUN_S)
    if not turn.done():
        with suppress(ConversationOver):  # this turn was the last one, and ended just now
            await call.interrupt("")


async def _show_news(talk: Talk, call: HostedCall) -> None:
    """What happened since the last look, shown where it was asked for."""
    services = talk.services
    news = await services.record.read_async(
        lambda c: read_news(c, talk.account_pk, call.id, talk.seen, with_pii=True)  # it is this machine's own record
    )
    talk.seen = news.seen
    talk.screen.show_news(news)


async def _finish(talk: Talk, hosting: Hosting, call: HostedCall) -> None:
    """Wait for `end_function`, and say what the call came to."""
    talk.screen.tell("The call is over; end_function runs.")
    await run_end_function(talk.services, hosting, talk.account_pk, call.id)
    await _show_news(talk, call)
    file = await talk.services.record.read_async(lambda c: read_call(c, talk.account_pk, call.id))
    all_of_it = await talk.services.record.read_async(
        lambda c: read_news(c, talk.account_pk, call.id, None, with_pii=False)
    )
    talk.screen.sum_up(file, all_of_it, address=read_address(talk.services.settings.data), data=talk.data)
