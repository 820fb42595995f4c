"""Messages that functions send, and the clients that projects may name but postcall does not let them use."""

# ruff: noqa: ARG002 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NoReturn, Protocol, TypeAlias

from postcall.runtime.conv.errors import SMSClientFailure


@dataclass
class SMSCredentials:
    """What a project would sign in with at a carrier."""

    account_sid: str
    auth_token: str

    def __repr__(self) -> str:
        return f"SMSCredentials({self.account_sid!r}, …)"


@dataclass
class SMSTemplate:
    """A text message prepared in the project."""

    name: str
    content: str
    phone_number: str
    """That it is sent from, in this environment."""


@dataclass
class OutgoingSMSTemplate:
    """A prepared message on its way out."""

    to_number: str
    template: str


@dataclass
class OutgoingSMS:
    """A message on its way out."""

    to_number: str
    from_number: str
    content: str
    content_id: str | None = None


SMSObj: TypeAlias = OutgoingSMS | OutgoingSMSTemplate


@dataclass
class SMSSentEvent:
    """An attempt to send."""

    success: bool
    sms: SMSObj

    @classmethod
    def from_dict(cls, d: Any) -> SMSSentEvent:
        sms = d["sms"]
        sent: SMSObj = OutgoingSMSTemplate(**sms) if "template" in sms else OutgoingSMS(**sms)
        return cls(bool(d["success"]), sent)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class OutgoingEmail:
    """An e-mail on its way out."""

    to: str
    body: str
    subject: str

    def asdict(self) -> dict[str, Any]:
        return asdict(self)


class SMSClient(Protocol):
    """What sends messages."""

    def send_sms(self, sms: OutgoingSMS) -> dict[str, Any]:
        """Send it once."""
        ...

    def retry_send_sms(self, sms: OutgoingSMS, retry_count: int) -> dict[str, Any]:
        """Send it, several times if need be."""
        ...


class TwilioSMSClient(SMSClient):
    """Refuses: messages leave through `conv.send_sms`, so that each is kept and sent once."""

    def __init__(self, sms_credentials: SMSCredentials) -> None:
        self._credentials = sms_credentials

    def send_content_template(self, sms: OutgoingSMS, **kwargs: Any) -> dict[str, Any]:
        _refuse("twilio")

    def send_sms(self, sms: OutgoingSMS) -> dict[str, Any]:
        _refuse("twilio")

    def retry_send_sms(self, sms: OutgoingSMS, retry_count: int) -> dict[str, Any]:
        _refuse("twilio")

    def retry_send_content_template(self, sms: OutgoingSMS, retry_count: int, **kwargs: Any) -> dict[str, Any]:
        _refuse("twilio")


class TelnyxSMSClient(SMSClient):
    """Refuses, like the one for Twilio."""

    def __init__(self, sms_credentials: SMSCredentials) -> None:
        self._credentials = sms_credentials

    def send_sms(self, sms: OutgoingSMS) -> dict[str, Any]:
        _refuse("telnyx")

    def retry_send_sms(self, sms: OutgoingSMS, retry_count: int) -> dict[str, Any]:
        _refuse("telnyx")


def _refuse(integration: str) -> NoReturn:
    raise SMSClientFailure(integration, "functions send messages with conv.send_sms, which keeps them")
