"""Threads in the record: what `Analyst` remembers questions in."""

from __future__ import annotations

from dataclasses import replace

from postcall.analyst.thread_format import write_analysis
from postcall.analyst.understood_format import read_understood, write_understood
from postcall.domain.analysis import Analysis, Question, Understood
from postcall.domain.keys import Principal
from postcall.services import Services
from postcall.storage.analyst_threads import NewQuestion, Owner, find_last_reading, keep_question


class RecordThreads:
    """Every question with its answer, each with whoever asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def before(self, who: Principal, thread: str) -> Understood | None:
        """How the latest question of this thread was read; None where none was. ThreadNotFound for a stranger's."""
        owner = owner_of(who)
        raw = await self._services.record.read_async(lambda c: find_last_reading(c, owner, thread))
        return None if raw is None else kept_to(read_understood(raw), who)

    async def keep(self, who: Principal, question: Question, understood: Understood | None, analysis: Analysis) -> str:
        """Add a question with its answer to `question.thread`, or to a new one; the thread's id."""
        owner = owner_of(who)
        new = NewQuestion(
            text=question.text,
            agent=question.agent,
            time_zone=question.time_zone,
            asked_at=question.now,
            reading=None if understood is None else write_understood(understood),
            answer=write_analysis(analysis),
        )
        return await self._services.record.write_async(lambda c: keep_question(c, owner, question.thread, new))


def owner_of(who: Principal) -> Owner:
    """Whose threads somebody reads: a key's its own; a person's theirs; the operator's, whoever sits at the machine."""
    if who.key_id is not None:
        return Owner(who.account_pk, f"key:{who.key_id}")
    return Owner(who.account_pk, "operator" if who.name is None else f"person:{who.name}")


def kept_to(reading: Understood, who: Principal) -> Understood:
    """The same reading of no other agents' calls than those that its asker may see."""
    return replace(
        reading,
        queries=tuple(replace(each, among=who.agents) for each in reading.queries),
        calls=None if reading.calls is None else replace(reading.calls, among=who.agents),
    )
