"""An answer of the analyst as a terminal shows it: the sentences first, a table only where there are several rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from postcall.analyst.telling.number_words import SHARES, unit_of, write_value
from postcall.analyst.telling.query_words import group_in_words, query_in_words
from postcall.cli.showing import plain
from postcall.domain.queries import Measure
from postcall.reporting.filter_words import title_of
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.periods import read_zone
from postcall.reporting.query_format import read_query

_CALLS = 5
_QUOTES = 10
_ROWS = 40
"""What is shown of each; --json has all."""


def print_answer(found: dict[str, Any], console: Console) -> None:
    """`found` is what the interface answers."""
    for line in found["answer"].splitlines():
        console.print(plain(line), highlight=False, soft_wrap=not console.is_terminal)
    tables = [each for each in found["queries"] if each["id"] in found["shown"] and len(each["rows"]) > 1]
    for asked in tables:
        if len(tables) > 1:  # which is which
            title = f"{asked['id']}{query_in_words(read_query(asked['query']), datetime.now(UTC))}"
            console.print(plain(title), style="bold", highlight=False)
        _print_table(asked, console)
    for line in _below(found):
        console.print(plain(line), highlight=False, soft_wrap=not console.is_terminal)


def _print_table(asked: dict[str, Any], console: Console) -> None:
    query, count = read_query(asked["query"]), len(asked["query"].get("group_by", ()))
    zone = read_zone(query.time_zone)
    table = Table(box=SIMPLE)
    for name in query.group_by:
        table.add_column(plain("Call" if name == "field.id" else title_of(name)))
    for measure in query.measures:
        table.add_column(plain(_head(measure)), justify="right")
    for row, numbers in list(zip(asked["rows"], asked["numbers"], strict=True))[:_ROWS]:
        groups = [
            plain(group_in_words(name, value, zone)) for name, value in zip(query.group_by, row[:count], strict=True)
        ]
        cells = zip(query.measures, row[count:], numbers, strict=True)
        table.add_row(*groups, *(Text(_cell(measure, value, number)) for measure, value, number in cells))
    console.print(table)
    if len(asked["rows"]) > _ROWS:
        console.print(f"and {len(asked['rows']) - _ROWS:,} more rows; --json has them", highlight=False)


def _head(measure: Measure) -> str:
    return "Calls" if measure.of is None and measure.kind not in SHARES else measure_in_words(measure)


def _cell(measure: Measure, value: float | None, number: dict[str, Any]) -> str:
    """`35.9 % (539 of 1,500)`."""
    if value is None:
        return "–"
    written = write_value(value, unit_of(measure))
    of = f" ({number['count']:,} of {number['n']:,})" if measure.kind in SHARES and "count" in number else ""
    return written + of + (" few" if of and number.get("small") else "")


def _below(found: dict[str, Any]) -> list[str]:
    """What the answer rests on and does not, and where it can be gone on with."""
    lines = []
    if found["choices"]:
        lines += [f"  {number}. {each['says']}" for number, each in enumerate(found["choices"], 1)]
        lines.append("Ask again with --choose and the number of what you mean.")
    else:
        lines += [f"  - {each}" for each in found["readings"]]
    if (sample := found["sample"]) is not None:
        lines.append(f"From a sample of {sample['n']:,} of {sample['of']:,} calls.")
    for place, each in enumerate(found["citations"][:_QUOTES], 1):
        if each["quote"]:
            lines.append(f'[c{place}] {each["call"]}, turn {each["turn"]}: "{each["quote"]}"')
    if len(found["citations"]) > _QUOTES:
        lines.append(f"and {len(found['citations']) - _QUOTES:,} more quotes")
    if found["understood"]:
        lines.append(f"Understood as: {found['understood']}")
    lines += [f"Not covered: {each}" for each in found["not_covered"]]
    if found["calls"]:
        more = len(found["calls"]) - _CALLS
        lines.append(f"Calls: {', '.join(found['calls'][:_CALLS])}" + (f" and {more:,} more" if more > 0 else ""))
    if found["thread"]:
        lines.append(f"Go on with: --thread {found['thread']}")
    return lines
