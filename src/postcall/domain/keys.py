"""Who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.errors import NotAllowed


class Scope(StrEnum):
    """What a key may do; `admin` includes every other."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    CONVERSATIONS = "conversations"
    HANDOFF = "handoff"
    EXTERNAL_EVENTS = "external_events"
    PII = "pii"
    """To see personal data: log lines that their author marked so, and transcripts over the Data API."""


class KeyState(StrEnum):
    """What has become of a key."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is listed; its secret is nowhere."""

    id: str
    account: str
    name: str
    shown: str
    """The ends of the secret, by which its owner knows it again."""
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    agents: tuple[str, ...] | None = None
    """The slugs of the agents it is for, which never change; None: every agent there is and will be."""
    per_minute: int | None = None
    """Requests that it may make in a minute; None: as many as it likes, but for what an interface itself allows."""
    last_used_at: datetime | None = None
    """To the minute."""
    created_by: str | None = None

    def state(self, now: datetime) -> KeyState:
        """Whether it opens anything."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        return KeyState.EXPIRED if self.expires_at is not None and self.expires_at <= now else KeyState.ACTIVE


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a request acts."""

    account: str
    account_pk: int
    scopes: frozenset[Scope]
    name: str | None = None
    """How the key is called; what it changes is known to be by it."""
    agents: frozenset[int] | None = None
    """The keys of the agents that it may see and change; None: every one of the account."""
    key_id: str | None = None
    """Of the key; None for the operator's own, which is not in the record."""
    key_pk: int | None = None
    per_minute: int | None = None
    """Requests that it may make in a minute."""

    @property
    def may_see_pii(self) -> bool:
        """Whether log lines marked as personal data are shown."""
        return self.has(Scope.PII)

    def may_see(self, agent_pk: int) -> bool:
        """Whether the agent of this key is one that it is for."""
        return self.agents is None or agent_pk in self.agents

    def has(self, scope: Scope) -> bool:
        """Whether it may do what this scope allows."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Raise NotAllowed unless the key has this scope."""
        if not self.has(scope):
            raise NotAllowed(f"this key lacks the scope {scope.value!r}")
