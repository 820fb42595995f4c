"""People to be called, and people not to be called."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import Json


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to be called."""

    phone: str
    """E.164."""
    data: dict[str, Json]
    """What is known of them, by the column that it came in; also their number, as it was written."""


@dataclass(frozen=True, slots=True)
class Member:
    """A contact in an audience."""

    id: str
    """24 hex digits."""
    phone: str
    """E.164."""
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class AudienceCampaign:
    """A campaign that calls an audience, as far as the audience's owner wants to know."""

    id: str
    name: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Audience:
    """A list of people, each once."""

    id: str
    """24 hex digits."""
    name: str
    description: str
    phone_column: str
    """The column that numbers are in, as whoever made it said."""
    identifier_column: str | None
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    member_count: int = 0
    campaigns: tuple[AudienceCampaign, ...] = field(default=())


class BarSource(StrEnum):
    """How a number came to be on the do-not-call list."""

    CALL = "call"
    """Somebody said so in a call."""
    UPLOAD = "upload"
    """It was in a file."""
    MANUAL = "manual"
    """It was added by itself."""


@dataclass(frozen=True, slots=True)
class Barred:
    """A number that is not to be called."""

    id: str
    """24 hex digits."""
    phone: str
    """E.164."""
    agent_id: str | None
    """None: by none of the account's agents."""
    source: BarSource
    call_id: str | None
    """The call in which they said so."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """The lines that are kept free for an agent: at least so many of its calls can be held at once."""

    agent_id: str
    agent_name: str
    webcall: int
    outbound: int
    inbound: int
    chat: int
    picture: str | None = None

    @property
    def lines(self) -> int:
        """How many they are together."""
        return self.webcall + self.outbound + self.inbound + self.chat
