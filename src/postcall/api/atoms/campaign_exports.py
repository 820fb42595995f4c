"""What came of a campaign, as files: a person each, or a call each, written as they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.engine import Connection

from postcall.api.atoms.call_format import RecordingAddress, log_row, seconds_of, transcript_json
from postcall.api.atoms.call_words import wire_reason, wire_status
from postcall.api.atoms.calls import recordings_of
from postcall.api.atoms.campaigns import no_campaign
from postcall.api.atoms.errors import PREFIXES, AtomsError, in_envelope
from postcall.api.atoms.replies import check_id, moment, reader
from postcall.api.csv_reply import Cell, csv_reply
from postcall.api.recordings import base_of
from postcall.api.services import services_of
from postcall.domain.call_logs import CallLog
from postcall.domain.calls import Transcript
from postcall.domain.outbound import MemberState
from postcall.errors import CampaignNotFound
from postcall.storage.call_logs import read_logs
from postcall.storage.call_rows import read_transcript
from postcall.storage.campaign_members import (
    MemberFile,
    calls_of_campaign,
    list_members,
    member_columns,
)
from postcall.storage.campaigns import CountedCampaign, find_campaign

router = APIRouter()

_AT_ONCE = 100
"""People, or calls, that are held at the same time: each call may have hundreds of turns."""
_BY_STATE = {
    MemberState.WAITING: "pending",
    MemberState.CALLING: "in_progress",
    MemberState.SKIPPED: "cancelled",
    MemberState.MISSED: "failed",
    MemberState.REACHED: "completed",
}
"""How it stands with somebody to whom there is no call."""
_MEMBER_COLUMNS = (
    "audienceMemberId",
    "phoneNumber",
    "totalAttempts",
    "finalStatus",
    "totalCallDuration",
    "totalCallCost",
    "lastCallId",
    "summary",
)
_LOG_COLUMNS = (
    "createdAt",
    "callId",
    "attempt",
    "contact",
    "agent",
    "status",
    "disconnectionReason",
    "callFailureReason",
    "duration",
    "cost",
    "recordingUrl",
    "transcriptUrl",
)


@dataclass(frozen=True, slots=True)
class _Person:
    member: MemberFile
    calls: tuple[CallLog, ...]
    said: Mapping[str, Transcript]
    """By the call's id."""


@router.get("/campaign/{campaign_id}/export/by-audience-member")
@in_envelope
async def export_members(request: Request, campaign_id: str) -> Response:
    """Everybody with every attempt to call them, as JSON; a line each as CSV."""
    form = request.query_params.get("format", "json").strip().lower() or "json"
    if form not in {"json", "csv"}:
        raise AtomsError(400, f"format: must be json or csv, not {form[:40]!r}")
    found = await _find(request, campaign_id, status=404)
    if form == "json":
        return StreamingResponse(_members_json(request, found), media_type="application/json")
    columns = await services_of(request).record.read_async(lambda c: member_columns(c, found.pk))
    # What people are called by comes first, and no heading twice.
    own = [name for name in columns if name not in _MEMBER_COLUMNS]
    return csv_reply([*own, *_MEMBER_COLUMNS], _member_rows(request, found, own), f"{found.campaign.name}.csv")


@router.get("/campaign/{campaign_id}/logs/export")
@in_envelope
async def export_logs(request: Request, campaign_id: str) -> Response:
    """A line for each call, the oldest first."""
    found = await _find(request, campaign_id, status=400)
    return csv_reply(_LOG_COLUMNS, _log_rows(request, found), f"{found.campaign.name} calls.csv")


async def _find(request: Request, campaign_id: str, *, status: int) -> CountedCampaign:
    principal = await reader(request)
    check_id(campaign_id, what="campaign")
    try:
        return await services_of(request).record.read_async(
            lambda c: find_campaign(c, principal.account_pk, campaign_id)
        )
    except CampaignNotFound:
        raise no_campaign(status) from None


