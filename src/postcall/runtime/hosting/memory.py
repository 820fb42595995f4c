"""Who a caller is from one call to the next, and what of the state and the last call is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from postcall.domain.calls import Json
from postcall.runtime.projects.model import Project
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.texts.experimental import MemoryTuning, read_tuning

LAST_CALL = "postcall.last_call"
"""Beside the remembered state: what REPEAT_CALLER_... metrics of the next call say. No state key has a dot."""


def caller_of(project: Project, snapshot: Snapshot) -> str | None:
    """By what the agent knows this caller again; None where there is nothing, such as a withheld number."""
    tuning = _tuning(project, snapshot)
    source, _, name = (tuning.identifier_source or "").partition(":")
    found: object = None
    match source:
        case "":
            found = snapshot.caller_number
        case "sip_headers":
            found = snapshot.sip_headers.get(name)
        case "integration_attributes":
            found = (snapshot.integration_attributes or {}).get(name)
        case "state":
            found = snapshot.projection.get(name)
    if found is None or str(found) in tuning.repeat_caller.identifier_blacklist:
        return None
    return str(found)


def remembered(project: Project, snapshot: Snapshot, *, at: datetime) -> dict[str, Json]:
    """What is kept for the caller's next call. `at` is when this one began."""
    tuning = _tuning(project, snapshot).repeat_caller
    kept: dict[str, Json] = {key: snapshot.projection[key] for key in tuning.state_keys if key in snapshot.projection}
    if tuning.analytics_enabled:
        topics = [value for name, value in snapshot.metrics if name == "QA"]
        kept[LAST_CALL] = {
            "REPEAT_CALLER_CONV_ID": snapshot.id,
            "REPEAT_CALLER_DATETIME": at.isoformat(),
            "REPEAT_CALLER_QA": topics[-1] if topics else None,
            "REPEAT_CALLER_HANDOFF_TO": snapshot.handoff_destination,
            "REPEAT_CALLER_HANDOFF_REASON": snapshot.handoff_reason,
        }
    return kept


def recall(memory: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, str]]:
    """What functions see of a memory, and the metrics that tell of the caller's last call."""
    last = memory.get(LAST_CALL)
    told = last if isinstance(last, dict) else {}
    return (
        {name: value for name, value in memory.items() if name != LAST_CALL},
        {name: str(value) for name, value in told.items() if value is not None},
    )


def _tuning(project: Project, snapshot: Snapshot) -> MemoryTuning:
    return read_tuning(
        project.experimental,
        variant=snapshot.variant,
        flow=None,
        step=None,
        channel=snapshot.channel_type,
        language=snapshot.language or project.default_language,
    ).memory
