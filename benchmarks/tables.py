"""`python -m benchmarks.tables`: write the figures of the last runs into README and docs/measurements.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parent.parent
IN_README = (
    "durable intake",
    "extraction,",
    "processor time a call,",
    "jobs that take 50",
    "`make run` in",
    "idle memory",
    "Overview page, 7 days, reckoned anew, 95th",
    "answered, 95th percentile: any question in words",
    "calls page, two metrics filtered, 95th",
    "a call accepted until it is counted, 95th",
    "the server's memory with reports, at its highest",
)
APART = ("reports", "growth", "analyst")
"""Measurements with tables of their own."""
QUERY, WHOLE = "tile's query: ", "tile's whole answer: "
ANSWERED, SLOWEST = "answered: ", "answered, 95th percentile: "
_Figure: TypeAlias = dict[str, Any]


def main() -> None:
    """Every figure goes to the measurements; the few that people ask for first, to the README."""
    found = json.loads((ROOT / "bench-results" / "latest.json").read_text())["measurements"]
    every = [figure for each in found.values() for figure in each["figures"]]
    performance = [figure for figure in every if not figure["what"].startswith(("star ", "sgd "))]
    apart = [figure["what"] for name in APART if name in found for figure in found[name]["figures"]]
    page = ROOT / "docs" / "measurements.md"
    fill(page, table(figure for figure in performance if figure["what"] not in apart), "figures")
    if "reports" in found:
        tiles = [figure for figure in found["reports"]["figures"] if figure["what"].startswith((QUERY, WHOLE))]
        others = [figure for figure in found["reports"]["figures"] if figure not in tiles]
        fill(page, f"{circumstances(found['reports'])}\n\n{table(others)}", "reports")
        fill(page, tiles_table(tiles), "tiles")
    if "analyst" in found:
        fill(page, f"{circumstances(found['analyst'])}\n\n{questions_table(found['analyst']['figures'])}", "analyst")
    if "growth" in found:
        fill(page, f"{circumstances(found['growth'])}\n\n{growth_table(found['growth']['figures'])}", "growth")
    fill(ROOT / "README.md", table(each for each in performance if each["what"].startswith(IN_README)), "figures")


def circumstances(measured: Mapping[str, Any]) -> str:
    """Whether the machine had other things to do."""
    return (
        f"Measured on {measured['processors']} processors, for which {measured['load']} processes were waiting or "
        "running when it began."
    )


def table(figures: Iterable[_Figure]) -> str:
    """The rows, as Markdown."""
    lines = ["| what | measured | of the floor | aim |", "|---|---|---|---|"]
    for figure in figures:
        ratio = f"{figure['ratio']:.2f} of {figure['floor']}" if figure["ratio"] is not None else ""
        lines.append(
            f"| {figure['what']} | {short(figure['value'])} {figure['unit']} | {ratio} | {figure['aim'] or ''} |"
        )
    return "\n".join(lines)


def tiles_table(figures: Iterable[_Figure]) -> str:
    """A row for each tile and period."""
    named = {figure["what"]: figure for figure in figures}
    lines = ["| tile | plain SQL | its query | of plain SQL | all that its numbers need |", "|---|---|---|---|---|"]
    for what, query in named.items():
        if what.startswith(QUERY):
            name = what.removeprefix(QUERY)
            ours, plain, whole = query["value"], query["value"] / query["ratio"], named[WHOLE + name]["value"]
            times = f"{short(plain)} ms | {short(ours)} ms | {query['ratio']:.2f} | {short(whole)} ms"
            lines.append(f"| {name} | {times} |")
    return "\n".join(lines)


def questions_table(figures: Iterable[_Figure]) -> str:
    """A row for each kind of question."""
    named = {figure["what"]: figure for figure in figures}
    lines = ["| question | its queries | answered | of its queries | 95th percentile |", "|---|---|---|---|---|"]
    for what, answered in named.items():
        if what.startswith(ANSWERED):
            name, half, ratio = what.removeprefix(ANSWERED), answered["value"], answered["ratio"]
            slow = named.get(SLOWEST + name)
            bare, times = ("", "") if ratio is None else (f"{short(half / ratio)} ms", f"{ratio:.2f}")
            last = "" if slow is None else f"{short(slow['value'])} ms"
            lines.append(f"| {name} | {bare} | {short(half)} ms | {times} | {last} |")
    return "\n".join(lines)


def growth_table(figures: Iterable[_Figure]) -> str:
    """A row for each thing that grows, a column for each number of calls, and how much it grew from first to last."""
    rows: dict[str, dict[str, _Figure]] = {}
    for figure in figures:
        what, _, calls = figure["what"].rpartition(": ")
        rows.setdefault(what, {})[calls] = figure
    heads = list(next(iter(rows.values())))
    lines = [f"| what | {' | '.join(heads)} | growth |", "|---|" + "---|" * (len(heads) + 1)]
    for what, row in rows.items():
        found = list(row.values())
        values = [f"{short(figure['value'])} {figure['unit']}" for figure in found]
        growth = found[-1]["value"] / found[0]["value"]
        lines.append(f"| {what} | {' | '.join(values)} | × {growth:.1f} |")
    return "\n".join(lines)


def short(value: float) -> str:
    """As many digits as mean anything."""
    return f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def fill(page: Path, content: str, mark: str) -> None:
    """Replace what stands between the marks."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n{content}\n{end}{after}")


if __name__ == "__main__":
    main()
