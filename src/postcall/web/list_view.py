"""The list of calls as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

from postcall.domain.answers import AnswerStatus
from postcall.domain.calls import CallDetails, CallStatus, Direction, Role, Transcript
from postcall.domain.searching import Search, TurnMatch, matching_turns
from postcall.domain.views import CallRow
from postcall.storage.list_facts import ListFacts
from postcall.storage.work_counts import WorkDone
from postcall.web import words
from postcall.web.filters import path_of
from postcall.web.list_columns import OWN, cell_text, cell_value, column_title, find_answer, metric_value
from postcall.web.marks import Segment, cut_at_quotes
from postcall.web.state_view import UNFINISHED, StateView, show_call_status, show_state
from postcall.web.tones import Badge

MAIN_ANSWERS = 3
"""How many of a version's questions the list has room for."""
MATCHES = 2
"""Turns that are shown under a call that was searched for."""
_VALUE_LENGTH = 48
_AROUND = 160
"""Characters of a turn around what was found."""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """The head of a column."""

    title: str
    kind: str
    """`caller`, `state`, `answers`, `summary`, `answer` or `plain`."""
    identifier: bool
    """The title is a metric's name."""
    numeric: bool


@dataclass(frozen=True, slots=True)
class ValueView:
    """One main answer in the list."""

    identifier: str
    value: str
    status: str
    """The answer's status, `ok` for one that counts; empty where there is no answer."""


@dataclass(frozen=True, slots=True)
class MatchView:
    """A turn in which something was found."""

    turn: int
    href: str
    speaker: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One call in the list."""

    id: str
    href: str
    panel: str
    """What the side panel shows of it."""
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
    cells: tuple[ValueView, ...]
    """One a column; of the columns with a look of their own only the place counts."""
    matches: tuple[MatchView, ...]
    more_matches: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """How far the worker is."""

    text: str
    answered: int
    total: int


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What rows show besides the calls."""

    main_questions: Mapping[str, Sequence[str]]
    """The identifiers that an agent's calls show, by the agent's id."""
    more: Mapping[str, ListFacts]
    transcripts: Mapping[str, Transcript]
    """Of the calls of a search, by their ids."""
    search: Search
    query: tuple[tuple[str, str], ...]
    """The list's, which a call's page hands back."""
    zone: ZoneInfo


def show_rows(
    rows: Sequence[CallRow], columns: Sequence[str], facts: RowFacts
) -> tuple[tuple[ColumnView, ...], tuple[RowView, ...]]:
    """The heads of the columns, and the calls. Main answers get a column each where all rows have the same ones."""
    names = _spread(rows, columns, facts)
    return tuple(_column(name, rows, facts) for name in names), tuple(show_row(row, names, facts) for row in rows)


def shared_columns(asked: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The main questions as columns of their own, where all rows have the same ones; otherwise none."""
    different = {tuple(names) for names in asked}
    return different.pop() if len(different) == 1 else ()


def show_row(row: CallRow, names: Sequence[str], facts: RowFacts) -> RowView:
    """One call, with a cell for each of the columns."""
    call, details = row.call, row.call.details
    shown, more = _matches(row, facts)
    local = call.started_at.astimezone(facts.zone)
    return RowView(
        id=call.id,
        href=path_of(facts.query, call_path(call.id)),
        panel=path_of(facts.query, f"{call_path(call.id)}/panel"),
        started=words.moment(local),
        started_iso=call.started_at.isoformat(),
        agent=call.agent_slug,
        ways=f"{details.channel}, {details.direction}",
        caller=other_side(details) or "unknown",
        duration=words.duration(call.duration_s),
        call_status=None if details.status is CallStatus.COMPLETED else show_call_status(details.status),
        state=show_state(row.progress),
        values=tuple(_value(name, row) for name in _main_names(row, facts)),
        summary=words.first_line(row.extraction.findings.summary) if row.extraction else "",
        cells=tuple(_cell(name, row, facts) for name in names),
        matches=shown,
        more_matches=words.count(more, "more turn") if more else "",
    )


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


def _spread(rows: Sequence[CallRow], columns: Sequence[str], facts: RowFacts) -> tuple[str, ...]:
    shared = shared_columns([_main_names(row, facts) for row in rows])
    spread: list[str] = []
    for name in columns:
        spread += [f"answer.{each}" for each in shared] if name == "answers" and shared else [name]
    return tuple(spread)


def _column(name: str, rows: Sequence[CallRow], facts: RowFacts) -> ColumnView:
    if name.startswith("answer."):
        return ColumnView(name.removeprefix("answer."), "answer", identifier=True, numeric=False)
    if name in OWN:
        return ColumnView(column_title(name), name, identifier=False, numeric=False)
    values = [cell_value(name, row, facts.more.get(row.call.id), facts.zone) for row in rows]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    numeric = bool(numbers) and len(numbers) == sum(value is not None for value in values)
    return ColumnView(column_title(name), "plain", identifier=name.startswith("metric."), numeric=numeric)


def _cell(name: str, row: CallRow, facts: RowFacts) -> ValueView:
    if name.startswith("answer."):
        return _value(name.removeprefix("answer."), row)
    if name in OWN:
        return ValueView(name, "", "ok")
    if name.startswith("metric.") and metric_value(row, name.removeprefix("metric.")) is None:
        return _value(name.removeprefix("metric."), row)
    text = cell_text(name, row, facts.more.get(row.call.id), facts.zone)
    return ValueView(column_title(name), text, "" if text == words.NONE else "ok")


def _main_names(row: CallRow, facts: RowFacts) -> Sequence[str]:
    named = facts.main_questions.get(row.call.agent_id, ())
    if named:
        return named
    answers = row.extraction.findings.answers if row.extraction else ()
    return tuple(answer.identifier for answer in answers)[:MAIN_ANSWERS]


def _value(identifier: str, row: CallRow) -> ValueView:
    answer = find_answer(row, identifier)
    if answer is None:
        return ValueView(identifier, words.NONE, "")
    shown = words.shorten(words.answer_value(answer), _VALUE_LENGTH)
    return ValueView(identifier, shown, answer.status.value if answer.status is not AnswerStatus.OK else "ok")


def _matches(row: CallRow, facts: RowFacts) -> tuple[tuple[MatchView, ...], int]:
    turns = facts.transcripts.get(row.call.id)
    if turns is None:
        return (), 0
    found = matching_turns(turns, facts.search)
    href = path_of(facts.query, call_path(row.call.id))
    shown = tuple(_match(match, turns, href) for match in found[:MATCHES])
    return shown, len(found) - len(shown)


def _match(match: TurnMatch, turns: Transcript, href: str) -> MatchView:
    turn = turns[match.turn]
    first = max(0, match.spans[0][0] - _AROUND // 2)
    first = turn.text.rfind(" ", 0, first) + 1 if first else 0
    last = min(len(turn.text), first + max(_AROUND, match.spans[0][1] - first + _AROUND // 2))
    spans = [(start - first, min(end, last) - first) for start, end in match.spans if start < last]
    pieces = cut_at_quotes(words.visible(turn.text[first:last]), (), spans)
    before = (Segment("… "),) if first else ()
    after = (Segment(" …"),) if last < len(turn.text) else ()
    speaker = "Caller" if turn.role is Role.USER else "Agent"
    return MatchView(match.turn, f"{href}#turn-{match.turn}", speaker, (*before, *pieces, *after))
