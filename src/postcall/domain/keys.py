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

    def require(self, scope: Scope) -> None:
        """Raise NotAllowed unless the key has this scope."""
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            raise NotAllowed(f"this key lacks the scope {scope.value!r}")
