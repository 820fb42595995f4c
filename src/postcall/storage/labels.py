"""Labels: appended, never changed; the latest of a question counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.answers import Extraction
from postcall.domain.calls import Transcript
from postcall.domain.labels import Label, Opinion, Verdict, decide_label, latest_labels
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.errors import BadInput
from postcall.storage.agents import agent_of_call, find_agent_row, find_version
from postcall.storage.call_rows import read_transcript
from postcall.storage.calls import find_call_row
from postcall.storage.extractions import read_extractions
from postcall.storage.label_schema import labels
from postcall.storage.schema import calls

_CALLS_AT_ONCE = 200
"""Of the calls that people labelled, so many are in memory at once."""


@dataclass(frozen=True, slots=True)
class CallWithLabels:
    """A call of which people have said what is right."""

    call_pk: int
    call_id: str
    started_at: datetime
    transcript: Transcript
    extraction: Extraction | None
    """The current one."""
    labels: tuple[Label, ...]
    """Those that count, at most one a question."""


def store_label(connection: Connection, account_pk: int, call_id: str, opinion: Opinion, *, now: datetime) -> Label:
    """Check an opinion about the current answer of a call, and append it.

    CallNotFound also where the call is another account's; BadInput names what does not fit the question.
    """
    call = find_call_row(connection, account_pk, call_id)
    current = call.current_extraction_pk
    extraction = read_extractions(connection, [current])[current] if current is not None else None
    answers = {answer.identifier: answer for answer in extraction.findings.answers} if extraction else {}
    label = decide_label(
        opinion,
        _find_question(connection, call, extraction, opinion.identifier),
        answers.get(opinion.identifier),
        started_at=call.started_at,
        now=now,
        revision=call.revision,
        extraction_id=extraction.id if extraction else None,
    )
    connection.execute(sa.insert(labels).values(account_pk=account_pk, call_pk=call.pk, **_label_row(label)))
    return label


def read_labels(connection: Connection, call_pk: int, *, revision: int) -> tuple[Label, ...]:
    """The labels of a call that count, at most one a question."""
    rows = connection.execute(sa.select(labels).where(labels.c.call_pk == call_pk).order_by(labels.c.pk))
    return latest_labels([_read_label(row) for row in rows], revision=revision)


def list_labels(connection: Connection, call_pk: int) -> tuple[Label, ...]:
    """Every label of a call that was ever given, the newest first."""
    rows = connection.execute(sa.select(labels).where(labels.c.call_pk == call_pk).order_by(labels.c.pk.desc()))
    return tuple(_read_label(row) for row in rows)


def read_calls_with_labels(
    connection: Connection, account_pk: int, agent: str, *, since: datetime | None = None
) -> Iterator[CallWithLabels]:
    """The calls of an agent that have labels that count, in the order of their start; `since` is of the start."""
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    labelled = sa.select(labels.c.call_pk).where(labels.c.call_pk == calls.c.pk, labels.c.revision == calls.c.revision)
    query = sa.select(calls).where(calls.c.account_pk == account_pk, calls.c.agent_pk == agent_pk, sa.exists(labelled))
    if since is not None:
        query = query.where(calls.c.started_at >= since)
    rows = connection.execute(query.order_by(calls.c.started_at, calls.c.pk)).all()
    for first in range(0, len(rows), _CALLS_AT_ONCE):
        yield from _read_batch(connection, rows[first : first + _CALLS_AT_ONCE])


def _read_batch(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[CallWithLabels]:
    extractions = read_extractions(
        connection, [row.current_extraction_pk for row in rows if row.current_extraction_pk is not None]
    )
    given: dict[int, list[Label]] = {row.pk: [] for row in rows}
    found = sa.select(labels).where(labels.c.call_pk.in_(given)).order_by(labels.c.pk)
    for row in connection.execute(found):
        given[row.call_pk].append(_read_label(row))
    for row in rows:
        yield CallWithLabels(
            call_pk=row.pk,
            call_id=row.id,
            started_at=row.started_at,
            transcript=read_transcript(connection, row.pk, row.revision),
            extraction=extractions.get(row.current_extraction_pk),
            labels=latest_labels(given[row.pk], revision=row.revision),
        )


def _find_question(
    connection: Connection, call: Row[Any], extraction: Extraction | None, identifier: str
) -> DispositionMetric:
    """The question as it was asked of the call or, where it was not, as the agent asks it now."""
    asked = extraction.version if extraction is not None else call.version
    active = agent_of_call(connection, call.agent_pk).active_version
    for number in dict.fromkeys((asked, active)):
        for question in find_version(connection, call.agent_pk, number).config.questions:
            if question.identifier == identifier:
                return question
    raise BadInput(f"identifier: {identifier!r} is no question of this call's agent", field="identifier")


def _label_row(label: Label) -> dict[str, Any]:
    return {
        "revision": label.revision,
        "identifier": label.identifier,
        "type": label.type,
        "value": label.value,
        "verdict": label.verdict,
        "who": label.who,
        "why": label.why,
        "at": label.at,
        "extraction_id": label.extraction_id,
    }


def _read_label(row: Row[Any]) -> Label:
    return Label(
        identifier=row.identifier,
        type=QuestionType(row.type),
        value=row.value,
        verdict=Verdict(row.verdict),
        who=row.who,
        why=row.why,
        at=row.at,
        revision=row.revision,
        extraction_id=row.extraction_id,
    )
