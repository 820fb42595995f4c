"""Campaigns that run: whom they call, how often, and when they stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.aside import run_aside
from tests.outbound.dial_stage import SELLER, Bell, DialStage, chatty, until

from postcall.domain.audiences import Reservation
from postcall.domain.calls import CallStatus
from postcall.domain.outbound import (
    CallingHours,
    CampaignStatus,
    DialOutcome,
    DialState,
    MemberState,
)
from postcall.outbound.campaigns import delete_campaign, pause_campaign, stop_campaign
from postcall.outbound.simulated import SimulatedCarrier
from postcall.storage.agents import find_agent_row
from postcall.storage.campaign_members import measure
from postcall.storage.campaigns import events_of_campaign, find_campaign
from postcall.storage.concurrency import reserve_lines
from postcall.storage.database import Record
from postcall.storage.do_not_call import bar
from postcall.storage.live_calls import end_silent_calls
from postcall.storage.schema import agents
from postcall.testing import ScriptedModel

ADA, BOB, EVE = "+14155550100", "+14155550101", "+14155550102"


@pytest.fixture
def stage(record: Record, tmp_path: Path) -> DialStage:
    made = DialStage(record, tmp_path)
    made.add_seller()
    return made


def ended(stage: DialStage, campaign_id: str, status: CampaignStatus = CampaignStatus.COMPLETED) -> bool:
    return stage.campaign(campaign_id).status is status


def states(stage: DialStage, campaign_id: str) -> list[str]:
    return [member.state for member in stage.members(campaign_id)]


def waits_after(stage: DialStage, campaign_id: str, calls: int) -> bool:
    return [(each.state, each.attempts) for each in stage.members(campaign_id)] == [(MemberState.WAITING, calls)]


def nobody(outcome: DialOutcome) -> Bell:
    """A carrier by which nobody is reached."""
    return Bell(SimulatedCarrier(None, {}), outcomes=lambda _: outcome)


def test_everybody_is_called_once_and_the_campaign_completes(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA, BOB)
        async with stage.working() as bell:
            await until(lambda: ended(stage, campaign_id))
        assert sorted(bell.numbers) == [ADA, BOB]
        assert states(stage, campaign_id) == [MemberState.REACHED] * 2
        said = [stage.said(call.id) for call in stage.all_calls()]
        assert [each[0] for each in said] == ["agent: Hello User 0!", "agent: Hello User 1!"]
        assert all(call.status == CallStatus.COMPLETED for call in stage.all_calls())
        events = stage.record.read(lambda c: events_of_campaign(c, find_campaign(c, stage.pk, campaign_id).pk))
        assert [(event.action, event.source) for event in events] == [("started", "test"), ("completed", "system")]

    with ScriptedModel() as model:
        chatty(model)
        stage.model = model.url
        run_aside(walk())


def test_whoever_does_not_answer_is_called_again_after_the_delay_and_at_most_so_often(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA, max_retries=2, retry_delay_s=600)
        async with stage.working(bell=nobody(DialOutcome.BUSY)) as bell:
            for times in (1, 2):
                await until(partial(waits_after, stage, campaign_id, times))
                [member] = stage.members(campaign_id)
                assert member.due_at > stage.now() + timedelta(seconds=590)
                assert ended(stage, campaign_id, CampaignStatus.RUNNING)
                stage.late += timedelta(seconds=601)
                # The runner looks twice a minute of its own clock; one that is started again looks at once.
                stage.record.write(lambda c: pause_campaign(c, stage.pk, campaign_id, by="test", now=stage.now()))
                stage.start(campaign_id)
            await until(lambda: ended(stage, campaign_id))
        assert len(bell.rang) == 3
        assert states(stage, campaign_id) == [MemberState.MISSED]
        first, *more = stage.all_calls()
        placed = [stage.placed(call.id) for call in (first, *more)]
        assert [(each.attempt, each.root_id) for each in placed] == [(0, None), (1, first.id), (2, first.id)]

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_without_a_model_calls_fail_at_once_in_words_and_are_not_tried_again(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA, max_retries=3)
        async with stage.working() as bell:
            await until(lambda: ended(stage, campaign_id))
        [call] = stage.all_calls()
        assert (call.status, bell.rang) == ("failed", [])
        assert "no model is configured" in stage.placed(call.id).failure

    run_aside(walk())


def test_whoever_is_not_to_be_called_is_left_out(stage: DialStage) -> None:
    async def walk() -> None:
        stage.record.write(lambda c: bar(c, stage.pk, BOB, now=stage.now()))
        campaign_id = stage.add_campaign(ADA, BOB)
        async with stage.working(bell=nobody(DialOutcome.NO_ANSWER)) as bell:
            await until(lambda: ended(stage, campaign_id))
        assert bell.numbers == [ADA]
        assert states(stage, campaign_id) == [MemberState.MISSED, MemberState.SKIPPED]

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_people_are_called_within_the_hours_of_where_they_are(stage: DialStage) -> None:
    async def walk() -> None:
        now = stage.now()
        stage.late = now.replace(hour=7, minute=0) + timedelta(days=1) - now  # 7:00 in London or 8:00, by the season
        hours = CallingHours("09:30", "18:00")
        campaign_id = stage.add_campaign("+442079460000", "+919876543210", calling_hours=hours)
        async with stage.working(bell=nobody(DialOutcome.BUSY)) as bell:
            await until(lambda: states(stage, campaign_id) == [MemberState.WAITING, MemberState.MISSED])
            assert bell.numbers == ["+919876543210"]  # half past twelve there
            london, _ = stage.members(campaign_id)
            assert timedelta(hours=1) < london.due_at - stage.now() < timedelta(hours=3)
            stage.late += timedelta(hours=3)
            # The runner waits for that moment, or half a minute: a campaign that is started again looks at once.
            stage.record.write(lambda c: pause_campaign(c, stage.pk, campaign_id, by="test", now=stage.now()))
            stage.start(campaign_id)
            await until(lambda: ended(stage, campaign_id))
        assert bell.numbers[1:] == ["+442079460000"]

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_more_calls_than_lines_wait_their_turn(stage: DialStage) -> None:
    stage.lines = 2
    most = 0

    async def walk() -> None:
        nonlocal most

        def on_lines(_: object) -> DialOutcome:
            nonlocal most
            busy = [each for each in stage.all_calls() if stage.placed(each.id).state is DialState.DIALLING]
            most = max(most, len(busy))
            return DialOutcome.BUSY

        single = [stage.place(to_number=f"+1415555010{number}") for number in range(6)]
        campaign_id = stage.add_campaign(ADA, BOB, EVE)
        async with stage.working(bell=Bell(SimulatedCarrier(None, {}), outcomes=on_lines)) as bell:
            await until(lambda: ended(stage, campaign_id))
            await until(lambda: all(stage.placed(each).state is DialState.OVER for each in single))
        assert len(bell.rang) == 9
        assert 1 <= most <= 2

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_lines_that_are_kept_for_another_agent_stay_free(stage: DialStage) -> None:
    stage.lines = 1

    async def walk() -> None:
        stage.add_seller(name="nurse")
        nurse = stage.record.read(lambda c: find_agent_row(c, stage.pk, "nurse"))
        kept = Reservation(nurse.id, "nurse", webcall=0, outbound=1, inbound=0, chat=0)
        stage.record.write(lambda c: reserve_lines(c, stage.pk, [kept], limit=1))
        campaign_id = stage.add_campaign(ADA)
        urgent = stage.place(agent="nurse", to_number=EVE)
        async with stage.working(bell=nobody(DialOutcome.BUSY)) as bell:
            await until(lambda: stage.placed(urgent).state is DialState.OVER)
            assert bell.numbers == [EVE]
            stage.record.write(lambda c: reserve_lines(c, stage.pk, [replace(kept, outbound=0)], limit=1))
            await until(lambda: ended(stage, campaign_id))
        assert bell.numbers == [EVE, ADA]

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_a_paused_campaign_takes_back_what_was_not_dialled_and_calls_it_later(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA, BOB)
        await stage.place_only(until_calls=2)
        stage.record.write(lambda c: pause_campaign(c, stage.pk, campaign_id, by="test", now=stage.now()))
        assert states(stage, campaign_id) == [MemberState.WAITING] * 2
        assert stage.campaign(campaign_id).cancelled_calls == 2
        assert [call.status for call in stage.all_calls()] == ["cancelled"] * 2
        async with stage.working(bell=nobody(DialOutcome.BUSY)) as bell:
            stage.start(campaign_id)
            stage.start(campaign_id)
            await until(lambda: ended(stage, campaign_id))
        assert sorted(bell.numbers) == [ADA, BOB]
        assert [stage.placed(call.id).attempt for call in stage.all_calls()] == [0] * 4
        measured = stage.record.read(lambda c: measure(c, find_campaign(c, stage.pk, campaign_id).pk, participants=2))
        assert (measured.called, measured.connected) == (2, 0)

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_a_stopped_campaign_calls_nobody_any_more(stage: DialStage) -> None:
    async def walk() -> None:
        stage.lines = 1
        campaign_id = stage.add_campaign(ADA, BOB, EVE)
        await stage.place_only(until_calls=1)
        stage.record.write(lambda c: stop_campaign(c, stage.pk, campaign_id, by="test", now=stage.now()))
        async with stage.working(bell=nobody(DialOutcome.BUSY)) as bell:
            await until(lambda: states(stage, campaign_id) == [MemberState.SKIPPED] * 3)
        assert bell.rang == []
        assert stage.campaign(campaign_id).status is CampaignStatus.CANCELLED

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_a_deleted_campaign_leaves_its_calls(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA)
        await stage.place_only(until_calls=1)
        stage.record.write(lambda c: delete_campaign(c, stage.pk, campaign_id, now=stage.now()))
        [call] = stage.all_calls()
        assert (call.status, stage.placed(call.id).campaign_id) == ("cancelled", campaign_id)

    run_aside(walk())


def test_a_scheduled_campaign_begins_when_its_time_has_come(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA, start=False, scheduled_at=stage.now() + timedelta(hours=1))
        async with stage.working(bell=nobody(DialOutcome.BUSY)) as bell:
            assert ended(stage, campaign_id, CampaignStatus.SCHEDULED)
            stage.late = timedelta(hours=1, seconds=1)
            await until(lambda: ended(stage, campaign_id))
        assert bell.numbers == [ADA]

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_a_campaign_whose_agent_is_put_away_fails_and_says_why(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(ADA)
        stage.record.write(
            lambda c: c.execute(sa.update(agents).where(agents.c.slug == SELLER).values(archived_at=stage.now()))
        )
        async with stage.working():
            await until(lambda: ended(stage, campaign_id, CampaignStatus.FAILED))
        assert "is archived" in (stage.campaign(campaign_id).error or "")
        assert stage.all_calls() == []

    run_aside(walk())


def test_calls_that_wait_for_a_line_are_not_ended_for_being_silent(stage: DialStage) -> None:
    call_id = stage.place()
    later = stage.now() + timedelta(days=1)
    assert stage.record.write(lambda c: end_silent_calls(c, silent_since=later, now=later)) == 0
    assert stage.call(call_id).details.status is CallStatus.PENDING
