"""Call actions from the end of a call to the receiver: when they run, what arrives, and that it arrives once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.aside import run_aside
from tests.builders import AGENT, Desk, a_call, a_question, an_answer, findings, silent
from tests.notify.deliveries import delivering, log_of, settings_for, settled, wait_until
from tests.notify.receiver import Receiver, receiver

from postcall.api.atoms.call_variables import action_variables
from postcall.api.atoms.webhook_wire import sign
from postcall.configure.call_actions import action_secret, make_action
from postcall.configure.sealing import sealer_for
from postcall.domain.call_actions import ActionCategory, ActionConfig, CallAction, Condition, Operator
from postcall.domain.calls import CallStatus
from postcall.domain.webhooks import DeliveryState
from postcall.intake.service import extract_again
from postcall.jobs.worker import Worker
from postcall.notify.call_actions import RunActions, action_destinations
from postcall.settings import Settings
from postcall.storage.agents import ensure_agent_row
from postcall.storage.announcing import RUN_ACTIONS
from postcall.storage.call_actions import delete_action
from postcall.storage.jobs import count_due

BODY = '{"call": "{{call_id}}", "booked": {{booked}}, "summary": "{{summary}}"}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """They let actions reach this machine."""
    return settings_for(tmp_path)


def act(desk: Desk, settings: Settings, url: str | None, *conditions: Condition, **more: Any) -> CallAction:
    """An action of the clinic."""
    config = ActionConfig(url=url, conditions=conditions, body=more.pop("body", BODY))
    values: dict[str, Any] = {"category": ActionCategory.POST_CALL, "provider": "hubspot", **more}

    def make(connection: Any) -> CallAction:
        ensure_agent_row(connection, desk.pk, AGENT, now=desk.clock())
        return make_action(
            connection,
            sealer_for(settings),
            desk.pk,
            AGENT,
            action_type=None,
            object_=None,
            config=config,
            now=desk.clock(),
            **values,
        )

    return desk.record.write(make)


def run_jobs(desk: Desk) -> None:
    """Let the worker do what calls set off."""

    async def work() -> None:
        worker = Worker(
            desk.record,
            [RunActions(desk.record, action_variables, clock=desk.clock)],
            clock=desk.clock,
            random=Random(1),
        )
        running = asyncio.create_task(worker.run())
        while await desk.record.read_async(lambda c: open_jobs(c)):
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    run_aside(work())


def open_jobs(connection: Any) -> int:
    found = connection.exec_driver_sql(f"SELECT count(*) FROM jobs WHERE kind = '{RUN_ACTIONS}'").scalar_one()
    return int(found)


@contextmanager
def sending(desk: Desk, settings: Settings) -> Iterator[None]:
    find = action_destinations(sealer_for(settings), action_variables, sign)
    with delivering(desk.record, settings, find_action=find):
        yield


def arrived(desk: Desk, settings: Settings, to: Receiver, count: int) -> None:
    """Everything has been sent."""
    with sending(desk, settings):
        to.wait_for(count)
        wait_until(lambda: settled(desk))


def booked(desk: Desk, value: bool = True) -> None:
    [job] = desk.claim()
    desk.finish(job, findings(an_answer(value=value)))


def test_it_runs_once_the_answers_are_there_and_is_signed(desk: Desk, settings: Settings) -> None:
    desk.ask(a_question())
    with receiver() as crm:
        action = act(desk, settings, crm.url, Condition("booked", Operator.EQ, "true"))
        desk.hand_in(a_call())
        run_jobs(desk)
        assert log_of(desk) == [], "its answers are not there yet"
        booked(desk)
        run_jobs(desk)
        arrived(desk, settings, crm, 1)
        [got] = crm.got
    assert got.body == b'{"call": "call-1", "booked": true, "summary": "A check-up was booked."}'
    assert got.headers["content-type"] == "application/json"
    secret = desk.record.read(lambda c: action_secret(c, sealer_for(settings), desk.pk, action.id))
    assert got.headers["x-signature"] == hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    [delivery] = log_of(desk)
    assert (delivery.action_id, delivery.event, delivery.call_id) == (action.id, "action", "call-1")


def test_it_does_not_run_where_a_condition_fails(desk: Desk, settings: Settings) -> None:
    desk.ask(a_question())
    act(desk, settings, "http://127.0.0.1:1/", Condition("booked", Operator.EQ, "true"))
    desk.hand_in(a_call())
    booked(desk, value=False)
    run_jobs(desk)
    assert log_of(desk) == []


def test_of_a_call_that_is_not_extracted_it_runs_at_the_end(desk: Desk, settings: Settings) -> None:
    with receiver() as crm:
        act(desk, settings, crm.url, body="{{call_status}} of {{agent_name}}, {{unheard_of}}")
        desk.hand_in(silent(a_call(status=CallStatus.NO_ANSWER)))
        run_jobs(desk)
        arrived(desk, settings, crm, 1)
        [got] = crm.got
    assert got.body == b"no_answer of clinic, "
    assert got.headers["content-type"].startswith("text/plain")


def test_asking_again_does_nothing_again(desk: Desk, settings: Settings) -> None:
    desk.ask(a_question())
    act(desk, settings, "http://127.0.0.1:1/")
    desk.hand_in(a_call())
    booked(desk)
    run_jobs(desk)
    act(desk, settings, "http://127.0.0.1:1/later", body=None)
    desk.ask(a_question("new_one"))
    desk.record.write(extract_again(desk.pk, "call-1", now=desk.clock()))
    booked(desk)
    assert desk.record.read(lambda c: count_due(c, RUN_ACTIONS, now=desk.clock())) == 0
    run_jobs(desk)
    assert len(log_of(desk)) == 1, "neither the first again, nor one that is younger than the call"


def test_without_an_address_the_log_says_what_is_missing(desk: Desk, settings: Settings) -> None:
    act(desk, settings, None)
    desk.hand_in(silent(a_call()))
    run_jobs(desk)
    with sending(desk, settings):
        wait_until(lambda: settled(desk))
    [delivery] = log_of(desk)
    assert delivery.state is DeliveryState.DEAD and "names no address (config.url)" in (delivery.error or "")


def test_triggers_other_agents_and_deleted_actions_do_nothing(desk: Desk, settings: Settings) -> None:
    act(desk, settings, "http://127.0.0.1:1/", category=ActionCategory.TRIGGER)
    gone = act(desk, settings, "http://127.0.0.1:1/")
    desk.record.write(lambda c: delete_action(c, desk.pk, gone.id, now=desk.clock()))
    desk.hand_in(silent(a_call()))
    desk.hand_in(silent(a_call("call-2", agent="elsewhere")))
    assert desk.record.read(lambda c: open_jobs(c)) == 0
