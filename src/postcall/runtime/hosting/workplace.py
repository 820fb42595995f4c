"""What every hosted conversation of one process works with: projects, their processes, the model, the record."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from postcall.configure.sealing import Sealer
from postcall.configure.secrets import open_secrets
from postcall.domain.calls import Json, MetricValue
from postcall.domain.conversations import Outgoing
from postcall.domain.folding import storable
from postcall.domain.secrets import SecretValue
from postcall.llm.chat import ModelOfAgent
from postcall.llm.chat_shapes import ChatModel
from postcall.runtime.functions.pools import FunctionPools
from postcall.runtime.functions.running import Functions
from postcall.runtime.hosting.answering import PROMPT_TIMEOUT_S, FunctionAnswers
from postcall.runtime.hosting.recorder import Recorder
from postcall.runtime.projects.model import Project
from postcall.runtime.publishing import load_project
from postcall.runtime.redaction import Redactor
from postcall.runtime.session.session import Session, SessionLimits
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.texts.topics import TopicIndex
from postcall.services import Services
from postcall.storage.agents import find_version
from postcall.storage.conversations import Hosted
from postcall.storage.external_events import ReceivedEvent, untold_events
from postcall.storage.hosted_writes import Kept
from postcall.storage.metric_events import writes_of_call
from postcall.storage.projects import read_project_content
from postcall.storage.real_time_configs import read_real_time_config

CLOSING_S = 5.0
"""How long turns may take to finish once the process is to stop."""
PROJECTS_KEPT = 64
"""Versions whose project stays read; each is as large as its files."""

_PLAIN, _SEALED = b"p", b"s"
_CONVERSATION = "a conversation"
"""What a sealed snapshot is bound to besides its agent; no secret can have this name."""

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project, ready to take calls."""

    digest: str
    project: Project
    topics: TopicIndex


