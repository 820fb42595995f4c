"""Lines of versions that grow beside each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

MAIN = "Main"
"""The branch that every agent begins with, and that needs no row."""


def main_branch_id(agent_id: str) -> str:
    """The id by which an agent's first branch is known: 24 hex digits, always the same."""
    return hashlib.sha256(f"branch {MAIN} of {agent_id}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of versions of an agent, with at most one draft that is open on it."""

    id: str
    """24 hex digits."""
    agent_id: str
    name: str
    source_id: str | None
    """The branch that it came from; None: it is the agent's first."""
    source_version: int | None
    """The number of the version that it begins after."""
    head: int | None
    """The number of its newest version; None: nothing was published on it."""
    versions: int
    """How many it has."""
    draft_id: str | None
    live: bool
    """It holds the version that is active."""
    created_by: str | None
    updated_by: str | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @property
    def is_main(self) -> bool:
        """Whether the agent began with it."""
        return self.source_id is None

    @property
    def row_id(self) -> str | None:
        """As its versions name it."""
        return None if self.is_main else self.id
