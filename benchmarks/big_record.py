"""A record of very many calls, written straight into SQLite's tables: handing them in one by one would take an hour."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.material import SAID
from postcall.domain.said_words import document_of
from postcall.reporting.projection import Answered, CallColumns, Write
from postcall.storage.accounts import DEFAULT_ACCOUNT, ensure_account
from postcall.storage.agents import ensure_agent_row
from postcall.storage.database import open_record

DAYS = 365
"""Over which the calls are spread, up to `END`."""
END = datetime(2026, 11, 1, tzinfo=UTC)
AGENTS = ("front-desk", "billing", "outreach")
TURNS = 10
_BATCH = 20_000
_REASONS = ("book", "change", "cancel", "price", "billing", "complaint", "results", "directions", "other")
_CHANNELS = ("voice", "voice", "voice", "webchat", "sms")
_ENDINGS = ("user_hangup", "user_hangup", "agent_hangup", "handoff", "timeout")
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class MadeCall:
    """One call as the index reads it; its turns are made of its number."""

    columns: CallColumns
    writes: tuple[Write, ...]
    answers: tuple[Answered, ...]


def make_calls(count: int, *, first: int = 1, seed: int = 11) -> Iterator[MadeCall]:
    """`count` calls in the order of time, each with five metrics written and five questions answered."""
    chance = random.Random(seed)
    step = timedelta(days=DAYS) / count
    start = END - timedelta(days=DAYS)
    for number in range(first, first + count):
        yield _make_call(number, start + step * (number - first), chance)


def _make_call(number: int, started: datetime, chance: random.Random) -> MadeCall:
    agent = chance.randrange(3)
    ending = chance.choice(_ENDINGS)
    status = "completed" if chance.random() < 0.94 else chance.choice(("no_answer", "failed"))
    handed = ending == "handoff" and status == "completed"
    duration = round(chance.lognormvariate(4.6, 0.7), 1)
    columns = CallColumns(
        pk=number, account_pk=1, agent_pk=agent + 1, agent=AGENTS[agent], id=f"call-{number:08d}",
        started_at=int(started.timestamp() * 1_000_000), version=1 + number // 400_000,
        channel=chance.choice(_CHANNELS), direction="outbound" if agent == 2 else "inbound", environment="live",
        variant=chance.choice(("a", "b", None)), language=chance.choice(("en", "en", "es")), status=status,
        disconnection_reason=ending, handoff_destination="desk" if handed else None, handoff_reason=None,
        from_number=f"+1555{number % 10_000_000:07d}", to_number="+15550100100", duration_s=duration,
        user_turns=TURNS // 2, agent_turns=TURNS // 2, latency_s=round(chance.uniform(0.4, 1.6), 3),
        current_extraction_pk=number if status == "completed" else None,
    )  # fmt: skip
    writes: tuple[Write, ...] = (
        (number, "AUTHENTICATED", "true" if chance.random() < 0.8 else "false"),
        (number, "TOPIC", f'"{chance.choice(_REASONS)}"'),
        (number, "ATTEMPTS", str(chance.randrange(1, 6))),
        (number, "ORDER_TOTAL", str(round(chance.uniform(5, 500), 2))),
        (number, "SITE", f'"site {chance.randrange(200)}"'),
    )
    if chance.random() < 0.05:
        writes = (*writes, (number, "TOPIC", f'"{chance.choice(_REASONS)}"'))
    return MadeCall(columns, writes, _answers(number, chance) if status == "completed" else ())


def _answers(number: int, chance: random.Random) -> tuple[Answered, ...]:
    return (
        (number, "call_reason", f'"{chance.choice(_REASONS)}"', "ok"),
        _answer(number, "appointment_booked", "true" if chance.random() < 0.4 else "false", chance),
        _answer(number, "caller_name", f'"name {chance.randrange(50_000)}"', chance),
        _answer(number, "visits_before", str(chance.randrange(12)), chance),
        (number, "sentiment", f'"{chance.choice(("positive", "neutral", "negative"))}"', "ok"),
    )


def _answer(number: int, identifier: str, value: str, chance: random.Random) -> Answered:
    if chance.random() < 0.1:
        return number, identifier, None, "unknown"
    return number, identifier, value, "ok"


def write_record(file: Path, count: int) -> None:
    """A record of `count` calls with their turns, metrics, answers and words to search."""
    record = open_record(f"sqlite:///{file}")
    record.write(lambda c: ensure_account(c, DEFAULT_ACCOUNT, now=END))
    for slug in AGENTS:
        record.write(partial(ensure_agent_row, account_pk=1, named=slug, now=END))
    record.close()
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    batch: list[MadeCall] = []
    for call in make_calls(count):
        batch.append(call)
        if len(batch) == _BATCH:
            _write(database, batch)
            batch = []
    _write(database, batch)
    database.execute("ANALYZE")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _write(database: sqlite3.Connection, batch: list[MadeCall]) -> None:
    database.execute("BEGIN")
    for table, rows in _tables(batch).items():
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            names = _COLUMNS[table]
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    database.execute("COMMIT")


_COLUMNS = {
    "calls": "pk, account_pk, agent_pk, id, started_at, version, channel, direction, environment, variant, language, "
    "status, disconnection_reason, handoff_destination, from_number, to_number, duration_s, user_turns, agent_turns, "
    "latency_s, current_extraction_pk, started_at_is_intake, digest, revision, created_at, updated_at",
    "turns": "call_pk, revision, position, role, text, start_s",
    "metric_events": "call_pk, revision, position, name, value, source, at, flagged",
    "extractions": "pk, id, call_pk, version, revision, status, analyser, summary, usage, notes, started_at, "
    "finished_at",
    "answers": "extraction_pk, position, identifier, type, value, status, confidence, calibrated, reasoning, evidence",
    "call_search": "rowid, document",
    "changes": "call_pk, at",
}
_TYPES = {"appointment_booked": "BOOLEAN", "visits_before": "INTEGER", "caller_name": "STRING"}


def _tables(batch: list[MadeCall]) -> dict[str, list[tuple[Any, ...]]]:
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
    for made in batch:
        call = made.columns
        at = call.started_at
        rows["calls"].append((
            call.pk, 1, call.agent_pk, call.id, at, call.version, call.channel, call.direction, call.environment,
            call.variant, call.language, call.status, call.disconnection_reason, call.handoff_destination,
            call.from_number, call.to_number, call.duration_s, call.user_turns, call.agent_turns, call.latency_s,
            call.current_extraction_pk, False, "0" * 64, 1, at, at,
        ))  # fmt: skip
        said = [f"{SAID[(call.pk + turn) % len(SAID)]} ({call.pk % 9973})" for turn in range(TURNS)]
        rows["turns"].extend(
            (call.pk, 1, turn, "user" if turn % 2 else "agent", text, turn * 6.0) for turn, text in enumerate(said)
        )
        rows["call_search"].append((call.pk, document_of(said)))
        rows["metric_events"].extend(
            (call.pk, 1, place, name, value, "intake", at, False) for place, (_, name, value) in enumerate(made.writes)
        )
        rows["changes"].append((call.pk, at))
        if made.answers:
            rows["extractions"].append((
                call.pk, f"{call.pk:024x}", call.pk, call.version, 1, "finished", "built-in",
                "The caller asked for something and got it.", "{}", "[]", at, at,
            ))  # fmt: skip
            rows["answers"].extend(
                (call.pk, place, identifier, _TYPES.get(identifier, "ENUM"), value, status,
                 0.8, False, "It was said.", '[{"turn":1,"quote":"I would like"}]')
                for place, (_, identifier, value, status) in enumerate(made.answers)
            )  # fmt: skip
    return rows
