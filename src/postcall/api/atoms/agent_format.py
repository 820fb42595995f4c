"""An agent as this interface shows it."""

from __future__ import annotations

from typing import Any

from postcall.api.atoms.config import config_fields, flat_config
from postcall.api.atoms.replies import moment
from postcall.domain.agents import Version, VersionConfig
from postcall.storage.agent_profiles import AgentProfile

_OLD_MODELS = frozenset({"electron", "gpt-4o"})
_OLD_LANGUAGES = frozenset({"en", "hi", "ta", "kn"})
_OLD_VOICES = frozenset({"waves", "waves_lightning_large", "waves_lightning_large_voice_clone"})


def agent_json(
    found: AgentProfile,
    active: Version,
    *,
    resolved: VersionConfig | None = None,
    source: str | None = None,
    listed: bool = False,
) -> dict[str, Any]:
    """An agent with the configuration of its active version, or with `resolved`.

    `source` (`active`, `draft` or `version`) is told where somebody asked for one of them. A `listed` agent has no
    `_resolvedConfig`, and none of the values for which an old client refuses the whole list.
    """
    agent, config = found.agent, active.config if resolved is None else resolved
    fields = config_fields(config)
    shown = {
        **(_for_list(fields) if listed else {**fields, "_resolvedConfig": flat_config(config)}),
        "_id": agent.id,
        "name": agent.name,
        "description": agent.description,
        "organization": agent.account,
        "workflowId": agent.id,
        "createdBy": found.created_by or agent.account,
        "createdAt": moment(agent.created_at),
        "updatedAt": moment(found.updated_at),
        "archived": agent.archived_at is not None,
        "totalCalls": found.calls,
        "allowInboundCall": found.profile.takes_inbound,
        "visibleToEveryone": found.profile.visible_to_everyone,
        "activeVersionId": active.id,
        "versionId": active.id,
    }
    sometimes = {
        "archivedAt": moment(agent.archived_at),
        "avatarUrl": found.profile.picture_url,
        "phoneNumber": list(found.numbers) or None,
        "_configSource": source,
    }
    return shown | {name: value for name, value in sometimes.items() if value is not None}


def _for_list(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what the typed client of 2025 does not know: it would show its user no agent at all."""
    listed = {name: value for name, value in fields.items() if name != "backgroundSound"}
    if listed.get("slmModel") not in _OLD_MODELS:
        del listed["slmModel"]
    language = listed.get("language", {})
    if language.get("enabled") not in _OLD_LANGUAGES and "enabled" in language:
        listed["language"] = {name: value for name, value in language.items() if name != "enabled"}
    synthesizer = listed.get("synthesizer", {})
    voice = synthesizer.get("voiceConfig", {})
    if "model" in voice and voice["model"] not in _OLD_VOICES:
        voice = {name: value for name, value in voice.items() if name != "model"}
        listed["synthesizer"] = {**synthesizer, "voiceConfig": voice}
    return listed
