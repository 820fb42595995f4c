"""From a question to its answer without a model: names, reading, queries, sentences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from postcall.analyst.answer_parts import Parts, write_lines
from postcall.analyst.asking import Asking, counting, is_filtered, unfiltered
from postcall.analyst.budget import Budget
from postcall.analyst.differences.telling import tell_differences
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.telling.quoting import quote_calls
from postcall.analyst.telling.tables import title_in_words
from postcall.analyst.telling.uncovered import (
    days_query,
    elsewhere_query,
    known_query,
    said_of_days,
    said_of_elsewhere,
    said_of_known,
    said_of_open_side,
    said_of_results,
    said_of_steps,
    said_of_words,
)
from postcall.analyst.telling.wording import answer_sentences, count_sentence
from postcall.analyst.themes.reading import Reader
from postcall.analyst.themes.telling import ReadingWith, tell_themes
from postcall.analyst.times.bounds import find_first_call, first_call_sentence, is_ahead, said_of_future
from postcall.domain.analysis import Analysis, Asked, Basis, KnownTerm, Question, QuestionKind, Understood
from postcall.domain.queries import All, Query
from postcall.reporting.tiles import numerator_filter

MOST_SIDES = 2
"""Queries whose gaps are looked for: what is compared has two."""
MOST_LISTED = 20
"""Calls whose ids an answer names where the question names no number."""


async def answer_understood(
    asking: Asking,
    question: Question,
    understood: Understood,
    terms: Sequence[KnownTerm],
    *,
    reader: Reader | None = None,
    budget: Budget | None = None,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Step | Analysis, None]:
    """Ask what the question was understood as, and say what was found. BadInput where it cannot be measured.

    `terms` are what two sides are compared by, where that is asked; `reader`, within `budget`, reads what is said
    until `stop` is set.
    """
    reading = ReadingWith(reader, budget, stop)
    parts = Parts(not_covered=said_of_words(understood))
    asked_of = understood.queries or ((understood.calls,) if understood.calls is not None else ())
    if is_ahead(asked_of, question.now):
        yield Analysis(answer=said_of_future(asked_of), kind=understood.kind, understood=understood.says)
        return
    for query in understood.queries:
        yield Step(StepKind.ASKING, f"Asking the reports: {title_in_words(query, question.now)}")
    main = await asking.ask(understood.queries)
    for each in main:
        yield Step(StepKind.ASKED, f"{each.id} is answered", asked=each)
    if understood.kind is QuestionKind.DIFFERENCE:
        async with aclosing(tell_differences(asking, question, understood, main, terms, parts, reading)) as steps:
            async for step in steps:
                yield step
    else:
        await _tell_numbers(asking, question, understood.kind, main, parts)
    told = understood.kind is QuestionKind.DIFFERENCE and bool(parts.calls)
    by_call = bool(main) and main[0].query.group_by == ("field.id",)  # such as the longest: the groups are the calls
    if understood.calls is not None and not by_call and not told:
        yield Step(StepKind.CALLS, "Looking up the calls")
        await _tell_calls(asking, question, understood.calls, parts)
    elif main and not parts.calls:
        yield Step(StepKind.CALLS, "Looking up the calls behind the numbers")
        parts.calls = await _behind(asking, main[0])
    if understood.kind is QuestionKind.THEMES:
        async with aclosing(tell_themes(asking, question, understood, parts, reading)) as steps:
            async for step in steps:
                yield step
    parts.not_covered.extend(said_of_results(parts.asked))
    yield Analysis(
        answer=write_lines(parts.sentences),
        kind=understood.kind,
        understood=understood.says,
        asked=tuple(parts.asked),
        calls=parts.calls,
        citations=parts.citations,
        basis=Basis(of=parts.of, n=parts.read),
        not_covered=tuple(dict.fromkeys(parts.not_covered)),
        shown=tuple(parts.shown),
    )


async def _tell_numbers(
    asking: Asking, question: Question, kind: QuestionKind, main: tuple[Asked, ...], parts: Parts
) -> None:
    """The sentences over the queries, with how many calls there were before they filtered."""
    if not main:
        return
    counted = [each for each in main if _counts_filtered(each)]
    totals = await asking.ask([unfiltered(each.query) for each in counted])
    by_id = {each.id: total for each, total in zip(counted, totals, strict=True)}
    parts.asked = list(dict.fromkeys([*main, *totals]))
    parts.shown = [each.id for each in main]
    found = [each.result.calls for each in main]
    parts.of = sum(found) if kind is QuestionKind.COMPARISON else max(found)  # what is not compared may overlap
    first_call = await find_first_call(asking, main)
    parts.sentences = answer_sentences(main, by_id, question.now, kind=kind, first_call=first_call)
    since = first_call_sentence(main, first_call)
    parts.sentences.extend([since] if since else [])
    for each in main:
        parts.not_covered.extend(said_of_steps(each, question.now))
    parts.not_covered.extend(said_of_open_side(main, question.now))
    await _tell_gaps(asking, question, [each.query for each in main], parts)


async def _tell_calls(asking: Asking, question: Question, query: Query, parts: Parts) -> None:
    """The calls that a list or a search finds, how many there are, and where the searched words stand in them."""
    filtered = is_filtered(query)
    [counted, *total] = await asking.ask([counting(query), *([unfiltered(query)] if filtered else [])])
    found = await asking.calls(query, limit=query.limit or MOST_LISTED)
    if not parts.sentences:
        parts.sentences.append(count_sentence(counted, total[0] if total else None, question.now))
        parts.of = counted.result.calls
        parts.shown = [counted.id]
        await _tell_gaps(asking, question, [counted.query], parts)
    if len(found.ids) < counted.result.calls:
        parts.sentences.append("The newest of them are listed.")
    parts.calls = found.ids
    parts.asked.extend(each for each in (counted, *total) if each not in parts.asked)
    if query.text is not None:
        parts.citations = await quote_calls(asking.services, found.pks, query.text)


async def _tell_gaps(asking: Asking, question: Question, queries: Sequence[Query], parts: Parts) -> None:
    """Of how many calls the groups are known, on which days there were none, and how many are of tests."""
    wanted = [
        (each, say)
        for query in queries[:MOST_SIDES]
        for each, say in (
            (known_query(query), said_of_known),
            (days_query(query, question.now), said_of_days),
            (elsewhere_query(query), said_of_elsewhere),
        )
        if each is not None
    ]
    wanted = list(dict.fromkeys(wanted))
    for asked, (_, say) in zip(await asking.try_out([each for each, _ in wanted]), wanted, strict=True):
        if say(asked) is not None:
            named = asking.add(asked)
            parts.asked.extend([named] if named not in parts.asked else [])
            parts.not_covered.append(say(named) or "")


async def _behind(asking: Asking, asked: Asked) -> tuple[str, ...]:
    """The newest calls behind a number: of a share those that it counts, of an average those that have a value. Where
    each group is a call, these."""
    query = asked.query
    if query.group_by == ("field.id",):
        return tuple(str(row.group[0]) for row in asked.result.rows if row.group[0] is not None)
    if not asked.result.calls:
        return ()
    counted = (numerator_filter(query.measures[0]),) if len(query.measures) == 1 and not query.group_by else ()
    filters = All((*query.filters.parts, *(each for each in counted if each != All())))
    bare = replace(query, measures=(), group_by=(), having=(), order=(), limit=None, compare=False, filters=filters)
    return (await asking.calls(bare, limit=MOST_LISTED)).ids


def _counts_filtered(asked: Asked) -> bool:
    query = asked.query
    counts = any(each.of is None for each in query.measures)
    return counts and not query.group_by and is_filtered(query)
