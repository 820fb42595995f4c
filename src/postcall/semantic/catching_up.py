"""The job that gives calls their vectors: one step, in the transaction that queues the next.

A chore looks whether an account has something to do and queues its job, of which there is one at a time, whatever the
number of machines. So it goes on where it was stopped, and calls that come in are found a few seconds later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.errors import PostcallError
from postcall.jobs.worker import Store
from postcall.semantic.embedding import BUILT_IN, ByEndpoint, Embedder
from postcall.semantic.finding import embedder_of
from postcall.semantic.planning import LEAST, OVERLAP, REST, SETTLED, Drop, Fill, Make, next_step
from postcall.semantic.teaching import LONGEST_CALL, learn_aside
from postcall.semantic.words import Said, cut_short, said_in
from postcall.services import Services
from postcall.storage.call_rows import read_transcript
from postcall.storage.call_vectors import (
    DueCall,
    NewVector,
    SpaceRow,
    accounts_with_calls,
    add_space,
    count_spoken,
    drop_space,
    due_calls,
    every_spoken,
    list_spaces,
    lock_account,
    note_progress,
    save_vectors,
)
from postcall.storage.jobs import PRIORITY_BACKGROUND, Job, accounts_waiting, add_job

VECTORS = "vectors"
"""The kind of these jobs."""
_STEP = 250
"""Calls of one step."""
_LEARNED_FROM = 3_000
"""Calls that a space is learned from at most: more of them change little, and cost a minute."""
_COUNTED = 10_000_000


class CatchUp:
    """The handler of these jobs."""

    kind = VECTORS
    limit = 1

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self, job: Job) -> Store:
        """One step, and the next behind it while there is more to do."""
        account_pk = int(job.payload["account"])
        store, more = await take_step(self._services, account_pk)
        now = self._services.clock()

        def store_and_go_on(connection: Connection) -> None:
            store(connection)
            if more:
                _queue(connection, account_pk, now=now)

        return store_and_go_on

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """Who searches is told; it is tried again after a rest."""
        account_pk, now, model = int(job.payload["account"]), self._services.clock(), _model(self._services)

        def store(connection: Connection) -> None:
            spaces = list_spaces(connection, account_pk)
            mine = next((space for space in spaces if space.model == model), None)
            if mine is None:  # nothing could be made: an empty space, that says why
                pk = add_space(
                    connection, account_pk, model, dimensions=0, content=None, learned_from=0, grown=0, now=now
                )
                mine = next(space for space in list_spaces(connection, account_pk) if space.pk == pk)
            failed = replace(mine.progress, failed_at=now, failure=failure.message[:300])
            note_progress(connection, mine.pk, failed, ready_at=None)

        return store


class QueueCatchingUp:
    """The chore that looks which accounts have something to do."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def __call__(self, connection: Connection, *, now: datetime) -> int:
        """Queue the jobs that are missing; returns how many."""
        busy = accounts_waiting(connection, VECTORS)
        queued = 0
        for account_pk in accounts_with_calls(connection):
            if account_pk in busy or not needs_a_step(connection, self._services, account_pk, now=now):
                continue
            lock_account(connection, account_pk)  # or two machines would each queue one
            if account_pk not in accounts_waiting(connection, VECTORS):
                _queue(connection, account_pk, now=now)
                queued += 1
        return queued


def needs_a_step(connection: Connection, services: Services, account_pk: int, *, now: datetime) -> bool:
    """Whether there is something to do for an account, and it may be tried."""
    model = _model(services)
    spaces = list_spaces(connection, account_pk)
    if any(space.model == model and _rests(space, now) for space in spaces):
        return False
    step = next_step(spaces, model)
    match step:
        case Make() if not spaces and model == BUILT_IN:
            return count_spoken(connection, account_pk, most=LEAST, before=now - SETTLED) >= LEAST
        case Make():
            return count_spoken(connection, account_pk, most=1) > 0
        case Drop():
            return True
        case Fill(space):
            return not space.ready or bool(due_calls(connection, space, limit=1))


async def catch_up(services: Services, account_pk: int) -> None:
    """Do now what the worker would do by and by, until every call has its vector. Raises PostcallErrors."""
    more = await services.record.read_async(lambda c: count_spoken(c, account_pk, most=1)) > 0
    while more:
        store, more = await take_step(services, account_pk)
        await services.record.write_async(store)


