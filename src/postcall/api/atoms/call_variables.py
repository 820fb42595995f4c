"""What webhooks and call actions may say of a call by name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from postcall.api.atoms.call_format import seconds_of, variables_of
from postcall.api.atoms.call_words import wire_conversation_type, wire_status
from postcall.domain.agents import VersionConfig
from postcall.domain.answers import AnswerStatus
from postcall.domain.call_logs import WEB_CALL, CallKind, kind_of
from postcall.domain.calls import Call, Direction, Json
from postcall.storage.told_calls import ToldCall

_GMT = re.compile(r"\(?(?:GMT|UTC)\s*([+-])\s*(\d{1,2}):?(\d{2})?\)?", re.IGNORECASE)
_MOST_HOURS = 14


def call_variables(told: ToldCall) -> dict[str, Json]:
    """By name; what is always there wins over a variable that an agent or a caller gave the same name."""
    return {**told.config.variables, **variables_of(told.call), **always_there(told)}


def always_there(told: ToldCall) -> dict[str, Json]:
    """Those that every call has; times by the agent's clock when the call began."""
    call = told.call
    details, kept = call.details, told.config.kept
    theirs, ours = details.to_number or "", details.from_number or ""
    if details.direction is Direction.INBOUND:
        theirs, ours = ours, theirs
    language, voice = _object(kept.get("language")), _object(kept.get("synthesizer"))
    default = _text(language.get("default")) or details.language or "en"
    supported = language.get("supported")
    names = [_text(each) for each in supported] if isinstance(supported, list) else []
    zone, zone_name = agent_zone(told.config)
    began = call.started_at.astimezone(zone)
    return {
        "call_id": call.id,
        "user_number": theirs,
        "agent_number": ours,
        "conversation_type": wire_conversation_type(kind_of_call(call)),
        "agent_gender": _text(_object(voice.get("voiceConfig")).get("gender")),
        "default_language": default,
        "supported_languages": ",".join(names or [default]),
        "current_date": f"{began:%Y-%m-%d}",
        "current_time": f"{began:%H:%M}",
        "current_day": f"{began:%A}",
        "timezone": zone_name,
    }


def action_variables(told: ToldCall) -> dict[str, Json]:
    """What conditions and templates of call actions may use: besides the call's variables how it went.

    Metrics stand under their identifiers, typed, null where there is no answer; a variable of the same name gives way.
    """
    call, extraction = told.call, told.extraction
    found: dict[str, Json] = {
        **call_variables(told),
        "agent_id": told.call.agent_id,
        "agent_name": told.agent_name,
        "call_status": wire_status(call.details.status),
        "call_duration": seconds_of(call),
        "disconnection_reason": call.details.disconnection_reason.value if call.details.disconnection_reason else None,
        "summary": extraction.findings.summary if extraction else "",
    }
    if extraction is None:
        return found
    answers = {
        each.identifier: each.value if each.status is AnswerStatus.OK else None for each in extraction.findings.answers
    }
    return {**found, **answers}


def kind_of_call(call: Call) -> CallKind:
    """By which way it came."""
    web_call = WEB_CALL.items() <= call.details.metadata.items()
    return kind_of(call.details.channel, call.details.direction, web_call=web_call)


def agent_zone(config: VersionConfig) -> tuple[tzinfo, str]:
    """The agent's time zone and its name; UTC where it has none.

    A label is the name of a zone (`Asia/Kolkata`) or says the offset itself (`(GMT+5:30) Mumbai`); an offset alone is
    in hours up to 14, in minutes beyond.
    """
    given = _object(config.kept.get("timezone"))
    label, offset = _text(given.get("label")).strip(), given.get("offset")
    if named := _named_zone(label):
        return named, label
    if found := _GMT.search(label):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return _fixed(-minutes if found[1] == "-" else minutes), label
    if isinstance(offset, int | float) and not isinstance(offset, bool):
        fixed = _fixed(offset * 60 if abs(offset) <= _MOST_HOURS else offset)
        return fixed, label or str(datetime(2000, 1, 1, tzinfo=fixed).tzname())
    return UTC, label or "UTC"


def _named_zone(label: str) -> tzinfo | None:
    if not label or " " in label:
        return None
    try:
        return ZoneInfo(label)
    except (KeyError, ValueError, OSError):  # no such name, or what could be no file's
        return None


def _fixed(minutes: float) -> tzinfo:
    return timezone(timedelta(minutes=round(minutes))) if abs(minutes) < 24 * 60 else UTC


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
