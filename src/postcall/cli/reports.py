"""Commands for reports: numbers on the command line, and the index they come from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from postcall.api.csv_reply import csv_lines
from postcall.api.native.query_shapes import result_json, status_json
from postcall.cli.asking import ask_reports
from postcall.cli.opening import DataOption
from postcall.cli.showing import plain
from postcall.domain.queries import Query
from postcall.errors import BadInput
from postcall.reporting.query_format import read_query, write_query
from postcall.reporting.reports import Reports

reports = typer.Typer(no_args_is_help=True, help="The index that every report comes from.")


def add_commands(app: typer.Typer) -> None:
    """query, reports."""
    app.command("query")(query)
    app.add_typer(reports, name="reports")


def query(
    file: Annotated[str, typer.Argument(help="A file with the query as JSON; - reads it from the input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API does.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    data: DataOption = None,
) -> None:
    """Numbers over calls."""
    if as_json and as_csv:
        raise BadInput("--json and --csv exclude each other")
    asked = read_query(_read_file(file))
    if not asked.measures:
        raise BadInput('measures: at least one is needed, such as {"measure": "conversations"}', field="measures")

    async def run(found: Reports, account_pk: int) -> Any:
        return result_json(await found.run(account_pk, asked))

    result = ask_reports(data, "POST", "/postcall/v1/query", write_query(asked), run)
    if as_json:
        _print_json(result)
    elif as_csv:
        names = [column["name"] for column in result["columns"]]
        sys.stdout.writelines(line.replace("\r\n", "\n") for line in csv_lines(names, result["rows"]))
    else:
        print_table(result, Console())


@reports.command("status")
def show_status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API does.")] = False,
    data: DataOption = None,
) -> None:
    """How the index stands: its calls, its size, how far it is behind the record."""

    async def look(found: Reports, account_pk: int) -> Any:
        await found.calls(account_pk, Query(measures=()), limit=1)  # opens the index and brings it up to date
        return status_json(await found.status())

    _tell_status(ask_reports(data, "GET", "/postcall/v1/reports", None, look), as_json=as_json)


@reports.command("rebuild")
def rebuild(data: DataOption = None) -> None:
    """Make the index anew; a running server answers from the old one meanwhile."""

    async def make(found: Reports, _: int) -> Any:
        return status_json(await found.rebuild())

    console = Console(stderr=True)
    with console.status("reading every call"):
        status = ask_reports(data, "POST", "/postcall/v1/reports:rebuild", None, make)
    _tell_status(status, as_json=False)


def _read_file(file: str) -> object:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
        return json.loads(text)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{file} is not JSON: {error}") from None


def _tell_status(status: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _print_json(status)
        return
    behind = f", {status['behind']:,} changes behind" if status["behind"] else ""
    typer.echo(f"{status['state']}: {status['calls']:,} calls, {status['bytes'] / 1e6:,.1f} MB{behind}")
    if status["reason"]:
        typer.echo(f"built anew: {status['reason']}")


def print_table(result: dict[str, Any], console: Console) -> None:
    """A result as the interface gives it, and what it rests on."""
    columns = result["columns"]
    table = Table(box=SIMPLE)
    for column in columns:
        table.add_column(plain(column["name"]), justify="right" if column["kind"] == "measure" else "left")
    groups = sum(column["kind"] == "group" for column in columns)
    for row, numbers in zip(result["rows"], result["numbers"], strict=True):
        shown = [_shown_group(value) for value in row[:groups]]
        measured = zip(row[groups:], numbers, columns[groups:], strict=True)
        table.add_row(*shown, *(Text(_shown_number(value, number, column)) for value, number, column in measured))
    console.print(table)
    live = f"; {result['in_progress']:,} in progress are not counted" if result["in_progress"] else ""
    console.print(Text(f"{result['calls']:,} calls match{live}"))
    for note in result["notes"]:
        console.print(plain(note))


def _shown_group(value: Any) -> Text:
    if value is None:
        return Text("(none)", style="italic")
    return plain(str(value).lower() if isinstance(value, bool) else str(value))


def _shown_number(value: Any, number: dict[str, Any], column: dict[str, Any]) -> str:
    if value is None:
        return "–"
    if column["unit"] == "share":
        low, high = number.get("interval") or (None, None)
        between = f", {low * 100:.0f}–{high * 100:.0f}" if low is not None and high is not None else ""
        return f"{value * 100:.1f} % ({number.get('count', '')} of {number['n']}{between})"
    text = f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else f"{value:,}"
    return f"{text} s" if column["unit"] == "s" else text


def _print_json(content: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n")
