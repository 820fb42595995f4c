"""Who answered: heads, rules or the model, and how far heads and model agree where both did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.answers import AnswerValue
from postcall.storage.schema import answers, calls

NEWEST: Final = 5_000
"""Calls that are counted: enough to tell, and soon read."""


@dataclass(frozen=True, slots=True)
class AnswererCount:
    """How many answers to a question somebody gave, with one status."""

    identifier: str
    by: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Pair:
    """What a head and the model said of the same question about the same call."""

    identifier: str
    call_id: str
    learned: AnswerValue
    model: AnswerValue
    model_status: str


def count_answerers(connection: Connection, agent_pk: int) -> list[AnswererCount]:
    """Over the current extractions of the newest calls; answers of which it was not noted are left out."""
    newest = _newest(agent_pk).subquery()
    rows = connection.execute(
        sa.select(answers.c.identifier, answers.c.answered_by, answers.c.status, sa.func.count().label("answers"))
        .join_from(newest, answers, answers.c.extraction_pk == newest.c.current_extraction_pk)
        .where(answers.c.answered_by.is_not(None))
        .group_by(answers.c.identifier, answers.c.answered_by, answers.c.status)
        .order_by(answers.c.identifier, answers.c.answered_by, answers.c.status)
    )
    return [AnswererCount(row.identifier, row.answered_by, row.status, row.answers) for row in rows]


def list_pairs(connection: Connection, agent_pk: int) -> list[Pair]:
    """Where both answered, over the same calls; the newest first."""
    newest = _newest(agent_pk).subquery()
    rows = connection.execute(
        sa.select(answers.c.identifier, answers.c.value, answers.c.second, newest.c.id)
        .join_from(newest, answers, answers.c.extraction_pk == newest.c.current_extraction_pk)
        .where(answers.c.second.is_not(None))
        .order_by(newest.c.started_at.desc(), newest.c.pk.desc(), answers.c.position)
    )
    return [_pair(row) for row in rows]


def _newest(agent_pk: int) -> sa.Select[Any]:
    return (
        sa.select(calls.c.pk, calls.c.id, calls.c.started_at, calls.c.current_extraction_pk)
        .where(calls.c.agent_pk == agent_pk, calls.c.current_extraction_pk.is_not(None))
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(NEWEST)
    )


def _pair(row: Any) -> Pair:
    return Pair(row.identifier, row.id, row.value, row.second["value"], row.second["status"])
