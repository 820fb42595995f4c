"""Agentic dialling: an agent that calls others during a call. The words are here; the calls need a carrier."""

# ruff: noqa: ARG002 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from postcall.runtime.conv.errors import OutsideServiceNeeded
from postcall.runtime.conv.handoffs import Destination


@dataclass
class AgenticDialConfig:
    """Whom an agent may call."""

    destinations: list[Destination] = field(default_factory=list)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AgenticDialConfig:
        return cls([Destination.from_dict(one) for one in data.get("destinations") or []])


@dataclass
class AgenticDialData:
    """Whom it may call, and whom it is calling."""

    config: AgenticDialConfig = field(default_factory=AgenticDialConfig)
    active_dial_destinations: list[str] = field(default_factory=list)
    dial_id: str | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AgenticDialData:
        return cls(
            AgenticDialConfig.from_dict(data.get("config") or {}),
            list(data.get("active_dial_destinations") or []),
            data.get("dial_id"),
        )


@dataclass
class MessageToParent:
    """Words for the call that made this one."""

    content: str


@dataclass
class MessageToChild:
    """Words for a call that this one made."""

    destination: str
    content: str


class Destinations:
    """The destinations of a conversation, by name."""

    def __init__(self, destinations: list[Destination]) -> None:
        self._destinations = destinations

    def __iter__(self) -> Iterator[Destination]:
        return iter(self._destinations)

    def __len__(self) -> int:
        return len(self._destinations)

    def __getitem__(self, name: str) -> Destination:
        for destination in self._destinations:
            if destination.name == name:
                return destination
        raise KeyError(name)

    def add(self, *, name: str, phone_number: str, sip_headers: dict[str, str] | None = None) -> None:
        self._destinations.append(Destination(name, phone_number, dict(sip_headers or {})))

    def clear(self) -> None:
        self._destinations.clear()


class AgenticDial:
    """`conv.agentic_dial`: its destinations can be kept; talking to another call is refused, as there is none."""

    def __init__(self, data: AgenticDialData | None) -> None:
        self._data = data or AgenticDialData()

    @property
    def destinations(self) -> Destinations:
        return Destinations(self._data.config.destinations)

    @property
    def active_destinations(self) -> list[str]:
        return list(self._data.active_dial_destinations)

    def send_to_parent(self, content: str) -> None:
        _refuse()

    def send_to_child(self, destination: str, content: str) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise OutsideServiceNeeded("agentic dialling")
