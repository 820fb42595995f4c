"""A conversation for tests: a project made of Python functions, a model that follows a list, a host that notes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import msgspec

from postcall.domain.answers import Usage
from postcall.domain.calls import Json
from postcall.domain.conversations import CallEvent, EventKind, FunctionKind, Outgoing
from postcall.llm.chat_shapes import ChatMessage, ChatModel, ChatPiece, Finished, TextDelta, Tool, ToolCall
from postcall.runtime.conv.channel import Unavailable
from postcall.runtime.conv.running import run_function
from postcall.runtime.functions.running import FunctionCall, Functions, Listener
from postcall.runtime.projects.model import Flow, FunctionSpec, HandoffTarget, LatencyControl, Parameter, Project, Step
from postcall.runtime.protocol import (
    Answered,
    Ask,
    FunctionDone,
    Line,
    RunFunction,
    StaticProject,
    Written,
)
from postcall.runtime.session import Session, SessionLimits, new_snapshot
from postcall.runtime.session.outputs import Ended, Filler, Listening, Output, Said, Saying
from postcall.runtime.session.snapshot import Snapshot

T = TypeVar("T")
Begin: TypeAlias = Callable[[], AsyncIterator[Output]]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAIT_S = 20.0


@dataclass(frozen=True)
class Call:
    """A tool that the scripted reply calls."""

    name: str
    arguments: str = "{}"


Reply: TypeAlias = "str | Call | Exception | Sequence[str | Call | float | Exception]"
"""What the model says: a text, a call, or several pieces; a number is a wait in seconds, an exception is raised."""


@dataclass(frozen=True)
class Request:
    """What the model was asked."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[str, ...]
    offers: tuple[Tool, ...]
    json_object: bool

    @property
    def text(self) -> str:
        return "\n".join(message.content for message in self.messages)

    @property
    def last(self) -> ChatMessage:
        return self.messages[-1]


class ListModel:
    """Says what the list says, one reply a request, and remembers what it was asked."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []

    async def close(self) -> None:
        """It holds nothing."""

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[Tool] = (),
        model: str | None = None,  # noqa: ARG002
        max_tokens: int | None = None,  # noqa: ARG002
        timeout_s: float | None = None,  # noqa: ARG002
        json_object: bool = False,
    ) -> AsyncIterator[ChatPiece]:
        self.requests.append(Request(tuple(messages), tuple(tool.name for tool in tools), tuple(tools), json_object))
        if not self.replies:
            raise AssertionError(f"the model was asked once more than the test expects: {messages[-1].content}")
        reply = self.replies.pop(0)
        pieces = [reply] if isinstance(reply, (str, Call, Exception)) else reply
        for number, piece in enumerate(pieces):
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            elif isinstance(piece, Call):
                yield ToolCall(f"c{len(self.requests)}-{number}", piece.name, piece.arguments)
            else:
                yield TextDelta(piece)
        yield Finished("stop", Usage(requests=1, prompt_tokens=10, completion_tokens=2), "listed", 0.001, 0.002)


class NotingHost:
    """Notes everything; answers what functions ask from a dictionary."""

    def __init__(self, *, config: Mapping[str, Json] | None = None, secret: str = "hunter2") -> None:
        self.events: list[CallEvent] = []
        self.writes: list[Written] = []
        self.outgoing: list[Outgoing] = []
        self.asks: list[tuple[Ask, list[Mapping[str, str]]]] = []
        self.config = dict(config or {})
        self.secret = secret

    def now(self) -> datetime:
        return NOON

    def note(self, event: CallEvent) -> None:
        msgspec.json.encode(event.content)  # content is JSON
        self.events.append(event)

    def wrote(self, writes: Sequence[Written], *, turn: int) -> None:  # noqa: ARG002
        self.writes += writes

    def send(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def asked(self, ask: Ask, *, history: Sequence[Mapping[str, str]]) -> Answered:
        self.asks.append((ask, list(history)))
        return Answered(ask.ask, value="an answer")

    def real_time_config(self) -> Mapping[str, Json]:
        return self.config

    @property
    def has_model(self) -> bool:
        return True

    def redact(self, text: str) -> str:
        return text.replace(self.secret, "***")

    def of(self, kind: EventKind) -> list[dict[str, Any]]:
        """The content of the events of this kind."""
        return [event.content for event in self.events if event.kind is kind]

    @property
    def warnings(self) -> list[str]:
        return [str(content["message"]) for content in self.of(EventKind.WARNING)]

    @property
    def metrics(self) -> list[tuple[str, Any]]:
        return [(write.name, write.value) for write in self.writes]


class InProcess:
    """Runs a project's functions here, in a thread each: `conv` is the real one, killing is not to be had."""

    def __init__(self, project: Project, code: Mapping[str, Callable[..., Any]]) -> None:
        self._code = code
        self._static = StaticProject(
            project.account_id,
            project.project_id,
            default_language=project.default_language,
            languages=project.languages,
            variants=project.variants,
            default_variant=project.default_variant,
            handoffs={name: {"is_default": target.is_default} for name, target in project.handoffs.items()},
            sms_templates={name: {"text": each.text} for name, each in project.sms_templates.items()},
            translations=project.translations,
            topics=tuple(topic.name for topic in project.topics),
            flows={name: flow.folder for name, flow in project.flows.items()},
        )
        self.calls: list[FunctionCall] = []

    async def run(self, call: FunctionCall, listener: Listener) -> FunctionDone:
        self.calls.append(call)
        spec = call.spec
        kind = spec.kind.value
        frame = RunFunction(1, kind, spec.name, spec.module, call.context, call.state, spec.flow, call.arguments)
        channel = _Channel(listener, asyncio.get_running_loop())
        done = await asyncio.to_thread(run_function, frame, self._static, channel, self._find)
        listener.wrote(channel.writes)
        listener.logged(channel.lines)
        return done

    def _find(self, _kind: str, name: str, _flow: str | None, /) -> Callable[..., Any]:
        if name not in self._code:
            raise Unavailable(f"no function {name}")
        return self._code[name]