async def _members_json(request: Request, found: CountedCampaign) -> AsyncIterator[bytes]:
    head = {
        "campaign": found.campaign.name,
        "exportedAt": moment(services_of(request).clock()),
        "totalAudienceMembers": found.participants,
    }
    yield msgspec.json.encode(head)[:-1] + b',"data":['
    address, separator = recordings_of(request), b""
    async for person in _people(request, found):
        yield separator + msgspec.json.encode(_person_json(person, address))
        separator = b","
    yield b"]}"


async def _member_rows(request: Request, found: CountedCampaign, own: Sequence[str]) -> AsyncIterator[list[Cell]]:
    async for person in _people(request, found):
        last = person.calls[-1] if person.calls else None
        extraction = last.row.extraction if last else None
        yield [
            *(_cell(person.member.data.get(name)) for name in own),
            person.member.id,
            person.member.phone,
            len(person.calls),
            _final_status(person),
            _seconds(person),
            _cost(person),
            last.row.call.id if last else None,
            extraction.findings.summary if extraction else None,
        ]


async def _log_rows(request: Request, found: CountedCampaign) -> AsyncIterator[list[Cell]]:
    address, base = recordings_of(request), base_of(request) + PREFIXES[0]
    record, after = services_of(request).record, 0

    def read(connection: Connection) -> tuple[int, tuple[CallLog, ...]]:
        keys = calls_of_campaign(connection, found.pk, after=after, limit=_AT_ONCE)
        return (keys[-1] if keys else 0), read_logs(connection, found.account_pk, keys)

    while True:
        after, logs = await record.read_async(read)
        if not after:
            return
        for log in logs:
            yield _log_cells(log, address, base)


def _log_cells(log: CallLog, address: RecordingAddress, base: str) -> list[Cell]:
    call = log.row.call
    reason = call.details.disconnection_reason
    return [
        moment(call.started_at),
        call.id,
        log.placed.attempt + 1 if log.placed else 1,
        call.details.to_number,
        log.agent_name,
        wire_status(call.details.status, log.placed),
        wire_reason(reason) if reason else None,
        log.placed.failure if log.placed else None,
        seconds_of(call),
        log.placed.cost if log.placed else None,
        address(log),
        f"{base}/conversation/{call.id}",
    ]


async def _people(request: Request, found: CountedCampaign) -> AsyncIterator[_Person]:
    record, after = services_of(request).record, 0

    def read(connection: Connection) -> list[_Person]:
        members = list_members(connection, found.pk, after=after, limit=_AT_ONCE)
        calls = [call for member in members for call in member.attempted]
        logs = {log.row.call.id: log for log in read_logs(connection, found.account_pk, [each.pk for each in calls])}
        said = {call.id: read_transcript(connection, call.pk, call.revision) for call in calls}
        return [
            _Person(member, tuple(logs[call.id] for call in member.attempted if call.id in logs), said)
            for member in members
        ]

    while people := await record.read_async(read):
        after = people[-1].member.pk
        for person in people:
            yield person


def _person_json(person: _Person, address: RecordingAddress) -> dict[str, Any]:
    calls = [
        {**log_row(log, address), "transcript": transcript_json(log.row.call, person.said[log.row.call.id])}
        for log in person.calls
    ]
    return {
        "audienceMemberId": person.member.id,
        "audienceMemberData": person.member.data,
        "phoneNumber": person.member.phone,
        "originalCall": calls[0] if calls else None,
        "retryAttempts": calls[1:],
        "totalAttempts": len(calls),
        "finalStatus": _final_status(person),
        "totalCallDuration": _seconds(person),
        "totalCallCost": _cost(person),
    }


def _final_status(person: _Person) -> str:
    if not person.calls:
        return _BY_STATE[person.member.state]
    last = person.calls[-1]
    return wire_status(last.row.call.details.status, last.placed)


def _seconds(person: _Person) -> float:
    return round(sum(seconds_of(log.row.call) for log in person.calls), 3)


def _cost(person: _Person) -> float:
    return sum(log.placed.cost or 0.0 for log in person.calls if log.placed is not None)


def _cell(value: Any) -> Cell:
    """What a member has is text, as a rule; anything else as JSON has it."""
    return (
        value if value is None or isinstance(value, str | int | float | bool) else msgspec.json.encode(value).decode()
    )
