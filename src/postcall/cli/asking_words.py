"""The command that asks the analyst."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from postcall.api.native.analyst_shapes import analysis_json, read_question, step_json
from postcall.cli.asking import Told, ask_reports
from postcall.cli.opening import DataOption, opened
from postcall.cli.showing import safe
from postcall.cli.told_answer import print_answer
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.storage.accounts import DEFAULT_ACCOUNT
from postcall.storage.keys import find_holder

NOT_ANSWERED = 3
"""The exit code where the analyst asks back, or the calls cannot tell."""


def add_commands(app: typer.Typer) -> None:
    """ask."""
    app.command("ask")(ask)


def ask(
    question: Annotated[list[str], typer.Argument(help='In words, such as "How many calls were booked last week?"')],
    agent: Annotated[str | None, typer.Option(help="Only calls of this agent.")] = None,
    thread: Annotated[str | None, typer.Option(help="Go on with an earlier answer; each tells its thread.")] = None,
    time_zone: Annotated[str, typer.Option(help="Whose days are meant, such as Europe/Berlin.")] = "UTC",
    choose: Annotated[
        int | None, typer.Option(help="Where it asks back: which of the meanings, from 1, is meant.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API does.")] = False,
    data: DataOption = None,
) -> None:
    """A question in words about calls, with the numbers and the calls behind the answer.

    Exit code 3: it was not answered, since it can mean several things or the calls cannot tell.
    """
    body: dict[str, Any] = {"question": " ".join(question), "agent": agent, "thread": thread, "time_zone": time_zone}
    with _progress() as told:
        found = _ask(data, body, told)
        if choose is not None:
            found = _ask(data, {**body, "reading": _chosen(found, choose)}, told)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        print_answer(found, Console())
    if found["asks_back"] or not (found["queries"] or found["citations"] or found["calls"]):
        raise typer.Exit(NOT_ANSWERED)


def _ask(data: Any, body: dict[str, Any], told: Told) -> Any:
    async def answer(reports: Reports, account_pk: int) -> Any:
        with opened(data, to_read=True) as (services, _):
            return await _answer(services, reports, account_pk, body, told)

    return ask_reports(data, "POST", "/postcall/v1/analyst", body, answer, told=told)


async def _answer(services: Services, reports: Reports, account_pk: int, body: dict[str, Any], told: Told) -> Any:
    """What a server would answer, where none runs."""
    from postcall.analyst.service import Analyst  # where a server is asked it has read all this, and we need not
    from postcall.analyst.steps import Step
    from postcall.analyst.threads import RecordThreads, kept_to
    from postcall.analyst.understood_format import write_understood

    who, asked = _who(services, account_pk), read_question(body, now=services.clock())
    reading = None if asked.reading is None else kept_to(asked.reading, who)
    analyst = Analyst(services, reports, threads=RecordThreads(services))
    async with aclosing(analyst.ask(who, asked.question, reading=reading)) as steps:
        async for each in steps:
            if isinstance(each, Step):
                reading = each.understood or reading
                told(step_json(each))
            else:
                shown = None if reading is None else write_understood(reading)
                return analysis_json(each, reading=shown)
    raise AssertionError("the analyst ended without an answer")


def _who(services: Services, account_pk: int) -> Principal:
    """The holder of the folder's key, as where a server is asked with it: so threads go on either way."""
    file, now = services.settings.key_file, services.clock()
    if file.exists():
        secret = file.read_text().strip()
        holder = services.record.read(lambda c: find_holder(c, secret, now=now))
        if holder is not None and holder.is_good:
            return holder.principal
    return Principal(account=DEFAULT_ACCOUNT, account_pk=account_pk, scopes=frozenset({Scope.ADMIN}))


def _chosen(found: dict[str, Any], number: int) -> Any:
    choices = found["choices"]
    if not found["asks_back"] or not choices:
        raise BadInput("--choose: this question is not asked back, there is nothing to choose")
    if not 1 <= number <= len(choices):
        raise BadInput(f"--choose: a number from 1 to {len(choices)}, not {number}")
    return choices[number - 1]


@contextmanager
def _progress() -> Iterator[Told]:
    """What is being done, on a line of its own that is gone with the answer; only where somebody looks on."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _say_nothing
        return
    with console.status("Asking") as status:

        def tell(step: Any) -> None:
            progress = f" ({step['done'] or 0:,} of {step['of']:,})" if step.get("of") is not None else ""
            status.update(safe(step.get("says", "")).replace("[", r"\[") + progress)

        yield tell


def _say_nothing(_: Any) -> None:
    """Nobody looks on."""
