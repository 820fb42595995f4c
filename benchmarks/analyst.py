"""Questions in words over a million calls, or as many as POSTCALL_BENCH_CALLS says, by the built-in reader.

Each kind of question is asked on many days, as if each were today, so that no result is remembered; its floor is what
the queries that its answer rests on take by themselves. POSTCALL_BENCH_RECORD is as for the reports.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.big_record import END
from benchmarks.figures import Figure, percentile
from benchmarks.reports import put_record
from benchmarks.tables import ANSWERED, SLOWEST
from postcall.analyst.service import Analyst
from postcall.domain.analysis import Question
from postcall.domain.keys import Principal, Scope
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.serving import utc_now
from postcall.settings import Settings
from postcall.storage.database import open_record

QUESTIONS = {
    "a count": "How many calls were there in the last 300 days?",
    "a count with a filter": "How many calls were handed off in the last 300 days?",
    "a share": "What share of calls was authenticated in the last 300 days?",
    "a share of an answer": "What share of calls had an appointment booked in the last 30 days?",
    "an average": "What was the average order total in the last 300 days?",
    "a percentile": "What was the p95 latency in the last 300 days?",
    "top values": "What were the most common topics in the last 300 days?",
    "top of 50,000 values": "What were the top 5 caller names in the last 300 days?",
    "a trend": "How many calls were there per day in the last 300 days?",
    "a comparison": "Compare the number of calls of the last 7 days with the 7 days before",
    "by a value": "Average duration by topic in the last 300 days",
    "a list": "Show me the calls with a negative sentiment in the last 300 days",
    "the longest": "What were the 5 longest calls in the last 300 days?",
    "a search": "In which calls of the last 300 days did somebody say 4711?",
    "a search for what is said in every call": "In which calls of the last 300 days did somebody say Whitfield?",
}
COMPARISONS = {
    "what changed": "What changed in the last 7 days against the 7 days before?",
    "why": "Why do calls get handed off in the last 300 days?",
}
"""By everything that is known of calls: a hundred queries each, of which an answer shows the telling ones."""
DAYS = 20
"""On which each is asked."""
EVERY = "any question in words"
"""Of all but the comparisons."""
_ME = Principal("default", 1, frozenset({Scope.READ}))


@dataclass(frozen=True, slots=True)
class Spent:
    """How long one question took."""

    whole_ms: float
    queries_ms: float
    """What its queries took, asked alone."""


def measure() -> list[Figure]:
    """Each kind at its median and 95th percentile, all of them together, and the first question of a server."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        put_record(Path(name) / "postcall.db")
        return asyncio.run(measure_in(Path(name)))


async def measure_in(folder: Path) -> list[Figure]:
    """Over the record of this folder, and the index, which is made where it is not there."""
    url = f"sqlite:///{folder / 'postcall.db'}"
    with closing(open_record(url)) as record:
        services = Services(record, Settings(folder, url, admin_key=None, model=None), clock=utc_now)
        index = Index(record, folder / "reports" / "index.duckdb", clock=services.clock)
        with Reports(record, index) as reports:
            await reports.names(_ME.account_pk)  # builds the index
            analyst, alone = Analyst(services, reports), Reports(record, index)
            first = await _first_question(analyst)
            return [first, *await _each_kind(analyst, alone)]


async def _first_question(analyst: Analyst) -> Figure:
    """What is paid once: the names and values that questions may mean are not known yet."""
    began = time.perf_counter()
    await analyst.answer(_ME, Question(QUESTIONS["a count"], END))
    return Figure(ANSWERED + "the first question of a server", (time.perf_counter() - began) * 1000, "ms")


async def _each_kind(analyst: Analyst, alone: Reports) -> list[Figure]:
    figures: list[Figure] = []
    every: list[Spent] = []
    for what, text in QUESTIONS.items():
        # The first turn warms up.
        turns = [await _ask(analyst, alone, Question(text, END - timedelta(days=day))) for day in range(-1, DAYS)][1:]
        figures += spent_figures(what, turns)
        every += turns
    figures += spent_figures(EVERY, every)
    for what, text in COMPARISONS.items():
        turns = [await _ask(analyst, alone, Question(text, END - timedelta(days=day))) for day in range(-1, DAYS)][1:]
        figures += spent_figures(what, turns, aim="5,000 ms")
    return figures


async def _ask(analyst: Analyst, alone: Reports, question: Question) -> Spent:
    began = time.perf_counter()
    analysis = await analyst.answer(_ME, question)
    answered = time.perf_counter()
    if not analysis.asked or not analysis.asked[0].result.calls:
        raise RuntimeError(f"{question.text!r} is answered by {analysis.answer!r}, and a number was to be measured")
    asked_alone = time.perf_counter()
    for each in analysis.asked:
        await alone.run(_ME.account_pk, each.query)
    return Spent((answered - began) * 1000, (time.perf_counter() - asked_alone) * 1000)


def spent_figures(what: str, turns: Sequence[Spent], *, aim: str = "1,000 ms") -> list[Figure]:
    """The median beside that of its queries, and the 95th percentile."""
    floor = statistics.median(turn.queries_ms for turn in turns)
    half, slow = (percentile([turn.whole_ms for turn in turns], share) for share in (0.5, 0.95))
    return [
        Figure(ANSWERED + what, half, "ms", f"its queries, {floor:.3g} ms", half / floor),
        Figure(SLOWEST + what, slow, "ms", aim=aim),
    ]
