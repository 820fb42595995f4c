"""What agents want done in other systems once a call is over: which of it, and the requests that do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import msgspec
from sqlalchemy.engine import Connection

from postcall.configure.call_actions import open_action_secret
from postcall.configure.sealing import Sealer
from postcall.domain.call_actions import CallAction, Variables, all_hold, fill, is_json
from postcall.domain.folding import storable
from postcall.domain.webhooks import Delivery
from postcall.errors import BadInput, PostcallError
from postcall.jobs.worker import Store
from postcall.notify.webhooks.destinations import Destination, FindDestination, Signing
from postcall.storage.announcing import RUN_ACTIONS
from postcall.storage.call_actions import action_of_delivery, due_actions, hold_call, queue_action
from postcall.storage.database import Record
from postcall.storage.jobs import Job
from postcall.storage.told_calls import ToldCall, call_of_delivery, read_told_call

ReadVariables: TypeAlias = Callable[[ToldCall], Variables]
"""What conditions and templates may use of a call, under the names that an interface gave them."""


_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"


class RunActions:
    """The handler of these jobs: queues a request for each action whose conditions hold.

    An action is delivered once for a call: a job that is run again, or follows another run of the questions, finds
    what has been queued and leaves it alone.
    """

    kind = RUN_ACTIONS

    def __init__(
        self, record: Record, variables: ReadVariables, *, clock: Callable[[], datetime], limit: int = 8
    ) -> None:
        self._record = record
        self._variables = variables
        self._clock = clock
        self.limit = limit

    async def run(self, job: Job) -> Store:
        """See which actions are due, on what is known of the call now."""
        call_pk = _call_of(job)
        wanted = await self._record.read_async(lambda c: self._read(c, call_pk))
        now = self._clock()

        def store(connection: Connection) -> None:
            if not hold_call(connection, call_pk):
                return
            still = due_actions(connection, call_pk)
            for action_pk in wanted:
                if action_pk in still:
                    queue_action(connection, action_pk, call_pk, now=now)

        return store

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """Nobody could see whether they are wanted: the log says so, and whoever replays them there decides."""
        call_pk, now = _call_of(job), self._clock()
        words = f"postcall could not see whether this action's conditions hold: {failure.message}"

        def store(connection: Connection) -> None:
            if hold_call(connection, call_pk):
                for action_pk in due_actions(connection, call_pk):
                    queue_action(connection, action_pk, call_pk, dead=words, now=now)

        return store

    def _read(self, connection: Connection, call_pk: int) -> tuple[int, ...]:
        due = due_actions(connection, call_pk)
        if not due:
            return ()
        known = self._variables(read_told_call(connection, call_pk))
        return tuple(pk for pk, action in due.items() if all_hold(action.config.conditions, known))


def action_destinations(sealer: Sealer, variables: ReadVariables, sign: Signing) -> FindDestination:
    """What the deliverer asks at every attempt: where an action's request goes, and what is in it."""

    def find(connection: Connection, delivery: Delivery) -> Destination:
        account_pk, action, sealed = action_of_delivery(connection, delivery.id)
        if action.config.url is None:
            raise BadInput(
                f"the call action names no address (config.url), and postcall has no connection of its own to "
                f"{action.provider}"
            )
        return Destination(
            url=action.config.url,
            render=lambda c, d: _render(c, d, action, variables),
            sign=sign,
            secret=open_action_secret(sealer, account_pk, action.id, sealed),
            content_type=_JSON if action.config.body is None or is_json(action.config.body) else _TEXT,
        )

    return find


def _render(connection: Connection, delivery: Delivery, action: CallAction, variables: ReadVariables) -> bytes:
    known = variables(read_told_call(connection, call_of_delivery(connection, delivery.id)))
    if action.config.body is None:
        return msgspec.json.encode(known)
    return storable(fill(action.config.body, known)).encode()


def _call_of(job: Job) -> int:
    if job.call_pk is None:
        raise ValueError("a job of this kind names a call")
    return job.call_pk
