"""`python -m benchmarks [NAME...]`: run the named measurements, or all."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import extraction, footprint, intake, jobs, learning, startup
from benchmarks.figures import Figure

MEASUREMENTS: dict[str, Callable[[], list[Figure]]] = {
    "intake": intake.measure,
    "jobs": jobs.measure,
    "extraction": extraction.measure,
    "learning": learning.measure,
    "startup": startup.measure,
    "footprint": footprint.measure,
}


def main(names: list[str]) -> None:
    """Print a line for each figure, and keep them all in bench-results/."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        sys.exit(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    found: list[Figure] = []
    for name in names or MEASUREMENTS:
        print(f"\n{name}")
        for figure in MEASUREMENTS[name]():
            print(f"  {figure}")
            found.append(figure)
    results = Path("bench-results")
    results.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "system": platform.platform(terse=True)}
    content = {"machine": machine, "figures": [figure.as_json() for figure in found]}
    (results / "latest.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
