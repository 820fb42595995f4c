"""What follows a hosted call: its end_function however it ended, the extraction, and what is left of a broken run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import AGENT, Stage, now, take

from postcall.domain.conversations import EventKind
from postcall.domain.views import ExtractionState
from postcall.runtime.hosting.end_job import EndCall
from postcall.storage.agents import find_agent_row
from postcall.storage.call_events import failed_functions
from postcall.storage.database import Record
from postcall.storage.jobs import END_FUNCTION, claim_jobs
from postcall.storage.live_calls import end_call, end_silent_calls
from postcall.testing import Calls, Says, ScriptedModel

FUNCTION = "from _gen import *\n\n\n"


def end_function(body: str) -> dict[str, str | bytes | None]:
    """A project whose end_function does this."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return {"functions/end_function.py": f"{FUNCTION}import time\n\n\ndef end_function(conv: Conversation):\n{lines}"}


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(default=Says("Certainly.")) as scripted:
        yield scripted


@pytest.fixture
def stage(record: Record, tmp_path: Path, model: ScriptedModel) -> Stage:
    return Stage(record, tmp_path, model.url)


def metrics_of(stage: Stage, call_id: str) -> dict[str, tuple[object, ...]]:
    return {metric.name: metric.values for metric in stage.desk.read(call_id).metrics if metric.source != "built-in"}


@pytest.mark.parametrize("how", ["hang up", "silence for too long", "ended over the API", "agent hangs up"])
def test_the_end_function_runs_however_the_call_ended(stage: Stage, model: ScriptedModel, how: str) -> None:
    stage.push(
        {
            **end_function(
                "conv.write_metric('SPOKEN', len(conv.history))\nconv.write_metric('NOTE', conv.state.note)"
            ),
            "functions/start_function.py": FUNCTION
            + "def start_function(conv: Conversation):\n    conv.state.note = 'kept'\n",
            "functions/start_order.py": FUNCTION + '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
            "    return {'utterance': 'Goodbye.', 'hangup': True}\n",
        }
    )
    account_pk = stage.desk.pk

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            if how == "agent hangs up":
                model.reply(Calls("start_order"))
            await take(call.hear("Hello."))
            if how == "hang up":
                await take(call.hang_up())
            elif how == "silence for too long":
                later = now() + timedelta(hours=1)
                stage.record.write(lambda c: end_silent_calls(c, silent_since=later, now=now()))
            elif how == "ended over the API":
                ending = {"status": "completed", "ended_at": now(), "duration_s": 1.0}
                stage.record.write(lambda c: end_call(c, account_pk, call.id, ending, now=now()))
            waiting = stage.desk.read(call.id)
            assert waiting.progress.state is ExtractionState.QUEUED
            assert "end_function" in (waiting.progress.reason or "")
            await stage.work(hosting)
            return call.id

    call_id = run_aside(talk())
    assert metrics_of(stage, call_id) == {"SPOKEN": (3,), "NOTE": ("kept",)}
    assert "end_function" not in (stage.desk.read(call_id).progress.reason or "")
    (event,) = [each for each in stage.events(call_id, EventKind.FUNCTION) if each.content["name"] == "end_function"]
    assert not event.failed
    assert isinstance(event.content["seconds"], float)


def test_what_an_end_function_raises_is_kept_and_the_questions_are_asked_all_the_same(stage: Stage) -> None:
    stage.push(
        end_function(
            "conv.write_metric('BEFORE', 1)\nconv.log.info('about to fail')\nraise ValueError('no such order')"
        )
    )

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("Hello."))
            await take(call.hang_up())
            await stage.work(hosting)
            return call.id

    call_id = run_aside(talk())
    (event,) = [each for each in stage.events(call_id, EventKind.FUNCTION) if each.content["name"] == "end_function"]
    error = event.content["error"]
    assert event.failed
    assert isinstance(error, dict)
    assert "no such order" in str(error["message"])
    assert "functions/end_function.py" in str(error["trace"])
    assert "about to fail" in [line.content["content"] for line in stage.events(call_id, EventKind.LOG)]
    assert metrics_of(stage, call_id) == {"BEFORE": (1,)}
    assert stage.desk.read(call_id).progress.state is ExtractionState.QUEUED
    account_pk = stage.desk.pk
    agent_pk = stage.record.read(lambda c: find_agent_row(c, account_pk, AGENT).pk)
    (failed,) = stage.record.read(lambda c: failed_functions(c, agent_pk, since=now() - timedelta(hours=1)))
    assert (failed.name, failed.times, failed.last_call) == ("end_function", 1, call_id)


