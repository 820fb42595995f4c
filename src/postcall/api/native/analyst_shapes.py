"""Questions to the analyst and its answers as they look on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from postcall.analyst.steps import Step
from postcall.analyst.thread_format import read_analysis
from postcall.analyst.understood_format import read_understood, write_understood
from postcall.api.native.query_shapes import result_json
from postcall.domain.analysis import Analysis, Asked, Question, Understood
from postcall.reporting.periods import read_zone
from postcall.reporting.reading import MAX_NAME, read_object, read_text
from postcall.storage.analyst_threads import StoredQuestion, StoredThread

MAX_QUESTION = 1_000
"""Characters. A question is a sentence or two; whoever sends a page of text means something else."""
_KEYS = ("question", "agent", "thread", "time_zone", "reading")


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a body asks for."""

    question: Question
    reading: Understood | None
    """How it is to be understood, where whoever asks says so."""


def read_question(raw: object, *, now: datetime) -> AskedFor:
    """The question of a body, or BadInput whose `field` says where it is wrong."""
    given = read_object(raw, "body", _KEYS)
    zone, reading = given.get("time_zone"), given.get("reading")
    question = Question(
        text=read_text(given.get("question"), "question", most=MAX_QUESTION).strip(),
        now=now,
        time_zone="UTC" if zone is None else read_zone(read_text(zone, "time_zone", most=MAX_NAME)).key,
        agent=_optional(given, "agent"),
        thread=_optional(given, "thread"),
    )
    return AskedFor(question, None if reading is None else read_understood(reading))


def step_json(step: Step) -> dict[str, Any]:
    """One step on the way, with what it found; what it does not have is left out."""
    told: dict[str, Any] = {"step": step.kind.value, "says": step.says}
    if step.understood is not None:
        told["reading"] = write_understood(step.understood)
    if step.choices:
        told["choices"] = [write_understood(each) for each in step.choices]
    if step.asked is not None:
        told["query"] = asked_json(step.asked)
    if step.of is not None:
        told |= {"done": step.done, "of": step.of}
    return told


def analysis_json(analysis: Analysis, *, reading: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole answer. `exact` or `sample` says what it rests on, and the other is null; both are where no call is."""
    basis = analysis.basis
    return {
        "answer": analysis.answer,
        "kind": analysis.kind,
        "understood": analysis.understood,
        "reading": reading,
        "queries": [asked_json(each) for each in analysis.asked],
        "shown": list(analysis.shown) or [each.id for each in analysis.asked],
        "calls": list(analysis.calls),
        "citations": [msgspec.to_builtins(each) for each in analysis.citations],
        "exact": {"of": basis.of} if basis is not None and basis.n is None else None,
        "sample": {"n": basis.n, "of": basis.of} if basis is not None and basis.n is not None else None,
        "not_covered": list(analysis.not_covered),
        "asks_back": analysis.asks_back,
        "readings": list(analysis.readings),
        "choices": [write_understood(each) for each in analysis.choices],
        "usage": dict(analysis.usage),
        "thread": analysis.thread,
    }


def asked_json(asked: Asked) -> dict[str, Any]:
    """A query and its result, as `POST /postcall/v1/query` gives it, with the id that marks its numbers."""
    return {"id": asked.id, **result_json(asked.result)}


def thread_json(thread: StoredThread) -> dict[str, Any]:
    """One thread in the list."""
    return {
        "id": thread.id,
        "title": thread.title,
        "questions": thread.questions,
        "created_at": thread.created_at,
        "updated_at": thread.updated_at,
    }


def question_json(stored: StoredQuestion, thread: str) -> dict[str, Any]:
    """A question of a thread with its answer, in the shape in which it was answered."""
    return {
        "number": stored.number,
        "question": stored.text,
        "agent": stored.agent,
        "time_zone": stored.time_zone,
        "asked_at": stored.asked_at,
        **analysis_json(read_analysis(stored.answer, thread=thread), reading=stored.reading),
    }


def _optional(given: dict[str, Any], name: str) -> str | None:
    return None if given.get(name) is None else read_text(given[name], name, most=MAX_NAME)
