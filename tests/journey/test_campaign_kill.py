"""`kill -9` of a worker in the middle of a campaign: another goes on, and nobody is called twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.live_server import wait_until
from tests.outbound.dial_stage import DialStage, chatty
from tests.processes import Running, start

from postcall.domain.outbound import CampaignStatus, DialState, MemberState
from postcall.storage.database import Record
from postcall.testing import ScriptedModel

REST = [
    "user: Hello, this is Ada.",
    "agent: Nice, how are you?",
    "user: I would take two, thank you. Bye.",
    "agent: Nice, how are you?",
]
PEOPLE = [f"+141555501{number:02}" for number in range(24)]


def test_a_campaign_outlives_its_worker_and_calls_nobody_twice(record: Record, tmp_path: Path) -> None:
    stage = DialStage(record, tmp_path)
    stage.add_seller()
    campaign_id = stage.add_campaign(*PEOPLE)
    with ScriptedModel(latency=0.1) as model:
        chatty(model)
        env = {
            "POSTCALL_DATABASE_URL": record.url,
            "POSTCALL_LLM_BASE_URL": model.url,
            "POSTCALL_LLM_MODEL": "scripted",
            "POSTCALL_CALLS_AT_ONCE": "6",
        }
        worker = start(tmp_path / "data", "worker", env=env)
        try:
            wait_until(
                lambda: in_the_middle(stage, campaign_id), what=lambda: states(stage, campaign_id), patience_s=60
            )
            before = [call.id for call in stage.all_calls()]
            worker.kill()
            half = [call.id for call in stage.all_calls() if stage.placed(call.id).state is not DialState.OVER]
            assert half  # it was killed in the middle of these
            worker = start(tmp_path / "data", "worker", env=env)
            wait_until(
                lambda: stage.campaign(campaign_id).status is CampaignStatus.COMPLETED,
                what=lambda: states(stage, campaign_id),
                patience_s=90,
            )
        finally:
            end(worker)
    calls = stage.all_calls()
    assert [call.id for call in calls][: len(before)] == before
    assert sorted(call.to_number for call in calls) == sorted(PEOPLE)  # one call each
    assert states(stage, campaign_id) == {MemberState.REACHED: len(PEOPLE)}
    for call in calls:
        said = stage.said(call.id)
        assert call.status == "completed"
        assert said[:5] == [f"agent: Hello User {PEOPLE.index(call.to_number)}!", *REST]
        # Whoever was killed between their last words and hanging up is asked what they say next, and may repeat them.
        assert said[5:] == [] or (call.id in half and said[5:] == REST[-2:]), said


def in_the_middle(stage: DialStage, campaign_id: str) -> bool:
    """Some have been called, some are on the line, some wait."""
    counts = states(stage, campaign_id)
    talking = [call for call in stage.all_calls() if stage.placed(call.id).state is DialState.TALKING]
    return bool(counts[MemberState.REACHED] and counts[MemberState.WAITING] and talking)


def states(stage: DialStage, campaign_id: str) -> Counter[str]:
    return Counter(member.state for member in stage.members(campaign_id))


def end(worker: Running) -> None:
    if worker.process.poll() is None:
        worker.end()
