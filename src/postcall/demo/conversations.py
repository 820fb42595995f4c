"""The hand-written conversations, as they lie in `data/*.txt`.

A conversation begins with `=== its-key`, then a JSON object of what is known besides the words, then one line a turn:
`A:` for the agent, `U:` for the user. `{slot}` stands for what varies from call to call (see slots.py), and
`[[one|another]]` for two ways to say it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import cast

from postcall.domain.answers import AnswerValue
from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, MetricValue, Role
from postcall.errors import BadInput

_HEAD = re.compile(r"^=== ([a-z0-9-]+)$", re.MULTILINE)
_ROLES = {"A": Role.AGENT, "U": Role.USER}
_FIELDS = frozenset(
    {
        "weight",
        "weight_b",
        "when",
        "channel",
        "direction",
        "language",
        "status",
        "ended",
        "handoff",
        "people",
        "sets",
        "dates",
        "times",
        "metrics",
        "gold",
    }
)


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A day that is chosen anew for each call, always one on which the clinic is open."""

    first: int
    last: int
    """Days after the call, or after the day named by `after`; negative for the past."""
    after: str | None = None
    weekday: int | None = None
    """Only on this one, Monday is 0."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One hand-written conversation, with slots for what varies."""

    key: str
    turns: tuple[tuple[Role, str], ...]
    weight: float
    """How often it happens under the agent's variant a, relative to the others."""
    weight_b: float
    """The same under variant b."""
    when: str
    """`any`, `open`, `closed` (hours of the clinic) or `morning` (before noon on a weekday)."""
    channel: Channel
    direction: Direction
    language: str
    status: CallStatus
    ended: DisconnectionReason
    handoff: tuple[str, str | None] | None
    """Destination and reason."""
    spanish_people: bool
    sets: tuple[dict[str, str | int], ...]
    """Slots that change together; one set is chosen."""
    dates: dict[str, DatePattern]
    times: dict[str, str]
    """Slot name to part of the day: `morning`, `afternoon` or `after_school`."""
    metrics: tuple[tuple[str, MetricValue], ...]
    """Writes in order; a name may stand more than once."""
    gold: dict[str, AnswerValue]
    """Identifier to right answer; None where there is none; a question is missing where people could disagree."""


@cache
def read_conversations() -> tuple[Conversation, ...]:
    """Every conversation of the package, by file and by place in it."""
    folder = resources.files("postcall.demo") / "data"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".txt")), key=lambda entry: entry.name)
    return tuple(
        conversation for entry in files for conversation in parse_conversations(entry.read_text(encoding="utf-8"))
    )


def parse_conversations(text: str) -> Iterator[Conversation]:
    """Read one file; BadInput names the conversation that is badly written."""
    parts = _HEAD.split(text)
    for key, body in zip(parts[1::2], parts[2::2], strict=True):
        yield _parse_one(key, body)


def _parse_one(key: str, body: str) -> Conversation:
    try:
        facts, end = json.JSONDecoder().raw_decode(body.lstrip())
    except json.JSONDecodeError as error:
        raise BadInput(f"the facts of the conversation are not JSON: {error}", field=key) from error
    unknown = set(facts) - _FIELDS
    if unknown:
        raise BadInput(f"unknown facts: {', '.join(sorted(unknown))}", field=key)
    weight = float(facts.get("weight", 1))
    return Conversation(
        key=key,
        turns=tuple(_parse_turn(key, line) for line in body.lstrip()[end:].splitlines() if line.strip()),
        weight=weight,
        weight_b=float(facts.get("weight_b", weight)),
        when=facts.get("when", "any"),
        channel=Channel(facts.get("channel", "voice")),
        direction=Direction(facts.get("direction", "inbound")),
        language=facts.get("language", "en"),
        status=CallStatus(facts.get("status", "completed")),
        ended=DisconnectionReason(facts.get("ended", "user_hangup")),
        handoff=(facts["handoff"]["destination"], facts["handoff"].get("reason")) if "handoff" in facts else None,
        spanish_people=facts.get("people") == "es",
        sets=tuple(facts.get("sets", [])),
        dates={name: _parse_date(pattern) for name, pattern in facts.get("dates", {}).items()},
        times=facts.get("times", {}),
        metrics=tuple(_writes(facts.get("metrics", {}))),
        gold=facts.get("gold", {}),
    )


def _parse_turn(key: str, line: str) -> tuple[Role, str]:
    speaker, colon, words = line.partition(":")
    if not colon or speaker not in _ROLES or not words.strip():
        raise BadInput(f"a turn begins with A: or U:, not {line[:30]!r}", field=key)
    return _ROLES[speaker], words.strip()


def _parse_date(pattern: Mapping[str, object]) -> DatePattern:
    first, last = cast("list[int]", pattern["days"])
    return DatePattern(
        first=first,
        last=last,
        after=cast("str | None", pattern.get("after")),
        weekday=cast("int | None", pattern.get("weekday")),
    )


def _writes(metrics: Mapping[str, MetricValue | list[MetricValue]]) -> Iterator[tuple[str, MetricValue]]:
    for name, value in metrics.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, one