def test_an_end_function_that_never_ends_is_stopped_and_the_questions_are_asked(stage: Stage) -> None:
    stage.end_limit_s = 1.0
    stage.push(end_function("conv.write_metric('BEFORE', 1)\nwhile True:\n    pass"))

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("Hello."))
            await take(call.hang_up())
            await stage.work(hosting)
            return call.id

    call_id = run_aside(talk())
    (event,) = [each for each in stage.events(call_id, EventKind.FUNCTION) if each.content["name"] == "end_function"]
    error = event.content["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "timeout"
    state = stage.desk.read(call_id).state
    assert state is not None
    assert state["caller_name"] == "friend", "what the start function set stays"
    assert metrics_of(stage, call_id) == {"BEFORE": (1,)}
    assert stage.desk.read(call_id).progress.state is ExtractionState.QUEUED


def test_an_end_function_whose_worker_died_runs_again_and_writes_nothing_twice(stage: Stage) -> None:
    stage.push(end_function("for number in range(3):\n    conv.write_metric('NUMBER', number)\n    time.sleep(0.3)"))

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("Hello."))
            await take(call.hang_up())
            (job,) = stage.record.write(lambda c: claim_jobs(c, END_FUNCTION, limit=1, lease_s=0.0, now=now()))
            dying = asyncio.create_task(EndCall(hosting.workplace).run(job))
            while "NUMBER" not in metrics_of(stage, call.id):
                await asyncio.sleep(0.02)
            dying.cancel()  # as its process would end: nothing of what follows is stored
            await asyncio.gather(dying, return_exceptions=True)
            await stage.work(hosting)
            return call.id

    assert metrics_of(stage, run_aside(talk())) == {"NUMBER": (0, 1, 2)}


def test_a_turn_whose_process_died_is_said_again_and_writes_nothing_twice(stage: Stage, model: ScriptedModel) -> None:
    stage.push(
        {
            "functions/start_order.py": FUNCTION + "import time\n\n"
            '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
            "    conv.state.orders = (conv.state.orders or 0) + 1\n"
            "    conv.write_metric('ORDERS', conv.state.orders)\n    time.sleep(0.5)\n"
            "    return {'utterance': f'Order {conv.state.orders}.'}\n"
        }
    )
    model.when(lambda request: request.last_user.startswith("order")).reply(Calls("start_order"))

    async def begin() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            assert await take(call.hear("order one")) == "Order 1."
            return call.id

    async def die(call_id: str) -> None:
        """A process that ends in the middle of a turn: it stores nothing more, and its lease runs out."""
        hosting = stage.new_hosting()
        call = await hosting.find(stage.desk.pk, call_id)
        turn = asyncio.create_task(take(call.hear("order two")))
        while metrics_of(stage, call_id).get("ORDERS") != (1, 2):
            await asyncio.sleep(0.02)
        running = [task for task in asyncio.all_tasks() if "HostedCall._run" in str(task.get_coro())]
        assert running
        for task in (turn, *running):
            task.cancel()
        await asyncio.gather(turn, *running, return_exceptions=True)
        await hosting.close()

    async def go_on(call_id: str) -> None:
        stage.let_leases_end()
        async with stage.hosting() as hosting:
            call = await hosting.find(stage.desk.pk, call_id)
            assert await take(call.hear("order two")) == "Order 2."

    call_id = run_aside(begin())
    run_aside(die(call_id))
    run_aside(go_on(call_id))
    assert metrics_of(stage, call_id) == {"ORDERS": (1, 2)}
    assert [turn.text for turn in stage.desk.read(call_id).turns if turn.role.value == "user"] == [
        "order one",
        "order two",
    ]


def test_words_that_nobody_heard_are_not_in_the_transcript(stage: Stage, model: ScriptedModel) -> None:
    stage.push()
    model.reply(Says("We have rye and spelt, and on Fridays olive bread."), Says("Very well."))

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("What have you got?"))
            await call.interrupt("We have rye")
            await take(call.hear("Rye, please."))
            return call.id

    file = stage.desk.read(run_aside(talk()))
    assert [turn.text for turn in file.turns][1:] == ["What have you got?", "We have rye", "Rye, please.", "Very well."]


def test_a_caller_who_calls_again_is_remembered(stage: Stage) -> None:
    stage.push(
        {
            "agent_settings/experimental_config.json": '{"memory": {"repeat_caller": {"analytics_enabled": true, '
            '"state_keys": ["favourite"]}}}',
            "functions/start_function.py": FUNCTION + "def start_function(conv: Conversation):\n"
            "    conv.state.known = conv.memory.get('favourite', 'nothing')\n"
            "    conv.state.favourite = 'rye'\n    return {'utterance': conv.state.known}\n",
        }
    )

    async def talk() -> list[str]:
        said = []
        async with stage.hosting() as hosting:
            for number in ("+15550101", "+15550101", "+15550102"):
                call = await hosting.open(stage.desk.pk, AGENT, stage.opening(from_number=number))
                said.append(await take(call.start()))
                await take(call.hang_up())
                await stage.work(hosting)
        return said

    assert run_aside(talk()) == ["nothing", "rye", "nothing"]
    first, second, other = reversed(stage.desk.ids())
    assert set(metrics_of(stage, first)) == set(metrics_of(stage, other)) == {"ORDERED"}
    assert metrics_of(stage, second)["REPEAT_CALLER_CONV_ID"] == (first,)
