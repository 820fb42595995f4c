"""Running a function as a child process would, without one: what it writes, logs and asks is kept in lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from postcall.runtime.conv.channel import Unavailable
from postcall.runtime.conv.kept import keep, restore
from postcall.runtime.conv.running import run_function
from postcall.runtime.conv.state import State
from postcall.runtime.protocol import (
    Context,
    FunctionDone,
    Line,
    RunFunction,
    StaticProject,
    Written,
    decode_from_process,
    encode,
)

Function = Callable[..., Any]
PROJECT = StaticProject(
    "account",
    "clinic",
    default_language="en-US",
    languages=("en-US", "fr-FR"),
    variants={"north": {"town": "Leeds", "price": 8}, "south": {"town": "Hove"}},
    default_variant="north",
    handoffs={"Billing": {"sip_config": {"method": "refer"}}, "Desk": {"is_default": True}},
    sms_templates={
        "booked": {
            "text": "Hi $name, see you in ${variant_town} for $8.99. {{tn:bye}} {{vrbl:room}}",
            "phone_numbers": {"live": "+15550001", "pre_release": "+15550002", "sandbox": "+15550003"},
        }
    },
    translations={"bye": {"en-US": "Goodbye", "fr-FR": "Au revoir"}, "hi": {"en-US": "Hi"}},
    api_integrations={
        "crm": {"operations": {"contact": {"method": "GET", "resource": "/people/{person}/contacts/{contact}"}}}
    },
)


@dataclass
class Stage:
    """Keeps what functions do, and answers what they ask with `answers` (an exception is raised)."""

    functions: dict[tuple[str, str, str | None], Function] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    project: StaticProject = PROJECT
    writes: deque[Written] = field(default_factory=deque)
    lines: deque[Line] = field(default_factory=deque)
    asked: deque[tuple[str, Mapping[str, Any]]] = field(default_factory=deque)

    def wrote(self, write: Written) -> None:
        self.writes.append(write)

    def logged(self, line: Line) -> None:
        self.lines.append(line)

    def ask(self, what: str, arguments: Mapping[str, Any]) -> Any:
        self.asked.append((what, arguments))
        answer = self.answers[what]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find(self, kind: str, name: str, flow: str | None, /) -> Function:
        found = self.functions.get((kind, name, flow))
        if found is None:
            raise Unavailable(f"there is no {kind} function {name}")
        return found

    def run(
        self,
        function: Function,
        *,
        kind: str = "global",
        flow: str | None = None,
        state: Mapping[str, Any] | bytes | None = None,
        arguments: Mapping[str, Any] | None = None,
        **context: Any,
    ) -> FunctionDone:
        """Run it once. What comes back has been a frame, so it is known to fit into one."""
        self.functions[kind, "tried", flow] = function
        context = {"id": "CALL-1", "env": "live", "channel_type": "sip.polyai", "has_model": True, **context}
        pickled = state if isinstance(state, bytes) else keep(dict(state)).pickled if state is not None else b""
        frame = RunFunction(
            1, kind, "tried", "functions.tried", Context(**context), pickled, flow, dict(arguments or {})
        )
        done = run_function(frame, self.project, self, self.find)
        for line in self.lines:
            encode(line)
        for write in self.writes:
            encode(write)
        decoded = decode_from_process(encode(done))
        assert isinstance(decoded, FunctionDone)
        return decoded


def state_after(done: FunctionDone) -> State:
    """The state that the next function would find."""
    return restore(done.state)


def value_of(function: Function, **context: Any) -> Any:
    """What a function that must not fail returns, seen before it becomes a frame."""
    seen: list[Any] = []

    def tried(conv: Any) -> None:
        seen.append(function(conv))

    done = Stage().run(tried, **context)
    assert done.failed is None, done.failed
    return seen[0]
