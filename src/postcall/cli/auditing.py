"""What commands write into the log of who did what."""

from __future__ import annotations

import getpass

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry
from postcall.services import Services
from postcall.storage.audit import add_audit


def note(
    services: Services,
    account_pk: int,
    action: Action,
    subject_kind: str,
    subject: str | None,
    request: str,
    *,
    agent: str | None = None,
) -> None:
    """Log a command: `request` is what was typed, without values, such as `postcall keys create`."""
    entry = AuditEntry(who(), action, subject_kind, request, subject, agent)
    now = services.clock()
    services.record.write(lambda c: add_audit(c, account_pk, entry, now=now))


def who() -> Actor:
    """The system's user who runs the command."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        name = None
    return Actor(ActorKind.COMMAND, name=name)
