"""`python -m benchmarks [NAME...]`: run the named measurements, or all; the figures of the others are kept."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import (
    analyst,
    audiences,
    conversations,
    conversations_api,
    exports,
    extraction,
    footprint,
    index_growth,
    intake,
    jobs,
    learning,
    reports,
    similar,
    startup,
    webhooks,
)
from benchmarks.figures import Figure

MEASUREMENTS: dict[str, Callable[[], list[Figure]]] = {
    "intake": intake.measure,
    "jobs": jobs.measure,
    "audiences": audiences.measure,
    "extraction": extraction.measure,
    "learning": learning.measure,
    "conversations": conversations.measure,
    "conversations_api": conversations_api.measure,
    "similar": similar.measure,
    "webhooks": webhooks.measure,
    "exports": exports.measure,
    "startup": startup.measure,
    "footprint": footprint.measure,
    "analyst": analyst.measure,
    "reports": reports.measure,
    "growth": index_growth.measure,
}


def main(names: list[str]) -> None:
    """Print a line for each figure, and keep them all in bench-results/."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        sys.exit(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    # Figures of fewer calls than are spoken of must not come to stand in the documentation.
    results = "tried.json" if os.environ.get("POSTCALL_BENCH_CALLS") else "latest.json"
    for name in names or MEASUREMENTS:
        print(f"\n{name}")
        busy = os.getloadavg()[0]
        found = MEASUREMENTS[name]()
        for figure in found:
            print(f"  {figure}")
        keep(Path("bench-results") / results, name, found, busy=busy)


def keep(file: Path, name: str, found: list[Figure], *, busy: float) -> None:
    """Put the figures of one measurement in the place of its earlier ones. `busy` is the load before it began."""
    kept: dict[str, Any] = json.loads(file.read_text())["measurements"] if file.exists() else {}
    kept[name] = {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "processors": os.cpu_count(),
        "load": round(busy, 1),
        "figures": [figure.as_json() for figure in found],
    }
    file.parent.mkdir(exist_ok=True)
    ordered = {each: kept[each] for each in MEASUREMENTS if each in kept}
    file.write_text(json.dumps({"measurements": ordered}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
