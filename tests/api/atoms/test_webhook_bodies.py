"""The three bodies as receivers know them, byte for byte, and the signature that they check."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.api.atoms.published import described
from tests.builders import AGENT, NOON, Desk, a_call, a_question, an_answer, findings

from postcall.api.atoms.webhook_bodies import render_body
from postcall.api.atoms.webhook_wire import atoms_wire
from postcall.configure.sealing import Sealer
from postcall.configure.webhooks import make_webhook
from postcall.domain.answers import AnswerStatus
from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason
from postcall.domain.webhooks import CallMoment, Delivery, Webhook, WebhookFormat
from postcall.notify.webhooks.destinations import Envelope
from postcall.storage.agents import find_agent_row
from postcall.storage.delivery_log import DeliveryFilter, add_test, find_delivery, list_deliveries
from postcall.storage.recordings import put_recording
from postcall.storage.schema import versions

EVENTS = (CallMoment.STARTED, CallMoment.ENDED, CallMoment.EXTRACTED)
URL = "https://crm.example/calls"
VARIABLES = {"agent_name": "Priya", "city": "Pune", "timezone": "mine"}
KEPT: dict[str, Any] = {
    "language": {"default": "en", "supported": ["en", "hi"]},
    "timezone": {"label": "Asia/Kolkata", "offset": 330},
    "synthesizer": {"voiceConfig": {"gender": "female"}},
}


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    """Seals webhooks' secrets."""
    return Sealer(None, tmp_path / "keys")


def told(desk: Desk, sealer: Sealer, *, kept: dict[str, Any] | None = None) -> Webhook:
    """A webhook that wants everything of the clinic, whose agent is set up as Atoms agents are."""
    desk.ask(a_question(), a_question("guests", "How many people?", "INTEGER"), a_question("slot", "When?", "DATETIME"))

    def make(connection: sa.Connection) -> Webhook:
        agent = find_agent_row(connection, desk.pk, AGENT)
        row = connection.execute(
            sa.select(versions.c.config).where(
                versions.c.agent_pk == agent.pk, versions.c.number == agent.active_version
            )
        ).one()
        connection.execute(
            sa.update(versions)
            .where(versions.c.agent_pk == agent.pk, versions.c.number == agent.active_version)
            .values(config={**row.config, "kept": kept or KEPT, "variables": VARIABLES})
        )
        return make_webhook(
            connection,
            sealer,
            desk.pk,
            url=URL,
            description="The CRM",
            format=WebhookFormat.ATOMS,
            wanted=[(agent.pk, moment) for moment in EVENTS],
            now=NOON,
        )

    return desk.record.write(make)


def queued(desk: Desk) -> dict[str, Delivery]:
    page = desk.record.read(lambda c: list_deliveries(c, desk.pk, DeliveryFilter()))
    return {each.event: each for each in page.deliveries}


def body_of(desk: Desk, webhook: Webhook, event: CallMoment) -> dict[str, Any]:
    """What is sent, read back; its own id, which is another each time, is looked at here."""
    delivery = queued(desk)[event.value]
    raw = desk.record.read(lambda c: render_body(c, delivery, webhook))
    assert raw == desk.record.read(lambda c: render_body(c, delivery, webhook)), "the same bytes each time"
    body: dict[str, Any] = json.loads(raw)
    assert body.pop("id") == delivery.id
    return body


def hand_in(desk: Desk) -> None:
    call = a_call(
        "CALL-1772445600000-ab12cd",
        direction=Direction.OUTBOUND,
        from_number="+912268001100",
        to_number="+919876543210",
        ended_at=NOON - timedelta(minutes=58, seconds=30),
        duration_s=90.5,
        disconnection_reason=DisconnectionReason.USER_HANGUP,
        metadata={"variables": {"city": "Mumbai", "due": 1200, "call_id": "made up"}},
    )
    desk.hand_in(call)


def agent_id(desk: Desk) -> str:
    return str(desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT)).id)


