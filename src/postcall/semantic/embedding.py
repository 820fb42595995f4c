"""Calls and questions as vectors: by an endpoint, or in the space that was learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from postcall.endpoint_settings import EmbeddingSettings
from postcall.errors import ModelReplyUnusable
from postcall.semantic.words import LONGEST_TEXT, Said

if TYPE_CHECKING:  # numpy takes memory, which a server without calls does without
    from postcall.semantic.space import LearnedSpace, Vectors

BUILT_IN = "built-in"
"""The model of every space that we learn."""
WINDOW = 1_500
"""Characters of a call that an endpoint reads at once: some 400 tokens, since small models see no more than 512."""
_MOST_WINDOWS = 32
"""Of one call: what is said after two hours hardly changes what it is about, and each costs."""


class Embedder(Protocol):
    """What turns texts into vectors of one space."""

    async def embed(self, calls: Sequence[Said]) -> list[Vectors | None]:
        """The vector of each, of length 1 (zeros where nothing is known of it); None where it is refused."""


class InSpace:
    """In a space that was learned; off the event loop."""

    def __init__(self, space: LearnedSpace) -> None:
        self._space = space

    async def embed(self, calls: Sequence[Said]) -> list[Vectors | None]:
        """See Embedder."""
        import asyncio

        return await asyncio.to_thread(lambda: [self._space.embed(said) for said in calls])


class ByEndpoint:
    """By an endpoint: a call is the mean of its windows. Raises ModelErrors."""

    def __init__(self, settings: EmbeddingSettings, *, dimensions: int | None) -> None:
        """`dimensions`: of the space, if it is there already; vectors of another size are an error."""
        self._settings = settings
        self._dimensions = dimensions

    async def embed(self, calls: Sequence[Said]) -> list[Vectors | None]:
        """See Embedder."""
        import numpy as np

        from postcall.llm.embeddings import EmbeddingClient
        from postcall.semantic.space import unit

        windows = [split_windows(said) for said in calls]
        client = EmbeddingClient(self._settings)
        try:
            vectors = await client.embed([window for some in windows for window in some])
        finally:
            await client.close()
        made: list[Vectors | None] = []
        rest = iter(vectors)
        for some in windows:
            mine = [vector for vector in (next(rest) for _ in some) if vector is not None]
            made.append(unit(np.mean(np.array(mine, np.float32), axis=0)) if mine else None)
        sizes = {len(vector) for vector in made if vector is not None}
        if len(sizes) > 1 or (self._dimensions is not None and sizes - {self._dimensions}):
            raise ModelReplyUnusable(
                f"the embeddings endpoint's vectors have {sorted(sizes)} numbers and not {self._dimensions}: is "
                f"{self._settings.model!r} another model than before? Name it otherwise, and all calls are read again",
                retry=False,
            )
        return made


def split_windows(said: Sequence[tuple[str, bool]]) -> list[str]:
    """What was said in pieces of about one length, none of them empty; one speaker a line."""
    spoken = [f"{'Caller' if caller else 'Agent'}: {text.strip()}" for text, caller in said if text.strip()]
    text = "\n".join(spoken)[:LONGEST_TEXT]
    windows: list[str] = []
    start = 0
    while start < len(text) and len(windows) < _MOST_WINDOWS:
        end = start + WINDOW
        if end < len(text):  # at the end of a line or word, if there is one in the second half
            cut = max(text.rfind("\n", start + WINDOW // 2, end), text.rfind(" ", start + WINDOW // 2, end))
            end = cut if cut > 0 else end
        windows.append(text[start:end].strip())
        start = end
    return [window for window in windows if window]


async def embed_query(embedder: Embedder, text: str) -> Vectors:
    """The vector of what somebody looks for; zeros where nothing is known of it."""
    import numpy as np

    (vector,) = await embedder.embed([[(text, True)]])
    return vector if vector is not None else np.zeros(1, np.float32)
