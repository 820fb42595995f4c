"""Questions and answers of the analyst as they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.analysis import Analysis, Asked, Basis, Citation, Question, QuestionKind, Understood
from postcall.domain.calls import Json
from postcall.reporting.periods import read_zone
from postcall.web import words
from postcall.web.analyst_calls import CallLine, NamedCall, show_call
from postcall.web.analyst_lines import Block, Piece, cited_at, cut_question, read_blocks, read_line
from postcall.web.analyst_reading import ReadingView, show_reading
from postcall.web.analyst_results import Results, show_results
from postcall.web.analyst_text import answer_as_text

MARK_OF_CALLS = re.compile(r"\[s\d+\]")
_CALLS, _CALLS_WANTED = 3, 10
"""That stand open: a few behind a number, more where calls are what was asked for."""
_MOST_CALLS = 25
_QUOTES = 6
"""That stand open; the others are folded."""


@dataclass(frozen=True, slots=True)
class CitedView:
    """A turn of a call that the answer rests on."""

    id: str
    """The mark in the answer: `c1`."""
    href: str
    call: str
    turn: int
    quote: str


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
    blocks: tuple[Block, ...]
    reading: ReadingView | None
    left: tuple[str, ...]
    choices: tuple[ReadingView, ...]
    readings: tuple[str, ...]
    """What it may mean in words alone; where it asks back, to be asked instead."""
    asks_back: bool
    results: Results
    citations: tuple[CitedView, ...]
    more_citations: tuple[CitedView, ...]
    calls: tuple[CallLine, ...]
    more_calls: tuple[CallLine, ...]
    basis: str
    sample: str
    """How the calls that were read were drawn; empty where none were."""
    not_covered: tuple[tuple[Piece, ...], ...]
    usage: str
    as_text: str
    """The answer to be copied."""


def show_answer(
    question: Question,
    analysis: Analysis,
    understood: Understood | None,
    *,
    anchor: str,
    named: Mapping[str, NamedCall] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> AnsweredView:
    """All that is shown of it. `anchor` tells its parts from those of other answers on the page.

    `named`: what is known of the calls that it names (`calls_named`).

    `kinds`, the names of metrics with what their values are, brings a form to change how it was understood.
    """
    results = show_results(analysis, anchor, question.now)
    every = (_cited(place, each) for place, each in enumerate(analysis.citations, 1))
    cited = tuple(each for each in every if each.quote)  # that of a call that is gone is empty, and keeps its number
    basis = _basis(analysis) if analysis.asked or analysis.citations else ""
    marks = _marks(analysis, results, cited, anchor)
    now, zone = question.now, read_zone(question.time_zone)
    opened = _CALLS_WANTED if analysis.kind in {QuestionKind.LIST, QuestionKind.SEARCH} else _CALLS
    calls = tuple(show_call(each, named or {}, zone) for each in calls_named(analysis))
    return AnsweredView(
        anchor=anchor,
        question=cut_question(question.text, understood),
        text=question.text,
        asked=_asked(question),
        agent=question.agent or "",
        time_zone=question.time_zone,
        blocks=read_blocks(analysis.answer, marks),
        reading=None if understood is None else show_reading(understood, analysis.understood, now, kinds=kinds),
        left=() if understood is None else tuple(map(words.visible, understood.left)),
        choices=tuple(show_reading(each, each.says, now) for each in analysis.choices),
        readings=() if analysis.choices else tuple(map(words.visible, analysis.readings)),
        asks_back=analysis.asks_back,
        results=results,
        citations=cited[:_QUOTES],
        more_citations=cited[_QUOTES:],
        calls=calls[:opened],
        more_calls=calls[opened:],
        basis=basis,
        sample=_sample(analysis.basis, analysis.kind),
        not_covered=tuple(read_line(each, marks) for each in analysis.not_covered),
        usage=_usage(analysis.usage),
        as_text=words.visible(answer_as_text(question, analysis, basis)),
    )


def calls_named(analysis: Analysis) -> tuple[str, ...]:
    """Those of its calls that are shown by themselves; all others are in the list that it links to."""
    return analysis.calls[:_MOST_CALLS]


def _asked(question: Question) -> str:
    of = f", of {words.visible(question.agent)}" if question.agent else ""
    local = question.now.astimezone(read_zone(question.time_zone))
    return f"{words.moment(local)} {question.time_zone}{of}"


def _marks(analysis: Analysis, results: Results, cited: Sequence[CitedView], anchor: str) -> dict[str, Piece]:
    """What each mark of the answer leads to."""
    views = {each.id: each for each in (*results.drawn, *results.folded)}
    marks = {each.id: _of_query(each, views[each.id].title, anchor) for each in analysis.asked}
    for each in cited:
        marks[each.id] = Piece(each.id, each.href, f"{each.call}, turn {each.turn}: “{each.quote}”")
    if analysis.basis is not None and analysis.basis.n is not None:
        read = {each[1:-1] for each in MARK_OF_CALLS.findall(analysis.answer)}
        marks |= {each: Piece(each, f"#{anchor}-sample", "calls that were read") for each in read}
    return marks


def _of_query(asked: Asked, title: str, anchor: str) -> Piece:
    return Piece(asked.id, f"#{anchor}-{asked.id}", title)


def _cited(place: int, citation: Citation) -> CitedView:
    return CitedView(
        id=f"c{place}",
        href=cited_at(citation),
        call=words.visible(citation.call),
        turn=citation.turn,
        quote=words.visible(citation.quote),
    )


def _basis(analysis: Analysis) -> str:
    """Of how many calls it tells, unless a sentence says so already."""
    basis = analysis.basis
    if basis is None:
        return ""
    if basis.n is not None:
        return f"From a sample of {basis.n:,} of {words.count(basis.of, 'call')}."
    said = re.search(rf"(?<![\d,]){basis.of:,}(?![\d,])", analysis.answer)
    return "" if said or not basis.of else f"Counted over all {words.count(basis.of, 'call')}."


def _sample(basis: Basis | None, kind: QuestionKind | None) -> str:
    if basis is None or basis.n is None:
        return ""
    read = f"{words.count(basis.n, 'call')} of the {basis.of:,} that match were"
    drawn = (
        f"{read} read whole; of a side that has more calls than could be read, they were drawn at random."
        if kind is QuestionKind.DIFFERENCE
        else f"{read} drawn at random and read whole."
    )
    return (
        f"{drawn} What is said of shares holds for the calls that were read; each interval says how far all of them may"
        " be from it."
    )


def _usage(usage: Mapping[str, Json]) -> str:
    """What it took, and of a budget how much there was: `2 of 20 requests, 0.3 of 120 seconds`."""
    asked = bool(usage.get("requests"))
    parts = []
    for name in ("requests", "tokens", "seconds"):
        took, most = usage.get(name), usage.get(f"most_{name}")
        if isinstance(took, int | float) and (took or asked):
            of = f" of {most:,.12g}" if isinstance(most, int | float) and asked else ""
            parts.append(f"{f'{max(took, 0.1):.1f}' if name == 'seconds' else f'{took:,}'}{of} {name}")
    if (cost := usage.get("cost")) is not None and asked:
        parts.append(f"cost {cost:,.4g}" if isinstance(cost, int | float) else f"cost {cost}")
    return ", ".join(parts) + ("" if asked or not parts else ", without a model")
