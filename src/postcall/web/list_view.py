"""The list of calls as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from postcall.domain.answers import Answer, AnswerStatus
from postcall.domain.calls import CallDetails, CallStatus, Direction
from postcall.domain.views import CallRow
from postcall.storage.work_counts import WorkDone
from postcall.web import words
from postcall.web.state_view import UNFINISHED, StateView, show_call_status, show_state
from postcall.web.tones import Badge

MAIN_ANSWERS = 3
"""How many of a version's questions the list has room for."""
_VALUE_LENGTH = 48


@dataclass(frozen=True, slots=True)
class ValueView:
    """One main answer in the list."""

    identifier: str
    value: str
    status: str
    """The answer's status, `ok` for one that counts; empty where there is no answer."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One call in the list."""

    id: str
    href: str
    started: str
    started_iso: str
    agent: str
    ways: str
    caller: str
    duration: str
    call_status: Badge | None
    """None for a completed call, which most are."""
    state: StateView
    values: tuple[ValueView, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """How far the worker is."""

    text: str
    answered: int
    total: int


def show_row(row: CallRow, main_questions: Mapping[str, Sequence[str]]) -> RowView:
    """One call. `main_questions` are the identifiers that an agent's calls show, by the agent's id."""
    call, details = row.call, row.call.details
    answers = row.extraction.findings.answers if row.extraction else ()
    return RowView(
        id=call.id,
        href=call_path(call.id),
        started=words.moment(call.started_at),
        started_iso=call.started_at.isoformat(),
        agent=call.agent_slug,
        ways=f"{details.channel}, {details.direction}",
        caller=other_side(details) or "unknown",
        duration=words.duration(call.duration_s),
        call_status=None if details.status is CallStatus.COMPLETED else show_call_status(details.status),
        state=show_state(row.progress),
        values=_values(answers, main_questions.get(call.agent_id, ())),
        summary=words.first_line(row.extraction.findings.summary) if row.extraction else "",
    )


def shared_columns(rows: Sequence[RowView]) -> tuple[str, ...]:
    """The main questions as columns of their own, where all rows have the same ones; otherwise none."""
    asked = {tuple(value.identifier for value in row.values) for row in rows}
    return asked.pop() if len(asked) == 1 else ()


def show_work(work: WorkDone) -> WorkView | None:
    """None where nothing is under way."""
    if work.open_jobs == 0:
        return None
    text = f"{work.answered:,} of {work.total:,} answered"
    if work.failed:
        text += f", {work.failed:,} failed"
    if work.open_jobs > work.waiting:
        text += f"; {words.count(work.open_jobs - work.waiting, 'more run')} of answered calls under way"
    return WorkView(text=text, answered=work.answered + work.failed, total=max(work.total, 1))


def is_unfinished(rows: Sequence[CallRow]) -> bool:
    """Whether any of these may change by itself."""
    return any(row.progress.state in UNFINISHED for row in rows)


def call_path(call_id: str) -> str:
    """The address of a call's page."""
    return "/calls/" + quote(call_id, safe="")


def other_side(details: CallDetails) -> str:
    """The number that is not ours; empty where it is not known."""
    return words.visible((details.from_number if details.direction is Direction.INBOUND else details.to_number) or "")


def _values(answers: Sequence[Answer], wanted: Sequence[str]) -> tuple[ValueView, ...]:
    by_name = {answer.identifier: answer for answer in answers}
    names = wanted or tuple(by_name)[:MAIN_ANSWERS]
    return tuple(_value(name, by_name.get(name)) for name in names)


def _value(identifier: str, answer: Answer | None) -> ValueView:
    if answer is None:
        return ValueView(identifier, words.NONE, "")
    shown = words.shorten(words.answer_value(answer), _VALUE_LENGTH)
    return ValueView(identifier, shown, answer.status.value if answer.status is not AnswerStatus.OK else "ok")
