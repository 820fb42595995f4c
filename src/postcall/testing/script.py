"""Which reply a request gets: rules first, then the queue, then the default."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from postcall.testing.replies import Fail, ScriptedReply
from postcall.testing.requests import ModelRequest

NOTHING_SCRIPTED = Fail(
    400,
    "The script of this scripted model has no reply left: give it a default, a rule or more replies.",
    code="nothing_scripted",
    type="invalid_request_error",
)


class _CanReply(Protocol):
    def reply(self, *replies: ScriptedReply) -> None: ...


class Failing:
    """Adds `fail` to whatever has `reply`."""

    def fail(
        self: _CanReply,
        status: int = 500,
        message: str = "The server had an error while processing your request.",
        *,
        code: str | None = None,
        retry_after: float | str | None = None,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer with an HTTP error; the same as `reply(Fail(…))`, `times` over."""
        failure = Fail(status, message, code=code, retry_after=retry_after, headers=headers or {})
        self.reply(*[failure] * times)


@dataclass
class Rule(Failing):
    """Replies for the requests that a predicate picks."""

    applies: Callable[[ModelRequest], bool]
    times: int | None
    """How many requests it takes at most; None: all."""
    replies: list[ScriptedReply] = field(default_factory=list)
    taken: int = 0
    """How many requests it has taken."""

    def reply(self, *replies: ScriptedReply) -> None:
        """Answer with these in turn; the last one is repeated."""
        self.replies.extend(replies)

    def take(self, request: ModelRequest) -> ScriptedReply | None:
        """The rule's next reply, or None where it does not apply."""
        if not self.replies or (self.times is not None and self.taken >= self.times) or not self.applies(request):
            return None
        self.taken += 1
        return self.replies[min(self.taken, len(self.replies)) - 1]


@dataclass
class Script:
    """All that a scripted model was told; safe to change while it serves."""

    default: ScriptedReply = NOTHING_SCRIPTED
    queue: deque[ScriptedReply] = field(default_factory=deque)
    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *replies: ScriptedReply) -> None:
        """Put replies at the end of the queue."""
        with self._lock:
            self.queue.extend(replies)

    def add_rule(self, rule: Rule) -> None:
        """Add a rule; of several that apply, the one added first answers."""
        with self._lock:
            self.rules.append(rule)

    def choose(self, request: ModelRequest) -> ScriptedReply:
        """The reply that is due, used up where it was queued."""
        with self._lock:
            for rule in self.rules:
                reply = rule.take(request)
                if reply is not None:
                    return reply
            return self.queue.popleft() if self.queue else self.default
