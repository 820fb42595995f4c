"""A call as others are told of it: read when that is first sent, whatever has become of it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.agents import Agent, VersionConfig
from postcall.domain.questions import DispositionMetric
from postcall.domain.views import CallFile
from postcall.errors import NotFound
from postcall.storage.agents import agent_of_call, find_version
from postcall.storage.call_views import read_call
from postcall.storage.outbound_schema import outbound_calls
from postcall.storage.recordings import Recording, recording_by_pk
from postcall.storage.schema import calls
from postcall.storage.webhook_schema import deliveries


@dataclass(frozen=True, slots=True)
class ToldCall:
    """A call with what its agent was set to when it took it."""

    pk: int
    account_pk: int
    file: CallFile
    agent: Agent
    config: VersionConfig
    """Of the call's own version."""
    questions: tuple[DispositionMetric, ...]
    """Of the version that the current extraction used; the call's own where there is none."""
    answered_at: datetime | None
    """Of a placed call; None where nobody answered, and of others."""
    placed: bool
    recording: Recording | None = None


def call_of_delivery(connection: Connection, delivery_id: str) -> int:
    """The key of the call that a delivery is about."""
    found = connection.execute(
        sa.select(deliveries.c.call_pk).where(deliveries.c.id == delivery_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"the delivery {delivery_id!r} is about no call")
    return int(found)


def read_told_call(connection: Connection, call_pk: int) -> ToldCall:
    """All that others may be told of a call."""
    row = connection.execute(
        sa.select(calls.c.account_pk, calls.c.id, calls.c.agent_pk, calls.c.version).where(calls.c.pk == call_pk)
    ).one()
    file = read_call(connection, row.account_pk, row.id)
    config = find_version(connection, row.agent_pk, row.version).config
    asked = file.extraction.version if file.extraction else row.version
    questions = config.questions
    if asked != row.version:
        questions = find_version(connection, row.agent_pk, asked).config.questions
    placed = connection.execute(
        sa.select(outbound_calls.c.answered_at).where(outbound_calls.c.call_pk == call_pk)
    ).one_or_none()
    return ToldCall(
        pk=call_pk,
        account_pk=row.account_pk,
        file=file,
        agent=agent_of_call(connection, row.agent_pk),
        config=config,
        questions=questions,
        answered_at=placed.answered_at if placed else None,
        placed=placed is not None,
        recording=recording_by_pk(connection, call_pk),
    )
