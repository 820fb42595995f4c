"""`python -m benchmarks.tables`: write the figures of the last run into README and docs/measurements.md."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
IN_README = (
    "durable intake",
    "extraction,",
    "processor time a call,",
    "jobs that take 50",
    "`make run` in",
    "idle memory",
)
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def main() -> None:
    """Every figure goes to the measurements; the few that people ask for first, to the README."""
    found = json.loads((ROOT / "bench-results" / "latest.json").read_text())["figures"]
    performance = [figure for figure in found if not figure["what"].startswith(("star ", "sgd "))]
    fill(ROOT / "docs" / "measurements.md", table(performance))
    fill(ROOT / "README.md", table([figure for figure in performance if figure["what"].startswith(IN_README)]))


def table(figures: list[dict[str, object]]) -> str:
    """The rows, as Markdown."""
    lines = ["| what | measured | of the floor | aim |", "|---|---|---|---|"]
    for figure in figures:
        ratio = f"{figure['ratio']:.2f} of {figure['floor']}" if figure["ratio"] is not None else ""
        value = f"{figure['value']:,.3g}" if float(str(figure["value"])) < 100 else f"{figure['value']:,.0f}"
        lines.append(f"| {figure['what']} | {value} {figure['unit']} | {ratio} | {figure['aim'] or ''} |")
    return "\n".join(lines)


def fill(page: Path, content: str) -> None:
    """Replace what stands between the marks."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")


if __name__ == "__main__":
    main()
