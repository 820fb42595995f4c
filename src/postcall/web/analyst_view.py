"""Questions and answers of the analyst as they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from postcall.analyst.steps import Step
from postcall.analyst.tables import Table, table_of, tile_of
from postcall.analyst.understood_format import write_understood
from postcall.domain.analysis import Analysis, Asked, Basis, Citation, Question, Understood
from postcall.domain.calls import Json
from postcall.reporting.query_format import write_query
from postcall.web import words
from postcall.web.analyst_tiles import calls_behind_all, draw
from postcall.web.list_view import call_path
from postcall.web.tile_view import TileView

_MARK = re.compile(r"\[(q\d+)\]")
_CALLS = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a sentence; with a link, or with what they were taken for."""

    text: str
    href: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ResultView:
    """One query's result."""

    id: str
    """The mark in the answer: `q1`."""
    anchor: str
    table: Table
    more: str
    tile: TileView | None
    query: str
    """As JSON, to be used elsewhere."""
    calls_href: str
    may_pin: bool


@dataclass(frozen=True, slots=True)
class CitedView:
    """A turn of a call that the answer rests on."""

    href: str
    call: str
    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How the question was read, or may be."""

    says: str
    content: str
    """As JSON: what a form sends back."""


@dataclass(frozen=True, slots=True)
class AnsweredView:
    """One question with its answer."""

    anchor: str
    question: tuple[Piece, ...]
    text: str
    asked: str
    """When, and of what."""
    agent: str
    time_zone: str
    lines: tuple[tuple[Piece, ...], ...]
    reading: ReadingView | None
    left: tuple[str, ...]
    choices: tuple[ReadingView, ...]
    readings: tuple[str, ...]
    """What it may mean, where that can no more be chosen by a button."""
    results: tuple[ResultView, ...]
    citations: tuple[CitedView, ...]
    calls: tuple[Piece, ...]
    more_calls: str
    basis: str
    not_covered: tuple[str, ...]
    usage: str


def show_answer(
    question: Question,
    analysis: Analysis,
    understood: Understood | None,
    *,
    anchor: str,
    choices: Sequence[Understood] = (),
) -> AnsweredView:
    """All that is shown of it. `anchor` tells its parts from those of other answers on the page."""
    return AnsweredView(
        anchor=anchor,
        question=_question(question.text, understood),
        text=question.text,
        asked=_asked(question),
        agent=question.agent or "",
        time_zone=question.time_zone,
        lines=tuple(_line(line, anchor, analysis.asked) for line in analysis.answer.splitlines() if line.strip()),
        reading=None if understood is None else _reading(understood, analysis.understood),
        left=() if understood is None else tuple(map(words.visible, understood.left)),
        choices=tuple(_reading(each, each.says) for each in choices),
        readings=() if choices else tuple(map(words.visible, analysis.readings)),
        results=tuple(_result(each, anchor, question.now) for each in analysis.asked),
        citations=tuple(_cited(each) for each in analysis.citations),
        calls=tuple(Piece(words.visible(each), call_path(each)) for each in analysis.calls[:_CALLS]),
        more_calls=_more(len(analysis.calls) - _CALLS, "call"),
        basis=_basis(analysis.basis),
        not_covered=tuple(map(words.visible, analysis.not_covered)),
        usage=_usage(analysis.usage),
    )


def show_step(step: Step) -> str:
    """One line on the way to the answer."""
    progress = f" ({step.done or 0:,} of {step.of:,})" if step.of is not None else ""
    return words.visible(step.says) + progress


def _question(text: str, understood: Understood | None) -> tuple[Piece, ...]:
    """The question, with what its words were taken for."""
    pieces: list[Piece] = []
    place = 0
    for start, end, meaning in sorted(understood.taken if understood else ()):
        if not place <= start < end <= len(text):  # of an earlier question that this one goes on with
            continue
        pieces += [Piece(words.visible(text[place:start])), Piece(words.visible(text[start:end]), meaning=meaning)]
        place = end
    pieces.append(Piece(words.visible(text[place:])))
    return tuple(each for each in pieces if each.text)


def _asked(question: Question) -> str:
    of = f", of {question.agent}" if question.agent else ""
    zone = "" if question.time_zone == "UTC" else f", days in {question.time_zone}"
    return f"{words.moment(question.now)} UTC{of}{zone}"


def _line(text: str, anchor: str, asked: Sequence[Asked]) -> tuple[Piece, ...]:
    """A paragraph; the marks behind its numbers lead to the results that they are from."""
    known, pieces, place = {each.id for each in asked}, list[Piece](), 0
    for found in _MARK.finditer(text):
        if found[1] not in known:
            continue
        pieces += [Piece(words.visible(text[place : found.start()])), Piece(found[1], f"#{anchor}-{found[1]}")]
        place = found.end()
    pieces.append(Piece(words.visible(text[place:])))
    return tuple(each for each in pieces if each.text)


def _reading(understood: Understood, says: str) -> ReadingView:
    content = msgspec.json.format(msgspec.json.encode(write_understood(understood)), indent=2).decode()
    return ReadingView(words.visible(says or understood.says), content)


def _result(asked: Asked, anchor: str, now: datetime) -> ResultView:
    table = table_of(asked, now)
    tile = tile_of(asked, now)
    return ResultView(
        id=asked.id,
        anchor=f"{anchor}-{asked.id}",
        table=table,
        more=_more(table.more, "row"),
        tile=draw(asked, tile_id=f"{anchor}-{asked.id}-drawn", now=now),
        query=msgspec.json.format(msgspec.json.encode(write_query(asked.query)), indent=2).decode(),
        calls_href=calls_behind_all(asked.query, now),
        may_pin=tile is not None,
    )


def _cited(citation: Citation) -> CitedView:
    return CitedView(
        href=f"{call_path(citation.call)}#turn-{citation.turn}",
        call=words.visible(citation.call),
        turn=citation.turn,
        quote=words.visible(citation.quote),
    )


def _basis(basis: Basis | None) -> str:
    if basis is None:
        return ""
    if basis.n is None:
        return f"Exact: of all {words.count(basis.of, 'call')}."
    return f"From a sample of {basis.n:,} of {words.count(basis.of, 'call')}."


def _usage(usage: Mapping[str, Json]) -> str:
    """What it took, and of a budget how much there was: `2 of 20 requests, 0.3 of 120 seconds`."""
    parts = []
    for name in ("requests", "tokens", "queries", "seconds"):
        took, most = usage.get(name), usage.get(f"most_{name}")
        if isinstance(took, int | float) and (took or most):
            of = f" of {most:,}" if isinstance(most, int | float) else ""
            parts.append(f"{took:,}{of} {name}")
    return ", ".join(parts)


def _more(count: int, noun: str) -> str:
    return f"and {words.count(count, noun)} more" if count > 0 else ""
