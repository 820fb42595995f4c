"""What `postcall chat` does after its call, on a record where other calls wait for their workers too."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import Stage, now, take

from postcall.cli.chat_ending import run_end_function
from postcall.domain.conversations import EventKind
from postcall.runtime.hosting import Hosting
from postcall.storage.database import Record
from postcall.storage.jobs import END_FUNCTION, Job, claim_jobs

ENDS = "from _gen import *\n\n\ndef end_function(conv: Conversation):\n    conv.log.info('ended')\n"


@pytest.fixture
def stage(record: Record, tmp_path: Path) -> Stage:
    stage = Stage(record, tmp_path)
    stage.push({"functions/end_function.py": ENDS})
    return stage


async def over(stage: Stage, hosting: Hosting) -> str:
    """A call that has just ended."""
    call = await stage.open(hosting)
    await take(call.hang_up())
    return call.id


def times_ended(stage: Stage, call_id: str) -> int:
    return [line.content["content"] for line in stage.events(call_id, EventKind.LOG)].count("ended")


def claim(stage: Stage, lease_s: float) -> list[Job]:
    return stage.record.write(lambda c: claim_jobs(c, END_FUNCTION, limit=9, lease_s=lease_s, now=now()))


def test_only_its_own_call_is_finished_and_the_others_wait_for_their_worker(stage: Stage) -> None:
    async def talk() -> tuple[str, str]:
        async with stage.hosting() as hosting:
            customers, mine = await over(stage, hosting), await over(stage, hosting)
            await run_end_function(stage.services, hosting, stage.desk.pk, mine)
            return customers, mine

    customers, mine = run_aside(talk())
    assert (times_ended(stage, customers), times_ended(stage, mine)) == (0, 1)
    (waiting,) = claim(stage, 15)
    assert waiting.attempts == 1, "nobody had begun it"


def test_a_job_that_a_dead_worker_holds_is_taken_over_and_only_if_it_is_this_calls(stage: Stage) -> None:
    async def talk() -> tuple[str, str]:
        async with stage.hosting() as hosting:
            customers, mine = await over(stage, hosting), await over(stage, hosting)
            assert len(claim(stage, -1)) == 2
            await run_end_function(stage.services, hosting, stage.desk.pk, mine)
            return customers, mine

    customers, mine = run_aside(talk())
    assert (times_ended(stage, customers), times_ended(stage, mine)) == (0, 1)
    assert claim(stage, 15) == [], "the other one is not given back here"
