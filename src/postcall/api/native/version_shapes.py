"""How drafts, diffs and a question's history look on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postcall.api.native.shapes import agent_json, config_json, question_json, version_json
from postcall.configure.diffing import ConfigDiff, QuestionChange
from postcall.configure.question_history import Asked, questions_ever_asked
from postcall.domain.agents import Agent, Draft, Version


def draft_json(draft: Draft, *, active_version: int) -> dict[str, Any]:
    """A draft, with what it says."""
    return {
        "id": draft.id,
        "name": draft.name,
        "base_version": draft.base_version,
        "base_is_active": draft.base_version == active_version,
        "revision": draft.revision,
        "created_at": draft.created_at,
        "created_by": draft.created_by,
        "updated_at": draft.updated_at,
        "updated_by": draft.updated_by,
        **config_json(draft.config),
    }


def diff_json(diff: ConfigDiff, *, before: str | int, after: str | int) -> dict[str, Any]:
    """What differs between two, which are named by a version's number or a draft's id."""
    return {
        "before": before,
        "after": after,
        "questions": [_change_json(change) for change in diff.questions],
        "settings": [{"name": each.name, "before": each.before, "after": each.after} for each in diff.settings],
    }


def history_json(identifier: str, history: Sequence[Asked], *, active_version: int) -> dict[str, Any]:
    """How versions asked one question, the latest way first."""
    return {
        "identifier": identifier,
        "asked_now": any(each.first_version <= active_version <= each.last_version for each in history),
        "history": [
            {
                **question_json(each.question),
                "first_version": each.first_version,
                "last_version": each.last_version,
                "since": each.since,
                "by": each.by,
                "changed": each.parts,
            }
            for each in history
        ],
    }


def _change_json(change: QuestionChange) -> dict[str, Any]:
    return {
        "identifier": change.identifier,
        "change": change.kind,
        "parts": change.parts,
        "moved": change.moved,
        "place_before": change.place_before,
        "place_after": change.place_after,
        "before": None if change.before is None else question_json(change.before),
        "after": None if change.after is None else question_json(change.after),
    }


def agent_file_json(agent: Agent, versions: Sequence[Version], drafts: Sequence[Draft]) -> dict[str, Any]:
    """An agent with its versions and drafts."""
    return {
        **agent_json(agent),
        "versions": [version_json(version) for version in versions],
        "drafts": [draft_json(draft, active_version=agent.active_version) for draft in drafts],
        "questions": [
            {"identifier": identifier, "versions": numbers, "asked_now": agent.active_version in numbers}
            for identifier, numbers in questions_ever_asked(versions).items()
        ],
    }
