"""The calls that are most like a text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from postcall.domain.conversation_filter import ConversationFilter
from postcall.errors import BadInput
from postcall.semantic.embedding import BUILT_IN, ByEndpoint, Embedder, InSpace, embed_query
from postcall.semantic.plain import compare_words
from postcall.semantic.planning import space_to_search
from postcall.semantic.shelf import space_of
from postcall.semantic.words import LONGEST_TEXT, Said, said_in
from postcall.services import Services
from postcall.storage.call_rows import read_transcript
from postcall.storage.call_vectors import (
    CallsOf,
    SpaceRow,
    count_wanted,
    list_spaces,
    newest_spoken,
    scan_vectors,
)

BY_WORDS = 200
"""The newest calls that are compared by their words where there is no space yet: each is read for it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A call that was found."""

    call_pk: int
    score: float
    """How alike they are: above 0, and at most 1."""


@dataclass(frozen=True, slots=True)
class SpaceUsed:
    """By what the calls were compared, for who reads the reply."""

    model: str
    """`built-in`, or what the endpoint calls its model."""
    learned_from: int
    """Calls that the built-in space was learned from; 0 before it is, and of an endpoint's model."""
    covered: int
    """Calls that were compared."""
    of: int
    """Calls that match the filter and in which somebody spoke: more than `covered` while some are being read in."""
    says: str
    """All of this in one line of ASCII."""


@dataclass(frozen=True, slots=True)
class Similar:
    """One page of what was found."""

    hits: tuple[Hit, ...]
    """The most similar first; of equals the newest."""
    total: int
    """How many calls have anything in common with the text."""
    space: SpaceUsed


async def find_similar(
    services: Services,
    account_pk: int,
    text: str,
    wanted: ConversationFilter | CallsOf,
    *,
    limit: int,
    offset: int = 0,
) -> Similar:
    """The wanted calls that are most like a text; BadInput where it is blank.

    Raises a ModelError where the endpoint of the settings does not answer, rather than comparing by something else.
    """
    if not text.strip():
        raise BadInput("say what the calls are to be like, such as: the caller wants their money back")
    text = text[:LONGEST_TEXT]
    model = services.settings.embeddings.model if services.settings.embeddings else BUILT_IN
    spaces = await services.record.read_async(lambda c: list_spaces(c, account_pk))
    space = space_to_search(spaces, model)
    embedder = None if space is None else await embedder_of(services, space)
    failure = next((each.progress.failure for each in spaces if each.model == model), None)
    if space is None or embedder is None:
        return await _find_by_words(services, text, wanted, model=model, failure=failure, limit=limit, offset=offset)
    return await _find_in(
        services, space, embedder, text, wanted, model=model, failure=failure, limit=limit, offset=offset
    )


async def embedder_of(services: Services, space: SpaceRow) -> Embedder | None:
    """What makes vectors of this space; None where it is gone meanwhile, or cannot be read."""
    if space.model != BUILT_IN:
        assert services.settings.embeddings is not None
        return ByEndpoint(services.settings.embeddings, dimensions=space.dimensions)
    from postcall.semantic.space import SpaceUnreadable

    try:
        learned = await space_of(services.record, space.pk)
    except SpaceUnreadable:
        return None
    return None if learned is None else InSpace(learned)


async def _find_in(
    services: Services,
    space: SpaceRow,
    embedder: Embedder,
    text: str,
    wanted: ConversationFilter | CallsOf,
    *,
    model: str,
    failure: str | None,
    limit: int,
    offset: int,
) -> Similar:
    from postcall.semantic.ranking import AT_ONCE, Ranked, rank

    query = await embed_query(embedder, text)

    def look(connection: Connection) -> tuple[Ranked, int]:
        blocks = scan_vectors(connection, space.pk, wanted, at_once=AT_ONCE)
        return rank(blocks, query, keep=offset + limit), count_wanted(connection, wanted)

    ranked, of = await services.record.read_async(look)
    hits = tuple(Hit(key, score) for key, score in ranked.best[offset:])
    learned = f"learned from {space.learned_from} calls" if space.model == BUILT_IN else ""
    says = _line(space.model, learned, f"{ranked.compared} of {of} calls compared", _about(space.model, model, failure))
    return Similar(hits, ranked.alike, SpaceUsed(space.model, space.learned_from, ranked.compared, of, says))


async def _find_by_words(
    services: Services,
    text: str,
    wanted: ConversationFilter | CallsOf,
    *,
    model: str,
    failure: str | None,
    limit: int,
    offset: int,
) -> Similar:
    """Where nothing is learned yet."""

    def look(connection: Connection) -> tuple[list[int], list[Said], int]:
        newest = newest_spoken(connection, wanted, limit=BY_WORDS)
        said = [said_in(read_transcript(connection, pk, revision)) for pk, revision in newest]
        return [pk for pk, _ in newest], said, count_wanted(connection, wanted)

    pks, said, of = await services.record.read_async(look)
    scores = await asyncio.to_thread(compare_words, text, said)
    found = sorted((-score, -pk) for pk, score in zip(pks, scores, strict=True) if score > 0)
    hits = tuple(Hit(-pk, -score) for score, pk in found[offset : offset + limit])
    compared = f"{'the newest ' if len(pks) < of else ''}{len(pks)} of {of} calls compared by their words"
    says = _line(BUILT_IN, "not learned yet", compared, _about(BUILT_IN, model, failure))
    return Similar(hits, len(found), SpaceUsed(BUILT_IN, 0, len(pks), of, says))


def _about(used: str, model: str, failure: str | None) -> str:
    """What keeps the calls from being compared as the settings say."""
    if failure is not None:
        return f"{model} fails: {failure}"
    return "" if used == model else f"{model} has not read every call yet"


def _line(*parts: Sequence[str] | str) -> str:
    """Fit for a header."""
    text = "; ".join(" ".join(str(part).split()) for part in parts if part)
    return text.encode("ascii", "replace").decode()[:500]
