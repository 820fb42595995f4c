"""The tables of an export: from a call of the record to its rows in each of them. Plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from postcall.domain.builtin_metrics import ALIASES, CallFacts, built_in_values
from postcall.domain.calls import MetricValue
from postcall.domain.exports import ColumnType, ExportColumn, ExportTable
from postcall.domain.metrics import MetricDefinition, fit
from postcall.exporting.columns import as_text, cell_of, kind_of
from postcall.storage.export_rows import CallFields, RecordedCall, moment

Row: TypeAlias = Sequence[MetricValue | None]
"""The cells of one row; moments and JSON are text."""

CALLS, ANSWERS, WRITES, TURNS, DELETED = "calls", "answers", "metric_writes", "turns", "deleted"


def _columns(words: str) -> tuple[ExportColumn, ...]:
    pairs = (word.partition(":") for word in words.split())
    return tuple(ExportColumn(name, ColumnType(type_ or "string")) for name, _, type_ in pairs)


CALL_COLUMNS = _columns(
    "call_id agent agent_id version:integer status channel direction environment started_at:timestamp "
    "started_at_is_intake:boolean ended_at:timestamp duration_s:float from_number to_number language variant "
    "disconnection_reason handoff_to handoff_reason user_turns:integer agent_turns:integer latency_s:float "
    "revision:integer metadata:json created_at:timestamp extraction_id extraction_version:integer "
    "extracted_at:timestamp analyser model summary campaign_id attempt:integer cost:float"
)
"""What stands before the metrics; in the order of `CallFields` without its keys."""
ANSWER_COLUMNS = _columns(
    "call_id extraction_id position:integer question type status value confidence:float calibrated:boolean reasoning "
    "evidence:json answered_by kept_from"
)
WRITE_COLUMNS = _columns("call_id position:integer name value type fits:boolean source at:timestamp")
TURN_COLUMNS = _columns("call_id position:integer role text start_s:float at:timestamp latency_s:float")
DELETED_COLUMNS = _columns("call_id")

_MOMENTS = tuple(i for i, column in enumerate(CALL_COLUMNS) if column.type is ColumnType.TIMESTAMP)
_KEYS = 2
"""What `CallFields` begins with, and no table has."""


class CallBody(msgspec.Struct, array_like=True, frozen=True):
    """A call between the record and the files, as one line of JSON."""

    fields: list[Any]
    """The cells of CALL_COLUMNS."""
    metrics: dict[str, str | int | float | bool]
    """The value of each name, as reports have it."""
    answers: list[list[Any]]
    """The cells of ANSWER_COLUMNS, without the call's."""
    writes: list[list[Any]]
    turns: list[list[Any]]


def body_of(recorded: RecordedCall) -> CallBody:
    """What the files will say of a call."""
    call = recorded.call
    fields: list[Any] = list(call[_KEYS:])
    for index in _MOMENTS:
        fields[index] = _time(fields[index])
    metrics: dict[str, str | int | float | bool] = _built_in(call)
    answers: list[list[Any]] = []
    for answer in recorded.answers:
        value = None if answer.value is None else _value_of(answer.value)
        if answer.status == "ok" and value is not None:
            metrics[answer.identifier] = value
        answers.append(
            [
                call.extraction_id,
                answer.position,
                answer.identifier,
                answer.type,
                answer.status,
                None if value is None else as_text(value),
                answer.confidence,
                answer.calibrated,
                answer.reasoning,
                answer.evidence,
                answer.answered_by,
                answer.kept_from,
            ]
        )
    writes = _written(recorded, metrics)
    turns = [
        [turn.position, turn.role, turn.text, turn.start_s, _time(turn.at), turn.latency_s] for turn in recorded.turns
    ]
    return CallBody(fields, metrics, answers, writes, turns)


def kinds_in(body: CallBody, into: dict[str, int]) -> None:
    """Gather what each name's values are."""
    for name, value in body.metrics.items():
        into[name] = into.get(name, 0) | kind_of(value)


def tables_of(metric_columns: Sequence[ExportColumn], *, transcripts: bool, deleted: bool) -> tuple[ExportTable, ...]:
    """The tables that an export has."""
    tables = [
        ExportTable(CALLS, (*CALL_COLUMNS, *metric_columns)),
        ExportTable(ANSWERS, ANSWER_COLUMNS),
        ExportTable(WRITES, WRITE_COLUMNS),
    ]
    if transcripts:
        tables.append(ExportTable(TURNS, TURN_COLUMNS))
    if deleted:
        tables.append(ExportTable(DELETED, DELETED_COLUMNS))
    return tuple(tables)


def rows_of(body: CallBody, metric_columns: Sequence[ExportColumn]) -> Iterator[tuple[str, Iterable[Row]]]:
    """A call's rows, by the name of the table."""
    call_id = body.fields[0]
    cells = [cell_of(body.metrics.get(column.metric or ""), column.type) for column in metric_columns]
    yield CALLS, ((*body.fields, *cells),)
    yield ANSWERS, ((call_id, *row) for row in body.answers)
    yield WRITES, ((call_id, *row) for row in body.writes)
    yield TURNS, ((call_id, *row) for row in body.turns)


def _built_in(call: CallFields) -> dict[str, str | int | float | bool]:
    facts = CallFacts(
        call.status, call.duration_s, call.handoff_destination, call.handoff_reason, call.disconnection_reason
    )
    return {name: value for name, value in built_in_values(facts).items() if name not in ALIASES}


def _written(recorded: RecordedCall, metrics: dict[str, str | int | float | bool]) -> list[list[Any]]:
    """The rows of the writes. The last that fits is its name's value; where none does, the name has none."""
    rows: list[list[Any]] = []
    fitting: dict[str, MetricValue | None] = {}
    for write in recorded.writes:
        raw = _value_of(write.value)
        fitted = _fitted_of(write.value, recorded.definitions.get(write.name))
        if fitted is not None or write.name not in fitting:
            fitting[write.name] = fitted
        value = raw if fitted is None else fitted
        rows.append(
            [
                write.position,
                write.name,
                as_text(value),
                _TYPES[type(value)],
                fitted is not None,
                write.source,
                _time(write.at),
            ]
        )
    for name, last in fitting.items():
        metrics.pop(name, None)
        if last is not None:
            metrics[name] = last
    return rows


_TYPES = {bool: "boolean", int: "integer", float: "float", str: "string"}


_SHORT = 64
"""Characters of a value that is worth keeping: long ones hardly come again, and so many of them are a gigabyte."""


def _value_of(text: str) -> Any:
    """Calls of one agent differ little in their values."""
    return _decoded(text) if len(text) <= _SHORT else msgspec.json.decode(text)


def _fitted_of(text: str, definition: MetricDefinition | None) -> MetricValue | None:
    return _fitted(text, definition) if len(text) <= _SHORT else fit(msgspec.json.decode(text), definition)


@lru_cache(maxsize=65_536)
def _decoded(text: str) -> Any:
    return msgspec.json.decode(text)


@lru_cache(maxsize=65_536)
def _fitted(text: str, definition: MetricDefinition | None) -> MetricValue | None:
    return fit(_decoded(text), definition)


def _time(microseconds: int | None) -> str | None:
    return None if microseconds is None else _text_of(moment(microseconds))


def _text_of(at: datetime) -> str:
    return at.isoformat()
