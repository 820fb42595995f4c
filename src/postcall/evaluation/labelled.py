"""Reading what an evaluation is made of: labelled calls, and how each label is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from postcall.domain.answers import AnswerValue
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.domain.values import Fit
from postcall.errors import BadInput
from postcall.evaluation.comparing import Rule, read_gold, read_rule
from postcall.intake.explain import decode
from postcall.intake.line_format import read_line

T = TypeVar("T")

_ASIDE: Final = ("gold", "gold_highlights")
"""What a line holds for whoever evaluates, besides the call."""


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A conversation, and what is known to be true of it."""

    id: str
    transcript: Transcript
    reference: datetime
    """The day from which "next Tuesday" counts."""
    gold: Mapping[str, AnswerValue]
    """By identifier: None says that there is no value. A question without a key is not scored."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """How the answers to one question are scored."""

    rule: Rule = field(default_factory=Rule)
    noise: str | None = None
    """How far the labels themselves are to be trusted, in words."""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """The calls of a file, and what a reader of the figures should know of it."""

    calls: tuple[LabelledCall, ...]
    notes: tuple[str, ...]


class _ScoringBody(Struct):
    compare: str
    noise: str | None = None


_SCORING = msgspec.json.Decoder(_ScoringBody)
_ANY = msgspec.json.Decoder(dict[str, Any])
_MAX_NOISE = 300


def read_scoring(file: Path, questions: Sequence[DispositionMetric]) -> dict[str, Scoring]:
    """The scoring of every question; one that the file does not name is compared exactly."""
    bodies = in_file(file, lambda content: decode(content, _ANY))
    named = {identifier: in_file(file, partial(_read_scoring, identifier, body)) for identifier, body in bodies.items()}
    return {question.identifier: named.get(question.identifier, Scoring()) for question in questions}


def read_labelled_calls(
    file: Path, questions: Sequence[DispositionMetric], *, now: datetime, limit: int | None = None
) -> LabelledFile:
    """The calls of a file, one a line, each with its `gold`.

    A line counts relative dates from its `reference_date` where it has one, else from its start, else from `now`.
    BadInput names the file, the line and the field.
    """
    calls: list[LabelledCall] = []
    unasked: dict[str, int] = {}
    undated = 0
    seen: dict[str, int] = {}
    ids: dict[str, int] = {}
    for number, line in _lines(file):
        if limit is not None and len(calls) >= limit:
            break
        try:
            call, dated = _read_labelled(line, questions, seen, unasked, now=now)
        except BadInput as error:
            raise BadInput(f"{file}, line {number}: {error.message}", field=error.field) from None
        if call.id in ids:
            raise BadInput(f"{file}, line {number}: id: {call.id!r} stands in line {ids[call.id]} too", field="id")
        ids[call.id] = number
        undated += not dated
        calls.append(call)
    if not calls:
        raise BadInput(f"{file}: there is no call in it", field="body")
    return LabelledFile(tuple(calls), tuple(_notes(unasked, undated)))


def _read_scoring(identifier: str, given: object, _: bytes) -> Scoring:
    try:
        body = decode(msgspec.json.encode(given), _SCORING)
    except BadInput as error:  # errors name fields within the body, and of dicts no key
        field = identifier if error.field == "body" else f"{identifier}.{error.field}"
        problem = error.message.removeprefix(f"{error.field}: ")
        raise BadInput(f"{field}: {problem}", field=field) from None
    rule = read_rule(body.compare, field=f"{identifier}.compare")
    return Scoring(rule, body.noise[:_MAX_NOISE] if body.noise else None)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line


def _read_labelled(
    line: bytes,
    questions: Sequence[DispositionMetric],
    seen: dict[str, int],
    unasked: dict[str, int],
    *,
    now: datetime,
) -> tuple[LabelledCall, bool]:
    fields = decode(line, _ANY)
    reference_date = _reference_date(fields.get("reference_date"))
    aside = {name: fields.pop(name, None) for name in _ASIDE}
    call = read_line(msgspec.json.encode(fields), agent="evaluation", gold_as_metrics=False, seen=seen)
    reference = reference_date or call.details.started_at
    gold = _read_gold(aside["gold"], questions, unasked, reference=reference or now)
    assert call.id is not None  # read_line gives one
    return LabelledCall(call.id, call.turns, reference or now, gold), reference is not None


def _reference_date(given: object) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        raise BadInput(f"reference_date: {given!r} is not a date such as 2026-03-01", field="reference_date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_gold(
    given: object, questions: Sequence[DispositionMetric], unasked: dict[str, int], *, reference: datetime
) -> dict[str, AnswerValue]:
    if not isinstance(given, dict):
        problem = "required field is missing" if given is None else "must be an object of labels by identifier"
        raise BadInput(f"gold: {problem}", field="gold")
    by_name = {question.identifier: question for question in questions}
    gold: dict[str, AnswerValue] = {}
    for identifier, raw in given.items():
        if identifier not in by_name:
            unasked[identifier] = unasked.get(identifier, 0) + 1
            continue
        read = read_gold(raw, by_name[identifier], reference=reference)
        if read.fit is Fit.MISFIT:
            raise BadInput(f"gold.{identifier}: {read.reason}", field=f"gold.{identifier}")
        gold[identifier] = read.value
    return gold


def _notes(unasked: Mapping[str, int], undated: int) -> Iterator[str]:
    for identifier, count in unasked.items():
        yield f"{identifier} has labels in {count:,} of the calls, but is not asked"
    if undated:
        yield f"{undated:,} of the calls name no date: relative dates in them count from the day of this run"


def in_file(file: Path, read: Callable[[bytes], T]) -> T:
    """What `read` makes of a file's content; an error names the file."""
    try:
        return read(file.read_bytes())
    except BadInput as error:
        raise BadInput(f"{file}: {error.message}", field=error.field) from None
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None
