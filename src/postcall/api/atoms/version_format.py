"""Versions, drafts and branches as this interface shows them.

A version is known by its own id, on both models; a draft by one id that stands as `_id` and as `draftId`. Who did
something is known by name alone, so names stand where the vendor has ids of people, too, and the account's id where
nobody is known. A version that was made to
try a draft is shown as the draft that it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from postcall.api.atoms.config import changed_sections, sectioned_config, workflow_type
from postcall.api.atoms.replies import moment
from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.branches import Branch, main_branch_id
from postcall.storage.agents import find_agent_row
from postcall.storage.draft_edits import DraftEdit
from postcall.storage.version_ids import name_versions

_DRAFT_ALONE: dict[str, Any] = {
    "status": "draft",
    "versionNumber": None,
    "label": None,
    "description": None,
    "isPinned": False,
    "publishedBy": None,
    "publishedAt": None,
    "activatedBy": None,
    "activatedAt": None,
    "isActive": False,
}
"""What is said of everything that was never published."""


@dataclass(frozen=True, slots=True)
class Known:
    """What must be known of an agent to show its versions."""

    account: str
    active: int
    names: Mapping[int, tuple[str, str | None]]
    """Ids and labels of the versions that are named, by number."""

    def id(self, number: int | None) -> str | None:
        """The id of the version of this number."""
        return None if number is None or number not in self.names else self.names[number][0]

    def label(self, number: int | None) -> str | None:
        """Its label."""
        return None if number is None or number not in self.names else self.names[number][1]


def know(connection: Connection, account_pk: int, named: str, shown: Iterable[Version | Draft | Branch]) -> Known:
    """Look up what these name by number."""
    agent = find_agent_row(connection, account_pk, named)
    numbers = {number for each in shown for number in _numbers(each) if number is not None}
    return Known(agent.account, agent.active_version, name_versions(connection, agent.pk, numbers))


def version_json(version: Version, known: Known) -> dict[str, Any]:
    """AgentVersion, of a version."""
    shown = {
        "_id": version.id,
        "agent": version.agent_id,
        "draftId": None,
        "draftName": None,
        "draftRevision": None,
        "sourceVersionId": known.id(version.parent),
        "parentVersion": known.id(version.parent),
        "blocks": blocks(version.config),
        "workflowType": workflow_type(version.config),
        "createdBy": version.created_by or known.account,
        "createdAt": moment(version.created_at),
        "updatedAt": moment(max(version.created_at, version.activated_at or version.created_at)),
    }
    if version.number < 0:
        return {**shown, **_DRAFT_ALONE, "draftId": version.draft_id}
    return {
        **shown,
        "status": "published",
        "versionNumber": version.number,
        "label": version.label,
        "description": version.description or None,
        "isPinned": version.pinned,
        "publishedBy": version.created_by,
        "publishedAt": moment(version.created_at),
        "activatedBy": version.activated_by,
        "activatedAt": moment(version.activated_at),
        "isActive": version.number == known.active,
    }


def draft_json(draft: Draft, known: Known) -> dict[str, Any]:
    """AgentVersion, of a draft."""
    return {
        "_id": draft.id,
        "agent": draft.agent_id,
        **_DRAFT_ALONE,
        "draftId": draft.id,
        "draftName": draft.name,
        "draftRevision": draft.revision,
        "sourceVersionId": known.id(draft.base_version),
        "parentVersion": known.id(draft.base_version),
        "blocks": blocks(draft.config),
        "workflowType": workflow_type(draft.config),
        "createdBy": draft.created_by or known.account,
        "createdAt": moment(draft.created_at),
        "updatedAt": moment(draft.updated_at),
    }


def revision_json(version: Version, known: Known, *, place: int) -> dict[str, Any]:
    """Revision, of a version that is the `place`th on its branch."""
    return {
        **version_json(version, known),
        "branch": version.branch_id or main_branch_id(version.agent_id),
        "revisionNumber": place,
        "publishedByName": version.created_by,
        "restoredFromLabel": known.label(version.restored_from),
        "restoredFromRevisionId": known.id(version.restored_from),
        "sourceDraftId": version.draft_id,
        **_UNCHECKED,
    }


def open_draft_json(draft: Draft, known: Known) -> dict[str, Any]:
    """Revision, of the draft that is open on a branch."""
    return {
        **draft_json(draft, known),
        "branch": draft.branch_id,
        "revisionNumber": None,
        "publishedByName": None,
        "restoredFromLabel": None,
        "restoredFromRevisionId": None,
        "sourceDraftId": None,
        **_UNCHECKED,
    }


_UNCHECKED: dict[str, Any] = {"securityCheck": None, "pendingPublish": None}
"""There is no check before a version is published, so it never waits for one."""


def branch_json(branch: Branch, known: Known) -> dict[str, Any]:
    """Branch."""
    return {
        "_id": branch.id,
        "agent": branch.agent_id,
        "name": branch.name,
        "isDefault": branch.is_main,
        "sourceBranchId": branch.source_id,
        "sourceRevisionId": known.id(branch.source_version),
        "headRevisionId": known.id(branch.head),
        "openDraftId": branch.draft_id,
        "status": "active" if branch.archived_at is None else "archived",
        "createdBy": branch.created_by or known.account,
        "updatedBy": branch.updated_by or known.account,
        "createdAt": moment(branch.created_at),
        "updatedAt": moment(branch.updated_at),
    }


def summary_json(branch: Branch, known: Known) -> dict[str, Any]:
    """BranchSummary."""
    return {
        "branch": branch_json(branch, known),
        "isLive": branch.live,
        "hasOpenDraft": branch.draft_id is not None,
        "revisionsCount": branch.versions,
        "headRevisionNumber": branch.versions or None,
    }


def edits_json(edits: Sequence[DraftEdit]) -> list[dict[str, Any]]:
    """How a draft was edited, the last edit first."""
    return [
        {
            "revision": edit.revision,
            "changedSections": sections,
            "editorName": edit.by,
            "editorId": edit.by,
            "timestamp": moment(edit.at),
        }
        for edit, sections in changed_by(edits)
    ]


def open_edits_json(draft: Draft, edits: Sequence[DraftEdit], known: Known) -> list[dict[str, Any]]:
    """How the draft of a branch was edited, the last edit first, each with the draft as it was then."""
    return [
        {
            "revision": open_draft_json(
                replace(draft, config=edit.config, revision=edit.revision, updated_at=edit.at, updated_by=edit.by),
                known,
            ),
            "changedSections": sections,
            "editorName": edit.by,
        }
        for edit, sections in changed_by(edits)
    ]


def changed_by(edits: Sequence[DraftEdit]) -> list[tuple[DraftEdit, tuple[str, ...]]]:
    """Each edit with the sections that it changed; none of the first, which is how the draft began.

    The last of `edits` is only what the one before it is compared with, unless it is the first edit of all.
    """
    compared: list[tuple[DraftEdit, tuple[str, ...]]] = [
        (edit, changed_sections(before.config, edit.config)) for edit, before in pairwise(edits)
    ]
    if edits and edits[-1].revision == 1:
        compared.append((edits[-1], ()))
    return compared


def blocks(config: VersionConfig) -> dict[str, str]:
    """An id for what each section says: two versions that say the same have the same id."""
    return {
        section: hashlib.sha256(msgspec.json.encode([section, said], order="deterministic")).hexdigest()[:24]
        for section, said in sectioned_config(config).items()
    }


def _numbers(shown: Version | Draft | Branch) -> tuple[int | None, ...]:
    if isinstance(shown, Version):
        return shown.parent, shown.restored_from
    if isinstance(shown, Draft):
        return (shown.base_version,)
    return shown.head, shown.source_version
