"""Calls read by the model for one question: in batches, side by side, within the budget, none of them twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from postcall.analyst.budget import Budget
from postcall.analyst.themes.prompt import READING, reading_messages, reading_schema, render_call
from postcall.analyst.themes.reply import Point, noted_of, points_of, read_points
from postcall.errors import ContextTooLong, ModelError, ModelRefused
from postcall.extraction.tokens import estimate_tokens
from postcall.llm.client import ModelClient
from postcall.llm.messages import Message, Reply
from postcall.storage.database import Record
from postcall.storage.said import Said
from postcall.storage.theme_readings import ThemeReading, find_readings, keep_readings

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
STOPPED = "It was stopped before all calls were read."


@dataclass(frozen=True, slots=True)
class Reader:
    """The model that reads."""

    client: ModelClient
    model: str
    """As the settings name it: what another model read is not taken for its own."""
    context_tokens: int


@dataclass(frozen=True, slots=True)
class _Call:
    pk: int
    said: Said
    lines: tuple[str, ...]
    transcript: str
    """Stands for all its words."""
    tokens: int


@dataclass
class Reading:
    """What was read and what went wrong; it grows while calls are read."""

    question: str
    reader: Reader
    record: Record
    budget: Budget
    now: datetime
    """What is noted is kept as noted then."""
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

    async def read(self, calls: Sequence[tuple[int, Said]]) -> AsyncGenerator[None, None]:
        """Read these calls, each with its key; comes back whenever some have been read. Close it to end the requests
        under way."""
        await self._recall(calls)
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

    async def _recall(self, calls: Sequence[tuple[int, Said]]) -> None:
        """What is known of calls whose words have not changed since; the others are to be read."""
        pks, key = [pk for pk, _ in calls], self._key()
        known = await self.record.read_async(lambda c: find_readings(c, key, pks))
        for pk, said in calls:
            call, noted = _prepared(pk, said), known.get(pk)
            if noted is not None and noted.transcript == call.transcript:
                self.points[said.call_id] = points_of(noted, said.turns)
            else:
                self._waiting.append(call)

    async def _keep(self, read: Sequence[tuple[_Call, tuple[Point, ...]]]) -> None:
        key = self._key()
        readings = [ThemeReading(call.pk, call.transcript, noted_of(points, call.said.turns)) for call, points in read]
        await self.record.write_async(lambda c: keep_readings(c, key, readings, now=self.now))

    def _key(self) -> str:
        """Stands for the question, the model, and how it is told to read."""
        return _digest(" ".join(self.question.split()), self.reader.model, READING)

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
        self.points.update({batch[index].said.call_id: points for index, points in found.items()})
        self._again += [call for index, call in enumerate(batch) if index not in found]
        await self._keep([(batch[index], points) for index, points in found.items()])

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


def _prepared(pk: int, said: Said) -> _Call:
    lines = render_call(said.turns)
    return _Call(
        pk, said, lines, _digest(*lines, *(turn.text for turn in said.turns)), sum(map(estimate_tokens, lines)) + 20
    )


def _digest(*parts: str) -> str:
    digest = hashlib.blake2b(digest_size=32)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


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