async def take_step(services: Services, account_pk: int) -> tuple[Store, bool]:
    """What stores one step, and whether another is to follow."""
    model = _model(services)
    spaces = await services.record.read_async(lambda c: list_spaces(c, account_pk))
    match next_step(spaces, model):
        case Make():
            return await _make(services, account_pk), True
        case Drop(space):
            return lambda c: _drop(c, space), True
        case Fill(space):
            embedder = await embedder_of(services, space) if space.dimensions else None
            if embedder is not None:
                store, more = await _fill(services, space, embedder)
                return store, more or len(spaces) > 1  # those that it takes the place of are to go
            # It came to nothing, or another version wrote it: away with it, and a new one is made.
            return lambda c: _drop(c, space), True


async def _make(services: Services, account_pk: int) -> Store:
    grown = await services.record.read_async(lambda c: count_spoken(c, account_pk, most=_COUNTED))
    now, model = services.clock(), _model(services)
    if services.settings.embeddings is not None:
        (probe,) = await ByEndpoint(services.settings.embeddings, dimensions=None).embed([[("Hello.", True)]])
        content, dimensions, learned_from = None, 0 if probe is None else len(probe), 0
    else:
        said = await services.record.read_async(lambda c: _sample(c, account_pk, grown))
        learned = await learn_aside(said)
        content, dimensions, learned_from = learned.content, learned.dimensions, len(said)

    def store(connection: Connection) -> None:
        add_space(
            connection,
            account_pk,
            model,
            dimensions=dimensions,
            content=content,
            learned_from=learned_from,
            grown=grown,
            now=now,
        )

    return store


def _sample(connection: Connection, account_pk: int, grown: int) -> list[Said]:
    step = -(-grown // _LEARNED_FROM) or 1
    chosen = every_spoken(connection, account_pk, step=step, limit=_LEARNED_FROM)
    # Cut as they are read: three thousand long calls whole would take gigabytes.
    return [cut_short(said_in(read_transcript(connection, pk, revision)), LONGEST_CALL) for pk, revision in chosen]


async def _fill(services: Services, space: SpaceRow, embedder: Embedder) -> tuple[Store, bool]:
    now = services.clock()
    due = await services.record.read_async(lambda c: due_calls(c, space, limit=_STEP))
    vectors = await _embed_due(services, due, embedder)
    done = len(due) < _STEP
    progress = replace(space.progress, failed_at=None, failure=None)

    def store(connection: Connection) -> None:
        made = progress.made + save_vectors(connection, space.pk, vectors)
        at, pk = (now - OVERLAP, 0) if done else (due[-1].changed_at, due[-1].pk)
        note_progress(connection, space.pk, replace(progress, at=at, pk=pk, made=made), ready_at=now if done else None)

    return store, not done


async def _embed_due(services: Services, due: Sequence[DueCall], embedder: Embedder) -> list[NewVector]:
    from postcall.semantic.ranking import to_bytes

    said = await services.record.read_async(
        lambda c: [said_in(read_transcript(c, call.pk, call.revision)) for call in due]
    )
    spoken = [(call, texts) for call, texts in zip(due, said, strict=True) if texts]
    silent = [NewVector(call, None) for call, texts in zip(due, said, strict=True) if not texts]
    made = await embedder.embed([texts for _, texts in spoken])
    vectors = [
        # Empty where it was refused: or it would be asked about again for ever.
        NewVector(call, b"" if vector is None else to_bytes(vector))
        for (call, _), vector in zip(spoken, made, strict=True)
    ]
    return [*vectors, *silent]


def _drop(connection: Connection, space: SpaceRow) -> None:
    drop_space(connection, space.pk)


def _rests(space: SpaceRow, now: datetime) -> bool:
    return space.progress.failed_at is not None and now - space.progress.failed_at < REST


def _model(services: Services) -> str:
    return services.settings.embeddings.model if services.settings.embeddings else BUILT_IN


def _queue(connection: Connection, account_pk: int, *, now: datetime) -> None:
    add_job(connection, VECTORS, {"account": account_pk}, call_pk=None, now=now, priority=PRIORITY_BACKGROUND)
