"""A hosted call over the record: what its owner sees while it goes on and when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import AGENT, Stage, now, take

from postcall.domain.calls import CallStatus, DisconnectionReason, Environment
from postcall.domain.conversations import EventKind
from postcall.domain.metrics import MetricType
from postcall.errors import BadInput, CallNotFound, Conflict, ConversationOver
from postcall.runtime.hosting import OpenCall
from postcall.storage.database import Record
from postcall.storage.metric_definitions import NewMetric, define_metric
from postcall.testing import Calls, Says, ScriptedModel

FUNCTION = "from _gen import *\n\n\n"
COUNTS = {
    "functions/start_order.py": FUNCTION + '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
    "    conv.state.orders = (conv.state.orders or 0) + 1\n"
    "    conv.write_metric('ORDERS', conv.state.orders)\n"
    "    return {'utterance': f'Order {conv.state.orders}.'}\n"
}


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(default=Calls("start_order")) as scripted:
        yield scripted


@pytest.fixture
def stage(record: Record, tmp_path: Path, model: ScriptedModel) -> Stage:
    return Stage(record, tmp_path, model.url)


def test_a_call_can_be_read_while_it_goes_on(stage: Stage) -> None:
    stage.push(COUNTS)

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting, from_number="+15550100")
            assert await take(call.hear("Two loaves, please.")) == "Order 1."
            assert await take(call.hear("And two more.")) == "Order 2."
            return call.id

    file = stage.desk.read(run_aside(talk()))
    assert file.call.details.status is CallStatus.IN_PROGRESS
    assert not file.call.started_at_is_intake
    assert [(turn.role.value, turn.text) for turn in file.turns] == [
        ("agent", "This call is recorded. Corner Bakery, how can I help?"),
        ("user", "Two loaves, please."),
        ("agent", "Order 1."),
        ("user", "And two more."),
        ("agent", "Order 2."),
    ]
    assert [metric.values for metric in file.metrics if metric.name == "ORDERS"] == [(1, 2)]
    assert file.state is not None
    assert file.state["orders"] == 2
    waits = [turn.latency_s for turn in file.turns if turn.role.value == "agent"]
    assert all(wait is not None and wait >= 0 for wait in waits)


def test_a_metric_is_there_while_its_function_still_runs(stage: Stage) -> None:
    stage.push(
        {
            "functions/start_order.py": FUNCTION + "import time\n\n"
            '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
            "    conv.write_metric('EARLY', 'yes')\n    time.sleep(1.5)\n    return {'utterance': 'Done.'}\n"
        }
    )

    async def talk() -> tuple[bool, float]:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            turn = asyncio.create_task(take(call.hear("Go.")))
            begun = time.monotonic()
            while "EARLY" not in {metric.name for metric in stage.desk.read(call.id).metrics}:
                assert time.monotonic() - begun < 10
                await asyncio.sleep(0.01)
            still_running = not turn.done()
            await turn
            return still_running, time.monotonic() - begun

    still_running, _ = run_aside(talk())
    assert still_running


def test_any_process_goes_on_with_a_call(stage: Stage) -> None:
    stage.push(COUNTS)

    async def talk() -> list[str]:
        async with stage.hosting() as one, stage.hosting() as other:
            call = await stage.open(one)
            elsewhere = await other.find(stage.desk.pk, call.id)
            return [
                await take(call.hear("One.")),
                await take(elsewhere.hear("Two.")),
                await take(call.hear("Three.")),
            ]

    assert run_aside(talk()) == ["Order 1.", "Order 2.", "Order 3."]


def test_two_messages_at_once_are_answered_one_after_the_other(stage: Stage) -> None:
    stage.push(COUNTS)

    async def talk() -> tuple[list[str], str]:
        async with stage.hosting() as one, stage.hosting() as other:
            call = await stage.open(one)
            elsewhere = await other.find(stage.desk.pk, call.id)
            said = await asyncio.gather(
                take(call.hear("a")), take(elsewhere.hear("b")), take(call.hear("c")), take(elsewhere.hear("d"))
            )
            return sorted(said), call.id

    said, call_id = run_aside(talk())
    assert said == ["Order 1.", "Order 2.", "Order 3.", "Order 4."]
    assert [metric.values for metric in stage.desk.read(call_id).metrics if metric.name == "ORDERS"] == [(1, 2, 3, 4)]


def test_a_turn_goes_on_when_nobody_listens_any_more(stage: Stage) -> None:
    stage.push(COUNTS)

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            outputs = call.hear("One.")
            await anext(outputs)  # the connection breaks here
            assert await take(call.hear("Two.")) == "Order 2."
            return call.id

    assert [turn.text for turn in stage.desk.read(run_aside(talk())).turns][-1] == "Order 2."


def test_a_call_keeps_the_version_that_it_began_with(stage: Stage) -> None:
    first = stage.push(COUNTS)

    async def talk() -> tuple[str, str]:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            changed = COUNTS["functions/start_order.py"].replace("Order {", "Neworder {")
            assert stage.push({"functions/start_order.py": changed}) == first + 1
            later = await stage.open(hosting)
            return await take(call.hear("One.")), await take(later.hear("One."))

    assert run_aside(talk()) == ("Order 1.", "Neworder 1.")


def test_hanging_up_ends_the_call_and_nothing_can_be_said_after_it(stage: Stage) -> None:
    stage.push(COUNTS)

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting, environment=Environment.SANDBOX)
            await take(call.hang_up())
            with pytest.raises(ConversationOver):
                await take(call.hear("Hello?"))
            return call.id

    details = stage.desk.read(run_aside(talk())).call.details
    assert (details.status, details.disconnection_reason) == (CallStatus.COMPLETED, DisconnectionReason.USER_HANGUP)
    assert details.environment is Environment.SANDBOX
    assert details.ended_at is not None


def test_a_handoff_stands_on_the_call_and_in_its_outbox(stage: Stage) -> None:
    stage.push(
        {
            "config/handoffs.yaml": "handoffs:\n- name: Front desk\n  description: People.\n  is_default: true\n"
            "  sip_config:\n    method: refer\n    phone_number: '+15550177'\n",
            "functions/start_order.py": FUNCTION + '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
            "    conv.call_handoff('Front desk', reason='wants a person', utterance='One moment.')\n",
        }
    )

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            assert await take(call.hear("A person, please.")) == "One moment."
            return call.id

    details = stage.desk.read(run_aside(talk())).call.details
    assert details.disconnection_reason is DisconnectionReason.HANDOFF
    assert details.handoff is not None
    assert (details.handoff.destination, details.handoff.reason) == ("Front desk", "wants a person")


def test_a_value_that_does_not_fit_is_kept_and_warned_of(stage: Stage) -> None:
    stage.push(
        {
            "functions/start_order.py": FUNCTION + '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
            "    conv.write_metric('PIECES', 'many')\n    conv.write_metric('PIECES', '5')\n"
            "    conv.write_metric('PIECES', {'a': 1})\n    return {'utterance': 'Noted.'}\n"
        }
    )
    account_pk = stage.desk.pk
    stage.record.write(
        lambda c: define_metric(c, account_pk, AGENT, NewMetric("PIECES", MetricType.INTEGER), now=now())
    )

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            await take(call.hear("Many."))
            return call.id

    call_id = run_aside(talk())
    (metric,) = [each for each in stage.desk.read(call_id).metrics if each.name == "PIECES"]
    assert (metric.value, metric.misfits) == (5, 2)
    warned = [str(event.content["message"]) for event in stage.events(call_id, EventKind.WARNING)]
    assert sum("PIECES was written as 'many'" in text for text in warned) == 1


def test_what_cannot_be_opened_says_why(stage: Stage) -> None:
    stage.push(COUNTS)

    async def try_all() -> None:
        async with stage.hosting() as hosting:
            with pytest.raises(BadInput, match="variant"):
                await hosting.open(stage.desk.pk, AGENT, OpenCall(variant="Paris"))
            with pytest.raises(BadInput, match="channel"):
                await hosting.open(stage.desk.pk, AGENT, OpenCall(channel="telegraph"))
            with pytest.raises(CallNotFound):
                await hosting.find(stage.desk.pk, "call-nobody-opened")
            await hosting.open(stage.desk.pk, AGENT, OpenCall(call_id="mine-1"))
            with pytest.raises(Conflict, match="mine-1"):
                await hosting.open(stage.desk.pk, AGENT, OpenCall(call_id="mine-1"))

    run_aside(try_all())


def test_without_a_model_the_agent_says_so_and_the_call_goes_on(record: Record, tmp_path: Path) -> None:
    stage = Stage(record, tmp_path)
    stage.push(COUNTS)

    async def talk() -> list[str]:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            return [await take(call.hear("One.")), await take(call.hear("Two."))]

    assert all(run_aside(talk()))


def test_a_model_that_only_talks_is_heard(stage: Stage, model: ScriptedModel) -> None:
    stage.push(COUNTS)
    model.reply(Says("We have rye and spelt."))

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            return await take(call.hear("What have you got?"))

    assert run_aside(talk()) == "We have rye and spelt."


def test_a_function_that_writes_without_end_fills_no_list(stage: Stage) -> None:
    stage.push(
        {
            "functions/start_order.py": FUNCTION + '@func_description("Begin.")\ndef start_order(conv: Conversation):\n'
            "    for number in range(700):\n        conv.write_metric(f'NAME_{number}', number)\n"
            "    for number in range(10_500):\n        conv.write_metric('MANY', number)\n"
            "    return {'utternace': 'Noted.', 'utterance': 'Noted.'}\n"
        }
    )

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            assert await take(call.hear("Go.")) == "Noted."
            return call.id

    call_id = run_aside(talk())
    names = {metric.name for metric in stage.desk.read(call_id).metrics if metric.name.startswith("NAME_")}
    assert len(names) == 500
    warned = " ".join(str(event.content["message"]) for event in stage.events(call_id, EventKind.WARNING))
    assert warned.count("more than 500 names") == 1
    assert "'utternace', which does nothing" in warned
