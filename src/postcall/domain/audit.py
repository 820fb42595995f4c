"""Who read and changed what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActorKind(StrEnum):
    """How somebody was known."""

    KEY = "key"
    PERSON = "person"
    """Who has signed in to the pages."""
    MACHINE = "machine"
    """Whoever sits at the machine itself, where nobody signs in."""
    COMMAND = "command"
    """A command of `postcall`, under the name of the system's user."""


class Action(StrEnum):
    """What was done."""

    READ = "read"
    CHANGED = "changed"
    REFUSED = "refused"
    """They asked, and may not."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who did something."""

    kind: ActorKind
    id: str | None = None
    """Of the key or the user."""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log, to be written."""

    actor: Actor
    action: Action
    subject_kind: str
    """Such as `call`, `calls`, `transcript`, `key`, `agent`, `export`."""
    request: str
    """`GET /postcall/v1/calls/{call_id}`, or `postcall keys create`."""
    subject: str | None = None
    """The id of what it was done to; None where it was a list, or a search."""
    agent: str | None = None
    """The slug of its agent, where that was part of the request."""
    status: int | None = None
    """The HTTP status of the answer."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the log, as it is read."""

    pk: int
    at: datetime
    entry: AuditEntry
    times: int = 1
    """How often within a minute."""
