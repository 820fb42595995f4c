"""The job that follows every hosted call: its `end_function`, and then the extraction."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from sqlalchemy.engine import Connection

from postcall.domain.conversations import CallEvent, EventKind, FunctionKind
from postcall.domain.visibility import HandoffApi, shared_id_of
from postcall.errors import ConversationBusy, PostcallError
from postcall.jobs.worker import Store
from postcall.runtime.hosting.answering import END_PROMPT_TIMEOUT_S
from postcall.runtime.hosting.memory import caller_of, remembered
from postcall.runtime.hosting.workplace import Served, Workplace
from postcall.runtime.session.applying import knows_no_state
from postcall.runtime.session.session import run_end_function
from postcall.runtime.session.snapshot import Snapshot
from postcall.storage.api_settings import hold_handoff
from postcall.storage.call_events import append_events
from postcall.storage.caller_memories import keep_memory
from postcall.storage.conversations import hosted_by_pk, lock_call, new_lease, renew_turn
from postcall.storage.end_runs import END_FUNCTION_SOURCE, begin_end_run, finish_end_run
from postcall.storage.hosted_writes import keep_writes
from postcall.storage.jobs import END_FUNCTION, Job
from postcall.storage.live_calls import queue_first_extraction
from postcall.storage.outbox import add_outgoing


class EndCall:
    """The handler of these jobs.

    What the function writes is stored as it comes; a run that broke off had its writes taken back before the next
    begins. Whatever becomes of the function, the extraction is queued with its result.
    """

    kind = END_FUNCTION

    def __init__(self, workplace: Workplace, *, limit: int = 16) -> None:
        self._workplace = workplace
        self.limit = limit

    async def run(self, job: Job) -> Store:
        """Run the function over the conversation as it ended."""
        services = self._workplace.services
        call_pk = _call_of(job)
        hosted = await services.record.read_briefly(lambda c: hosted_by_pk(c, call_pk))
        if hosted is None:
            return lambda _: None
        served = await self._workplace.serve(hosted)
        if "end_function" not in served.project.functions:
            return lambda c: self._finish(c, served, served.snapshot)
        lease = new_lease()
        begun = await services.record.write_async(lambda c: begin_end_run(c, hosted, lease=lease, now=services.clock()))
        served = replace(served, hosted=begun)
        recorder = self._workplace.recorder(
            served, source=END_FUNCTION_SOURCE, lease=lease, prompt_timeout_s=END_PROMPT_TIMEOUT_S
        )
        done = await run_end_function(
            served.project,
            served.functions,
            recorder,
            served.snapshot,
            limit_s=services.settings.end_function_timeout_s,
        )
        left, outgoing = await recorder.drain()
        kept = served.kept(source=END_FUNCTION_SOURCE, lease=lease)
        now = services.clock()

        def store(connection: Connection) -> None:
            lock_call(connection, call_pk)
            handoff = hold_handoff(connection, hosted.agent_pk)
            if not renew_turn(connection, call_pk, lease=lease, now=now):
                raise ConversationBusy(served.hosted.id)  # what it wrote since then was dropped, so it is run again
            keep_writes(connection, kept, left, now=now)
            add_outgoing(connection, call_pk, kept.turn, outgoing, sendable=self._workplace.sendable, now=now)
            after = served.snapshot
            if done is not None and not knows_no_state(done, after.state):
                after = msgspec.structs.replace(after, state=done.state, projection=done.projection, texts=done.texts)
                self._keep_state(connection, served, after, handoff)
            self._finish(connection, served, after)

        return store

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """The function could not be run at all, which is shown; the extraction goes on without it."""
        now = self._workplace.services.clock()
        call_pk = _call_of(job)
        event = CallEvent(
            EventKind.FUNCTION,
            now,
            0,
            {
                "name": "end_function",
                "kind": FunctionKind.END,
                "error": {"kind": failure.code, "message": failure.message, "trace": ""},
            },
            failed=True,
        )

        def store(connection: Connection) -> None:
            append_events(connection, call_pk, [event])
            queue_first_extraction(connection, call_pk, now=now)

        return store

    def _keep_state(self, connection: Connection, served: Served, after: Snapshot, handoff: HandoffApi) -> None:
        sealed = self._workplace.seal(served.hosted.agent_pk, after, secret=bool(served.secrets))
        state = served.state_of(after)
        finish_end_run(connection, served.hosted, snapshot=sealed, state=state, shared_id=shared_id_of(handoff, state))

    def _finish(self, connection: Connection, served: Served, after: Snapshot) -> None:
        now = self._workplace.services.clock()
        data = served.redactor.json(remembered(served.project, after, at=served.hosted.started_at))
        if data and isinstance(data, dict):
            keep_memory(connection, served.hosted.agent_pk, caller_of(served.project, after), data, now=now)
        queue_first_extraction(connection, served.hosted.call_pk, now=now)


def _call_of(job: Job) -> int:
    if job.call_pk is None:
        raise ValueError("a job of this kind names a call")
    return job.call_pk
