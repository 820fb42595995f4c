"""The index alone at one, three and ten million calls: its size, and the times of Overview's statements."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.big_record import make_calls
from benchmarks.figures import Figure
from benchmarks.overview_tiles import PERIODS, asked_tiles, asking, compiled, medians_ms
from postcall.reporting.index_file import IndexFile
from postcall.reporting.projection import Trait, Traits, project
from postcall.storage.changes import Mark

MILLION = int(os.environ.get("POSTCALL_BENCH_CALLS", "1000000"))
"""What counts as a million; fewer for trying this out."""
STEPS = (1, 3, 10)
_PIECE = 61_440
"""Calls given to DuckDB at once, as where an index is built."""


@dataclass(frozen=True, slots=True)
class Grown:
    """An index of some number of calls."""

    size_mib: float
    times_ms: dict[str, float]
    """By tile and period."""


def measure() -> list[Figure]:
    """The figures at each size, beside those at a million calls."""
    grown = {step: _grow(step * MILLION) for step in STEPS}
    first = grown[STEPS[0]]
    figures = [
        _figure("size of the index", step, found.size_mib, "MiB", first.size_mib) for step, found in grown.items()
    ]
    for what, at_first in first.times_ms.items():
        figures += [_figure(what, step, found.times_ms[what], "ms", at_first) for step, found in grown.items()]
    return figures


def _figure(what: str, step: int, value: float, unit: str, at_first: float) -> Figure:
    what = f"{what}: {step * MILLION:,} calls"
    if step == STEPS[0]:
        return Figure(what, value, unit)
    return Figure(what, value, unit, f"that at {MILLION:,}", value / at_first)


def _grow(count: int) -> Grown:
    """Build an index of so many calls, spread over a year, and ask it."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        index = IndexFile.create(Path(folder) / "index.duckdb")
        traits = Traits()
        lines = project_calls(count, traits)
        while piece := list(islice(lines, _PIECE)):
            index.append(piece)
        index.note(traits, Mark(0))
        index.settle()
        grown = Grown(index.size() / 2**20, _times(index, known_names(traits)))
        index.close()
    return grown


def project_calls(count: int, traits: Traits) -> Iterator[str]:
    """The index's lines of so many calls; `traits` gathers their names."""
    for call in make_calls(count):
        yield project(call.columns, call.writes, call.answers, {}, traits)


def known_names(traits: Traits) -> dict[str, Trait]:
    """What is known of each name over all agents."""
    found: dict[str, Trait] = {}
    for (_, _, name), trait in traits.each():
        found[name] = found.get(name, Trait(0)) | trait
    return found


def _times(index: IndexFile, names: dict[str, Trait]) -> dict[str, float]:
    times = {}
    with index.view() as cursor:
        for period, toolbar in PERIODS.items():
            for asked in asked_tiles(toolbar):
                statement = compiled(asked.query, names)
                [times[f"{asked.title}, {period}"]] = medians_ms(asking(cursor, statement.sql, statement.parameters))
    return times
