"""Calls alike: whether the nearest call is about the same, and what a search among 100,000 calls takes."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from benchmarks.big_record import END, write_record
from benchmarks.figures import Figure
from benchmarks.learning import SHARED
from postcall.domain.searching import read_search, search_matches
from postcall.semantic.embedding import BUILT_IN
from postcall.semantic.finding import find_similar
from postcall.semantic.learning import DIMENSIONS, learn_space
from postcall.semantic.ranking import to_bytes
from postcall.semantic.space import save_space, unit
from postcall.semantic.words import Said
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.call_vectors import CallsOf, Progress, add_space, note_progress
from postcall.storage.database import open_record

SETS = ("star", "sgd")
CALLS = int(os.environ.get("POSTCALL_BENCH_CALLS", "100000"))
_SEARCHES = 9


@dataclass(frozen=True, slots=True)
class _Labelled:
    said: Said
    task: str

    @property
    def opening(self) -> str:
        """What the caller says first."""
        return next((text for text, caller in self.said if caller), "")


def measure() -> list[Figure]:
    """How often the nearest is about the same, where the labelled calls are there; and the time of a search."""
    found: list[Figure] = []
    if (SHARED / "data").is_dir():
        for name in SETS:
            found += _measure_nearness(name, list(_labelled(name)))
    else:
        print(f"  skipped: there are no labelled conversations in {SHARED / 'data'}")
    return [*found, *_measure_time()]


def _labelled(name: str) -> list[_Labelled]:
    lines = (SHARED / "data" / name / "public.jsonl").read_bytes().splitlines()
    calls = [json.loads(line) for line in lines]
    return [
        _Labelled([(turn["text"], turn["role"] == "user") for turn in call["turns"]], call["gold"]["call_reason"])
        for call in calls
        if call["gold"].get("call_reason")
    ]


def _measure_nearness(name: str, calls: Sequence[_Labelled]) -> list[Figure]:
    space = learn_space([call.said for call in calls])
    vectors = np.array([space.embed(call.said) for call in calls])
    openings = np.array([space.embed([(call.opening, True)]) for call in calls])
    tasks = np.array([call.task for call in calls])
    commonest = max(float((tasks == task).mean()) for task in set(tasks.tolist()))
    nearest = _share_alike(vectors @ vectors.T, tasks, 1)
    ten = _share_alike(openings @ vectors.T, tasks, 10)
    by_words = _share_by_words(calls)
    return [
        Figure(f"{name}: the call most like a call is about the same", 100 * nearest, "%", "the commonest task",
               nearest / commonest),
        Figure(f"{name}: of ten found by a caller's first sentence, about the same", 100 * ten, "%",
               "searching for its words", ten / by_words if by_words else None),
    ]  # fmt: skip


def _share_alike(scores: npt.NDArray[np.float32], tasks: npt.NDArray[np.str_], most: int) -> float:
    """Among the best of each row, itself left out, the share that has the row's task."""
    np.fill_diagonal(scores, -9.0)
    best = np.argsort(-scores, axis=1)[:, :most]
    return float((tasks[best] == tasks[:, None]).mean())


def _share_by_words(calls: Sequence[_Labelled]) -> float:
    """The same of the first ten that hold any of the sentence's words in a row of two, which is how people search
    where all the words together find only the call they are from. What is not found counts as wrong."""
    said = [[text for text, _ in call.said] for call in calls]
    right = 0
    for place, call in enumerate(calls):
        words = call.opening.replace('"', " ").split()
        search = read_search(" OR ".join(f'"{first} {second}"' for first, second in pairwise(words)))
        found = [other for other in range(len(calls)) if other != place and search_matches(search, said[other])][:10]
        right += sum(calls[other].task == call.task for other in found)
    return right / (10 * len(calls))


def _measure_time() -> list[Figure]:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        file = Path(folder) / "postcall.db"
        write_record(file, CALLS)
        record = open_record(f"sqlite:///{file}")
        try:
            services = Services(record, read_settings({"POSTCALL_DATA": folder}), lambda: END)
            _add_vectors(services, file)
            times = [_search(services) for _ in range(_SEARCHES)]
        finally:
            record.close()
    bare = _bare_product()
    return [
        Figure(f"the most alike of {CALLS:,} calls, median", statistics.median(times), "ms", "the bare product",
               statistics.median(times) / bare),
    ]  # fmt: skip


def _add_vectors(services: Services, file: Path) -> None:
    """One for each call, of chance: a search takes the same whatever they are."""
    spoken = [[(f"number {number} is about refund {number % 9}", True)] for number in range(3 * DIMENSIONS)]
    space = learn_space(spoken)
    content = save_space(space)

    def add(connection: Connection) -> int:
        pk = add_space(
            connection, 1, BUILT_IN, dimensions=space.dimensions, content=content, learned_from=len(spoken),
            grown=CALLS, now=END,
        )  # fmt: skip
        note_progress(connection, pk, Progress(at=END, grown=CALLS, made=CALLS), ready_at=END)
        return pk

    pk = services.record.write(add)
    chance = np.random.default_rng(0)
    rows = (
        (pk, call, 1, 10, to_bytes(unit(chance.standard_normal(space.dimensions, np.float32))))
        for call in range(1, CALLS + 1)
    )
    with sqlite3.connect(file) as database:
        database.executemany("INSERT INTO call_vectors VALUES (?, ?, ?, ?, ?)", rows)


def _search(services: Services) -> float:
    begun = time.perf_counter()
    found = asyncio.run(find_similar(services, 1, "a refund", CallsOf(1), limit=20))
    assert found.space.covered == CALLS
    return (time.perf_counter() - begun) * 1000


def _bare_product() -> float:
    """The vectors in memory times one: what would be left if nothing had to be read."""
    vectors = np.random.default_rng(0).standard_normal((CALLS, DIMENSIONS), np.float32)
    begun = time.perf_counter()
    np.argpartition(-(vectors @ vectors[0]), 20)
    return (time.perf_counter() - begun) * 1000
