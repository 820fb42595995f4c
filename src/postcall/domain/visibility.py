"""What an agent's calls show to those who read them through the published interfaces.

Two must allow it: the key, by its scopes, and these settings of the agent, which begin with everything shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from postcall.domain.calls import Json

V = TypeVar("V")
SHARED_ID = "shared_id"
"""The key of the state that holds the shared id where the settings name no other."""
LONGEST_SHARED_ID = 300
"""Characters: it is looked up by an index."""


@dataclass(frozen=True, slots=True)
class HandoffApi:
    """Which of a conversation's state other systems are told after a handoff."""

    state_keys: tuple[str, ...] = ()
    """Only these are shown; one that is not set is null."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What a key is called there, where it is not called as in the state."""
    shared_id_state_key: str | None = None
    """The key whose value others may ask by, instead of by the id of the call; None: `SHARED_ID`."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The settings of one agent."""

    show_transcripts: bool = True
    response_metrics: frozenset[str] | None = None
    """The names that replies may hold; None: every one, also those to come. Empty: none."""
    handoff: HandoffApi = HandoffApi()
    updated_at: datetime | None = None
    """None: nobody has changed them."""
    updated_by: str | None = None

    def shown(self, metrics: Mapping[str, V]) -> dict[str, V]:
        """Those of the metrics that may be shown, in their order."""
        allowed = self.response_metrics
        return {name: value for name, value in metrics.items() if allowed is None or name in allowed}


def handoff_data(settings: HandoffApi, state: Mapping[str, Json]) -> dict[str, Json]:
    """What is told of a state: the chosen keys under their names there, null where they are not set."""
    return {settings.aliases.get(key, key): state.get(key) for key in settings.state_keys}


def shared_id_of(settings: HandoffApi, state: Mapping[str, Json]) -> str | None:
    """By what others may ask for this state; None where it says nothing that could be asked by."""
    value = state.get(settings.shared_id_state_key or SHARED_ID)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return text if 0 < len(text) <= LONGEST_SHARED_ID else None
