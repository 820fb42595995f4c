"""Threads in the record: what `Analyst` remembers questions in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.engine import Connection

from postcall.analyst.thread_format import read_analysis, write_analysis
from postcall.analyst.understood_format import read_understood, write_understood
from postcall.analyst.withholding import withhold
from postcall.domain.analysis import Analysis, Citation, Question, Understood
from postcall.domain.keys import Principal
from postcall.errors import Conflict, ThreadNotFound
from postcall.services import Services
from postcall.storage.analyst_threads import (
    NewQuestion,
    Owner,
    StoredQuestion,
    StoredThread,
    find_last_reading,
    find_open_thread,
    find_thread,
    keep_question,
    key_owner,
    person_owner,
    read_questions,
)
from postcall.storage.cited_calls import find_calls_of, read_words_of


class RecordThreads:
    """Every question with its answer, each with whoever asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def before(self, who: Principal, thread: str) -> Understood | None:
        """How the latest question of this thread was read; None where none was.

        Raises ThreadNotFound, also for a stranger's, and Conflict where no more can be asked in it.
        """
        owner = owner_of(who)
        _, raw = await self._services.record.read_async(
            lambda c: (find_open_thread(c, owner, thread), find_last_reading(c, owner, thread))
        )
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
        write = self._services.record.write_async
        try:
            return await write(lambda c: keep_question(c, owner, question.thread, new))
        except (ThreadNotFound, Conflict):  # forgotten or filled up while this was answered, which is not to be lost
            return await write(lambda c: keep_question(c, owner, None, new))


def read_thread(connection: Connection, who: Principal, thread: str) -> tuple[StoredThread, tuple[StoredQuestion, ...]]:
    """A thread with what was asked in it, as it may be shown now: see `withhold`. ThreadNotFound for a stranger's."""
    owner = owner_of(who)
    found, questions = find_thread(connection, owner, thread), read_questions(connection, owner, thread)
    answers = [read_analysis(each.answer) for each in questions]
    named = {call for each in answers for call in (*each.calls, *_cited(each.citations))}
    pks = find_calls_of(connection, who.account_pk, named, agent_pks=who.agents)
    quoted = {pks[call] for each in answers for call in _cited(each.citations) if call in pks}
    words = read_words_of(connection, quoted)
    said = {call: words.get(pk, ()) for call, pk in pks.items()}
    return found, tuple(
        replace(each, answer=write_analysis(withhold(answer, said)))
        for each, answer in zip(questions, answers, strict=True)
    )


def owner_of(who: Principal) -> Owner:
    """Whose threads somebody reads: a key's its own; a person's theirs; the operator's, whoever sits at the machine."""
    if who.key_id is not None:
        return key_owner(who.account_pk, who.key_id)
    if who.name is None:
        return Owner(who.account_pk, "operator")
    return person_owner(who.account_pk, who.name)


def _cited(citations: Iterable[Citation]) -> set[str]:
    return {each.call for each in citations}


def kept_to(reading: Understood, who: Principal) -> Understood:
    """The same reading of no other agents' calls than those that its asker may see."""
    return replace(
        reading,
        queries=tuple(replace(each, among=who.agents) for each in reading.queries),
        calls=None if reading.calls is None else replace(reading.calls, among=who.agents),
    )