class _Channel:
    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self._listener = listener
        self._loop = loop
        self.writes: list[Written] = []
        self.lines: list[Line] = []

    def wrote(self, write: Written) -> None:
        self.writes.append(write)

    def logged(self, line: Line) -> None:
        self.lines.append(line)

    def ask(self, what: str, arguments: Mapping[str, Any]) -> Any:
        asking = self._listener.asked(Ask(1, 1, what, dict(arguments)))
        answer = asyncio.run_coroutine_threadsafe(asking, self._loop).result(WAIT_S)
        if answer.error is not None:
            raise RuntimeError(answer.error, *answer.error_arguments)
        return answer.value


class Heard(list[Output]):
    """The outputs of one turn."""

    @property
    def said(self) -> list[str]:
        return [each.text for each in self if isinstance(each, Said)]

    @property
    def pieces(self) -> list[str]:
        return [each.text for each in self if isinstance(each, Saying)]

    @property
    def fillers(self) -> list[str]:
        return [each.text for each in self if isinstance(each, Filler)]

    @property
    def listening(self) -> Listening:
        assert isinstance(self[-1], Listening), self
        return self[-1]

    @property
    def ended(self) -> Ended:
        assert isinstance(self[-1], Ended), self
        return self[-1]


@dataclass
class Scene:
    """One conversation, driven from a test step by step."""

    project: Project
    code: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    replies: Sequence[Reply] = ()
    functions: Functions | None = None
    """Instead of the project's code."""
    channel: str = "chat.polyai"
    limits: SessionLimits = field(default_factory=SessionLimits)
    has_model: bool = True
    snapshot: Snapshot | None = None
    host: NotingHost = field(default_factory=NotingHost)

    def __post_init__(self) -> None:
        self.chat: ChatModel | None = None
        """Instead of the listed replies."""
        self._thread = ThreadPoolExecutor(1)
        self._runner = self._thread.submit(asyncio.Runner).result()
        self.model = ListModel(self.replies)
        self.ran = InProcess(self.project, self.code)
        begun = self.snapshot or new_snapshot(self.project, id="CALL-1", env="sandbox", channel_type=self.channel)
        self.session = self.do(self._make(begun))

    async def _make(self, snapshot: Snapshot) -> Session:
        model = (self.chat or self.model) if self.has_model else None
        return Session(self.project, self.functions or self.ran, model, self.host, snapshot, limits=self.limits)

    def do(self, work: Any) -> Any:
        """What a coroutine returns, on the conversation's own event loop."""
        return self._thread.submit(self._runner.run, asyncio.wait_for(work, WAIT_S)).result()

    def close(self) -> None:
        """Stop the event loop; for tests with many conversations."""
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def start(self) -> Heard:
        return self.play(self.session.start)

    def hear(self, text: str, **more: Any) -> Heard:
        return self.play(lambda: self.session.hear(text, **more))

    def silence(self) -> Heard:
        return self.play(self.session.silence)

    def hang_up(self) -> Heard:
        return self.play(self.session.hang_up)

    def play(self, begin: Begin, *, watch: Callable[[Output], None] | None = None) -> Heard:
        """A turn to its end; `watch` is called with each output as it comes."""

        async def collect() -> Heard:
            heard = Heard()
            async for output in begin():
                heard.append(output)
                if watch is not None:
                    watch(output)
            return heard

        result: Heard = self.do(collect())
        return result

    def resume(self) -> None:
        """Go on in another session, from the snapshot as it is stored."""
        stored = msgspec.json.encode(self.session.snapshot)
        self.session = self.do(self._make(msgspec.json.decode(stored, type=Snapshot)))

    @property
    def now(self) -> Snapshot:
        snapshot: Snapshot = self.session.snapshot
        return snapshot

    @property
    def history(self) -> list[tuple[str, str]]:
        return [(each.role, each.text) for each in self.now.history]

    @property
    def asked(self) -> list[Request]:
        return self.model.requests


