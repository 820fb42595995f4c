"""Putting the sample calls into the record, and taking them away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from sqlalchemy.engine import Connection

from postcall.configure.publishing import publish_questions
from postcall.demo import CLINIC_QUESTIONS, DEMO_AGENT_SLUG, generate_calls
from postcall.demo.metrics import CLINIC_METRICS
from postcall.domain.agents import Agent
from postcall.domain.calls import IncomingCall
from postcall.errors import AgentNotFound
from postcall.intake.service import take_call
from postcall.storage.accounts import DEFAULT_ACCOUNT, ensure_account, find_account
from postcall.storage.agents import find_agent, find_agent_row, remove_agent
from postcall.storage.calls import count_calls_of, remove_calls
from postcall.storage.database import Record
from postcall.storage.jobs import PRIORITY_BACKGROUND
from postcall.storage.metric_definitions import NewMetric, define_missing_metrics

SAMPLE_COUNT = 1_500
SEED = 7
ID_PREFIX = "demo-"
_BATCH = 100


def load_samples(record: Record, *, now: datetime, count: int = SAMPLE_COUNT) -> int:
    """Store the sample calls that are not there yet, the newest first; returns how many were added.

    They are dated over the 60 days before they were first loaded, which is when their agent was made: so a load that
    was interrupted goes on, and one that was finished does nothing.
    """
    agent = record.write(lambda c: _ensure_agent(c, now=now))
    account_pk, there = record.read(lambda c: _count_samples(c))
    if there >= count:
        return 0
    calls = generate_calls(seed=SEED, count=count, end=agent.created_at)
    for batch in _batches(calls):
        record.write(partial(_store, account_pk=account_pk, batch=batch, now=now))
    return count - there


def remove_samples(record: Record, *, now: datetime) -> int:
    """Take the sample calls away, and their agent unless it has other calls; returns how many calls went."""

    def remove(connection: Connection) -> int:
        account_pk = find_account(connection, DEFAULT_ACCOUNT)
        try:
            agent = find_agent_row(connection, account_pk, DEMO_AGENT_SLUG)
        except AgentNotFound:
            return 0
        removed = remove_calls(connection, agent.pk, id_prefix=ID_PREFIX, now=now)
        remove_agent(connection, agent.pk)
        return removed

    return record.write(remove)


def _ensure_agent(connection: Connection, *, now: datetime) -> Agent:
    account_pk = ensure_account(connection, DEFAULT_ACCOUNT, now=now)
    try:
        return find_agent(connection, account_pk, DEMO_AGENT_SLUG)
    except AgentNotFound:
        publish_questions(connection, account_pk, DEMO_AGENT_SLUG, tuple(CLINIC_QUESTIONS), now=now)
        defined = [NewMetric(each.name, each.type, each.expected_values, each.definition) for each in CLINIC_METRICS]
        define_missing_metrics(connection, account_pk, DEMO_AGENT_SLUG, defined, now=now)
        return find_agent(connection, account_pk, DEMO_AGENT_SLUG)


def _count_samples(connection: Connection) -> tuple[int, int]:
    account_pk = find_account(connection, DEFAULT_ACCOUNT)
    agent = find_agent_row(connection, account_pk, DEMO_AGENT_SLUG)
    return account_pk, count_calls_of(connection, agent.pk, id_prefix=ID_PREFIX)


def _store(connection: Connection, *, account_pk: int, batch: list[IncomingCall], now: datetime) -> None:
    for call in batch:
        take_call(account_pk, call, now=now, replace=False, priority=PRIORITY_BACKGROUND)(connection)


def _batches(calls: Iterator[IncomingCall]) -> Iterator[list[IncomingCall]]:
    while batch := list(islice(calls, _BATCH)):
        yield batch
