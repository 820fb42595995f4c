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
    """To see log lines that their author marked as personal data."""


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


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a request acts."""

    account: str
    account_pk: int
    scopes: frozenset[Scope]
    name: str | None = None
    """How the key is called; what it changes is known to be by it."""

    @property
    def may_see_pii(self) -> bool:
        """Whether log lines marked as personal data are shown."""
        return Scope.PII in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Raise NotAllowed unless the key has this scope."""
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            raise NotAllowed(f"this key lacks the scope {scope.value!r}")
