"""Who looks at the pages, and what they may do there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.errors import BadInput, NotAllowed

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_LONGEST_EMAIL = 255


class Role(StrEnum):
    """What a person may do; each may do all that those before it may."""

    READER = "reader"
    """Look at everything and change nothing."""
    EDITOR = "editor"
    """Change what is asked, labelled, remarked and shown."""
    ADMIN = "admin"
    """Everything, the account's own settings included."""

    def includes(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever a page is shown to."""

    account_pk: int
    account: str
    name: str | None
    """To be kept with what they change; None for whoever sits at the machine itself and has not signed in."""
    email: str | None
    role: Role

    @property
    def may_change(self) -> bool:
        """Whether to offer buttons that change something; a reader's request to do so is refused anyway."""
        return self.role.includes(Role.EDITOR)

    @property
    def may_see_pii(self) -> bool:
        """Whether log lines marked as personal data are shown."""
        return self.role.includes(Role.ADMIN)

    def require(self, role: Role) -> None:
        """Raise NotAllowed unless they may do what this role may."""
        if not self.role.includes(role):
            raise NotAllowed(f"this needs the role {role.value}, and yours is {self.role.value}")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in, as they are listed; the password is nowhere."""

    id: str
    email: str
    name: str
    role: Role
    created_at: datetime
    last_seen_at: datetime | None
    """To the day; None where they have not signed in yet."""


def read_email(text: str) -> str:
    """The address as it is kept, in small letters, so that nobody has two; BadInput where it cannot be one."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > _LONGEST_EMAIL or not email.isprintable():
        raise BadInput(f"{text[:60]!r} is not an e-mail address", field="email")
    return email
