"""Where a conversation may be passed to, and how a function asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from postcall.runtime.conv.plain import as_text
from postcall.runtime.protocol import AskedHandoff

HandoffMethod: TypeAlias = Literal["refer", "invite", "bye"]
METHODS = ("refer", "invite", "bye", "cxone")


@dataclass
class HandoffConfig:
    """How to pass the call on: the SIP method, its settings and headers."""

    sip_type: HandoffMethod
    sip_config: dict[str, Any] = field(default_factory=dict)
    sip_headers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> HandoffConfig:
        settings = dict(d.get("sip_config") or {})
        method: HandoffMethod = d.get("sip_type") or settings.get("method") or "refer"
        return cls(method, settings, dict(d.get("sip_headers") or {}))


@dataclass
class Handoff:
    """A handoff as a function may return it."""

    handoff: HandoffConfig
    reason: str | None
    destination: str | None = None

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> Handoff:
        return cls(HandoffConfig.from_dict(d.get("handoff") or {}), d.get("reason"), d.get("destination"))

    def to_response(self) -> dict[str, Any]:
        """The dictionary to return from a function."""
        settings = {**self.handoff.sip_config, "sip_headers": dict(self.handoff.sip_headers)}
        settings.pop("method", None)
        return {"handoff": {"type": self.destination, "reason": self.reason, self.handoff.sip_type: settings}}


@dataclass
class Destination:
    """Where an agentic dial may call."""

    name: str
    phone_number: str
    sip_headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Destination:
        return cls(data["name"], data["phone_number"], dict(data.get("sip_headers") or {}))

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "phone_number": self.phone_number, "sip_headers": dict(self.sip_headers)}


def find_handoff(handoffs: Mapping[str, Mapping[str, Any]], wanted: str) -> str | None:
    """The project's name for a destination: whatever the case, and `default` stands for the default one."""
    if wanted in handoffs:
        return wanted
    lower = wanted.strip().casefold()
    for name in handoffs:
        if name.casefold() == lower:
            return name
    if lower == "default":
        return next((name for name, settings in handoffs.items() if settings.get("is_default")), None)
    return None


def handoff_of(returned: Any) -> AskedHandoff | None:
    """What the `handoff` of a returned dictionary asks for; None where it asks for nothing.

    A text is a destination. Raises ValueError for what can be no handoff.
    """
    if returned is None or returned is False:
        return None
    if returned is True:
        return AskedHandoff()
    if isinstance(returned, Handoff):
        returned = returned.to_response()["handoff"]
    if isinstance(returned, str):
        return AskedHandoff(destination=as_text(returned)) if returned.strip() else None
    if not isinstance(returned, dict):
        raise ValueError(f"handoff is a {type(returned).__name__}, neither true nor a dictionary")
    method = next((name for name in METHODS if name in returned), None)
    settings = returned.get(method) if method else None
    settings = settings if isinstance(settings, dict) else {}
    kind, reason = returned.get("type") or returned.get("destination"), returned.get("reason")
    headers, route = settings.get("sip_headers"), settings.get("phone_number") or settings.get("outbound_endpoint")
    return AskedHandoff(
        destination=None if kind is None else as_text(kind),
        reason=None if reason is None else as_text(reason),
        sip_headers={as_text(key): as_text(value) for key, value in headers.items()}
        if isinstance(headers, dict)
        else {},
        route=as_text(route) if route else None,
        method=method,
        # A goodbye in the shape of a handoff: it names no destination, or says that the call was contained.
        contained=method == "bye" and (kind is None or as_text(reason or "").upper() == "CONTAINED"),
    )
