"""Which events a call is told by, however it ends, and all that the bodies of the two newer formats say of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.aside import run_aside
from tests.builders import AGENT, NOON, Desk, a_call, a_question, an_answer, findings, silent
from tests.notify.deliveries import hook, log_of, settings_for
from tests.outbound.dial_stage import DialStage, until

from postcall.api.native.webhook_wire import native_wire
from postcall.api.polyai.webhook_wire import polyai_wire
from postcall.domain.answers import AnswerStatus, SecondAnswer
from postcall.domain.calls import CallStatus
from postcall.domain.metrics import MetricType
from postcall.domain.outbound import DialOutcome, DialState
from postcall.domain.visibility import ApiSettings
from postcall.domain.webhooks import CallMoment, Delivery, Webhook, WebhookFormat
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import write_api_settings
from postcall.storage.database import Record
from postcall.storage.delivery_log import add_test
from postcall.storage.metric_definitions import NewMetric, define_metric
from postcall.testing import ScriptedModel

WIRES = {WebhookFormat.NATIVE: native_wire(), WebhookFormat.POLYAI: polyai_wire()}
BOTH = pytest.mark.parametrize("format_", WIRES, ids=str)


def told(desk: Desk, folder: Path, format_: WebhookFormat = WebhookFormat.NATIVE) -> Webhook:
    """A receiver of every event."""
    return hook(desk, settings_for(folder), "https://crm.example/calls", format=format_)


def body_of(desk: Desk, webhook: Webhook, delivery: Delivery) -> dict[str, Any]:
    """What would be sent now."""
    raw = desk.record.read(lambda c: WIRES[webhook.format].render(c, delivery, webhook))
    body: dict[str, Any] = json.loads(raw)
    assert body["id"] == delivery.id and body["event"] == delivery.event
    return body


def events(desk: Desk) -> list[str]:
    return [each.event for each in log_of(desk)]


@pytest.mark.parametrize("status", ["busy", "no_answer", "failed", "cancelled", "completed"])
def test_a_call_that_was_handed_in_is_over_however_it_ended(desk: Desk, tmp_path: Path, status: str) -> None:
    webhook = told(desk, tmp_path)
    desk.hand_in(silent(a_call("call-1", status=CallStatus(status))))
    [delivery] = log_of(desk)
    body = body_of(desk, webhook, delivery)
    assert (delivery.event, body["call"]["status"], body["call"]["turns"]) == ("call.ended", status, 0)
    assert (body["extraction"], body["failure"]) == (None, None)


@pytest.mark.parametrize("status", ["busy", "completed"])
def test_a_live_call_that_is_handed_in_anew_as_over_is_told_once(desk: Desk, tmp_path: Path, status: str) -> None:
    told(desk, tmp_path)
    desk.hand_in(silent(a_call(status=CallStatus.IN_PROGRESS)))
    for seconds in (0, 1):  # the second only corrects what was handed in
        ended = a_call(status=CallStatus(status), ended_at=NOON + timedelta(seconds=seconds))
        desk.hand_in(silent(ended), replace=True)
    assert events(desk) == ["call.started", "call.ended"]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(DialOutcome.BUSY, "busy"), (DialOutcome.NO_ANSWER, "no_answer"), (DialOutcome.FAILED, "failed")],
    ids=["busy", "no answer", "failed"],
)
def test_a_placed_call_that_nobody_takes_is_told_from_its_beginning_to_its_end(
    record: Record, tmp_path: Path, outcome: DialOutcome, status: str
) -> None:
    stage = DialStage(record, tmp_path)
    stage.add_seller()
    desk = Desk(record)
    webhook = told(desk, tmp_path)

    async def walk() -> None:
        call_id = stage.place()
        async with stage.working(rates={outcome: 1.0}):
            await until(lambda: stage.placed(call_id).state is DialState.OVER)

    with ScriptedModel() as model:
        stage.model = model.url
        run_aside(walk())
    assert events(desk) == ["call.started", "call.ended"]
    body = body_of(desk, webhook, log_of(desk)[-1])
    assert (body["call"]["status"], body["call"]["direction"]) == (status, "outbound")


def whole_call(desk: Desk) -> None:
    """A call with metrics and two answers, of which one is none."""
    desk.ask(a_question(), a_question("guests", "How many people?", "INTEGER"))
    desk.hand_in(a_call(metrics={"BOOKED": [False, True], "TEAM": "two"}, status=CallStatus.COMPLETED))
    second = SecondAnswer(value=True, status=AnswerStatus.OK, confidence=0.9, reasoning="They asked for it.")
    desk.extract(replace(an_answer(), second=second), an_answer("guests", status="error", type="INTEGER"))


@BOTH
def test_the_answers_are_told_with_all_that_they_rest_on(desk: Desk, tmp_path: Path, format_: WebhookFormat) -> None:
    webhook = told(desk, tmp_path, format_)
    whole_call(desk)
    assert events(desk) == ["call.ended", "call.extracted"]
    body = body_of(desk, webhook, log_of(desk)[-1])
    assert list(body) == ["id", "event", "created_at", "replay_of", "call", "metrics", "extraction", "failure"]
    assert (body["created_at"], body["replay_of"], body["failure"]) == ("2026-03-02T12:00:00Z", None, None)
    call = body["call"]
    assert (call["id"], call["agent"], call["agent_name"], call["status"]) == ("call-1", AGENT, AGENT, "completed")
    assert call["started_at"] == "2026-03-02T11:00:00Z" and call["turns"] > 0
    assert body["metrics"]["BOOKED"]["value"] is True and body["metrics"]["BOOKED"]["values"] == [False, True]
    extraction = body["extraction"]
    assert (extraction["status"], extraction["summary"]) == ("finished", "A check-up was booked.")
    booked, guests = extraction["answers"]
    assert (booked["identifier"], booked["type"], booked["value"], booked["status"]) == (
        "booked",
        "BOOLEAN",
        True,
        "ok",
    )
    assert (booked["confidence"], booked["reasoning"]) == (0.8, "It was said.")
    assert booked["evidence"] == [{"turn": 1, "quote": "book a check-up"}]
    assert (guests["value"], guests["status"], guests["evidence"]) == (None, "error", [])


@BOTH
def test_that_nothing_could_be_extracted_is_told_with_the_reason(
    desk: Desk, tmp_path: Path, format_: WebhookFormat
) -> None:
    webhook = told(desk, tmp_path, format_)
    desk.ask(a_question())
    desk.hand_in(a_call())
    [job] = desk.claim()
    desk.finish(job, findings(), failure="the model's endpoint answered 500")
    assert events(desk) == ["call.ended", "extraction.failed"]
    body = body_of(desk, webhook, log_of(desk)[-1])
    assert body["failure"] == {
        "extraction": job.payload["extraction"],
        "code": "model_error",
        "reason": "the model's endpoint answered 500",
    }
    assert body["extraction"] is None


@BOTH
def test_a_test_has_the_same_shape_and_no_call(desk: Desk, tmp_path: Path, format_: WebhookFormat) -> None:
    webhook = told(desk, tmp_path, format_)
    sent = desk.record.write(lambda c: add_test(c, desk.pk, webhook.id, now=desk.clock()))
    body = body_of(desk, webhook, sent)
    assert (body["event"], body["call"], body["metrics"], body["extraction"]) == ("test", None, {}, None)


def test_what_a_project_does_not_show_is_not_told_in_its_interfaces_format(desk: Desk, tmp_path: Path) -> None:
    webhook = told(desk, tmp_path, WebhookFormat.POLYAI)
    whole_call(desk)
    _show(desk, ApiSettings(show_transcripts=False, response_metrics=frozenset({"TEAM", "booked"})))
    delivery = log_of(desk)[-1]
    body = body_of(desk, webhook, delivery)
    assert list(body["metrics"]) == ["TEAM"]
    [answer] = body["extraction"]["answers"]
    assert (answer["identifier"], answer["value"], answer["confidence"]) == ("booked", True, 0.8)
    assert (body["extraction"]["summary"], answer["reasoning"], answer["evidence"]) == ("", "", [])
    assert (answer["second"]["value"], answer["second"]["reasoning"]) == (True, "")
    assert body["call"]["turns"] > 0, "how many there were stays true"
    whole = body_of(desk, replace(webhook, format=WebhookFormat.NATIVE), delivery)
    assert len(whole["metrics"]) > 1 and len(whole["extraction"]["answers"]) == 2
    assert whole["extraction"]["summary"] and whole["extraction"]["answers"][0]["reasoning"]


def test_what_a_definition_keeps_back_is_not_told_in_its_interfaces_format(desk: Desk, tmp_path: Path) -> None:
    webhook = told(desk, tmp_path, WebhookFormat.POLYAI)
    whole_call(desk)
    for name, type_ in (("BOOKED", MetricType.BOOLEAN), ("guests", MetricType.INTEGER)):
        metric = NewMetric(name, type_, in_api=False)
        desk.record.write(partial(define_metric, account_pk=desk.pk, agent=AGENT, metric=metric, now=desk.clock()))
    body = body_of(desk, webhook, log_of(desk)[-1])
    assert "BOOKED" not in body["metrics"] and "TEAM" in body["metrics"]
    assert [each["identifier"] for each in body["extraction"]["answers"]] == ["booked"]


def test_why_an_extraction_failed_is_not_told_where_it_could_repeat_what_was_said(desk: Desk, tmp_path: Path) -> None:
    webhook = told(desk, tmp_path, WebhookFormat.POLYAI)
    desk.ask(a_question())
    desk.hand_in(a_call())
    [job] = desk.claim()
    desk.finish(job, findings(), failure="the model's reply holds no JSON object: it begins 'The caller is Ada'")
    _show(desk, ApiSettings(show_transcripts=False))
    failure = body_of(desk, webhook, log_of(desk)[-1])["failure"]
    assert (failure["code"], failure["reason"]) == ("model_error", "")


def _show(desk: Desk, settings: ApiSettings) -> None:
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT).pk)
    desk.record.write(partial(write_api_settings, agent_pk=agent_pk, settings=settings, by=None, now=desk.clock()))


def test_every_moment_of_a_call_is_offered_in_both_formats(desk: Desk, tmp_path: Path) -> None:
    for format_ in WIRES:
        made = told(desk, tmp_path, format_)
        assert {each.moment for each in made.subscriptions} == set(CallMoment)
