"""The columns of the list of calls: which there are, and what a call shows in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from postcall.api.csv_reply import Cell
from postcall.domain.answers import Answer, AnswerStatus
from postcall.domain.builtin_metrics import CallFacts, built_in_values, was_handed_off
from postcall.domain.calls import Direction, MetricValue
from postcall.domain.views import CallRow
from postcall.errors import BadInput
from postcall.reporting.fields import WEEKDAYS
from postcall.reporting.filter_format import known_fields, read_name
from postcall.reporting.filter_words import title_of
from postcall.reporting.nearest import did_you_mean
from postcall.storage.list_facts import ListFacts
from postcall.web import words
from postcall.web.filters import DEFAULT_COLUMNS

OWN = {
    "caller": "Caller",
    "state": "Extraction",
    "answers": "Main answers",
    "summary": "Summary",
}
"""Columns that are neither a field nor a metric, with their titles."""
MAX_COLUMNS = 40
_LENGTH = 80


def read_columns(given: Sequence[str]) -> tuple[str, ...]:
    """The columns that an address asks for, or the default."""
    if len(given) > MAX_COLUMNS:
        raise BadInput(f"columns: at most {MAX_COLUMNS} are shown, not {len(given)}", field="columns")
    for name in given:
        if name not in OWN and "." not in name:
            known = (*OWN, *known_fields())
            raise BadInput(f"columns: there is no {name[:60]!r}{did_you_mean(name, known)}", field="columns")
        if name not in OWN:
            read_name(name, "columns")
    return tuple(dict.fromkeys(given)) or DEFAULT_COLUMNS


def column_title(name: str) -> str:
    """As it stands above the column."""
    return OWN.get(name) or title_of(name)


def columns_offered(metrics: Sequence[str]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What can be shown, in groups of names and titles."""
    others = (name for name in known_fields() if name not in {"field.started_at", "field.id", *DEFAULT_COLUMNS})
    of_call = tuple((name, column_title(name)) for name in (*DEFAULT_COLUMNS, *others))
    return (
        ("Of the call", of_call),
        ("Metrics and answers", tuple((f"metric.{name}", name) for name in metrics)),
    )


def cell_value(name: str, row: CallRow, more: ListFacts | None, zone: ZoneInfo) -> Cell:
    """What a call has under a field or a metric; None where it has nothing."""
    if name.startswith("metric."):
        return metric_value(row, name.removeprefix("metric."))
    return _own_value(name, row) if name in OWN else _field_value(name.removeprefix("field."), row, more, zone)


def cell_text(name: str, row: CallRow, more: ListFacts | None, zone: ZoneInfo) -> str:
    """The same for people."""
    value = cell_value(name, row, more, zone)
    if name in {"field.duration", "metric.duration", "metric.CALL_DURATION"} and isinstance(value, int | float):
        return words.duration(value)
    if isinstance(value, datetime):
        return words.moment(value)
    if name == "field.version" and value is not None:
        return str(value)
    if isinstance(value, str) and name.startswith("field.") and name not in _SPELLED_BY_OTHERS:
        return words.spelled(value)
    return words.shorten(words.scalar(value), _LENGTH)


_SPELLED_BY_OTHERS = {
    "field.agent",
    "field.id",
    "field.variant",
    "field.handoff_destination",
    "field.handoff_reason",
    "field.campaign",
    "field.campaign_id",
}


def metric_value(row: CallRow, name: str) -> MetricValue | None:
    """The last write that counts, else the answer, else what postcall itself knows."""
    metric = next((each for each in row.metrics if each.name == name), None)
    if metric is not None and not metric.flagged:
        return metric.value
    for answer in row.extraction.findings.answers if row.extraction else ():
        if answer.identifier == name and answer.status is AnswerStatus.OK:
            return answer.value
    return _built_in(row, name) if metric is None else None


def find_answer(row: CallRow, name: str) -> Answer | None:
    """The answer under this name, whatever its status."""
    answers = row.extraction.findings.answers if row.extraction else ()
    return next((answer for answer in answers if answer.identifier == name), None)


def _built_in(row: CallRow, name: str) -> MetricValue | None:
    details = row.call.details
    handoff = details.handoff
    facts = CallFacts(
        details.status,
        row.call.duration_s,
        handoff.destination if handoff else None,
        handoff.reason if handoff else None,
        details.disconnection_reason,
    )
    return built_in_values(facts).get(name)


def _own_value(name: str, row: CallRow) -> Cell:
    if name == "state":
        return row.progress.state.value
    if name == "summary":
        return row.extraction.findings.summary if row.extraction else None
    if name == "caller":
        details = row.call.details
        return details.from_number if details.direction.value == "inbound" else details.to_number
    answers = row.extraction.findings.answers if row.extraction else ()
    return "; ".join(f"{answer.identifier}={words.answer_value(answer)}" for answer in answers) or None


def _field_value(name: str, row: CallRow, more: ListFacts | None, zone: ZoneInfo) -> Cell:
    call, details = row.call, row.call.details
    local = call.started_at.astimezone(zone)
    known: dict[str, Cell] = (
        {
            "user_turns": more.user_turns,
            "agent_turns": more.agent_turns,
            "turns": more.user_turns + more.agent_turns,
            "latency": more.latency_s,
            "placed": more.attempt is not None,
            "campaign": more.campaign,
            "campaign_id": more.campaign_id,
            "attempt": more.attempt,
            "cost": more.cost,
        }
        if more
        else {}
    )
    values: dict[str, Cell] = {
        "agent": call.agent_slug,
        "channel": details.channel.value,
        "direction": details.direction.value,
        "environment": details.environment.value,
        "version": call.version,
        "variant": details.variant,
        "language": details.language,
        "status": details.status.value,
        "disconnection_reason": details.disconnection_reason.value if details.disconnection_reason else None,
        "handoff": was_handed_off(
            details.handoff.destination if details.handoff else None, details.disconnection_reason
        ),
        "handoff_destination": details.handoff.destination if details.handoff else None,
        "handoff_reason": details.handoff.reason if details.handoff else None,
        "from_number": details.from_number,
        "to_number": details.to_number,
        "started_at": local,
        "user_number": details.to_number if details.direction is Direction.OUTBOUND else details.from_number,
        "hour": local.hour,
        "minute": local.hour * 60 + local.minute,
        "weekday": WEEKDAYS[local.weekday()],
        "duration": call.duration_s,
        "extracted": row.extraction is not None,
        "id": call.id,
        **known,
    }
    return values.get(name)
