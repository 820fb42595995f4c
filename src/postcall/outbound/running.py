"""The job that carries a campaign on: one step, in the transaction that queues the next.

So a campaign whose process was stopped goes on in another, no step is taken twice, and none of them takes long,
however many people it calls. Only the job that shows the campaign's runner does anything.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from postcall.domain.outbound import CampaignStatus, MemberState, NewCall
from postcall.errors import AgentArchived, CampaignNotFound, Conflict, NotFound, PostcallError
from postcall.jobs.worker import Store
from postcall.outbound.campaigns import SYSTEM
from postcall.outbound.hours import next_allowed
from postcall.outbound.placing import place
from postcall.storage.agents import agent_of_call
from postcall.storage.campaign_members import (
    Due,
    copy_some,
    count_calling,
    count_standing,
    due_members,
    first_call,
    next_due,
    note_calling,
    postpone,
    skip_member,
    skip_waiting,
)
from postcall.storage.campaigns import CAMPAIGN, CampaignRow, change_campaign, lock_campaign, note_event
from postcall.storage.concurrency import free_lines
from postcall.storage.do_not_call import is_barred
from postcall.storage.jobs import Job, add_job
from postcall.storage.placed_calls import Series, count_queued

_COPIED_AT_ONCE = 5_000
_LOOKED_AT_ONCE = 200
_PLACED_AT_ONCE = 25
"""Bounds of one step, so that no transaction keeps other writers waiting."""
_POLL = timedelta(seconds=0.2)
"""How soon to look again while calls are under way."""
_LONGEST = timedelta(seconds=30)
"""How long to wait for somebody's time to come before looking again."""


class RunCampaign:
    """The handler of these jobs."""

    kind = CAMPAIGN
    limit = 4

    def __init__(self, *, lines: int, clock: Callable[[], datetime]) -> None:
        """`lines`: how many calls an account may hold at once."""
        self._lines = lines
        self._clock = clock

    async def run(self, job: Job) -> Store:
        """The step itself is in what is stored."""
        now = self._clock()
        return lambda c: self._step(c, job, now=now)

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """The campaign has failed, and says why."""
        now = self._clock()

        def store(connection: Connection) -> None:
            found = _mine(connection, job)
            if found is not None:
                _fail(connection, found, failure.message, now=now)

        return store

    def _step(self, connection: Connection, job: Job, *, now: datetime) -> None:
        found = _mine(connection, job)
        if found is None:
            return
        after = int(job.payload.get("after", 0))
        match found.campaign.status:
            case CampaignStatus.SCHEDULED:
                change_campaign(connection, found.pk, now=now, status=CampaignStatus.PROCESSING.value)
                _queue(connection, job, at=now)
            case CampaignStatus.PROCESSING:
                self._copy(connection, job, found, after=after, now=now)
            case CampaignStatus.RUNNING:
                self._call(connection, job, found, now=now)
            case CampaignStatus.CANCELLED:
                if skip_waiting(connection, found.pk, limit=_COPIED_AT_ONCE, now=now):
                    _queue(connection, job, at=now)
            case _:
                return

    def _copy(self, connection: Connection, job: Job, found: CampaignRow, *, after: int, now: datetime) -> None:
        if found.audience_pk is None:
            _fail(connection, found, "The audience of this campaign has been deleted", now=now)
            return
        last = copy_some(connection, found.audience_pk, found.pk, after=after, limit=_COPIED_AT_ONCE, now=now)
        if last is None:
            change_campaign(connection, found.pk, now=now, status=CampaignStatus.RUNNING.value, started_at=now)
            source = str(job.payload.get("by", SYSTEM))
            note_event(connection, found.pk, "started", source=source, now=now)
        _queue(connection, job, at=now, after=last or 0)

    def _call(self, connection: Connection, job: Job, found: CampaignRow, *, now: datetime) -> None:
        agent = agent_of_call(connection, found.agent_pk)
        if agent.archived_at is not None:
            _fail(connection, found, AgentArchived(agent.slug).message, now=now)
            return
        free = free_lines(connection, found.account_pk, found.agent_pk, limit=self._lines)
        room = min(_PLACED_AT_ONCE, free - count_queued(connection, found.agent_pk))
        if room > 0:
            try:
                self._place(connection, found, room=room, now=now)
            except (Conflict, NotFound) as error:  # of the agent or the number: every other call would fail as well
                _fail(connection, found, error.message, now=now)
                return
        at = _next_step(connection, found.pk, now=now)
        if at is not None:
            _queue(connection, job, at=at)
            return
        change_campaign(
            connection, found.pk, now=now, status=CampaignStatus.COMPLETED.value, runner=None, finished_at=now
        )
        standing = count_standing(connection, found.pk)
        counts = {state.value: standing.of(state) for state in MemberState if standing.of(state)}
        note_event(connection, found.pk, "completed", source=SYSTEM, now=now, content={**counts})

    def _place(self, connection: Connection, found: CampaignRow, *, room: int, now: datetime) -> None:
        campaign = found.campaign
        for due in due_members(connection, found.pk, limit=_LOOKED_AT_ONCE, now=now):
            if is_barred(connection, found.account_pk, found.agent_pk, due.phone):
                skip_member(connection, due.pk, now=now)
                continue
            allowed = next_allowed(due.phone, campaign.calling_hours, now)
            if allowed > now:
                postpone(connection, due.pk, due_at=allowed, now=now)
                continue
            self._place_one(connection, found, due, now=now)
            room -= 1
            if room == 0:
                return

    def _place_one(self, connection: Connection, found: CampaignRow, due: Due, *, now: datetime) -> None:
        numbers = found.campaign.number_ids
        new = NewCall(
            agent=found.campaign.agent_id,
            to_number=due.phone,
            number_id=numbers[due.pk % len(numbers)] if numbers else None,
            variables=due.variables,
        )
        root = first_call(connection, due.pk) if due.attempts else None
        series = Series(found.pk, due.pk, due.attempts, root)
        call_pk, _ = place(connection, found.account_pk, new, now=now, campaign=series)
        note_calling(connection, due.pk, call_pk, now=now)


def _mine(connection: Connection, job: Job) -> CampaignRow | None:
    """The campaign, locked; None where this job is not the one that carries it on any more."""
    try:
        found = lock_campaign(connection, job.payload["account"], job.payload["campaign"])
    except CampaignNotFound:
        return None
    return found if found.runner == job.payload["runner"] else None


def _next_step(connection: Connection, campaign_pk: int, *, now: datetime) -> datetime | None:
    """When to look again; None where nobody is left to be called."""
    if count_calling(connection, campaign_pk):
        return now + _POLL
    due = next_due(connection, campaign_pk)
    return None if due is None else min(max(due, now + _POLL), now + _LONGEST)


def _queue(connection: Connection, job: Job, *, at: datetime, after: int = 0) -> None:
    add_job(connection, CAMPAIGN, {**job.payload, "after": after}, call_pk=None, now=at)


def _fail(connection: Connection, found: CampaignRow, why: str, *, now: datetime) -> None:
    failed = CampaignStatus.FAILED.value
    change_campaign(connection, found.pk, now=now, status=failed, runner=None, failed_at=now, error=why)
    note_event(connection, found.pk, "failed", source=SYSTEM, now=now, content={"error": why})