def test_the_body_before_a_call_is_as_documented(desk: Desk, sealer: Sealer) -> None:
    webhook = told(desk, sealer)
    desk.hand_in(a_call("live", status=CallStatus.IN_PROGRESS, from_number="+919876543210", to_number="+912268001100"))
    agent = agent_id(desk)
    assert body_of(desk, webhook, CallMoment.STARTED) == {
        "url": URL,
        "description": "The CRM",
        "event": f"{agent}.pre-conversation",
        "metadata": {
            "agentId": agent,
            "eventType": "pre-conversation",
            "conversationType": "telephonyInbound",
            "callId": "live",
            "toPhone": "+912268001100",
            "fromPhone": "+919876543210",
        },
    }


def test_the_body_after_a_call_is_as_documented(desk: Desk, sealer: Sealer) -> None:
    webhook = told(desk, sealer)
    hand_in(desk)
    agent = agent_id(desk)
    assert body_of(desk, webhook, CallMoment.ENDED) == {
        "url": URL,
        "description": "The CRM",
        "event": f"{agent}.post-conversation",
        "metadata": {
            "agentId": agent,
            "eventType": "post-conversation",
            "conversationType": "telephonyOutbound",
            "callId": "CALL-1772445600000-ab12cd",
            "recordingUrl": "",
            "callData": {
                "fromNumber": "+912268001100",
                "toNumber": "+919876543210",
                "callDuration": 90.5,
                "callStatus": "completed",
                "callDirection": "telephony_outbound",
                "answerTime": "2026-03-02T11:00:00.000Z",
                "endTime": "2026-03-02T11:01:30.000Z",
            },
            "transcript": [
                {
                    "role": "agent",
                    "content": "Good morning, how can I help?",
                    "timestamp": "2026-03-02T11:00:00.000Z",
                },
                {
                    "role": "user",
                    "content": "I would like to book a check-up for Tuesday.",
                    "timestamp": "2026-03-02T11:00:00.000Z",
                },
            ],
            "variables": {
                "agent_name": "Priya",
                "city": "Mumbai",
                "due": 1200,
                "call_id": "CALL-1772445600000-ab12cd",
                "user_number": "+919876543210",
                "agent_number": "+912268001100",
                "conversation_type": "telephonyOutbound",
                "agent_gender": "female",
                "default_language": "en",
                "supported_languages": "en,hi",
                "current_date": "2026-03-02",
                "current_time": "16:30",
                "current_day": "Monday",
                "timezone": "Asia/Kolkata",
            },
        },
    }


def test_the_body_with_the_analytics_carries_typed_values(desk: Desk, sealer: Sealer) -> None:
    webhook = told(desk, sealer)
    hand_in(desk)
    answers = (
        an_answer(),
        an_answer("guests", 3, type="INTEGER"),
        an_answer("slot", status="error", type="DATETIME"),
    )
    desk.finish(desk.claim()[0], findings(*answers))
    agent = agent_id(desk)
    assert body_of(desk, webhook, CallMoment.EXTRACTED) == {
        "url": URL,
        "description": "The CRM",
        "event": f"{agent}.analytics-completed",
        "metadata": {
            "agentId": agent,
            "eventType": "analytics-completed",
            "conversationType": "telephonyOutbound",
            "callId": "CALL-1772445600000-ab12cd",
            "analytics": {
                "summary": "A check-up was booked.",
                "dispositionMetrics": [
                    {
                        "identifier": "booked",
                        "value": True,
                        "confidence": 0.8,
                        "reasoning": "It was said.",
                        "status": AnswerStatus.OK,
                        "dispositionMetricPrompt": "Did the caller book an appointment?",
                        "dispositionMetricType": "BOOLEAN",
                    },
                    {
                        "identifier": "guests",
                        "value": 3,
                        "confidence": 0.8,
                        "reasoning": "It was said.",
                        "status": AnswerStatus.OK,
                        "dispositionMetricPrompt": "How many people?",
                        "dispositionMetricType": "INTEGER",
                    },
                    {
                        "identifier": "slot",
                        "value": None,
                        "confidence": 0,
                        "reasoning": "The model could not be asked.",
                        "status": AnswerStatus.ERROR,
                        "dispositionMetricPrompt": "When?",
                        "dispositionMetricType": "DATETIME",
                    },
                ],
                "successMetrics": [],
            },
            "callData": {
                "fromNumber": "+912268001100",
                "toNumber": "+919876543210",
                "callDuration": 90.5,
                "callStatus": "completed",
                "callDirection": "telephony_outbound",
                "answerTime": "2026-03-02T11:00:00.000Z",
                "endTime": "2026-03-02T11:01:30.000Z",
            },
        },
    }


