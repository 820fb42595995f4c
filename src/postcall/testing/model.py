"""The scripted model: its thread, its counts and its script."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import msgspec

from postcall.testing.conversation import Conversing
from postcall.testing.envelope import HttpReply, fail
from postcall.testing.limits import Limits, objection
from postcall.testing.rendering import render
from postcall.testing.replies import Fail, ScriptedReply
from postcall.testing.requests import ModelRequest, NotARequest, read_request
from postcall.testing.script import NOTHING_SCRIPTED, Failing, Rule, Script
from postcall.testing.streaming import PIECE_CHARACTERS, Manner, Thinking
from postcall.testing.wire import Connections, HttpConnection, HttpRequest, Send

KEPT_REQUESTS = 10_000
"""Received requests that are kept for inspection; older ones are counted only."""
BACKLOG = 2048
"""Connections that may wait to be accepted: a benchmark opens hundreds at once."""


class ScriptedModel(Failing, Conversing):
    """A server on 127.0.0.1 that speaks chat completions and says what it was told to.

    A request is answered by the first rule that applies (`when`), else by the next reply of the queue (`reply`,
    `fail`), else by the default. Where nothing is left it answers 400 and says so, rather than invent.

        with ScriptedModel(default=answers_from({"booked": True}), latency=0.2) as model:
            model.fail(429, retry_after=1)                                   # the first request
            model.when(lambda request: "Bob" in request.text).fail(500)      # every request about Bob
            settings = ModelSettings(base_url=model.url, model="any", api_key="any")

    It runs on a thread of its own from `with` (or `start()`) on, so it serves synchronous and asynchronous tests alike.

    `rejects` names response formats and parameters that it does not take, as older servers do not: `json_schema`,
    `json_object`, `max_tokens`, `temperature`. `context_tokens` is the window (at four characters a token), `api_key`
    the one key that it takes, `models` the models that it serves (empty: any).

    A reply that is asked for as a stream comes in pieces of `piece` characters: the first after `latency`, the others
    each `pace` seconds after the one before. `streams=False` is a server that answers such requests with one body.
    """

    def __init__(
        self,
        *,
        default: ScriptedReply = NOTHING_SCRIPTED,
        latency: float = 0.0,
        pace: float = 0.0,
        piece: int = PIECE_CHARACTERS,
        streams: bool = True,
        rejects: Collection[str] = (),
        context_tokens: int | None = None,
        api_key: str | None = None,
        models: Collection[str] = (),
        port: int = 0,
        keep: int = KEPT_REQUESTS,
    ) -> None:
        self.latency = latency
        """Seconds before each reply."""
        self.pace = pace
        """Seconds between two pieces of a streamed reply."""
        self.piece = piece
        """Characters in one."""
        self.streams = streams
        self.think_s = 0.0
        """Seconds that all replies together took on purpose; each reply says its own, as `think_s`."""
        self.limits = Limits(frozenset(rejects), context_tokens, api_key, frozenset(models))
        self.count = 0
        """Requests received, whether answered well or not."""
        self.prompt_characters = 0
        """Of all requests together."""
        self.in_flight = 0
        self.most_in_flight = 0
        self.requests: deque[ModelRequest] = deque(maxlen=keep)
        """The latest requests, oldest first."""
        self._script = Script(default)
        self._port = port
        self._arrived = threading.Condition()
        self._gate: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._connections = Connections()

    # Telling it what to say.

    def reply(self, *replies: ScriptedReply) -> None:
        """Answer the next requests with these, one each."""
        self._script.add(*replies)

    def always(self, reply: ScriptedReply) -> None:
        """Answer with this where no rule applies and the queue is empty."""
        self._script.default = reply

    def when(self, applies: Callable[[ModelRequest], bool], *, times: int | None = None) -> Rule:
        """Begin a rule: `model.when(lambda request: "refund" in request.text).reply(…)`."""
        rule = Rule(applies, times)
        self.add_rule(rule)
        return rule

    def add_rule(self, rule: Rule) -> None:
        """Add a rule of your own make; of several that apply, the one added first answers."""
        self._script.add_rule(rule)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Within the block requests are received but not answered; they are when it ends."""
        gate = asyncio.Event()
        self._gate = gate
        try:
            yield
        finally:
            self._gate = None
            if self._loop is not None:
                self._loop.call_soon_threadsafe(gate.set)

    def wait_for(self, count: int, *, timeout: float = 5.0) -> None:
        """Block until so many requests have arrived since the start, or raise TimeoutError."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: self.count >= count, timeout):
                raise TimeoutError(f"{self.count} of {count} requests arrived within {timeout:g} s")

    # Running it.

    @property
    def url(self) -> str:
        """The base URL, for `POSTCALL_LLM_BASE_URL`; it ends in /v1."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def connections_made(self) -> int:
        """How many connections clients have opened: fewer than requests, where they keep them."""
        return self._connections.made

    def start(self) -> Self:
        """Start to serve; `with` does it for you. Raises OSError where the port is taken."""
        listener = socket.create_server(("127.0.0.1", self._port), backlog=BACKLOG)
        self._port = listener.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listener, started), name="scripted-model", daemon=True)
        self._thread.start()
        started.wait()
        return self

    def stop(self) -> None:
        """Drop every connection and refuse new ones. `url` stays, so a test can see how a dead server looks."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, listener: socket.socket, started: threading.Event) -> None:
        loop = self._loop = _new_loop()
        server = loop.run_until_complete(
            loop.create_server(lambda: HttpConnection(self._answer, self._connections), sock=listener, backlog=BACKLOG)
        )
        started.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(self._drop_clients())
        loop.close()

    async def _drop_clients(self) -> None:
        for connection in list(self._connections.open):
            connection.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    # Answering.

    async def _answer(self, http: HttpRequest, send: Send) -> None:
        path = http.path.rstrip("/")
        if http.method == "POST" and path.endswith("/chat/completions"):
            await self._complete(http, send)
        elif http.method == "GET" and path.endswith("/models"):
            served = sorted(self.limits.models) or ["scripted"]
            await send(_json({"object": "list", "data": [{"id": name, "object": "model"} for name in served]}))
        elif http.method == "GET" and path == "/scripted":
            await send(_json(self._counts()))
        else:
            await send(fail(Fail(404, f"Unknown request URL: {http.method} {http.path}", type="invalid_request_error")))

    async def _complete(self, http: HttpRequest, send: Send) -> None:
        number = self._count_arrival()
        thinking = Thinking()
        try:
            reply = await self._compose(http, number, thinking)
            if reply.stream is not None:
                await send(reply)
        finally:
            self.in_flight -= 1
            self.think_s += thinking.seconds
        if reply.stream is None:
            # Sent when it is counted, so that who has the reply finds no request in flight.
            await send(reply)

    async def _compose(self, http: HttpRequest, number: int, thinking: Thinking) -> HttpReply:
        try:
            request = read_request(http.body, http.headers, number=number, streams=self.streams)
        except NotARequest as problem:
            return fail(Fail(400, str(problem), type="invalid_request_error"))
        self.prompt_characters += request.prompt_characters
        self.requests.append(request)
        gate = self._gate
        if gate is not None:
            await gate.wait()
        refused = objection(request, self.limits)
        if refused is not None:
            return fail(refused)
        await thinking.wait(self.latency)
        return await render(self._script.choose(request), request, Manner(self.pace, self.piece), thinking)

    def _count_arrival(self) -> int:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        with self._arrived:
            self.count += 1
            self._arrived.notify_all()
        return self.count

    def _counts(self) -> dict[str, float]:
        return {
            "count": self.count,
            "prompt_characters": self.prompt_characters,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "think_s": round(self.think_s, 6),
        }


def _json(content: object) -> HttpReply:
    return HttpReply(body=msgspec.json.encode(content))


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: half the CPU, which a benchmark on the same machine feels."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
