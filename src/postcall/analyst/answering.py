"""From a question to its answer without a model: names, reading, queries, sentences."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from postcall.analyst.asking import Asking, counting, is_filtered, unfiltered
from postcall.analyst.budget import Budget
from postcall.analyst.difference_words import difference_sentences, left_uncovered
from postcall.analyst.differences import find_differences
from postcall.analyst.quoting import quote_calls
from postcall.analyst.sampling import sample_calls, within_days
from postcall.analyst.sides import sides_of
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.theme_reading import Reader
from postcall.analyst.theme_words import theme_sentences
from postcall.analyst.themes import Progress, Themes, read_themes
from postcall.analyst.uncovered import (
    days_query,
    known_query,
    said_of_days,
    said_of_known,
    said_of_results,
    said_of_words,
)
from postcall.analyst.wording import answer_sentences, count_sentence
from postcall.domain.analysis import Analysis, Asked, Basis, Citation, KnownTerm, Question, QuestionKind, Understood
from postcall.domain.queries import Query
from postcall.errors import ModelError

MOST_LISTED = 20
"""Calls whose ids an answer names where the question names no number."""
NO_MODEL = "what is said in these calls: a language model has to read them, and none is set up"


@dataclass(slots=True)
class _Parts:
    """What an answer is made of, gathered on the way."""

    sentences: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    calls: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    of: int = 0
    read: int | None = None
    """Calls that were read, where not all were."""
    not_covered: list[str] = field(default_factory=list)


async def answer_understood(
    asking: Asking,
    question: Question,
    understood: Understood,
    terms: Sequence[KnownTerm],
    *,
    reader: Reader | None = None,
    budget: Budget | None = None,
) -> AsyncGenerator[Step | Analysis, None]:
    """Ask what the question was understood as, and say what was found. BadInput where it cannot be measured.

    `terms` are what two sides are compared by, where that is asked; `reader`, within `budget`, reads what is said.
    """
    parts = _Parts(not_covered=said_of_words(understood))
    for query in understood.queries:
        yield Step(StepKind.ASKING, f"Asking the reports ({query.time_zone})")
    main = await asking.ask(understood.queries)
    for each in main:
        yield Step(StepKind.ASKED, f"{each.id} is answered", asked=each)
    if understood.kind is QuestionKind.DIFFERENCE:
        yield Step(StepKind.ASKING, "Comparing the two sides by everything that is known of calls")
        await _tell_differences(asking, question, main, terms, parts)
    else:
        await _tell_numbers(asking, question, main, parts)
    by_call = bool(main) and main[0].query.group_by == ("field.id",)  # such as the longest: the groups are the calls
    if understood.calls is not None and not by_call:
        yield Step(StepKind.CALLS, "Looking up the calls")
        await _tell_calls(asking, question, understood.calls, parts)
    elif main:
        yield Step(StepKind.CALLS, "Looking up the calls behind the numbers")
        parts.calls = await _behind(asking, main[0])
    if understood.kind is QuestionKind.THEMES:
        async with aclosing(_tell_themes(asking, question, understood, parts, reader, budget)) as steps:
            async for step in steps:
                yield step
    parts.not_covered.extend(said_of_results(parts.asked))
    yield Analysis(
        answer=" ".join(parts.sentences),
        kind=understood.kind,
        understood=understood.says,
        asked=tuple(parts.asked),
        calls=parts.calls,
        citations=parts.citations,
        basis=Basis(of=parts.of, n=parts.read),
        not_covered=tuple(dict.fromkeys(parts.not_covered)),
    )


async def _tell_numbers(asking: Asking, question: Question, main: tuple[Asked, ...], parts: _Parts) -> None:
    """The sentences over the queries, with how many calls there were before they filtered."""
    if not main:
        return
    counted = [each for each in main if _counts_filtered(each)]
    totals = await asking.ask([unfiltered(each.query) for each in counted])
    by_id = {each.id: total for each, total in zip(counted, totals, strict=True)}
    parts.asked = [*main, *(each for place, each in enumerate(totals) if each not in totals[:place])]
    parts.of = sum(each.result.calls for each in main)
    parts.sentences = answer_sentences(main, by_id, question.now)
    await _tell_gaps(asking, question, main[0].query, parts)


async def _tell_differences(
    asking: Asking, question: Question, main: tuple[Asked, ...], terms: Sequence[KnownTerm], parts: _Parts
) -> None:
    sides = sides_of(main, question.now)
    if sides is None:
        await _tell_numbers(asking, question, main, parts)
        parts.not_covered.append("what differs: there are no two kinds of calls to be compared")
        return
    one, other = sides
    found = await find_differences(asking.reports, asking.account_pk, one, other, terms)
    parts.of = found.one.result.calls + found.other.result.calls
    shown: list[Asked] = list(main)

    def add(asked: Asked) -> Asked:
        known = asking.add(asked)
        if known not in shown:
            shown.append(known)
        return known

    parts.sentences = difference_sentences(found, one, other, add)
    parts.not_covered.extend(left_uncovered(found))
    parts.asked = shown


async def _tell_calls(asking: Asking, question: Question, query: Query, parts: _Parts) -> None:
    """The calls that a list or a search finds, how many there are, and where the searched words stand in them."""
    filtered = is_filtered(query)
    [counted, *total] = await asking.ask([counting(query), *([unfiltered(query)] if filtered else [])])
    found = await asking.calls(query, limit=query.limit or MOST_LISTED)
    if not parts.sentences:
        parts.sentences.append(count_sentence(counted, total[0] if total else None, question.now))
        parts.of = counted.result.calls
    if len(found.ids) < counted.result.calls:
        parts.sentences.append("The newest of them are listed.")
    parts.calls = found.ids
    parts.asked.extend(each for each in (counted, *total) if each not in parts.asked)
    if query.text is not None:
        parts.citations = await quote_calls(asking.services, found.pks, query.text)


async def _tell_themes(
    asking: Asking,
    question: Question,
    understood: Understood,
    parts: _Parts,
    reader: Reader | None,
    budget: Budget | None,
) -> AsyncGenerator[Step, None]:
    """What is said in the calls, read by the model in a sample of them; that it was not read where it cannot be."""
    query = understood.calls or (understood.queries[0] if understood.queries else None)
    if reader is None or budget is None or query is None:
        parts.not_covered.append(NO_MODEL)
        return
    wanted, _ = within_days(await asking.keep(query), question.now)
    sample = await sample_calls(asking.reports, asking.account_pk, wanted, now=question.now, seed=question.text)
    [counted] = await asking.ask([counting(wanted)])
    reading = read_themes(reader, asking.services.record, asking.account_pk, question.text, sample, budget=budget)
    try:
        async with aclosing(reading) as steps:
            async for each in steps:
                if isinstance(each, Progress):
                    says = "Reading what is said in the calls"
                    yield Step(StepKind.CONVERSATIONS, says, done=each.done, of=each.of)
                else:
                    _add_themes(parts, each, counted)
    except ModelError as failure:
        parts.not_covered.append(f"what is said in these calls: {failure.message}")


def _add_themes(parts: _Parts, found: Themes, counted: Asked) -> None:
    parts.sentences.extend(theme_sentences(found, counted))
    parts.citations = tuple(each for theme in found.themes for each in theme.citations)
    parts.calls = tuple(dict.fromkeys(each.call for each in parts.citations)) or parts.calls
    parts.not_covered.extend(note.rstrip(".") for note in found.notes)
    parts.of, parts.read = counted.result.calls, found.n if found.n < counted.result.calls else None
    if counted not in parts.asked:
        parts.asked.append(counted)


async def _tell_gaps(asking: Asking, question: Question, query: Query, parts: _Parts) -> None:
    """Of how many calls the groups are known, and on which days there were none."""
    wanted = [
        (each, say)
        for each, say in ((known_query(query), said_of_known), (days_query(query, question.now), said_of_days))
        if each is not None
    ]
    for asked, (_, say) in zip(await asking.try_out([each for each, _ in wanted]), wanted, strict=True):
        if say(asked) is not None:
            named = asking.add(asked)
            parts.asked.append(named)
            parts.not_covered.append(say(named) or "")


async def _behind(asking: Asking, asked: Asked) -> tuple[str, ...]:
    """The newest calls behind a number; where each group is a call, these."""
    if asked.query.group_by == ("field.id",):
        return tuple(str(row.group[0]) for row in asked.result.rows if row.group[0] is not None)
    if not asked.result.calls:
        return ()
    bare = replace(asked.query, measures=(), group_by=(), having=(), order=(), limit=None, compare=False)
    return (await asking.calls(bare, limit=MOST_LISTED)).ids


def _counts_filtered(asked: Asked) -> bool:
    query = asked.query
    counts = any(each.of is None for each in query.measures)
    return counts and not query.group_by and is_filtered(query)
