"""Who a caller is from one call to the next, and what of the state is remembered."""

from __future__ import annotations

from postcall.domain.calls import Json
from postcall.runtime.projects.model import Project
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.texts.experimental import MemoryTuning, read_tuning


def caller_of(project: Project, snapshot: Snapshot) -> str | None:
    """By what the agent knows this caller again; None where there is nothing, such as a withheld number."""
    source, _, name = (_tuning(project, snapshot).identifier_source or "").partition(":")
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
    return (
        None
        if found is None or str(found) in _tuning(project, snapshot).repeat_caller.identifier_blacklist
        else str(found)
    )


def remembered(project: Project, snapshot: Snapshot) -> dict[str, Json]:
    """The part of the state that is kept for the caller's next call."""
    keys = _tuning(project, snapshot).repeat_caller.state_keys
    return {key: snapshot.projection[key] for key in keys if key in snapshot.projection}


def _tuning(project: Project, snapshot: Snapshot) -> MemoryTuning:
    return read_tuning(
        project.experimental,
        variant=snapshot.variant,
        flow=None,
        step=None,
        channel=snapshot.channel_type,
        language=snapshot.language or project.default_language,
    ).memory
