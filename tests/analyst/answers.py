"""A few calls to a clinic and somebody who asks about them, by readings that are written out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection
from tests.aside import run_aside
from tests.builders import AGENT, NOON, Desk, StepClock, a_call

from postcall.analyst.answering import answer_understood
from postcall.analyst.asking import Asking
from postcall.analyst.steps import Step
from postcall.domain.analysis import Analysis, KnownTerm, NameKind, Question, QuestionKind, Understood
from postcall.domain.keys import Principal, Scope
from postcall.domain.queries import All, Filter, Measure, MeasureKind, Query
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.agents import find_agent_row
from postcall.storage.database import open_record

CALLS = Measure(MeasureKind.CONVERSATIONS, name="calls")
BOOKED = Measure(MeasureKind.RATE, "metric.BOOKED", name="rate")
TERMS = (
    KnownTerm("field.channel", NameKind.FIELD, "text"),
    KnownTerm("field.duration", NameKind.FIELD, "number"),
    KnownTerm("metric.REASON", NameKind.METRIC, "text"),
)
_NUMBER = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True)
class Asker:
    """Somebody who asks, and what there is to ask about."""

    desk: Desk
    services: Services
    reports: Reports

    def who(self, *agents: str) -> Principal:
        """A reader of these agents' calls; of every agent's where none is named."""
        pks = [self.desk.record.read(partial(_pk_of, self.desk.pk, agent)) for agent in agents]
        return Principal(self.desk.account, self.desk.pk, frozenset({Scope.READ}), agents=frozenset(pks) or None)

    def steps(
        self, understood: Understood, *, agents: Sequence[str] = (), agent: str | None = None
    ) -> list[Step | Analysis]:
        """All that is told."""
        asking = Asking(self.services, self.reports, self.who(*agents), agent=agent)
        question = Question("", NOON, agent=agent)

        async def gather() -> list[Step | Analysis]:
            return [each async for each in answer_understood(asking, question, understood, TERMS)]

        return run_aside(gather())

    def answer(self, understood: Understood, **more: Any) -> Analysis:
        """The last of it."""
        last = self.steps(understood, **more)[-1]
        assert isinstance(last, Analysis)
        return last

    def take(self, count: int, prefix: str, *lines: str, days_ago: int = 1, **details: Any) -> None:
        """Take in some calls, all alike but for the minute in which they begin."""
        for number in range(count):
            start = NOON - timedelta(days=days_ago, minutes=number)
            self.desk.hand_in(a_call(f"{prefix}-{number}", *lines, **{"agent": AGENT, "started_at": start, **details}))


@contextmanager
def open_asker(database_url: str, folder: Path, clock: StepClock) -> Iterator[Asker]:
    """Sixty calls of two days: forty booked by web chat, twenty by voice in which a refund is asked for."""
    record = open_record(database_url)
    services = Services(record, read_settings({"POSTCALL_DATA": "/nowhere"}), clock)
    with Reports(record, Index(record, folder / "reports" / "index.duckdb", clock=clock)) as reports:
        made = Asker(Desk(record, clock), services, reports)
        made.take(40, "web", channel="webchat", duration_s=100.0, metrics={"BOOKED": True, "REASON": "billing"})
        refund = ("agent: Hello.", "user: I want a refund for the crown, please.")
        made.take(20, "phone", *refund, days_ago=2, channel="voice", duration_s=300.0, metrics={"REASON": "refill"})
        yield made
    record.close()


def _pk_of(account_pk: int, agent: str, connection: Connection) -> int:
    return int(find_agent_row(connection, account_pk, agent).pk)


def reading(kind: str, *queries: Query, calls: Query | None = None, **more: Any) -> Understood:
    """How some question was read."""
    return Understood(QuestionKind(kind), queries, calls, says="as it was meant", **more)


def query(*measures: Measure, where: Sequence[Filter] = (), **more: Any) -> Query:
    """A query; of calls alone where it has no measure."""
    return Query(measures, filters=All(tuple(where)), **more)


def unmarked(answer: str, *words: str) -> list[str]:
    """The sentences with a number but no mark, apart from numbers in these words, such as those of a period."""
    for each in words:
        answer = answer.replace(each, "")
    return [each for each in re.split(r"(?<=\.) (?=[A-Z])", answer) if _NUMBER.search(each) and "[q" not in each]
