"""Whoever does not want to be called is not called again, by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.live_server import real_time
from tests.outbound.dial_stage import PHONE, DialStage, until

from postcall.domain.audiences import Barred
from postcall.domain.outbound import HANGS_UP, CampaignStatus, DialState, MemberState
from postcall.errors import BadInput
from postcall.storage.database import Record
from postcall.storage.do_not_call import bar, list_barred
from postcall.testing import ScriptedModel

OTHER = "+14155550101"


@pytest.fixture
def stage(record: Record, tmp_path: Path) -> DialStage:
    made = DialStage(record, tmp_path)
    made.add_seller()
    return made


def barred(stage: DialStage) -> list[Barred]:
    return list(stage.record.read(lambda c: list_barred(c, stage.pk, limit=10)).entries)


def call_once(stage: DialStage, says: str, **more: object) -> str:
    """Call somebody who says this and hangs up; the call's id."""

    async def walk() -> str:
        call_id = stage.place(**more)
        async with stage.working():
            await until(lambda: stage.placed(call_id).state is DialState.OVER)
        return call_id

    with ScriptedModel() as model:
        model.when_callee().reply(f"{says} {HANGS_UP}")
        model.otherwise("I see. Goodbye.")
        stage.model = model.url
        return run_aside(walk())


def test_whoever_says_so_in_a_call_is_called_by_no_agent_again(stage: DialStage) -> None:
    call_id = call_once(stage, "I am not interested. Please don't call me again.")
    [entry] = barred(stage)
    assert (entry.phone, entry.source, entry.call_id, entry.agent_id) == (PHONE, "call", call_id, None)
    stage.add_seller(name="another")
    with pytest.raises(BadInput, match="do-not-call"):
        stage.place(agent="another")


def test_whoever_is_only_busy_is_not_put_on_the_list(stage: DialStage) -> None:
    call_once(stage, "I am busy, don't call me before noon.")
    assert barred(stage) == []


def test_a_test_call_puts_nobody_on_the_list(stage: DialStage) -> None:
    call_once(stage, "Please don't call me again.", test=True)
    assert barred(stage) == []


def test_somebody_put_on_the_list_while_their_call_waits_for_a_line_is_not_called(stage: DialStage) -> None:
    async def walk() -> None:
        campaign_id = stage.add_campaign(PHONE, OTHER)
        await stage.place_only(until_calls=2)
        stage.record.write(lambda c: bar(c, stage.pk, PHONE, now=real_time()))
        async with stage.working() as bell:
            await until(lambda: stage.campaign(campaign_id).status is CampaignStatus.COMPLETED)
        assert bell.numbers == [OTHER]
        states = [(member.state, member.attempts) for member in stage.members(campaign_id)]
        assert states == [(MemberState.SKIPPED, 0), (MemberState.REACHED, 1)]
        [first, _] = stage.all_calls()
        assert first.status == "cancelled"
        assert "do-not-call list" in stage.placed(first.id).failure

    with ScriptedModel() as model:
        model.when_callee().reply(f"Yes. {HANGS_UP}")
        model.otherwise("I see. Goodbye.")
        stage.model = model.url
        run_aside(walk())
