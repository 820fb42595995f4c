"""How a hosted conversation begins: what its channel knows of the other side."""

from __future__ import annotations

from dataclasses import dataclass, field

from postcall.domain.calls import CallDetails, CallStatus, Channel, Direction, Environment, Json
from postcall.errors import BadInput

CHAT = "chat.polyai"
WEBCHAT = "webchat.polyai"
SMS = "sms.polyai"
WHATSAPP = "whatsapp.polyai"
RCS = "rcs.polyai"
VOICE = "sip.polyai"

_CHANNELS = {
    CHAT: Channel.WEBCHAT,
    WEBCHAT: Channel.WEBCHAT,
    SMS: Channel.SMS,
    WHATSAPP: Channel.SMS,
    RCS: Channel.SMS,
    VOICE: Channel.VOICE,
}
"""By the names that projects know channels by: as what the record keeps them."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """What is known when a conversation begins."""

    channel: str = CHAT
    """As projects know channels, such as `webchat.polyai`."""
    environment: Environment = Environment.LIVE
    version: int | None = None
    """None: the agent's active one."""
    variant: str | None = None
    language: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    direction: Direction = Direction.INBOUND
    attributes: dict[str, Json] | None = None
    """`conv.integration_attributes`."""
    sip_headers: dict[str, str] = field(default_factory=dict)
    call_id: str | None = None
    placed: bool = False
    """The call of this id was placed by us and has been answered just now."""
    metadata: dict[str, Json] = field(default_factory=dict)

    def details(self, agent: str) -> CallDetails:
        """As the record has it, in the moment before the first turn."""
        if self.channel not in _CHANNELS:
            raise BadInput(f"channel: must be one of {', '.join(_CHANNELS)}, not {self.channel!r}", field="channel")
        return CallDetails(
            agent=agent,
            status=CallStatus.IN_PROGRESS,
            channel=_CHANNELS[self.channel],
            direction=self.direction,
            from_number=self.from_number,
            to_number=self.to_number,
            language=self.language,
            environment=self.environment,
            variant=self.variant,
            metadata=self.metadata,
        )
