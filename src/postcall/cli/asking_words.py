"""The command that asks the analyst."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from postcall.api.native.analyst_shapes import analysis_json, read_question
from postcall.cli.asking import ask_reports
from postcall.cli.opening import DataOption, opened
from postcall.cli.reports import print_table
from postcall.cli.showing import plain
from postcall.domain.keys import Principal, Scope
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.storage.accounts import DEFAULT_ACCOUNT
from postcall.storage.keys import find_holder

_CALLS = 10
"""That are named below an answer; --json has all."""


def add_commands(app: typer.Typer) -> None:
    """ask."""
    app.command("ask")(ask)


def ask(
    question: Annotated[str, typer.Argument(help='In words, such as "How many calls were booked last week?"')],
    agent: Annotated[str | None, typer.Option(help="Only calls of this agent.")] = None,
    thread: Annotated[str | None, typer.Option(help="Go on with an earlier answer; each tells its thread.")] = None,
    time_zone: Annotated[str, typer.Option(help="Whose days are meant, such as Europe/Berlin.")] = "UTC",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API does.")] = False,
    data: DataOption = None,
) -> None:
    """A question in words about calls, with the numbers and the calls behind the answer."""
    body = {"question": question, "agent": agent, "thread": thread, "time_zone": time_zone}

    async def answer(reports: Reports, account_pk: int) -> Any:
        with opened(data, to_read=True) as (services, _):
            return await _answer(services, reports, account_pk, body)

    found = ask_reports(data, "POST", "/postcall/v1/analyst", body, answer)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        _print(found, Console())


async def _answer(services: Services, reports: Reports, account_pk: int, body: dict[str, Any]) -> Any:
    from postcall.analyst.service import Analyst  # where a server is asked it has read all this, and we need not
    from postcall.analyst.threads import RecordThreads

    asked = read_question(body, now=services.clock())
    analyst = Analyst(services, reports, threads=RecordThreads(services))
    return analysis_json(await analyst.answer(_who(services, account_pk), asked.question))


def _who(services: Services, account_pk: int) -> Principal:
    """The holder of the folder's key, as where a server is asked with it: so threads go on either way."""
    file, now = services.settings.key_file, services.clock()
    if file.exists():
        secret = file.read_text().strip()
        holder = services.record.read(lambda c: find_holder(c, secret, now=now))
        if holder is not None and holder.is_good:
            return holder.principal
    return Principal(account=DEFAULT_ACCOUNT, account_pk=account_pk, scopes=frozenset({Scope.ADMIN}))


def _print(found: dict[str, Any], console: Console) -> None:
    console.print(plain(found["answer"]))
    for choice in found["readings"]:
        console.print(plain(f"  - {choice}"))
    if found["understood"]:
        console.print(Text.assemble(("Understood as: ", "bold"), plain(found["understood"])))
    for asked in found["queries"]:
        console.print(plain(f"[{asked['id']}]"))
        print_table(asked, console)
    for line in _below(found):
        console.print(plain(line))


def _below(found: dict[str, Any]) -> list[str]:
    """What the answer rests on and does not, and where it can be gone on with."""
    lines = []
    if (sample := found["sample"]) is not None:
        lines.append(f"From a sample of {sample['n']:,} of {sample['of']:,} calls.")
    lines += [f"Not covered: {each}" for each in found["not_covered"]]
    lines += [f'Turn {each["turn"]} of {each["call"]}: "{each["quote"]}"' for each in found["citations"]]
    if found["calls"]:
        more = len(found["calls"]) - _CALLS
        lines.append(f"Calls: {', '.join(found['calls'][:_CALLS])}" + (f" and {more:,} more" if more > 0 else ""))
    if found["thread"]:
        lines.append(f"Go on with: --thread {found['thread']}")
    return lines