def spec(
    name: str,
    *parameters: str,
    flow: str | None = None,
    kind: FunctionKind | None = None,
    latency: LatencyControl | None = None,
) -> FunctionSpec:
    """A function of the project; `parameters` as `name:type`."""
    if kind is None:
        kind = FunctionKind.GLOBAL if flow is None else FunctionKind.TRANSITION
    pairs = [each.partition(":") for each in parameters]
    made = tuple(Parameter(each, of or "string", each) for each, _, of in pairs)
    folder = f"flows.{flow}.functions" if flow else "functions"
    return FunctionSpec(name, kind, f"{name}.py", f"{folder}.{name}", flow, name, made, latency)


def start_spec() -> FunctionSpec:
    return spec("start_function", kind=FunctionKind.START)


def flow(
    name: str,
    steps: Mapping[str, str | Step] | None = None,
    *,
    functions: Sequence[FunctionSpec | str] = (),
    function_steps: Sequence[str] = (),
    start: str | None = None,
) -> Flow:
    """A flow of advanced steps (name → prompt), or of steps as they are given; begins with the first one."""
    made = {
        step: prompt if isinstance(prompt, Step) else Step(step, prompt, f"{step}.yaml")
        for step, prompt in (steps or {}).items()
    }
    return Flow(
        name,
        name,
        "",
        start or next(iter((*made, *function_steps))),
        made,
        {each: spec(each, flow=name, kind=FunctionKind.STEP) for each in function_steps},
        {each.name: each for each in (spec(f, flow=name) if isinstance(f, str) else f for f in functions)},
    )


def project(
    *functions: FunctionSpec | str,
    flows: Sequence[Flow] = (),
    rules: str | None = None,
    handoffs: Sequence[HandoffTarget] = (),
    **more: Any,
) -> Project:
    """A project whose rules name all of its functions, unless they say otherwise."""
    specs = {each.name: each for each in (spec(f) if isinstance(f, str) else f for f in functions)}
    named = " ".join(f"{{{{fn:{name}}}}}" for name in specs)
    return Project(
        "clinic",
        "default",
        "Clinic",
        rules=f"Use {named}." if rules is None else rules,
        functions=specs,
        flows={each.name: each for each in flows},
        handoffs={each.name: each for each in handoffs},
        **more,
    )
