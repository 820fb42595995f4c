"""Conversations as the list of this interface shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from postcall.api.polyai.exchanges import Exchange, exchanges, said_at, silences, turn_at
from postcall.domain.builtin_metrics import was_handed_off
from postcall.domain.calls import LIVE, Channel, MetricValue, Transcript
from postcall.domain.visibility import ApiSettings
from postcall.storage.conversation_rows import StoredConversation
from postcall.storage.valued_calls import ValuedCall

MetricText: TypeAlias = "str | list[str]"

CHANNELS = {Channel.VOICE: "VOICE-SIP", Channel.WEBCHAT: "WEBCHAT", Channel.SMS: "SMS"}
"""What a channel is called here."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reply may hold, and how it says that there is nothing."""

    settings: ApiSettings
    kept_back: frozenset[str] = frozenset()
    """Metrics whose definitions keep them out of interfaces."""
    latency: bool = False
    """Whether turns tell how long the agent took."""
    nothing: str | None = ""
    """In place of a text that there is not: empty, or in the oldest version null."""

    def text(self, text: str | None) -> str | None:
        """A text that may be missing."""
        return text or self.nothing

    def maybe(self, **fields: object) -> dict[str, Any]:
        """Fields that are not texts, without those that nobody knows; in the oldest version with null for these."""
        return {name: value for name, value in fields.items() if value is not None or self.nothing is None}


def conversation_json(stored: StoredConversation, shown: Shown) -> dict[str, Any]:
    """One conversation of a list."""
    call = stored.row.call
    details = call.details
    pairs, silent = _paired(stored)
    seconds = whole_seconds(details.duration_s)
    return {
        "id": call.id,
        "account_id": call.account,
        "project_id": call.agent_slug,
        "variant_id": shown.text(details.variant),
        "variant_name": shown.text(details.variant),
        "environment": details.environment,
        "started_at": call.started_at,
        "channel": CHANNELS[details.channel],
        "from_number": shown.text(details.from_number),
        "to_number": shown.text(details.to_number),
        "in_progress": details.status in LIVE,
        "num_turns": len(pairs),
        **shown.maybe(total_duration=seconds, polyai_duration=seconds),
        "handoff": handed_off(stored.row),
        "handoff_reason": shown.text(details.handoff.reason if details.handoff else None),
        "handoff_destination": shown.text(details.handoff.destination if details.handoff else None),
        "num_silences": sum(silent),
        "num_ood": 0,
        "metrics": metrics_json(stored.row, shown),
        "state": stored.state or {},
        "turns": _turns(stored, pairs, silent, shown),
    }


def turns_json(stored: StoredConversation, shown: Shown) -> list[dict[str, Any]]:
    """The turns; none where the project does not show transcripts."""
    return _turns(stored, *_paired(stored), shown)


def _turns(
    stored: StoredConversation, pairs: Sequence[Exchange], silent: Sequence[bool], shown: Shown
) -> list[dict[str, Any]]:
    if not shown.settings.show_transcripts:
        return []
    started_at = stored.row.call.started_at
    return [
        _turn(stored.turns, pair, started_at, shown, silent=is_silent)
        for pair, is_silent in zip(pairs, silent, strict=True)
    ]


def _paired(stored: StoredConversation) -> tuple[tuple[Exchange, ...], tuple[bool, ...]]:
    """The turns as they are counted here, and which of them were silent."""
    pairs = exchanges(turn.role for turn in stored.turns)
    return pairs, silences(pairs, stored.turns, hosted=stored.state is not None)


def _turn(
    transcript: Transcript, pair: Exchange, started_at: datetime, shown: Shown, *, silent: bool
) -> dict[str, Any]:
    user, agent = turn_at(transcript, pair.user), turn_at(transcript, pair.agent)
    latency = agent.latency_s if agent is not None else None
    return {
        "user_input": shown.text(user.text if user else None),
        "user_input_dtmf": shown.nothing,
        "agent_response": shown.text(agent.text if agent else None),
        **shown.maybe(
            user_input_datetime=said_at(user, started_at), agent_response_datetime=said_at(agent, started_at)
        ),
        **({"latency": latency} if shown.latency and latency is not None else {}),
        "translated_user_input": shown.nothing,
        "english_agent_response": shown.nothing,
        "intents": [],
        "entities": [],
        "is_ood": False,
        "is_silence": silent,
        "barge_in": False,
    }


def metrics_json(row: ValuedCall, shown: Shown) -> dict[str, MetricText]:
    """Name → text, or a list of the texts where there was more than one write; only what the project shows.

    Beside what code wrote stand the answers that questions got after the call, and what postcall itself knows.
    """
    allowed = shown.settings.shown({name: each for name, each in row.values.items() if name not in shown.kept_back})
    return {name: _texts(each) for name, each in allowed.items()}


def _texts(values: Sequence[MetricValue]) -> MetricText:
    texts = [metric_text(value) for value in values]
    return texts[0] if len(texts) == 1 else texts


def metric_text(value: MetricValue) -> str:
    """A value as text: numbers and truth values as JSON writes them."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def handed_off(row: ValuedCall) -> bool:
    """Whether the call was passed on."""
    details = row.call.details
    return was_handed_off(details.handoff.destination if details.handoff else None, details.disconnection_reason)


def whole_seconds(seconds: float | None) -> int | None:
    """A duration as this interface has it; None where nobody said it."""
    return round(seconds) if seconds is not None else None
