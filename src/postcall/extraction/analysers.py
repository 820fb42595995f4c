"""Whatever answers questions about a transcript: a model, the built-in rules, and what was learned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.answers import Findings
from postcall.domain.calls import Transcript
from postcall.extraction.cascade import (
    Answers,
    Learned,
    answer_by_cascade,
    answer_with_model,
    answer_without_model,
    ask_heads,
    choose_analyser,
    least_confidence,
)
from postcall.extraction.learning.shelf import HeadShelf
from postcall.extraction.statistics import Statistics
from postcall.settings import ModelSettings, Settings
from postcall.storage.database import Record

if TYPE_CHECKING:
    from postcall.extraction.builtin.background import Background

T = TypeVar("T")


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


class AgentAnalyser(Analyser, Protocol):
    """One that also knows what was learned from an agent's calls."""

    async def analyse(
        self, transcript: Transcript, config: VersionConfig, *, reference: datetime, agent_pk: int | None = None
    ) -> Findings:
        """Like `Analyser.analyse`; `agent_pk` says whose learned heads may answer."""


def make_analyser(settings: Settings, record: Record | None = None) -> AgentAnalyser:
    """What answers in this process: heads from the record, the model where one is configured, and the rules."""
    model = ModelAnalyser(settings.model) if settings.model else None
    if record is None:
        return AutoAnalyser(BuiltInAnalyser(), model, shelf=None)
    return AutoAnalyser(BuiltInAnalyser(), model, shelf=HeadShelf(record), statistics=Statistics(record))


class AutoAnalyser:
    """Lets those answer whom the version names, as far as they are there; see `extraction.cascade`."""

    def __init__(
        self,
        rules: BuiltInAnalyser,
        model: ModelAnalyser | None,
        *,
        shelf: HeadShelf | None,
        statistics: Statistics | None = None,
    ) -> None:
        self._rules = rules
        self._statistics = statistics
        self._model = model
        self._shelf = shelf
        first = model or rules
        self.name, self.model, self.place, self.limit = first.name, first.model, first.place, first.limit

    async def analyse(
        self, transcript: Transcript, config: VersionConfig, *, reference: datetime, agent_pk: int | None = None
    ) -> Findings:
        """Answer every question; the answers say who gave them."""
        choice = choose_analyser(config.analyser, has_model=self._model is not None)
        if choice is AnalyserChoice.MODEL and self._model is not None:
            return await answer_with_model(transcript, config, self._model, reference=reference)
        model = self._model if choice is AnalyserChoice.AUTO else None
        learned = await self._ask_heads(transcript, config, agent_pk, has_model=model is not None)
        rules = await self._rules_for(agent_pk)
        if model is None:
            return await answer_without_model(transcript, config, learned, rules, reference=reference)
        return await answer_by_cascade(transcript, config, learned, rules, model, reference=reference)

    async def close(self) -> None:
        """Finish the calls at hand, and close the connections."""
        await self._rules.close()
        if self._model is not None:
            await self._model.close()

    async def _rules_for(self, agent_pk: int | None) -> Answers:
        if self._statistics is None or agent_pk is None:
            return self._rules
        return _RulesOfAgent(self._rules, await self._statistics.of(agent_pk))

    async def _ask_heads(
        self, transcript: Transcript, config: VersionConfig, agent_pk: int | None, *, has_model: bool
    ) -> Learned:
        heads = await self._shelf.heads_of(agent_pk) if self._shelf is not None and agent_pk is not None else {}
        if not heads:
            return Learned()
        least = least_confidence(config, has_model=has_model)
        return await self._rules.on_thread(lambda: ask_heads(transcript, config.questions, heads, min_confidence=least))


class BuiltInAnalyser:
    """Answers without a model, on one thread of its own, so that heartbeats and pages go on."""

    name = "built-in"
    model: str | None = None
    place: str | None = None
    limit = 8

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="analyser")

    async def analyse(
        self,
        transcript: Transcript,
        config: VersionConfig,
        *,
        reference: datetime,
        background: Background | None = None,
    ) -> Findings:
        """See `extraction.builtin.analyse`; `background` is what the agent's calls have in common."""
        from postcall.extraction.builtin import analyse  # a process that has a model never needs its word lists

        return await self.on_thread(lambda: analyse(transcript, config, reference=reference, background=background))

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Do something else that takes the processor's time, on the same thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Finish the call at hand."""
        self._thread.shutdown()


class _RulesOfAgent:
    """The rules, with what one agent's calls have in common."""

    def __init__(self, rules: BuiltInAnalyser, background: Background | None) -> None:
        self._rules = rules
        self._background = background

    async def analyse(self, transcript: Transcript, config: VersionConfig, *, reference: datetime) -> Findings:
        """See `BuiltInAnalyser.analyse`."""
        return await self._rules.analyse(transcript, config, reference=reference, background=self._background)


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
