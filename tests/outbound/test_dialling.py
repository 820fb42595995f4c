"""A placed call, from the queue to its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.outbound.dial_stage import SELLER, DialStage, chatty, until

from postcall.configure.archiving import archive_agent
from postcall.domain.outbound import DialOutcome, DialState
from postcall.jobs.backoff import Backoff
from postcall.storage.database import Record
from postcall.testing import ScriptedModel


@pytest.fixture
def stage(record: Record, tmp_path: Path) -> DialStage:
    made = DialStage(record, tmp_path)
    made.add_seller()
    return made


def over(stage: DialStage, call_id: str) -> bool:
    return bool(stage.placed(call_id).state is DialState.OVER)


def test_a_call_is_dialled_talked_through_and_over(stage: DialStage) -> None:
    async def walk() -> None:
        call_id = stage.place()
        assert stage.placed(call_id).state is DialState.QUEUED
        async with stage.working() as bell:
            await until(lambda: over(stage, call_id))
        assert bell.rang == [call_id]
        assert stage.said(call_id) == [
            "agent: Hello Ada!",
            "user: Hello, this is Ada.",
            "agent: Nice, how are you?",
            "user: I would take two, thank you. Bye.",
            "agent: Nice, how are you?",
        ]
        details = stage.call(call_id).details
        assert (details.status, details.disconnection_reason) == ("completed", "user_hangup")
        assert (details.direction, details.to_number) == ("outbound", "+14155550100")
        assert stage.placed(call_id).answered_at is not None

    with ScriptedModel() as model:
        chatty(model)
        stage.model = model.url
        run_aside(walk())


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        (DialOutcome.BUSY, "busy", "busy"),
        (DialOutcome.NO_ANSWER, "no_answer", "no_answer"),
        (DialOutcome.VOICEMAIL, "no_answer", "voicemail"),
        (DialOutcome.FAILED, "failed", "error"),
    ],
)
def test_nobody_answers(stage: DialStage, outcome: DialOutcome, status: str, reason: str) -> None:
    async def walk() -> None:
        call_id = stage.place()
        async with stage.working(rates={outcome: 1.0}):
            await until(lambda: over(stage, call_id))
        details = stage.call(call_id).details
        assert (details.status, details.disconnection_reason, details.duration_s) == (status, reason, None)
        assert stage.said(call_id) == []

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())
        assert model.count == 0


def test_an_agent_that_was_archived_meanwhile_rings_nobody(stage: DialStage) -> None:
    async def walk() -> None:
        call_id = stage.place()
        stage.record.write(lambda c: archive_agent(c, stage.pk, SELLER, now=stage.now()))
        async with stage.working() as bell:
            await until(lambda: over(stage, call_id))
        assert bell.rang == []
        assert stage.call(call_id).details.status == "failed"
        assert "is archived" in stage.placed(call_id).failure

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())


def test_a_call_whose_model_stays_away_fails_in_words_and_frees_its_line(stage: DialStage) -> None:
    async def walk() -> None:
        call_id = stage.place()
        async with stage.working(backoff=Backoff(first_s=0.01)):
            await until(lambda: over(stage, call_id))
        assert stage.call(call_id).details.status == "failed"
        assert "500" in stage.placed(call_id).failure
        assert stage.said(call_id) == ["agent: Hello Ada!"]

    with ScriptedModel() as model:
        model.when_callee().fail(500)
        stage.model = model.url
        run_aside(walk())
