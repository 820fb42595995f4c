"""Calls as this interface shows them: rows of the log, the call itself, its results and its transcript."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from postcall.api.atoms.call_words import wire_reason, wire_status, wire_type
from postcall.api.atoms.replies import moment
from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Extraction
from postcall.domain.call_logs import CallKind, CallLog, Wait, kind_of
from postcall.domain.calls import Call, Json, Turn
from postcall.domain.questions import DispositionMetric, QuestionType

RecordingAddress: TypeAlias = Callable[[CallLog], str | None]
"""Where the recording of a call can be heard without a key; None where it has none."""


def log_row(log: CallLog, recording: RecordingAddress, *, searched: bool = False) -> dict[str, Any]:
    """A row of the log; what is not known is left out. `searched`: without what a search by ids does not give."""
    call = log.row.call
    row = _common(log, recording)
    row |= {
        "agentId": call.agent_id,
        "retryCount": log.family.retries,
        "retryAttemptNumber": log.placed.attempt if log.placed is not None else 0,
        "isTest": is_test(call),
    }
    row |= _known(versionId=log.version_id)
    if searched:
        return row
    row |= _known(versionNumber=_published(call))
    row["agentDispositionConfig"] = asked_json(log.asked)
    row["dispositionMetrics"] = {
        answer.identifier: wire_text(answer)
        for answer in (log.row.extraction.findings.answers if log.row.extraction is not None else ())
        if answer.status is AnswerStatus.OK
    }
    return row


def call_json(
    log: CallLog, turns: Sequence[Turn], events: Sequence[Mapping[str, Any]], recording: RecordingAddress
) -> dict[str, Any]:
    """The whole call."""
    call = log.row.call
    shown = _common(log, recording)
    shown |= {
        "agent": {"_id": call.agent_id, "name": log.agent_name},
        "agentId": call.agent_id,
        "transcript": transcript_json(call, turns),
        "variables": variables_of(call),
        "events": list(events),
        "updatedAt": moment(call.updated_at),
        "isTest": is_test(call),
    }
    return shown | _known(
        campaignId=log.placed.campaign_id if log.placed is not None else None,
        versionId=log.version_id,
        versionNumber=_published(call),
        slmModelUsed=log.agent_model,
        voiceConfigUsed=log.voice or None,
    )


def _common(log: CallLog, recording: RecordingAddress) -> dict[str, Any]:
    call = log.row.call
    details = call.details
    shown: dict[str, Any] = {
        "_id": database_id(call.id),
        "callId": call.id,
        "status": wire_status(details.status, log.placed),
        "type": wire_type(kind_of_log(log)),
        "duration": seconds_of(call),
        "from": details.from_number or "",
        "to": details.to_number or "",
        "createdAt": moment(call.started_at),
    }
    shown |= _known(
        disconnectionReason=wire_reason(details.disconnection_reason) if details.disconnection_reason else None,
        callFailureReason=log.placed.failure if log.placed is not None else None,
        callCost=log.placed.cost if log.placed is not None else None,
        retryCallId=log.family.next_id,
    )
    address = recording(log)
    if address is not None:
        shown |= {"recordingUrl": address, "recordingDualUrl": address}
    if log.waits:
        shown["turnLatencyMetrics"] = latency_json(log.waits, processed_at=moment(call.updated_at))
    if log.row.extraction is not None:
        shown["postCallAnalytics"] = analytics_json(log.row.extraction)
    return shown


def analytics_json(extraction: Extraction) -> dict[str, Any]:
    """`postCallAnalytics`: every question, also one without an answer; values as strings."""
    return {"summary": extraction.findings.summary, "dispositionMetrics": metric_results(extraction.findings.answers)}


def metric_results(
    answers: Iterable[Answer], *, typed: bool = False, questions: Iterable[DispositionMetric] = ()
) -> list[dict[str, Any]]:
    """Each result with `confidence` and `reasoning`, which clients expect of every one; null for a value not `ok`.

    `typed`: true, 5 or a string, as webhooks have it, rather than strings alone. With `questions` each result says
    what was asked. A confidence is 0 where there is no answer, or nobody said how sure they are.
    """
    prompts = {question.identifier: question for question in questions}
    found = []
    for answer in answers:
        result: dict[str, Any] = {
            "identifier": answer.identifier,
            "value": _typed(answer) if typed else wire_text(answer),
            "confidence": answer.confidence or 0,
            "reasoning": answer.reasoning,
            "status": answer.status.value,
        }
        if answer.identifier in prompts:
            asked = prompts[answer.identifier]
            result |= {"dispositionMetricPrompt": asked.prompt, "dispositionMetricType": asked.type.value}
        found.append(result)
    return found


def wire_text(answer: Answer) -> str | None:
    """The value as a string: `true`, `5`, or itself; None where it is not `ok`."""
    value = _typed(answer)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _typed(answer: Answer) -> AnswerValue:
    return answer.value if answer.status is AnswerStatus.OK else None


def asked_json(asked: Iterable[tuple[str, QuestionType]]) -> list[dict[str, str]]:
    """Questions by identifier and type."""
    return [{"identifier": identifier, "type": kind.value} for identifier, kind in asked]


def transcript_json(call: Call, turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`[{role, content, timestamp}]`; of a turn whose time nobody told, the call's start stands for it."""
    return [
        {"role": turn.role.value, "content": turn.text, "timestamp": moment(_said_at(call, turn))} for turn in turns
    ]


def _said_at(call: Call, turn: Turn) -> Any:
    if turn.at is not None:
        return turn.at
    return call.started_at + timedelta(seconds=turn.start_s or 0)


def latency_json(waits: Sequence[Wait], *, processed_at: str | None) -> dict[str, Any]:
    """`turnLatencyMetrics`, in milliseconds; transitions only of the turns whose place in the call is known."""
    latencies = [_ms(wait.seconds) for wait in waits]
    return {
        "turns": len(latencies),
        "avgLatency": round(statistics.fmean(latencies), 1),
        "medianLatency": statistics.median(latencies),
        "minLatency": min(latencies),
        "maxLatency": max(latencies),
        "latencies": latencies,
        "transitions": [
            {
                "turn": number,
                "user_end": max(0, _ms(wait.begins_s - wait.seconds)),
                "bot_start": _ms(wait.begins_s),
                "latency": _ms(wait.seconds),
            }
            for number, wait in enumerate(waits, 1)
            if wait.begins_s is not None
        ],
        "processedAt": processed_at,
    }


def variables_of(call: Call) -> dict[str, Json]:
    """What the agent was told of this person."""
    variables = call.details.metadata.get("variables")
    return variables if isinstance(variables, dict) else {}


def seconds_of(call: Call) -> float:
    """How long a call took, as far as anybody knows; 0 for one that never was, since clients add them up."""
    return round(call.duration_s or 0.0, 3)


def kind_of_log(log: CallLog) -> CallKind:
    """Whether it is a telephone call, and which way, or a web call, or a chat."""
    details = log.row.call.details
    return kind_of(details.channel, details.direction, web_call=log.is_web_call)


def is_test(call: Call) -> bool:
    """Calls in the sandbox are tests."""
    return call.details.environment.value == "sandbox"


def _published(call: Call) -> int | None:
    """The number of its version; a draft that was only tried has none."""
    return call.version if call.version > 0 else None


def database_id(call_id: str) -> str:
    """A call's `_id`: 24 hex digits that its id makes; no route takes it."""
    return hashlib.blake2s(call_id.encode(), digest_size=12).hexdigest()


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
