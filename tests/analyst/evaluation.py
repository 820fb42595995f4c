"""How many of the questions the built-in reader reads so that exactly the right numbers come out.

`python -m tests.analyst.evaluation opened` prints the share for each kind; with `--wrong` also the questions that are
read wrongly; with `--model` the same of a scripted model that plans as told, see planned.py. Of the unopened half only
the shares are printed.
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
from tests.analyst.planned import evaluate_planned
from tests.analyst.question_data import NOW, load_clinic, load_other, load_star, read_questions
from tests.aside import run_aside
from tests.builders import Desk, StepClock

from postcall.analyst.names.known_terms import read_terms
from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import Analysis, AskBack, KnownTerm, Question, Understood
from postcall.domain.queries import Query, Result
from postcall.errors import BadInput
from postcall.reporting.index import Index
from postcall.reporting.query_format import read_query
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.database import open_record

QUESTIONS = Path(__file__).parent / "questions"
PLAIN = frozenset({"count", "rate", "top", "trend", "comparison", "list", "search", "plain-field"})
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Data:
    """A data set that can be asked, and the names that are known of it."""

    services: Services
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
    elif name == "star":
        load_star(record, shared / "data" / "star")
    else:
        load_other(record, name)
    desk = Desk(record, StepClock(NOW[name]))
    try:
        with Reports(record, Index(record, folder / f"{name}.duckdb", clock=desk.clock)) as reports:
            services = Services(record, read_settings({"POSTCALL_DATA": str(folder)}), desk.clock)
            yield Data(services, reports, desk.pk, run_aside(read_terms(record, reports, desk.pk, None)))
    finally:
        record.close()


def read_entry(entry: dict[str, Any], data: Data) -> Understood | AskBack:
    """How the built-in reader reads the question of an entry, behind those that were asked `before` it."""
    now = datetime.fromisoformat(entry["now"])
    before: Understood | None = None
    for text in (*entry.get("before", ()), entry["question"]):
        read = read_question(Question(text, now, entry["time_zone"]), data.terms, before=before)
        before = read if isinstance(read, Understood) else before
    return read


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


def _told(read: Understood | AskBack | Analysis) -> str:
    return f"{read.answer} {read.not_covered}" if isinstance(read, Analysis) else read.says


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(half: str, *, wrong: bool, model: bool) -> None:
    """Print the shares: of the built-in reader, or of a scripted model that plans as told."""
    entries = read_questions(QUESTIONS / f"{half}.jsonl")
    shared = Path(os.environ.get("POSTCALL_SHARED", "../shared")).resolve()
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name in NOW:
            with open_data(name, Path(folder), shared) as data:
                judge = evaluate_planned if model else evaluate
                for entry, read, is_ in judge([each for each in entries if each["data"] == name], data):
                    asked[entry["kind"]] += 1
                    right[entry["kind"]] += is_
                    if wrong and half != "unopened" and not is_:
                        _say(f"{entry['id']} {entry['kind']}: {entry['question']}\n    {_told(read)}")
    for kind in sorted(asked):
        _say(f"{kind:12} {right[kind]:3} of {asked[kind]:3}")
    plain = sum(asked[kind] for kind in PLAIN)
    good = sum(right[kind] for kind in PLAIN)
    _say(f"{'plain kinds':12} {good:3} of {plain:3}  {good / plain:.0%}")


if __name__ == "__main__":
    main(sys.argv[1], wrong="--wrong" in sys.argv, model="--model" in sys.argv)
