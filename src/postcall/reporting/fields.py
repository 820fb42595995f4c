"""The fields that every call has in reports, under the names `field.NAME`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, Environment


class FieldKind(StrEnum):
    """What a field's values are."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    """Compared with ISO 8601 moments; those without an offset are in the query's time zone."""


@dataclass(frozen=True, slots=True)
class Field:
    """One built-in field."""

    name: str
    """Without `field.`."""
    kind: FieldKind
    label: str
    """As pages show it."""
    says: str
    """What it is, in a sentence."""
    values: tuple[str, ...] = ()
    """All that it can be, where that is a closed set."""


def _names(kind: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in kind)


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("agent", FieldKind.TEXT, "Agent", "The slug of the agent that took the call."),
        Field("channel", FieldKind.TEXT, "Channel", "How the two sides were connected.", _names(Channel)),
        Field("direction", FieldKind.TEXT, "Direction", "Who started the call.", _names(Direction)),
        Field("environment", FieldKind.TEXT, "Environment", "Which stage of the agent answered.", _names(Environment)),
        Field("version", FieldKind.NUMBER, "Version", "The agent's version that the call is pinned to."),
        Field("variant", FieldKind.TEXT, "Variant", "The variant under test."),
        Field("language", FieldKind.TEXT, "Language", "A BCP 47 tag."),
        Field("status", FieldKind.TEXT, "Status", "Where the call stands.", _names(CallStatus)),
        Field(
            "disconnection_reason",
            FieldKind.TEXT,
            "Disconnection reason",
            "How the call ended.",
            _names(DisconnectionReason),
        ),
        Field("handoff", FieldKind.BOOLEAN, "Handoff", "Whether the call was passed on."),
        Field("handoff_destination", FieldKind.TEXT, "Handoff destination", "To whom the call was passed."),
        Field("handoff_reason", FieldKind.TEXT, "Handoff reason", "Why it was passed."),
        Field("from_number", FieldKind.TEXT, "From", "The number that called."),
        Field("to_number", FieldKind.TEXT, "To", "The number that was called."),
        Field("user_number", FieldKind.TEXT, "User's number", "The number of the user, whoever called whom."),
        Field("started_at", FieldKind.TIME, "Start", "When the call began, or was taken in where nobody said."),
        Field("hour", FieldKind.NUMBER, "Hour of day", "0 to 23, in the query's time zone."),
        Field("minute", FieldKind.NUMBER, "Minute of day", "0 to 1439, in the query's time zone."),
        Field("weekday", FieldKind.TEXT, "Weekday", "In the query's time zone.", WEEKDAYS),
        Field("duration", FieldKind.NUMBER, "Duration", "Seconds from the start to the end."),
        Field("turns", FieldKind.NUMBER, "Turns", "How many utterances there were."),
        Field("user_turns", FieldKind.NUMBER, "User turns", "How many of them were the caller's."),
        Field("agent_turns", FieldKind.NUMBER, "Agent turns", "How many of them were the agent's."),
        Field("latency", FieldKind.NUMBER, "Answer latency", "Seconds that the agent took to answer, on average."),
        Field("extracted", FieldKind.BOOLEAN, "Extracted", "Whether the questions have been answered."),
        Field("placed", FieldKind.BOOLEAN, "Placed", "Whether postcall placed the call; only such have what follows."),
        Field("campaign", FieldKind.TEXT, "Campaign", "The name of the campaign that the call was placed for."),
        Field("campaign_id", FieldKind.TEXT, "Campaign's id", "Its 24 hex digits; names may be alike."),
        Field("attempt", FieldKind.NUMBER, "Attempt", "0 for the first call to somebody, then 1, 2, ..."),
        Field("cost", FieldKind.NUMBER, "Cost", "What the carrier asked for the call."),
        Field("id", FieldKind.TEXT, "Call", "The call's id."),
    )
}
"""By name, in the order in which pages offer them."""
