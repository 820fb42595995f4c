"""Asking an endpoint for the vectors of texts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import isfinite

import msgspec

from postcall.endpoint_settings import EmbeddingSettings
from postcall.errors import ContextTooLong, ModelError, ModelRefused, ModelRejectedRequest, ModelReplyUnusable
from postcall.llm.complaint import Complaint
from postcall.llm.faults import fault
from postcall.llm.request import without_surrogates
from postcall.settings import ModelSettings

AT_ONCE = 64
"""Texts in one request: what the smallest of the usual servers take."""
_TOGETHER = 4
"""Requests under way at the same time."""


class _Item(msgspec.Struct):
    index: int
    embedding: list[float]


class _Reply(msgspec.Struct):
    data: list[_Item]


class EmbeddingClient:
    """The endpoint of the settings; for one event loop, on which it is to be closed.

    Nothing is retried here: every failure is a ModelError whose `retry` says whether trying again can help.
    """

    def __init__(self, settings: EmbeddingSettings) -> None:
        # Imported here, since only who has an endpoint should wait for the openai package.
        from postcall.llm.transport import Transport

        self._settings = ModelSettings(
            base_url=settings.base_url,
            model=settings.model,
            api_key=settings.api_key,
            concurrency=_TOGETHER,
            timeout_s=settings.timeout_s,
            prefix="POSTCALL_EMBEDDINGS_",
        )
        self._transport = Transport(self._settings)

    async def embed(self, texts: Sequence[str]) -> list[list[float] | None]:
        """The vector of each text; None of one that the endpoint refuses, where it takes others.

        No text may be empty: many endpoints refuse those.
        """
        parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        made: list[list[float] | None] = []
        for start in range(0, len(parts), _TOGETHER):
            some = parts[start : start + _TOGETHER]
            for found in await asyncio.gather(*map(self._embed_some, some), return_exceptions=True):
                if isinstance(found, BaseException):
                    raise found
                made += found
        return made

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def _embed_some(self, texts: Sequence[str]) -> list[list[float] | None]:
        """One text that is refused (too long, or filtered) must not cost those beside it."""
        try:
            return list(await self._ask(texts))
        except (ContextTooLong, ModelRejectedRequest, ModelRefused):
            if len(texts) == 1:
                raise
        found: list[list[float] | None] = []
        refused: ModelError | None = None
        for text in texts:
            try:
                found += await self._ask([text])
            except (ContextTooLong, ModelRejectedRequest, ModelRefused) as error:
                refused = error
                found.append(None)
        if refused is not None and not any(found):  # it is not about the texts
            raise refused
        return found

    async def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self._settings.model, "input": [without_surrogates(text) for text in texts]}
        outcome = await self._transport.post(msgspec.json.encode(body), path="/embeddings")
        if isinstance(outcome, Complaint):
            raise fault(outcome, self._settings, model=self._settings.model)
        return _read_vectors(outcome, len(texts))


def _read_vectors(body: bytes, count: int) -> list[list[float]]:
    try:
        reply = msgspec.json.decode(body, type=_Reply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelReplyUnusable(f"the embeddings endpoint's reply cannot be read: {error}", retry=True) from None
    found = {item.index: item.embedding for item in reply.data}
    sizes = {len(vector) for vector in found.values()}
    if sorted(found) != list(range(count)) or len(sizes) != 1 or 0 in sizes:
        raise ModelReplyUnusable(f"the embeddings endpoint's reply does not hold {count} vectors of a size", retry=True)
    if not all(isfinite(number) for vector in found.values() for number in vector):
        raise ModelReplyUnusable("the embeddings endpoint's reply holds a number without end", retry=True)
    return [found[index] for index in range(count)]
