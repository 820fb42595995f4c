"""Calls read by the model for one question: in batches, side by side, within the budget, none of them twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from postcall.analyst.budget import Budget
from postcall.analyst.theme_prompt import reading_messages, reading_schema, render_call
from postcall.analyst.theme_reply import Point, read_points
from postcall.errors import ContextTooLong, ModelError, ModelRefused
from postcall.extraction.tokens import estimate_tokens
from postcall.llm.client import ModelClient
from postcall.llm.messages import Message, Reply
from postcall.storage.said import Said

BATCH_CALLS = 25
"""So that the reply about them fits its token limit."""
SMALL_BATCH = 8
"""Calls that were asked about in vain are asked about once more in these."""
BATCH_TOKENS = 24_000
AT_ONCE = 8
"""Batches under way: more would be paid for in vain where somebody stops."""
LONGEST_WAIT_S = 10.0
"""Before calls are asked about once more, where the endpoint wants to be left alone for a while."""
_REPLY_PER_CALL = 160
"""Tokens of a reply about one call: three points with their quotes."""
_OVERHEAD = 600
"""Tokens of the instructions and the question."""
_REMEMBERED = 20_000
STOPPED = "It was stopped before all calls were read."


class Readings:
    """What was read of which call for which question: in memory, the latest ones."""

    def __init__(self, *, most: int = _REMEMBERED) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, tuple[Point, ...]] = OrderedDict()

    def recall(self, key: bytes) -> tuple[Point, ...] | None:
        """None where it was not read, or long ago."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def remember(self, key: bytes, points: tuple[Point, ...]) -> None:
        """Keep one."""
        self._kept[key] = points
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """The model that reads."""

    client: ModelClient
    model: str
    """As the settings name it: what another model read is not taken for its own."""
    context_tokens: int
    readings: Readings


@dataclass(frozen=True, slots=True)
class _Call:
    said: Said
    lines: tuple[str, ...]
    key: bytes
    """Stands for the words, the question and the model."""
    tokens: int


