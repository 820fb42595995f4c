"""A conversation before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postcall.runtime.projects.model import Project
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.texts.languages import spoken_language


def new_snapshot(
    project: Project,
    *,
    id: str,  # noqa: A002 - the name that the snapshot has for it
    env: str,
    channel_type: str,
    variant: str | None = None,
    language: str | None = None,
    caller_number: str | None = None,
    callee_number: str | None = None,
    sip_headers: Mapping[str, str] | None = None,
    integration_attributes: Mapping[str, Any] | None = None,
    memory: Mapping[str, Any] | None = None,
) -> Snapshot:
    """Nothing has happened yet. A variant or language that the project does not have gives way to the default one."""
    return Snapshot(
        id=id,
        env=env,
        channel_type=channel_type,
        caller_number=caller_number,
        callee_number=callee_number,
        sip_headers=dict(sip_headers or {}),
        integration_attributes=None if integration_attributes is None else dict(integration_attributes),
        language=spoken_language(language, project.languages) or project.default_language,
        variant=variant if variant in project.variants else project.default_variant,
        memory=dict(memory or {}),
    )
