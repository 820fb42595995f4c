"""An agent that is one prompt, an audience and a worker, over a real record with a scripted model, in a line or two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.builders import Desk
from tests.live_server import real_time

from postcall.domain.agents import VersionConfig
from postcall.domain.calls import Transcript
from postcall.domain.ids import new_object_id
from postcall.domain.outbound import HANGS_UP, Campaign, Dialled, DialOutcome, NewCall
from postcall.hosts import open_hosting
from postcall.jobs.backoff import Backoff
from postcall.jobs.worker import Worker
from postcall.outbound.campaigns import create_campaign, start_campaign
from postcall.outbound.carrier import Carrier, Placing
from postcall.outbound.dialling import DialCall
from postcall.outbound.placing import place_call
from postcall.outbound.running import RunCampaign
from postcall.outbound.simulated import SimulatedCarrier
from postcall.runtime.hosting import HostedCall
from postcall.runtime.hosting.end_job import EndCall
from postcall.runtime.prompt_agents import with_project
from postcall.services import Services
from postcall.settings import ModelSettings, Settings
from postcall.storage.agents import create_agent, find_agent_row
from postcall.storage.audiences import find_audience_row
from postcall.storage.call_views import read_call
from postcall.storage.campaigns import NewCampaign, find_campaign
from postcall.storage.database import Record
from postcall.storage.outbound_schema import audience_members, audiences, campaign_members
from postcall.storage.placed_calls import placed_call
from postcall.storage.schema import calls
from postcall.testing import ScriptedModel

SELLER = "seller"
PHONE = "+14155550100"


def chatty(model: ScriptedModel) -> None:
    """Whoever is called answers once and hangs up with the second remark; the agent has something to say to all."""
    model.when_callee("how are you").reply(f"I would take two, thank you. Bye. {HANGS_UP}")
    model.when_callee().reply("Hello, this is Ada.")
    model.otherwise("Nice, how are you?")


@dataclass
class Bell:
    """A carrier that keeps who it rang, and with whom it talked; others may decide how each call ends."""

    inner: Carrier
    outcomes: Callable[[Placing], DialOutcome] = lambda _: DialOutcome.ANSWERED
    rang: list[str] = field(default_factory=list)
    """By call."""
    numbers: list[str] = field(default_factory=list)
    name: str = "simulated"

    async def dial(self, placing: Placing) -> Dialled:
        self.rang.append(placing.call_id)
        self.numbers.append(placing.to_number)
        return Dialled(self.outcomes(placing))

    async def talk(self, placing: Placing, call: HostedCall, *, said: Transcript) -> None:
        await self.inner.talk(placing, call, said=said)


@dataclass
class DialStage:
    """The agent `seller` of the default account."""

    record: Record
    folder: Path
    model: str | None = None
    """The scripted model's address."""
    lines: int = 20
    late: timedelta = timedelta(0)
    """How far the clock is ahead: retries need not be waited for."""

    def __post_init__(self) -> None:
        self.pk = Desk(self.record).pk

    def now(self) -> datetime:
        return datetime.now(UTC) + self.late

    @property
    def services(self) -> Services:
        settings = Settings(self.folder, self.record.url, None, None, calls_at_once=self.lines)
        if self.model is not None:
            settings = replace(settings, model=ModelSettings(base_url=self.model, model="scripted", api_key="none"))
        return Services(record=self.record, settings=settings, clock=self.now)

    def add_seller(self, *, name: str = SELLER, variables: dict[str, Any] | None = None) -> int:
        """Make an agent; its key."""

        def work(connection: Connection) -> int:
            config = VersionConfig(prompt="Sell {{thing}}.", greeting="Hello {{firstName}}!", variables=variables or {})
            config = with_project(connection, self.pk, name, config, now=real_time())
            create_agent(connection, self.pk, slug=name, name=name, config=config, now=real_time())
            return int(find_agent_row(connection, self.pk, name).pk)

        return self.record.write(work)

    def place(self, **more: Any) -> str:
        """Queue a call of the seller."""
        new = NewCall(**{"agent": SELLER, "to_number": PHONE, "variables": {"firstName": "Ada"}, **more})
        return self.record.write(lambda c: place_call(c, self.pk, new, now=self.now()))

    def add_audience(self, *phones: str) -> str:
        """People who are known by their numbers; the id of the audience."""

        def work(connection: Connection) -> str:
            now, audience_id = real_time(), new_object_id()
            row = {"account_pk": self.pk, "id": audience_id, "name": "Leads", "description": "", "created_at": now}
            row |= {"phone_column": "phoneNumber", "updated_at": now}
            pk = connection.execute(sa.insert(audiences).values(row)).inserted_primary_key[0]  # type: ignore[index]
            rows = [
                {
                    "audience_pk": pk,
                    "id": new_object_id(),
                    "phone": phone,
                    "data": {"firstName": f"User {number}", "phoneNumber": phone},
                    "created_at": now,
                }
                for number, phone in enumerate(phones)
            ]
            for first in range(0, len(rows), 5_000):
                connection.execute(sa.insert(audience_members), rows[first : first + 5_000])
            return audience_id

        return self.record.write(work)

    def add_campaign(self, *phones: str, start: bool = True, agent: str = SELLER, **more: Any) -> str:
        """A campaign that calls these numbers; its id."""
        audience_id = self.add_audience(*phones)

        def work(connection: Connection) -> str:
            audience = find_audience_row(connection, self.pk, audience_id)
            agent_pk = find_agent_row(connection, self.pk, agent).pk
            new = NewCampaign("Spring", agent_pk, audience.pk, audience_id, "Leads", **{"max_retries": 0, **more})
            return create_campaign(connection, self.pk, new, now=self.now()).campaign.id

        campaign_id = self.record.write(work)
        if start:
            self.start(campaign_id)
        return campaign_id

    def start(self, campaign_id: str) -> str:
        return self.record.write(lambda c: start_campaign(c, self.pk, campaign_id, by="test", now=self.now()))

    def campaign(self, campaign_id: str) -> Campaign:
        return self.record.read(lambda c: find_campaign(c, self.pk, campaign_id).campaign)

    def members(self, campaign_id: str) -> list[Any]:
        """Rows, in the audience's order."""

        def read(connection: Connection) -> list[Any]:
            pk = find_campaign(connection, self.pk, campaign_id).pk
            mine = sa.select(campaign_members).where(campaign_members.c.campaign_pk == pk)
            return list(connection.execute(mine.order_by(campaign_members.c.pk)))

        return self.record.read(read)

    def call(self, call_id: str) -> Any:
        return self.record.read(lambda c: read_call(c, self.pk, call_id)).call

    def said(self, call_id: str) -> list[str]:
        """The transcript, a turn a line."""
        file = self.record.read(lambda c: read_call(c, self.pk, call_id))
        return [f"{turn.role}: {turn.text}" for turn in file.turns]

    def placed(self, call_id: str) -> Any:
        """What is known of it as a placed call."""

        def read(connection: Connection) -> Any:
            pk = connection.execute(sa.select(calls.c.pk).where(calls.c.id == call_id)).scalar_one()
            return placed_call(connection, pk)

        return self.record.read(read)

    def all_calls(self) -> list[Any]:
        """Rows, the oldest first."""
        return self.record.read(lambda c: list(c.execute(sa.select(calls).order_by(calls.c.pk))))

    async def place_only(self, *, until_calls: int) -> None:
        """Let campaigns place so many calls, in a process that dials none."""
        runner = RunCampaign(lines=self.lines, clock=self.now)
        worker = Worker(self.record, [runner], clock=self.now, random=Random(1))
        task = asyncio.create_task(worker.run())
        await until(lambda: len(self.all_calls()) == until_calls)
        worker.stop()
        await task

    @asynccontextmanager
    async def working(
        self,
        *,
        bell: Bell | None = None,
        rates: dict[DialOutcome, float] | None = None,
        lease_s: float = 15.0,
        backoff: Backoff | None = None,
    ) -> AsyncIterator[Bell]:
        """A worker until the block ends; what it rang."""
        services = self.services
        hosting = open_hosting(services)
        simulated = SimulatedCarrier(hosting.workplace.model, rates or {DialOutcome.ANSWERED: 1.0})
        if bell is None:
            bell = Bell(simulated)
        bell.inner = simulated
        carriers: Sequence[Carrier] = [simulated if rates else bell]
        worker = Worker(
            self.record,
            [
                EndCall(hosting.workplace),
                DialCall(services, hosting, carriers),
                RunCampaign(lines=self.lines, clock=services.clock),
            ],
            clock=services.clock,
            random=Random(1),
            lease_s=lease_s,
            backoff=backoff,
        )
        task = asyncio.create_task(worker.run())
        try:
            yield bell
        finally:
            worker.stop()
            await task
            await hosting.close()


async def until(look: Callable[[], Any], *, patience_s: float = 30.0) -> Any:
    """What `look` returns once it is true."""
    async with asyncio.timeout(patience_s):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found
