"""What people say about something, and how many of them: the model reads, the counting is done here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from postcall.analyst.budget import Budget
from postcall.analyst.themes.counting import Theme, count_themes, group_alike, label_counts
from postcall.analyst.themes.prompt import MOST_THEMES, grouping_messages, grouping_schema
from postcall.analyst.themes.reading import Reader, Reading
from postcall.analyst.themes.reply import Group, Point, read_groups
from postcall.analyst.themes.sampling import Sample
from postcall.errors import ModelError
from postcall.extraction.tokens import estimate_tokens
from postcall.storage.database import Record
from postcall.storage.said import read_said

MOST_LABELS = 400
"""The commonest are put together by the model; one beyond them is of a single call."""
_BY_WORDS = "Which points belong together was judged by their words alone."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    done: int
    """Calls read, those remembered included."""
    of: int


@dataclass(frozen=True, slots=True)
class Themes:
    """What was found."""

    themes: tuple[Theme, ...]
    """The commonest first."""
    n: int
    """Calls read."""
    of: int
    """Calls that match; the sample's."""
    silent: int
    """Calls read that say nothing of the question."""
    other: int
    """Calls read that say something of it, but nothing that belongs to one of these themes."""
    stands_for_more: bool
    """The calls read are some of those that match, by chance: shares have intervals."""
    notes: tuple[str, ...] = ()
    """What was not read, and why."""


async def read_themes(
    reader: Reader,
    record: Record,
    question: str,
    sample: Sample,
    *,
    budget: Budget,
    now: datetime,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Progress | Themes, None]:
    """How far it is, again and again, and at last the Themes of what was read until then.

    It ends early where `stop` is set or the budget is used up: no request is made from then on, and what was read is
    counted. Whoever ceases to listen ends the requests under way (close the iterator). Raises a ModelError where
    nothing at all could be read.
    """
    reading = Reading(question, reader, record, budget, now, stop)
    async with aclosing(read_calls(reading, dict(zip(sample.ids, sample.pks, strict=True)))) as steps:
        async for each in steps:
            yield each
    groups = await group_labels(reading)
    yield themes_of(reading.points, groups, sample, (*sample.notes, *reading.notes))


async def read_calls(reading: Reading, pks: Mapping[str, int]) -> AsyncGenerator[Progress, None]:
    """Read these calls (ids with their keys) in this order; afterwards `reading` has what they say.

    Raises a ModelError where nothing at all could be read.
    """
    said = await reading.record.read_async(lambda c: read_said(c, list(pks.values())))
    async with aclosing(reading.read([(pks[each.call_id], each) for each in said])) as steps:
        async for _ in steps:
            yield Progress(len(reading.points), len(said))
    if not reading.points and reading.failure is not None:
        raise reading.failure
    reading.points = {each.call_id: reading.points[each.call_id] for each in said if each.call_id in reading.points}


async def group_labels(reading: Reading) -> list[Group]:
    """Which labels belong together: by the model, or where it cannot be asked by the words that they share."""
    labels = [label for label, _ in label_counts(reading.points)]
    by_words, wanted = group_alike(labels), labels[:MOST_LABELS]
    if len(by_words) < 2:
        return by_words
    messages = grouping_messages(reading.question, wanted)
    tokens = sum(estimate_tokens(message.content) for message in messages)
    groups: list[Group] = []
    if not reading.stopped and reading.budget.spent(tokens) is None:
        reading.budget.begin()
        asking = reading.ask(messages, grouping_schema(), "themes", reply=20 * len(wanted) + 200)
        try:
            reply = await asyncio.wait_for(asking, reading.budget.left_s)
            groups = read_groups(reply.text, wanted)
        except (ModelError, TimeoutError) as failure:
            reading.failure = failure if isinstance(failure, ModelError) else reading.failure
    if not groups:
        reading.notes[_BY_WORDS] = None
    return groups or by_words


def themes_of(
    points: Mapping[str, tuple[Point, ...]],
    groups: Sequence[Group],
    sample: Sample,
    notes: tuple[str, ...],
    *,
    most: int = MOST_THEMES,
) -> Themes:
    """Counted over the calls that were read, of which `points` has each."""
    stands_for_more = sample.by_chance and len(points) < sample.spoken
    themes = count_themes(groups, points, stands_for_more=stands_for_more, most=most)
    speaking = {call for call, mine in points.items() if mine}
    themed = {call for theme in themes for call in theme.calls}
    return Themes(
        themes=themes,
        n=len(points),
        of=sample.of,
        silent=len(points) - len(speaking),
        other=len(speaking - themed),
        stands_for_more=stands_for_more,
        notes=notes,
    )