def required(event: str) -> set[str]:
    """The fields of `metadata` that the published description insists on."""
    name = "WebhookEvent" + "".join(part.title() for part in event.split("-"))
    schema: dict[str, Any] = described()["components"]["schemas"][name]
    [own] = [each for each in schema["allOf"] if "$ref" not in each]
    fields: list[str] = own["properties"]["metadata"]["required"]
    return set(fields)


def test_every_required_field_is_there_also_of_a_web_chat_that_nobody_answered(desk: Desk, sealer: Sealer) -> None:
    webhook = told(desk, sealer, kept={"timezone": {"label": "(GMT-3:30) St. John's"}})
    desk.hand_in(a_call("chat", channel=Channel.WEBCHAT, status=CallStatus.BUSY))
    metadata = body_of(desk, webhook, CallMoment.ENDED)["metadata"]
    assert required("post-conversation") <= metadata.keys()
    assert (metadata["conversationType"], "callDirection" in metadata["callData"]) == ("chat", False)
    assert (metadata["callData"]["callStatus"], metadata["callData"]["callDuration"]) == ("no_answer", 0.0)
    assert metadata["callData"]["answerTime"] == metadata["callData"]["endTime"]
    assert metadata["variables"]["current_time"] == "07:30"
    assert metadata["variables"]["supported_languages"] == "en"


def test_a_recording_is_named_where_a_receiver_could_hear_it(desk: Desk, sealer: Sealer) -> None:
    webhook = told(desk, sealer)
    hand_in(desk)
    call_id = "CALL-1772445600000-ab12cd"
    desk.record.write(lambda c: put_recording(c, desk.pk, call_id, media_type="audio/wav", content=b"RIFF", now=NOON))
    assert body_of(desk, webhook, CallMoment.ENDED)["metadata"]["recordingUrl"] == "", "nobody knows where we are"
    delivery = queued(desk)[CallMoment.ENDED.value]
    raw = desk.record.read(lambda c: render_body(c, delivery, webhook, public_url="https://calls.example"))
    address = json.loads(raw)["metadata"]["recordingUrl"]
    assert address.startswith(f"https://calls.example/postcall/v1/recordings/default/{call_id}?until=")


def test_a_test_has_the_envelope_and_no_call(desk: Desk, sealer: Sealer) -> None:
    webhook = told(desk, sealer)
    delivery = desk.record.write(lambda c: add_test(c, desk.pk, webhook.id, now=NOON))
    kept = desk.record.read(lambda c: find_delivery(c, desk.pk, delivery.id)).delivery
    body = json.loads(desk.record.read(lambda c: render_body(c, kept, webhook)))
    assert body == {
        "url": URL,
        "description": "The CRM",
        "event": "test",
        "id": delivery.id,
        "metadata": {"eventType": "test"},
    }


def test_the_signature_is_the_one_that_receivers_compute() -> None:
    raw = b'{"event":"x","name":"Zo\xc3\xab"}'
    headers = atoms_wire(None).sign(Envelope(raw, "a" * 24, "call.ended", NOON, "the-secret"))
    computed = hmac.new(b"the-secret", raw, hashlib.sha256).hexdigest()  # the published recipe: raw body, no prefix
    assert dict(headers) == {"X-Signature": computed}
