"""How many of the questions the built-in reader reads so that exactly the right numbers come out.

`python -m tests.analyst.evaluation opened` prints the share for each kind; with `--wrong` also the questions that are
read wrongly. Of the unopened half only the shares are printed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.analyst.comparator import calls_are_right, numbers_are_right
from tests.analyst.question_data import NOW, load_clinic, load_star, read_questions
from tests.aside import run_aside
from tests.builders import Desk, StepClock

from postcall.analyst.known_terms import read_terms
from postcall.analyst.reading import read_question
from postcall.domain.analysis import AskBack, KnownTerm, Question, Understood
from postcall.domain.queries import Query, Result
from postcall.errors import BadInput
from postcall.reporting.index import Index
from postcall.reporting.query_format import read_query
from postcall.reporting.reports import Reports
from postcall.storage.database import open_record

QUESTIONS = Path(__file__).parent / "questions"
PLAIN = frozenset({"count", "rate", "top", "trend", "comparison", "list", "search", "plain-field"})
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Data:
    """A data set that can be asked, and the names that are known of it."""

    reports: Reports
    account_pk: int
    terms: tuple[KnownTerm, ...]

    def run(self, query: Query) -> Result:
        """The rows."""
        return self.reports.run_now(self.account_pk, query)

    def ids(self, query: Query) -> list[str]:
        """The calls, the newest first or as the query orders them."""
        if query.group_by == ("field.id",):
            return [str(row.group[0]) for row in self.run(query).rows]
        return list(run_aside(self.reports.calls(self.account_pk, query, limit=query.limit or _MOST)).ids)


@contextmanager
def open_data(name: str, folder: Path, shared: Path) -> Iterator[Data]:
    """The data set in a record of its own."""
    record = open_record(f"sqlite:///{folder / f'{name}.db'}")
    if name == "clinic":
        load_clinic(record)
    else:
        load_star(record, shared / "data" / "star")
    desk = Desk(record, StepClock(NOW[name]))
    try:
        with Reports(record, Index(record, folder / f"{name}.duckdb", clock=desk.clock)) as reports:
            yield Data(reports, desk.pk, run_aside(read_terms(record, reports, desk.pk, None)))
    finally:
        record.close()


def read_entry(entry: dict[str, Any], data: Data) -> Understood | AskBack:
    """How the built-in reader reads the question of an entry."""
    now = datetime.fromisoformat(entry["now"])
    return read_question(Question(entry["question"], now, entry["time_zone"]), data.terms)


def is_right(entry: dict[str, Any], read: Understood | AskBack, data: Data) -> bool:
    """Whether the reading leads to what the entry says, as README.md beside the questions tells when it does."""
    try:
        if entry["kind"] in {"ambiguous", "unanswerable"}:
            return isinstance(read, AskBack) or (entry["kind"] == "unanswerable" and _says_nothing(read, data))
        if isinstance(read, AskBack):
            return False
        expected = [read_query(raw) for raw in (entry["query"], *entry["also"])]
        if entry["calls"]:
            return calls_are_right(entry, [data.ids(each) for each in expected], _ids(read, data))
        results = [data.run(each) for each in read.queries]
        return bool(results) and any(numbers_are_right(entry, data.run(each), results) for each in expected)
    except BadInput:
        return False


def evaluate(entries: Sequence[dict[str, Any]], data: Data) -> list[tuple[dict[str, Any], Understood | AskBack, bool]]:
    """Each entry with its reading, and whether that is right."""
    return [(entry, read, is_right(entry, read, data)) for entry in entries for read in [read_entry(entry, data)]]


def _ids(read: Understood, data: Data) -> list[str]:
    longest = next((each for each in read.queries if each.group_by == ("field.id",)), None)
    wanted = longest or read.calls
    return data.ids(wanted) if wanted is not None else []


def _says_nothing(read: Understood, data: Data) -> bool:
    """Whether there is nothing to measure, so that no number can be shown."""
    results = [data.run(each) for each in read.queries]
    numbers = [number for result in results for row in result.rows for number in row.numbers]
    return bool(results) and all(number.value is None for number in numbers)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(half: str, *, wrong: bool) -> None:
    """Print the shares."""
    entries = read_questions(QUESTIONS / f"{half}.jsonl")
    shared = Path(os.environ.get("POSTCALL_SHARED", "../shared")).resolve()
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name in NOW:
            with open_data(name, Path(folder), shared) as data:
                for entry, read, is_ in evaluate([each for each in entries if each["data"] == name], data):
                    asked[entry["kind"]] += 1
                    right[entry["kind"]] += is_
                    if wrong and half == "opened" and not is_:
                        _say(f"{entry['id']} {entry['kind']}: {entry['question']}\n    {read.says}")
    for kind in sorted(asked):
        _say(f"{kind:12} {right[kind]:3} of {asked[kind]:3}")
    plain = sum(asked[kind] for kind in PLAIN)
    good = sum(right[kind] for kind in PLAIN)
    _say(f"{'plain kinds':12} {good:3} of {plain:3}  {good / plain:.0%}")


if __name__ == "__main__":
    main(sys.argv[1], wrong="--wrong" in sys.argv)
