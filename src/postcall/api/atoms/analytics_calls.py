"""Single calls, as analytics routes show them. Which calls there are and how many is asked of the reports, like every
number; what a row says of a call is read from the record, since the reports' index holds no words and no recordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from postcall.api.atoms.analytics_filters import Asked
from postcall.api.atoms.analytics_numbers import CALLS, ms
from postcall.api.atoms.analytics_parts import ask
from postcall.api.atoms.call_format import RecordingAddress, kind_of_log, seconds_of, transcript_json
from postcall.api.atoms.call_words import wire_reason, wire_status, wire_type
from postcall.api.atoms.paging import Paging
from postcall.api.atoms.replies import moment
from postcall.domain.call_logs import CallLog
from postcall.domain.calls import Turn
from postcall.reporting.reports import Reports
from postcall.storage.list_facts import ListFacts


async def page_of_calls(reports: Reports, asked: Asked, page: Paging) -> tuple[int, tuple[int, ...]]:
    """How many calls there are, and the keys of those on a page, the newest first."""
    [counted] = await ask(reports, asked, asked.query(CALLS))
    if page.skip >= counted.calls:
        return counted.calls, ()
    keys = await reports.calls(asked.principal.account_pk, asked.query(), limit=page.skip + page.size)
    return counted.calls, keys.pks[page.skip :]


def log_json(
    asked: Asked,
    logs: Sequence[CallLog],
    facts: Mapping[str, ListFacts],
    recording: RecordingAddress,
    page: Paging,
    *,
    total: int,
) -> dict[str, Any]:
    """A page of the log."""
    return {
        "calls": [
            _row(log, facts[log.row.call.id], recording, asked.principal.account)
            for log in logs
            if log.row.call.id in facts
        ],
        "totalCalls": total,
        "totalPages": page.pages(total),
        "currentPage": page.page,
        "limit": page.size,
    }


def _row(log: CallLog, facts: ListFacts, recording: RecordingAddress, account: str) -> dict[str, Any]:
    call = log.row.call
    details = call.details
    known = {
        "campaignId": facts.campaign_id,
        "campaignName": facts.campaign,
        "callLatencyMs": None if facts.latency_s is None else ms(facts.latency_s),
        "costSpent": facts.cost,
        "disconnectionReason": wire_reason(details.disconnection_reason) if details.disconnection_reason else None,
        "recordingUrl": recording(log),
    }
    return {
        "orgId": account,
        "callId": call.id,
        "agentId": call.agent_id,
        "agentName": log.agent_name,
        "callType": wire_type(kind_of_log(log)),
        "timestamp": moment(call.started_at),
        "callDurationMs": ms(seconds_of(call)),
        # Nothing published says what a source is.
        "source": "campaign" if facts.campaign_id is not None else details.channel.value,
        "callStatus": wire_status(details.status, log.placed),
        "fromNumber": details.from_number or "",
        "toNumber": details.to_number or "",
        **{name: value for name, value in known.items() if value is not None},
    }


def details_json(
    log: CallLog,
    turns: Sequence[Turn],
    events: Sequence[Mapping[str, Any]],
    *,
    account: str,
    workflow_type: str,
) -> dict[str, Any]:
    """One call with what was said; here a turn's words are its `text`."""
    call = log.row.call
    said = transcript_json(call, turns)
    return {
        "orgId": account,
        "callId": call.id,
        "agentName": log.agent_name,
        "workflowType": workflow_type,
        "transcript": [
            {"role": turn["role"], "text": turn["content"], "timestamp": turn["timestamp"]} for turn in said
        ],
        "events": [{"eventType": event["event_type"], "timestamp": event["timestamp"]} for event in events],
        "fromNumber": call.details.from_number or "",
        "toNumber": call.details.to_number or "",
        "callDurationMs": ms(seconds_of(call)),
    }
