"""What sets some calls apart from others, as part of an answer: by what is recorded of them, and by what is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from postcall.analyst.answer_parts import Parts
from postcall.analyst.asking import Asking
from postcall.analyst.differences.finding import Differences, Side, find_differences
from postcall.analyst.differences.sides import sides_of
from postcall.analyst.differences.words import Add, difference_sentences, left_uncovered, telling_queries
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.telling.wording import answer_sentences
from postcall.analyst.themes.finding import Progress
from postcall.analyst.themes.of_sides import SideThemes, read_both_sides
from postcall.analyst.themes.sampling import MOST_CALLS, Sample, sample_calls
from postcall.analyst.themes.telling import ReadingWith, reading_question, reading_step
from postcall.analyst.themes.words import side_theme_sentences, told_side_themes
from postcall.domain.analysis import Asked, KnownTerm, Question, Understood
from postcall.errors import ModelError

NO_SIDES = "There are no two kinds of calls to be compared."
NO_MODEL = "what is said in these calls: a language model has to read them, and none is set up"
OF_A_CHANGE = "What do callers want in this call, and what goes well or wrong in it?"
"""What the calls of two periods or two versions are read for: of a single call nobody can say what changed."""

LISTED = 20
"""Calls of the first side whose ids the answer names."""


async def tell_differences(
    asking: Asking,
    question: Question,
    understood: Understood,
    main: tuple[Asked, ...],
    terms: Sequence[KnownTerm],
    parts: Parts,
    reading: ReadingWith,
) -> AsyncGenerator[Step, None]:
    """Both sides compared by everything that is known of calls, then by themes that are read in a sample of each."""
    sides = sides_of(main, question.now, understood.calls)
    if sides is None:
        parts.asked.extend(main)
        parts.sentences.extend([NO_SIDES, *answer_sentences(main, {}, question.now)])
        return
    yield Step(StepKind.ASKING, "Comparing the two sides by everything that is known of calls")
    one, other = sides
    found = await find_differences(asking.reports, asking.account_pk, one, other, terms)
    parts.of = found.one.result.calls + found.other.result.calls
    parts.asked = list(main)

    def add(asked: Asked) -> Asked:
        known = asking.add(asked)
        if known not in parts.asked:
            parts.asked.append(known)
        return known

    parts.sentences.extend(difference_sentences(found, one, other, add))
    parts.shown = [add(each).id for each in telling_queries(found)] or [each.id for each in main]
    parts.not_covered.extend(left_uncovered(found, add))
    parts.calls = (await asking.calls(replace(found.one.query, measures=()), limit=LISTED)).ids
    if not (found.one.result.calls and found.other.result.calls):
        return
    if reading.reader is None or reading.budget is None:
        parts.not_covered.append(NO_MODEL)
        return
    about = OF_A_CHANGE if found.change else reading_question(question, understood)
    samples = await _samples(asking, question, one, other, about)
    steps = read_both_sides(
        reading.reader,
        asking.services.record,
        about,
        samples,
        budget=reading.budget,
        now=question.now,
        stop=reading.stop,
    )
    try:
        async with aclosing(steps):
            async for each in steps:
                if isinstance(each, Progress):
                    yield reading_step(each)
                else:
                    _add_themes(parts, found, each, add)
    except ModelError as failure:
        parts.not_covered.append(f"what is said in these calls: {failure.message}")


async def _samples(asking: Asking, question: Question, one: Side, other: Side, about: str) -> tuple[Sample, Sample]:
    """Of each side as many; where one has fewer, the other gets its places."""
    first, second = await asyncio.gather(
        *(
            sample_calls(asking.reports, asking.account_pk, each.query, now=question.now, seed=about)
            for each in (one, other)
        )
    )
    half = MOST_CALLS // 2
    most, others = max(half, MOST_CALLS - len(second.pks)), max(half, MOST_CALLS - len(first.pks))
    return first.first(most), second.first(others)


def _add_themes(parts: Parts, found: Differences, themes: SideThemes, add: Add) -> None:
    parts.sentences.extend(side_theme_sentences(themes, add(found.one), add(found.other), len(parts.citations)))
    parts.citations = (*parts.citations, *(each for theme in told_side_themes(themes) for each in theme.citations))
    parts.calls = tuple(dict.fromkeys(each.call for each in parts.citations)) or parts.calls
    parts.not_covered.extend(note.rstrip(".") for note in themes.notes)
    parts.read = themes.one_n + themes.other_n if themes.one_n + themes.other_n < parts.of else None
