"""Answers as they are kept in a thread, and back. Results are kept, so that they can be drawn again."""

from __future__ import annotations

from typing import Any

import msgspec

from postcall.analyst.understood_format import read_understood, write_understood
from postcall.domain.analysis import Analysis, Asked, Basis, Citation, QuestionKind
from postcall.domain.calls import Json
from postcall.domain.queries import Coverage, Query, Result, Row
from postcall.reporting.query_format import read_query, write_query

MOST_ROWS = 5_000
"""Of a result: a thread holds many, and each is read again with every look at it."""


def write_analysis(analysis: Analysis) -> dict[str, Json]:
    """An answer; its thread is known from where it is kept."""
    return {
        "answer": analysis.answer,
        "kind": None if analysis.kind is None else analysis.kind.value,
        "understood": analysis.understood,
        "asked": [_write_asked(each) for each in analysis.asked],
        "calls": list(analysis.calls),
        "citations": msgspec.to_builtins(analysis.citations),
        "basis": msgspec.to_builtins(analysis.basis),
        "not_covered": list(analysis.not_covered),
        "asks_back": analysis.asks_back,
        "readings": list(analysis.readings),
        "choices": [write_understood(each) for each in analysis.choices],
        "shown": list(analysis.shown),
        "usage": dict(analysis.usage),
    }


def read_analysis(raw: Any, *, thread: str | None = None) -> Analysis:
    """The inverse of `write_analysis`."""
    return Analysis(
        answer=raw["answer"],
        kind=None if raw["kind"] is None else QuestionKind(raw["kind"]),
        understood=raw["understood"],
        asked=tuple(_read_asked(each) for each in raw["asked"]),
        calls=tuple(raw["calls"]),
        citations=msgspec.convert(raw["citations"], tuple[Citation, ...]),
        basis=msgspec.convert(raw["basis"], Basis | None),
        not_covered=tuple(raw["not_covered"]),
        thread=thread,
        asks_back=raw["asks_back"],
        readings=tuple(raw["readings"]),
        choices=tuple(read_understood(each) for each in raw.get("choices", ())),
        shown=tuple(raw.get("shown", ())),
        usage=raw["usage"],
    )


def _write_asked(asked: Asked) -> dict[str, Json]:
    result = asked.result
    return {
        "id": asked.id,
        "query": write_query(asked.query),
        "rows": msgspec.to_builtins(result.rows[:MOST_ROWS]),
        "coverage": msgspec.to_builtins(result.coverage),
        "calls": result.calls,
        "in_progress": result.in_progress,
        "notes": [*result.notes, *_left_out(len(result.rows))],
        "lag_s": result.lag_s,
    }


def _left_out(rows: int) -> list[str]:
    return [] if rows <= MOST_ROWS else [f"The first {MOST_ROWS:,} of {rows:,} rows were kept."]


def _read_asked(raw: Any) -> Asked:
    query: Query = read_query(raw["query"])
    result = Result(
        query=query,
        rows=msgspec.convert(raw["rows"], tuple[Row, ...]),
        coverage=msgspec.convert(raw["coverage"], tuple[Coverage, ...]),
        calls=raw["calls"],
        in_progress=raw["in_progress"],
        notes=tuple(raw["notes"]),
        lag_s=raw["lag_s"],
    )
    return Asked(query, result, raw["id"])
