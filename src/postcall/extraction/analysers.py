"""Whatever answers questions about a transcript: a model, or the built-in rules."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Findings
from postcall.domain.calls import Transcript
from postcall.settings import ModelSettings, Settings


class Analyser(Protocol):
    """Answers every question of a version about one transcript."""

    @property
    def name(self) -> str:
        """`model` or `built-in`."""

    @property
    def model(self) -> str | None:
        """What a configured model is called."""

    @property
    def place(self) -> str | None:
        """The host that is asked."""

    @property
    def limit(self) -> int:
        """How many calls it takes at once."""

    async def analyse(self, transcript: Transcript, config: VersionConfig, *, reference: datetime) -> Findings:
        """Answer; `reference` is when the call began. Raises ModelError where the model could not be asked."""

    async def close(self) -> None:
        """Let go of connections and threads."""


def make_analyser(settings: Settings) -> Analyser:
    """The model where one is configured, the built-in analyser otherwise."""
    return ModelAnalyser(settings.model) if settings.model else BuiltInAnalyser()


class BuiltInAnalyser:
    """Answers without a model, on one thread of its own, so that heartbeats and pages go on."""

    name = "built-in"
    model = None
    place = None
    limit = 8

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="analyser")

    async def analyse(self, transcript: Transcript, config: VersionConfig, *, reference: datetime) -> Findings:
        """See `extraction.builtin.analyse`."""
        from postcall.extraction.builtin import analyse  # a process that has a model never needs its word lists

        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: analyse(transcript, config, reference=reference)
        )

    async def close(self) -> None:
        """Finish the call at hand."""
        self._thread.shutdown()


class ModelAnalyser:
    """Asks the configured model; belongs to the event loop that first uses it."""

    name = "model"

    def __init__(self, settings: ModelSettings) -> None:
        from postcall.llm.client import ModelClient  # a process without a model need not load the client

        self._settings = settings
        self._client = ModelClient(settings)
        self.model = settings.model
        self.place = urlsplit(settings.base_url).netloc.rpartition("@")[2]
        self.limit = settings.concurrency

    async def analyse(self, transcript: Transcript, config: VersionConfig, *, reference: datetime) -> Findings:
        """See `extraction.run.extract`."""
        from postcall.extraction.run import extract

        return await extract(
            transcript,
            config,
            reference=reference,
            client=self._client,
            context_tokens=self._settings.context_tokens,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
