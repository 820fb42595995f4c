"""The bodies of webhooks, as this interface's receivers know them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from postcall.api.atoms.call_format import metric_results, seconds_of, transcript_json
from postcall.api.atoms.call_variables import call_variables, kind_of_call
from postcall.api.atoms.call_words import wire_conversation_type, wire_type
from postcall.api.atoms.replies import moment
from postcall.api.recordings import signed_address
from postcall.domain.call_logs import CallKind
from postcall.domain.calls import CallStatus
from postcall.domain.webhooks import CallMoment, Delivery, Moment, Webhook
from postcall.storage.told_calls import ToldCall, call_of_delivery, read_told_call

EVENTS = {
    "pre-conversation": CallMoment.STARTED,
    "post-conversation": CallMoment.ENDED,
    "analytics-completed": CallMoment.EXTRACTED,
}
"""What this interface calls the moments of a call; it has no word for an extraction that failed."""
EVENT_NAMES: dict[Moment, str] = {moment_: name for name, moment_ in EVENTS.items()}
TEST = "test"

_STATUSES = {
    CallStatus.BUSY: "no_answer",
    CallStatus.PENDING: "no_answer",
    CallStatus.IN_PROGRESS: "completed",
}
"""Those that an event spells otherwise: it knows completed, no_answer, failed and cancelled alone."""
_HEARD_FOR = timedelta(days=7)
"""How long a delivery's address opens the recording: longer than deliveries are tried again."""
_BY_TELEPHONE = {CallKind.INBOUND, CallKind.OUTBOUND}


def render_body(
    connection: Connection, delivery: Delivery, webhook: Webhook, *, public_url: str | None = None
) -> bytes:
    """The body of a delivery in this format, byte for byte as it is signed and sent.

    `public_url`: the origin under which others reach postcall; without it no address of a recording that is with us.
    """
    if delivery.call_id is None:
        return _encode(webhook, delivery, event=TEST, metadata={"eventType": TEST})
    told = read_told_call(connection, call_of_delivery(connection, delivery.id))
    name = EVENT_NAMES.get(CallMoment(delivery.event), delivery.event)
    common = {
        "agentId": told.call.agent_id,
        "eventType": name,
        "conversationType": wire_conversation_type(kind_of_call(told.call)),
        "callId": told.call.id,
    }
    more = _MORE.get(name, _nothing)(told)
    if "recordingUrl" in more:
        more["recordingUrl"] = _recording(told, public_url, until=delivery.created_at + _HEARD_FOR)
    return _encode(webhook, delivery, event=f"{told.call.agent_id}.{name}", metadata={**common, **more})


def _encode(webhook: Webhook, delivery: Delivery, *, event: str, metadata: dict[str, Any]) -> bytes:
    return msgspec.json.encode(
        {
            "url": webhook.url,
            "description": webhook.description,
            "event": event,
            "id": delivery.id,
            "metadata": metadata,
        }
    )


def _before(told: ToldCall) -> dict[str, Any]:
    details = told.call.details
    return {"toPhone": details.to_number or "", "fromPhone": details.from_number or ""}


def _after(told: ToldCall) -> dict[str, Any]:
    return {
        "recordingUrl": "",
        "callData": _call_data(told),
        "transcript": transcript_json(told.call, told.turns),
        "variables": call_variables(told),
    }


def _recording(told: ToldCall, public_url: str | None, *, until: datetime) -> str:
    """Where the recording can be heard without a key; empty where there is none yet, or nobody could reach it."""
    recording, call = told.recording, told.call
    if recording is None:
        return ""
    if recording.url is not None:
        return recording.url
    return signed_address(public_url, call.account, call.id, recording.key, until=until) if public_url else ""


def _analytics(told: ToldCall) -> dict[str, Any]:
    found = told.extraction
    answers = found.findings.answers if found else ()
    return {
        "analytics": {
            "summary": found.findings.summary if found else "",
            "dispositionMetrics": metric_results(answers, typed=True, questions=told.questions),
            "successMetrics": [],
        },
        "callData": _call_data(told),
    }


def _nothing(_: ToldCall) -> dict[str, Any]:
    return {}


_MORE = {"pre-conversation": _before, "post-conversation": _after, "analytics-completed": _analytics}


def _call_data(told: ToldCall) -> dict[str, Any]:
    call = told.call
    details = call.details
    data: dict[str, Any] = {
        "fromNumber": details.from_number or "",
        "toNumber": details.to_number or "",
        "callDuration": float(seconds_of(call)),
        "callStatus": _STATUSES.get(details.status, details.status.value),
    }
    kind = kind_of_call(call)
    if kind in _BY_TELEPHONE:
        data["callDirection"] = wire_type(kind)
    ended = _end(told)
    return {**data, "answerTime": moment(_answered(told, ended)), "endTime": moment(ended)}


def _end(told: ToldCall) -> datetime:
    call = told.call
    return call.details.ended_at or call.started_at + timedelta(seconds=call.duration_s or 0.0)


def _answered(told: ToldCall, ended: datetime) -> datetime:
    """When it was answered. Receivers insist on a time, so of a call that nobody answered it is the end."""
    if told.answered_at is not None:
        return told.answered_at
    talked = told.call.details.status in {CallStatus.COMPLETED, CallStatus.IN_PROGRESS} and not told.placed
    return told.call.started_at if talked else ended
