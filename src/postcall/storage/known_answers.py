"""Answers that are known of past calls, to learn from: what people said, what code wrote, what a model found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.answers import AnswerStatus
from postcall.domain.calls import CallStatus, Transcript
from postcall.storage.call_rows import read_transcript
from postcall.storage.label_schema import labels
from postcall.storage.schema import answers, calls, extractions, metric_events

MOST: Final = 2_000
"""Of a question, the answers about so many of the newest calls are read: learning from more takes minutes."""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What is known of one question about one call, as it was stored: not yet held against the question."""

    call_pk: int
    identifier: str
    value: Any
    origin: str
    """`label`, `metric` or `model`."""
    version: int | None
    """The version of the questions under which it was given; None where it does not depend on any."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call to learn from."""

    call_pk: int
    call_id: str
    started_at: datetime
    transcript: Transcript


def read_label_answers(connection: Connection, agent_pk: int, identifiers: Sequence[str]) -> list[KnownAnswer]:
    """What people said last of each question, on the current transcripts; also that there is no value."""
    rows = connection.execute(
        sa.select(labels.c.call_pk, labels.c.identifier, labels.c.value, calls.c.version.label("of_call"))
        .add_columns(extractions.c.version)
        .join_from(labels, calls, labels.c.call_pk == calls.c.pk)
        .outerjoin(extractions, extractions.c.id == labels.c.extraction_id)
        .where(labels.c.revision == calls.c.revision, labels.c.identifier.in_(identifiers), _learnable(agent_pk))
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc(), labels.c.pk.desc())
    )
    return _newest(rows, "label", version=lambda row: row.of_call if row.version is None else row.version)


def read_metric_answers(connection: Connection, agent_pk: int, identifiers: Sequence[str]) -> list[KnownAnswer]:
    """The last write of each real-time metric that is named as a question is."""
    rows = connection.execute(
        sa.select(metric_events.c.call_pk, metric_events.c.name.label("identifier"), metric_events.c.value)
        .join_from(metric_events, calls, metric_events.c.call_pk == calls.c.pk)
        .where(
            metric_events.c.revision == calls.c.revision,
            metric_events.c.name.in_(identifiers),
            metric_events.c.flagged.is_(False),
            _learnable(agent_pk),
        )
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc(), metric_events.c.position.desc())
    )
    return _newest(rows, "metric", version=lambda _: None)


def read_model_answers(connection: Connection, agent_pk: int, identifiers: Sequence[str]) -> list[KnownAnswer]:
    """The `ok` answers of a model in current extractions, also where it was asked only to compare."""
    asked = sa.case(
        (answers.c.answered_by.is_(None), extractions.c.analyser == "model"),
        else_=sa.or_(answers.c.answered_by == "model", answers.c.second.is_not(None)),
    )
    rows = connection.execute(
        sa.select(calls.c.pk.label("call_pk"), answers, extractions.c.version)
        .join_from(calls, extractions, extractions.c.pk == calls.c.current_extraction_pk)
        .join(answers, answers.c.extraction_pk == extractions.c.pk)
        .where(
            extractions.c.revision == calls.c.revision,
            answers.c.identifier.in_(identifiers),
            answers.c.kept_from.is_(None),
            asked,
            _learnable(agent_pk),
        )
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
    )
    return _newest(_models(rows), "model", version=lambda row: row.version)


def read_past_calls(connection: Connection, pks: Iterable[int]) -> Iterator[PastCall]:
    """The calls of these keys, with what was said."""
    for pk in pks:
        call = connection.execute(_CALL, {"pk": pk}).one()
        yield PastCall(pk, call.id, call.started_at, read_transcript(connection, pk, call.revision))


_CALL = sa.select(calls.c.id, calls.c.started_at, calls.c.revision).where(calls.c.pk == sa.bindparam("pk"))


def _learnable(agent_pk: int) -> sa.ColumnElement[bool]:
    return sa.and_(calls.c.agent_pk == agent_pk, calls.c.status == CallStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class _Model:
    call_pk: int
    identifier: str
    value: Any
    version: int


def _models(rows: Iterable[Row[Any]]) -> Iterator[_Model]:
    """The model's part of answers: the answer itself, or the second one."""
    for row in rows:
        said: Mapping[str, Any] = row.second or {"value": row.value, "status": row.status}
        if said["status"] == AnswerStatus.OK:
            yield _Model(row.call_pk, row.identifier, said["value"], row.version)


def _newest(rows: Iterable[Any], origin: str, *, version: Any) -> list[KnownAnswer]:
    """The first row of each call and question, up to MOST calls a question."""
    found: dict[tuple[str, int], KnownAnswer] = {}
    counts: dict[str, int] = {}
    for row in rows:
        key = (row.identifier, row.call_pk)
        if key in found or counts.get(row.identifier, 0) >= MOST:
            continue
        counts[row.identifier] = counts.get(row.identifier, 0) + 1
        found[key] = KnownAnswer(row.call_pk, row.identifier, row.value, origin, version(row))
    return list(found.values())
