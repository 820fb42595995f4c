"""The conversations of one process: opened, found again, and closed with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy.engine import Connection

from postcall.domain.calls import Direction, MetricWrite
from postcall.domain.conversations import Outgoing
from postcall.domain.ids import new_call_id
from postcall.errors import AgentArchived, BadInput, NoProject
from postcall.llm.chat_shapes import ChatModel
from postcall.runtime.functions.pools import FunctionPools
from postcall.runtime.hosting.calls import HostedCall
from postcall.runtime.hosting.memory import caller_of, recall
from postcall.runtime.hosting.opening import OpenCall
from postcall.runtime.hosting.workplace import Workplace
from postcall.runtime.projects.model import Project
from postcall.runtime.session.session import new_snapshot
from postcall.runtime.session.snapshot import Snapshot
from postcall.services import Services
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.caller_memories import read_memory
from postcall.storage.conversations import hosted_call, open_conversation
from postcall.storage.secrets import list_secrets

_MOST_REMEMBERED = 2_000
"""Calls that are remembered between two turns; one that was forgotten is read from the record again."""


class Hosting:
    """Everything that a channel needs; one for each event loop, closed there.

    A call may be gone on with by any process: what a `HostedCall` remembers between turns is only who waits for whom.
    """

    def __init__(
        self,
        services: Services,
        pools: FunctionPools,
        model: ChatModel | None,
        *,
        sendable: Callable[[Outgoing], bool] = lambda _: False,
    ) -> None:
        """`sendable` says what can be sent here; without it every message is recorded only."""
        self.workplace = Workplace(services, pools, model, sendable=sendable)
        self._services = services
        self._calls: dict[tuple[int, str], HostedCall] = {}

    async def open(self, account_pk: int, agent: str, opening: OpenCall) -> HostedCall:
        """Begin a call, and store that it has begun. `start` is its first turn.

        Raises AgentNotFound, NotFound (no such version), BadInput (channel, variant) and Conflict (no project, or the
        id is taken).
        """
        services = self._services
        details = dataclasses.replace(opening.details(agent), started_at=services.clock())
        found = await services.record.read_async(lambda c: _find(c, account_pk, agent, opening))
        loaded = await self.workplace.load(account_pk, found.project)
        now = services.clock()
        call_id = opening.call_id or new_call_id(now)
        snapshot = _first_snapshot(loaded.project, opening, call_id)
        caller = caller_of(loaded.project, snapshot)
        memory = await services.record.read_briefly(lambda c: read_memory(c, found.agent_pk, caller))
        known, told = recall(memory)
        snapshot = replace(snapshot, memory=known, metrics=tuple(told.items()))
        sealed = self.workplace.seal(found.agent_pk, snapshot, secret=found.has_secrets)
        hosted = await services.record.write_async(
            lambda c: open_conversation(
                c,
                account_pk,
                details,
                call_id=call_id,
                version=found.version,
                snapshot=sealed,
                metrics=[MetricWrite(name, value, now) for name, value in told.items()],
                now=now,
                placed=opening.placed,
            )
        )
        return self._remember(account_pk, hosted.id)

    async def find(self, account_pk: int, call_id: str) -> HostedCall:
        """A call that was opened here or in another process; CallNotFound where it is not hosted."""
        if (account_pk, call_id) in self._calls:
            return self._remember(account_pk, call_id)
        await self._services.record.read_briefly(lambda c: hosted_call(c, account_pk, call_id))
        return self._remember(account_pk, call_id)

    async def close(self) -> None:
        """Let the turns under way finish, and end every process."""
        await self.workplace.close()

    def _remember(self, account_pk: int, call_id: str) -> HostedCall:
        call = self._calls.pop((account_pk, call_id), None) or HostedCall(self.workplace, account_pk, call_id)
        self._calls[account_pk, call_id] = call  # the latest last
        if len(self._calls) > _MOST_REMEMBERED:
            idle = [key for key, each in self._calls.items() if each.idle and each is not call]
            for key in idle[: len(self._calls) - _MOST_REMEMBERED]:
                del self._calls[key]
        return call


@dataclass(frozen=True, slots=True)
class _Found:
    agent_pk: int
    version: int
    project: str
    has_secrets: bool


def _find(connection: Connection, account_pk: int, agent: str, opening: OpenCall) -> _Found:
    row = find_agent_row(connection, account_pk, agent)
    if row.archived_at is not None:
        raise AgentArchived(row.slug)
    number = row.active_version if opening.version is None else opening.version
    project = find_version(connection, row.pk, number).config.project
    if project is None:
        raise NoProject(row.slug, number)
    return _Found(
        agent_pk=row.pk,
        version=number,
        project=project,
        has_secrets=bool(list_secrets(connection, row.pk)),
    )


def _first_snapshot(project: Project, opening: OpenCall, call_id: str) -> Snapshot:
    variants = project.variants
    if opening.variant is not None and opening.variant not in variants:
        known = ", ".join(variants) or "none"
        raise BadInput(f"variant: there is no variant {opening.variant!r}; there is {known}", field="variant")
    # `conv.caller_number` is the person at the other end, also where we have dialled.
    caller, callee = opening.from_number, opening.to_number
    if opening.direction is Direction.OUTBOUND:
        caller, callee = callee, caller
    return new_snapshot(
        project,
        id=call_id,
        env=opening.environment.value,
        channel_type=opening.channel,
        variant=opening.variant,
        language=opening.language,
        caller_number=caller,
        callee_number=callee,
        sip_headers=opening.sip_headers,
        integration_attributes=opening.attributes,
    )
