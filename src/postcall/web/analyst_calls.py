"""The calls that answers name, each with its time and a line of what it was about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from postcall.domain.calls import Role, Turn
from postcall.domain.views import CallRow
from postcall.storage.call_views import read_rows
from postcall.storage.cited_calls import find_calls_of, read_words_of
from postcall.web import words
from postcall.web.list_view import call_path

_LINE = 120


@dataclass(frozen=True, slots=True)
class NamedCall:
    """What is known of a call that an answer names."""

    started_at: datetime
    line: str
    """The first line of its summary, or the caller's first words; empty where there is neither."""
    is_quote: bool
    """The line is what the caller said."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """The same as it is shown."""

    id: str
    href: str
    started: str
    """In the time zone of the question; empty for a call of which nothing is known any more."""
    line: str
    is_quote: bool


def read_named(connection: Connection, account_pk: int, call_ids: Collection[str]) -> dict[str, NamedCall]:
    """Those of the calls that are there, by id. Whoever reads this may see every agent's calls."""
    pks = find_calls_of(connection, account_pk, call_ids, agent_pks=None)
    by_id = {pk: call_id for call_id, pk in pks.items()}
    rows = {row.call.id: row for row in read_rows(connection, account_pk, list(by_id), with_metrics=False)}
    mute = [pk for pk, call_id in by_id.items() if call_id in rows and not _summary(rows[call_id])]
    said = {by_id[pk]: _first_words(turns) for pk, turns in read_words_of(connection, mute).items()}
    return {call_id: _named(row, said.get(call_id, "")) for call_id, row in rows.items()}


def show_call(call_id: str, named: Mapping[str, NamedCall], zone: ZoneInfo) -> CallLine:
    """One line of the list."""
    found = named.get(call_id)
    return CallLine(
        id=words.visible(call_id),
        href=call_path(call_id),
        started="" if found is None else words.moment(found.started_at.astimezone(zone)),
        line="" if found is None else found.line,
        is_quote=found is not None and found.is_quote,
    )


def _named(row: CallRow, said: str) -> NamedCall:
    summary = _summary(row)
    return NamedCall(row.call.started_at, summary or said, is_quote=not summary and bool(said))


def _summary(row: CallRow) -> str:
    return words.first_line(row.extraction.findings.summary, _LINE) if row.extraction else ""


def _first_words(turns: Collection[Turn]) -> str:
    return next((line for turn in turns if turn.role is Role.USER and (line := words.first_line(turn.text, _LINE))), "")