@dataclass(frozen=True, slots=True)
class Served:
    """A hosted call, with everything that its next turn needs."""

    hosted: Hosted
    loaded: Loaded
    functions: Functions
    snapshot: Snapshot
    secrets: Mapping[str, SecretValue]
    closed_secrets: frozenset[str]
    """Sealed under a key that this process does not have."""
    redactor: Redactor
    real_time_config: Mapping[str, Json]
    model: ChatModel | None
    """What the agent converses with."""
    received: tuple[ReceivedEvent, ...] = ()
    """What was sent to the conversation, of which it does not know yet."""

    @property
    def project(self) -> Project:
        return self.loaded.project

    def clean(self, text: str) -> str:
        """As it may be stored: without secrets, and without what no database holds."""
        return storable(self.redactor.text(text))

    def state_of(self, snapshot: Snapshot) -> dict[str, Json]:
        """`conv.state` as it may be shown."""
        return self.shown(snapshot.projection)

    def shown(self, content: dict[str, Json]) -> dict[str, Json]:
        """Without secrets."""
        redacted = self.redactor.json(content)
        assert isinstance(redacted, dict)  # redacting keeps the shape
        return redacted

    def kept(self, *, source: str, lease: str) -> Kept:
        """On whose behalf the turn under way writes."""
        return Kept(
            call_pk=self.hosted.call_pk,
            call_id=self.hosted.id,
            agent_pk=self.hosted.agent_pk,
            revision=self.hosted.revision,
            turn=self.hosted.turn + 1,
            source=source,
            lease=lease,
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the record says of a call and its agent at the beginning of a turn."""

    secrets: dict[str, SecretValue]
    closed_secrets: frozenset[str]
    real_time_config: dict[str, Json]
    metrics: tuple[tuple[str, MetricValue], ...]
    received: tuple[ReceivedEvent, ...]


class Workplace:
    """One for each event loop; `close` it there."""

    def __init__(
        self,
        services: Services,
        pools: FunctionPools,
        model: ChatModel | None,
        *,
        sendable: Callable[[Outgoing], bool],
    ) -> None:
        self.services = services
        self.model = model
        self.sendable = sendable
        """Whether something is configured that can send it."""
        self._agent_models: dict[tuple[int, int], str | None] = {}
        """What agents call their models, by agent and version."""
        self._sealer = Sealer(services.settings.secrets_key, services.settings.secrets_file)
        self._pools = pools
        self._loaded: OrderedDict[str, asyncio.Future[Loaded]] = OrderedDict()
        self._http = _http_client()
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, account_pk: int, digest: str) -> Loaded:
        """The project of this digest; whoever asks while it is read waits for the same reading."""
        loading = self._loaded.get(digest)
        if loading is None or (loading.done() and (loading.cancelled() or loading.exception() is not None)):
            loading = self._loaded[digest] = asyncio.ensure_future(self._load(account_pk, digest))
            while len(self._loaded) > PROJECTS_KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(digest)
        return await asyncio.shield(loading)

    async def _load(self, account_pk: int, digest: str) -> Loaded:
        content = await self.services.record.read_async(lambda c: read_project_content(c, account_pk, digest))
        return await asyncio.to_thread(_make_ready, digest, content)

    async def serve(self, hosted: Hosted) -> Served:
        """All that the next turn of this call needs."""
        loaded = await self.load(hosted.account_pk, hosted.project)

        def read(connection: Connection) -> _Known:
            self._learn_model(connection, hosted)
            config = read_real_time_config(connection, hosted.agent_pk, hosted.environment)
            secrets, closed = open_secrets(connection, self._sealer, hosted.agent_pk)
            return _Known(
                secrets=secrets,
                closed_secrets=closed,
                real_time_config=config[1] if config is not None else {},
                # Others may write to the call as well, over the API.
                metrics=writes_of_call(connection, hosted.call_pk, hosted.revision),
                received=untold_events(connection, hosted.call_pk),
            )

        known = await self.services.record.read_briefly(read)
        redactor = Redactor()
        redactor.learn_all(known.secrets)
        return Served(
            hosted=hosted,
            loaded=loaded,
            functions=self._pools.of(f"{hosted.agent_id}:{hosted.project}", loaded.project),
            snapshot=replace(self.unseal(hosted), metrics=known.metrics),
            secrets=known.secrets,
            closed_secrets=known.closed_secrets,
            redactor=redactor,
            real_time_config=known.real_time_config,
            model=self._model_of(hosted),
            received=known.received,
        )

    def _learn_model(self, connection: Connection, hosted: Hosted) -> None:
        """A version never changes, so it is read once for all its calls."""
        key = (hosted.agent_pk, hosted.version)
        settings = self.services.settings.model
        if settings is not None and settings.agent_models and key not in self._agent_models:
            self._agent_models[key] = find_version(connection, *key).config.agent_model

    def _model_of(self, hosted: Hosted) -> ChatModel | None:
        settings = self.services.settings.model
        if self.model is None or settings is None:
            return self.model
        named = self._agent_models.get((hosted.agent_pk, hosted.version))
        return ModelOfAgent(self.model, settings.model_of_agent(named))

    def recorder(
        self, served: Served, *, source: str, lease: str, prompt_timeout_s: float = PROMPT_TIMEOUT_S
    ) -> Recorder:
        """A host for one turn."""
        from postcall.runtime.hosting.api_requests import ApiRequests

        hosted = served.hosted
        return Recorder(
            self.services.record,
            served.kept(source=source, lease=lease),
            answerer=FunctionAnswers(
                model=served.model,
                secrets=served.secrets,
                closed_secrets=served.closed_secrets,
                agent=hosted.agent_slug,
                redactor=served.redactor,
                api=ApiRequests(served.project.api_integrations, hosted.environment, self._http),
                prompt_timeout_s=prompt_timeout_s,
            ),
            redactor=served.redactor,
            real_time_config=served.real_time_config,
            next_event=hosted.next_event,
            clock=self.services.clock,
        )

    def session(self, served: Served, recorder: Recorder) -> Session:
        """The conversation, as its last finished turn left it."""
        return Session(
            served.project,
            served.functions,
            served.model,
            recorder,
            served.snapshot,
            limits=self.limits,
            topics=served.loaded.topics,
        )

    @cached_property
    def limits(self) -> SessionLimits:
        """As the settings have them."""
        return SessionLimits(function_s=self.services.settings.function_timeout_s)

    def seal(self, agent_pk: int, snapshot: Snapshot, *, secret: bool) -> bytes:
        """A snapshot as the record keeps it; sealed where the agent has secrets, which its state may hold."""
        plain = msgspec.json.encode(snapshot)
        if not secret:
            return _PLAIN + plain
        return _SEALED + self._sealer.seal(agent_pk, _CONVERSATION, plain.decode())

    def unseal(self, hosted: Hosted) -> Snapshot:
        """The inverse of `seal`."""
        form, content = hosted.snapshot[:1], hosted.snapshot[1:]
        if form == _SEALED:
            content = str(self._sealer.open(hosted.agent_pk, _CONVERSATION, content)).encode()
        return msgspec.json.decode(content, type=Snapshot)

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a turn that nobody waits for any more."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let the turns under way finish, then end the processes."""
        if self._tasks:
            _, slow = await asyncio.wait(self._tasks, timeout=CLOSING_S)
            for turn in slow:  # run again by another process: with its functions' processes gone it would go wrong
                turn.cancel()
            if slow:
                await asyncio.wait(slow)
        await self._pools.close()
        await self._http.aclose()
        if self.model is not None:
            await self.model.close()


def _http_client() -> httpx.AsyncClient:
    import httpx  # here, since with all that it loads it is 8 MiB: for who holds a conversation

    return httpx.AsyncClient(follow_redirects=False)


def _make_ready(digest: str, content: bytes) -> Loaded:
    """Takes seconds for a project with hundreds of long topics, so it is not for an event loop."""
    project = load_project(content)
    return Loaded(digest, project, TopicIndex(project.topics))
