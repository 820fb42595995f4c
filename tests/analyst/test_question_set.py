"""The questions for the analyst are well formed, and can be asked of the data that they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.analyst.question_data import NOW, load_clinic, load_star, read_questions
from tests.aside import run_aside
from tests.builders import Desk, StepClock

from postcall.domain.queries import Query
from postcall.reporting.index import Index
from postcall.reporting.mentions import metric_names
from postcall.reporting.periods import read_zone
from postcall.reporting.query_format import read_query
from postcall.reporting.reports import Reports
from postcall.storage.database import open_record

QUESTIONS = Path(__file__).parent / "questions"
HALVES = {half: read_questions(QUESTIONS / f"{half}.jsonl") for half in ("opened", "unopened")}
EVERY = [entry for entries in HALVES.values() for entry in entries]
PLAIN = frozenset({"count", "rate", "top", "trend", "comparison", "list", "search", "plain-field"})
KINDS = PLAIN | {"ambiguous", "unanswerable", "themes", "difference"}
KEYS = {"id", "data", "kind", "question", "now", "time_zone", "query", "calls", "also", "note"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A data set, ready to be asked."""

    reports: Reports
    account_pk: int

    def count(self, query: Query) -> int:
        """How many rows the query gives, or calls where it has no measures."""
        if query.measures:
            return len(self.reports.run_now(self.account_pk, query).rows)
        return len(run_aside(self.reports.calls(self.account_pk, query, limit=10)).ids)

    def names(self) -> set[str]:
        """The metrics that calls carry."""
        return {known.name for known in run_aside(self.reports.names(self.account_pk))}


@pytest.fixture(scope="module", params=["clinic", pytest.param("star", marks=pytest.mark.shared)])
def data(request: pytest.FixtureRequest) -> str:
    """Each data set's name."""
    return str(request.param)


@pytest.fixture(scope="module")
def loaded(data: str, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Loaded]:
    """The data set in a record of its own."""
    folder = tmp_path_factory.mktemp(data)
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    if data == "clinic":
        load_clinic(record)
    else:
        load_star(record, shared / "data" / "star")
    desk = Desk(record, StepClock(NOW[data]))
    with Reports(record, Index(record, folder / "index.duckdb", clock=desk.clock)) as reports:
        yield Loaded(reports, desk.pk)
    record.close()


def queries_of(entry: dict[str, Any]) -> list[Query]:
    """Every reading of a question."""
    return [read_query(raw) for raw in (entry["query"], *entry["also"]) if raw is not None]


def test_both_halves_are_large_and_hold_every_kind_of_question() -> None:
    for entries in HALVES.values():
        assert len(entries) >= 80
        assert {entry["kind"] for entry in entries} == KINDS
        assert {entry["data"] for entry in entries} == {"clinic", "star"}
    assert sum(entry["kind"] in PLAIN for entry in EVERY) >= 0.75 * len(EVERY)


def test_no_question_is_asked_twice() -> None:
    assert set(Counter(entry["id"] for entry in EVERY).values()) == {1}
    asked = Counter((entry["data"], entry["question"].casefold(), entry["time_zone"]) for entry in EVERY)
    assert set(asked.values()) == {1}


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry["id"])
def test_every_entry_is_well_formed(entry: dict[str, Any]) -> None:
    assert set(entry) == KEYS
    assert entry["question"].strip() == entry["question"] != ""
    assert datetime.fromisoformat(entry["now"]) == NOW[entry["data"]]
    assert read_zone(entry["time_zone"]).key == entry["time_zone"]
    assert (entry["query"] is None) == (entry["kind"] in {"ambiguous", "unanswerable"})
    assert entry["note"] or entry["query"] is not None, "where there is no query, the note says why"
    for query in queries_of(entry):
        assert query.agent is None
        assert query.time_zone == entry["time_zone"]
    if entry["query"] is not None:
        assert entry["calls"] == all(not query.measures or "field.id" in query.group_by for query in queries_of(entry))


def test_every_query_can_be_asked(data: str, loaded: Loaded) -> None:
    names = loaded.names()
    for entry in EVERY:
        if entry["data"] != data:
            continue
        for query in queries_of(entry):
            assert set(metric_names(query)) <= {f"metric.{name}" for name in names}, entry["id"]
            assert loaded.count(query) > 0, entry["id"]  # names that only a filter knows are refused here
