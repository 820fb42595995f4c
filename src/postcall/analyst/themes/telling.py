"""What is said in calls, as part of an answer: a sample is drawn, read by the model, and its themes are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from postcall.analyst.answer_parts import Parts
from postcall.analyst.asking import Asking, counting
from postcall.analyst.budget import Budget
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.themes.finding import Progress, Themes, read_themes
from postcall.analyst.themes.reading import Reader
from postcall.analyst.themes.sampling import sample_calls
from postcall.analyst.themes.words import theme_sentences, told_themes
from postcall.domain.analysis import Asked, Question, Understood
from postcall.errors import ModelError

NO_MODEL = "What is said in these calls cannot be told: a language model has to read them, and none is set up."


@dataclass(frozen=True, slots=True)
class ReadingWith:
    """By what calls are read, and until when."""

    reader: Reader | None
    """None: there is no model, and nothing is read."""
    budget: Budget | None
    stop: asyncio.Event | None = None
    """Once it is set, what was read until then is told."""


async def tell_themes(
    asking: Asking, question: Question, understood: Understood, parts: Parts, reading: ReadingWith
) -> AsyncGenerator[Step, None]:
    """What is said in the calls, before all else; that it was not read where it cannot be."""
    query = understood.calls or (understood.queries[0] if understood.queries else None)
    if reading.reader is None or reading.budget is None or query is None:
        parts.sentences.insert(0, NO_MODEL)
        return
    about, wanted = reading_question(question, understood), await asking.keep(query)
    sample = await sample_calls(asking.reports, asking.account_pk, wanted, now=question.now, seed=about)
    [counted] = await asking.ask([counting(replace(wanted, since=sample.since))])
    steps = read_themes(
        reading.reader,
        asking.services.record,
        about,
        sample,
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
                    _add_themes(parts, each, counted)
    except ModelError as failure:
        parts.not_covered.append(f"what is said in these calls: {failure.message}")


def reading_step(progress: Progress) -> Step:
    """How far the reading is."""
    says = "Reading what is said in the calls"
    return Step(StepKind.CONVERSATIONS, says, done=progress.done, of=progress.of)


def reading_question(question: Question, understood: Understood) -> str:
    """What each call is read for; where a question goes on with another, its words alone do not say it."""
    return question.text if question.thread is None else f"{question.text} ({understood.says})"


def _add_themes(parts: Parts, found: Themes, counted: Asked) -> None:
    parts.sentences = [*theme_sentences(found, counted), *parts.sentences]
    parts.citations = tuple(each for theme in told_themes(found) for each in theme.citations)
    parts.calls = tuple(dict.fromkeys(each.call for each in parts.citations)) or parts.calls
    parts.not_covered.extend(note.rstrip(".") for note in found.notes)
    parts.of, parts.read = counted.result.calls, found.n if found.n < counted.result.calls else None
    if counted not in parts.asked:
        parts.asked.append(counted)
