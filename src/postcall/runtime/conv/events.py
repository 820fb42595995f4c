"""What reaches a conversation from outside while it goes on."""

# ruff: noqa: ARG002 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from typing import Any


class Event(abc.ABC):  # noqa: B024 - only a common name
    """Something from outside."""


@dataclass
class GenericExternalEvent(Event):
    """What somebody sent to an id that `generate_external_event` gave out."""

    ext_event_id: str
    send_to_llm: bool
    created_at: str | None = None
    data: str | None = None
    content_type: str | None = None

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> GenericExternalEvent:
        return cls(
            d["ext_event_id"],
            bool(d.get("send_to_llm", False)),
            d.get("created_at"),
            d.get("data"),
            d.get("content_type"),
        )


@dataclass
class SMSReceived(Event):
    """A text message that the caller sent."""

    from_number: str
    to_number: str
    text: str


@dataclass
class ExternalEvents:
    """Text messages that came in during a call; postcall receives none, so asking to wait for one is refused."""

    sms_received: list[SMSReceived] = field(repr=False)

    def listen_for_sms_next_turn(self, timeout: float = 10.0) -> None:
        from postcall.runtime.conv.errors import OutsideServiceNeeded

        raise OutsideServiceNeeded("waiting for a text message")

    def get_sms_received_history(self) -> list[SMSReceived]:
        return list(self.sms_received)