@dataclass
class Reading:
    """What was read and what went wrong; it grows while calls are read."""

    question: str
    reader: Reader
    budget: Budget
    stop: asyncio.Event | None = None
    points: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    """By call; of every call that was read, also those that say nothing of the question."""
    notes: dict[str, None] = field(default_factory=dict)
    """Why not all were read, each once."""
    failure: ModelError | None = None
    """The latest."""
    _waiting: list[_Call] = field(default_factory=list)
    _again: list[_Call] = field(default_factory=list)
    _reserved: int = 0
    """Tokens of requests under way."""

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self.stop is not None and self.stop.is_set()

    async def read(self, account_pk: int, said: Sequence[Said]) -> AsyncGenerator[None, None]:
        """Read these calls; comes back whenever some have been read. Close it to end the requests under way."""
        self._recall(account_pk, said)
        yield
        for size in (BATCH_CALLS, SMALL_BATCH):
            batches = _batches(self._waiting, size, min(BATCH_TOKENS, self.reader.context_tokens // 2))
            self._waiting, self._again = [], []
            async with aclosing(self._read_batches(batches)) as steps:
                async for _ in steps:
                    yield
            self._waiting = self._again
            if not self._again or not self._may_ask_again():
                break
            await asyncio.sleep(min(self._wait_s(), self.budget.left_s, LONGEST_WAIT_S))
        if self._waiting:
            reason = f": {self.failure.message}" if self.failure is not None else ""
            self.notes[f"Of {_calls(len(self._waiting))} nothing could be read{reason}."] = None

    async def ask(self, messages: Sequence[Message], schema: dict[str, object], name: str, *, reply: int) -> Reply:
        """Ask, and count what it took; the request itself was counted before."""
        most = max(500, min(reply, self.budget.limits.reply_tokens))
        answer = await self.reader.client.ask_json(messages, schema=schema, schema_name=name, max_tokens=most)
        prompt = "\n".join(message.content for message in messages)
        self.budget.count(answer.usage, prompt=prompt, reply=answer.text)
        return answer

    def _recall(self, account_pk: int, said: Sequence[Said]) -> None:
        for each in said:
            call = _prepared(each, account_pk, self.question, self.reader.model)
            known = self.reader.readings.recall(call.key)
            if known is None:
                self._waiting.append(call)
            else:
                self.points[each.call_id] = known

    async def _read_batches(self, batches: Iterator[list[_Call]]) -> AsyncGenerator[None, None]:
        stopping = [asyncio.create_task(self.stop.wait())] if self.stop is not None else []
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                while len(running) < AT_ONCE and (batch := next(batches, None)) is not None:
                    if not self._may_begin(batch):
                        batches = iter(())
                        break
                    running.add(asyncio.create_task(self._read_batch(batch)))
                if not running:
                    return
                await asyncio.wait(
                    [*running, *stopping], timeout=self.budget.left_s, return_when=asyncio.FIRST_COMPLETED
                )
                finished = {task for task in running if task.done()}
                running -= finished
                for task in finished:
                    task.result()  # raises what is a mistake of ours
                if finished:
                    yield
                if running and (self.stopped or not self.budget.left_s):
                    self.notes[STOPPED if self.stopped else self._used_up(self._out_of_time())] = None
                    return
        finally:
            for each in (*running, *stopping):
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _may_begin(self, batch: Sequence[_Call]) -> bool:
        if self.stopped:
            self.notes[STOPPED] = None
            return False
        if self.failure is not None and _is_hopeless(self.failure):
            self.notes[f"Not all calls of the sample were read: {self.failure.message}."] = None
            return False
        tokens = _tokens(batch)
        reason = self.budget.spent(self._reserved + tokens)
        if reason is None and self.budget.left_requests < 2:  # one is kept to put together what was read
            reason = f"the {self.budget.limits.requests} requests that a question may make"
        if reason is not None:
            self.notes[self._used_up(reason)] = None
            return False
        self._reserved += tokens
        self.budget.begin()
        return True

    async def _read_batch(self, batch: Sequence[_Call]) -> None:
        """A failure costs the calls of this batch one try, and is told."""
        messages = reading_messages(self.question, [call.lines for call in batch])
        try:
            reply = await self.ask(messages, reading_schema(len(batch)), "noted", reply=_REPLY_PER_CALL * len(batch))
        except ModelError as failure:
            self.failure = failure
            self._again += batch
            return
        finally:
            self._reserved -= _tokens(batch)
        found = read_points(reply.text, [call.said.turns for call in batch])
        for index, call in enumerate(batch):
            if index in found:
                self.points[call.said.call_id] = found[index]
                self.reader.readings.remember(call.key, found[index])
            else:
                self._again.append(call)

    def _may_ask_again(self) -> bool:
        return not self.stopped and not (self.failure is not None and _is_hopeless(self.failure))

    def _wait_s(self) -> float:
        return (self.failure.retry_after_s or 0.0) if self.failure is not None else 0.0

    def _out_of_time(self) -> str:
        return f"the {self.budget.limits.seconds:g} seconds that a question may take"

    def _used_up(self, what: str) -> str:
        return f"Not all calls of the sample were read: {what} are used up."


def _is_hopeless(failure: ModelError) -> bool:
    """Whether no other call would fare better."""
    return not failure.retry and not isinstance(failure, ModelRefused | ContextTooLong)


def _prepared(said: Said, account_pk: int, question: str, model: str) -> _Call:
    lines = render_call(said.turns)
    digest = hashlib.blake2b(digest_size=16)
    for part in (str(account_pk), said.call_id, question, model, *lines):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return _Call(said, lines, digest.digest(), sum(map(estimate_tokens, lines)) + 20)


def _batches(calls: Sequence[_Call], size: int, tokens: int) -> Iterator[list[_Call]]:
    """In their order, so that what was read when somebody stops is still by chance."""
    batch: list[_Call] = []
    for call in calls:
        if batch and (len(batch) == size or sum(each.tokens for each in batch) + call.tokens > tokens):
            yield batch
            batch = []
        batch.append(call)
    if batch:
        yield batch


def _tokens(batch: Sequence[_Call]) -> int:
    return sum(call.tokens + _REPLY_PER_CALL for call in batch) + _OVERHEAD


def _calls(count: int) -> str:
    return "one call" if count == 1 else f"{count:,} calls"
