"""The JSON of exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from postcall.api.native.parameters import read_time
from postcall.domain.exports import Export, ExportFormat, ExportState, ExportWanted

MAX_AGENTS = 1_000


class ExportBody(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody asks to be exported."""

    format: ExportFormat = ExportFormat.CSV
    agents: list[str] = []
    """Ids or slugs; empty: every agent."""
    since: str | None = None
    """ISO 8601 with a zone, or a date: calls that started then or later."""
    until: str | None = None
    transcripts: bool = False
    after: str | None = None
    """The id of a finished export of the same calls: only what has changed since."""


def wanted_of(body: ExportBody) -> ExportWanted:
    """As the record has it; BadInput names the field that is wrong."""
    times: Mapping[str, str] = {
        name: text for name, text in (("since", body.since), ("until", body.until)) if text is not None
    }
    return ExportWanted(
        format=body.format,
        agents=tuple(body.agents),
        since=read_time(times, "since"),
        until=read_time(times, "until"),
        transcripts=body.transcripts,
        after=body.after,
    )


def export_json(export: Export) -> dict[str, Any]:
    """An export; `files` has addresses once it is finished and until its files are thrown away."""
    wanted, manifest = export.wanted, export.manifest
    names = [file.name for file in manifest.files] if manifest and export.state is ExportState.FINISHED else []
    return {
        "id": export.id,
        "state": export.state,
        "format": wanted.format,
        "agents": list(wanted.agents),
        "since": wanted.since,
        "until": wanted.until,
        "transcripts": wanted.transcripts,
        "after": wanted.after,
        "calls_done": export.calls_done,
        "calls_total": export.calls_total,
        "error": export.error,
        "created_by": export.created_by,
        "created_at": export.created_at,
        "updated_at": export.updated_at,
        "expires_at": export.expires_at,
        "files": {name: f"/postcall/v1/exports/{export.id}/files/{name}" for name in [*names, *_manifest_name(names)]},
        "manifest": manifest,
    }


def _manifest_name(names: list[str]) -> list[str]:
    return ["manifest.json"] if names else []
