"""Metrics that no agent's code has to write: what a call's own fields say, and the names that the runtime writes.

A built-in metric is in no row: every surface works it out here. What code wrote under its name, or a question answered,
stands in its place for that call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from postcall.domain.calls import CallStatus, DisconnectionReason, MetricValue
from postcall.domain.metrics import MetricType

SOURCE: Final = "built-in"
"""Where a built-in value comes from, beside `intake` and `live`."""


@dataclass(frozen=True, slots=True)
class KnownMetric:
    """A metric that has a meaning without anybody's definition."""

    name: str
    type: MetricType
    definition: str


class CallFacts(NamedTuple):
    """The fields of a call that built-in metrics rest on."""

    status: str
    duration_s: float | None
    handoff_destination: str | None
    handoff_reason: str | None
    disconnection_reason: str | None


def was_handed_off(destination: str | None, disconnection_reason: str | None) -> bool:
    """Whether the call was passed to a person or another line."""
    return destination is not None or disconnection_reason == DisconnectionReason.HANDOFF


def built_in_values(facts: CallFacts) -> dict[str, MetricValue]:
    """Every built-in metric that this call has."""
    found: dict[str, MetricValue] = {}
    if facts.status == CallStatus.IN_PROGRESS:
        found["CALL_IN_PROGRESS"] = True
    if facts.duration_s is not None:
        found["CALL_DURATION"] = found["duration"] = facts.duration_s
    if facts.status == CallStatus.COMPLETED:
        found["CALL_COMPLETED"] = True
        found["CONTAINED"] = not was_handed_off(facts.handoff_destination, facts.disconnection_reason)
    if facts.handoff_destination is not None:
        found["HANDOFF_TO"] = facts.handoff_destination
    if facts.handoff_reason is not None:
        found["HANDOFF_REASON"] = facts.handoff_reason
    return found


BUILT_IN: Final = {
    metric.name: metric
    for metric in (
        KnownMetric(
            "CALL_IN_PROGRESS",
            MetricType.BOOLEAN,
            "True while the call is in progress; a call that has ended does not have it.",
        ),
        KnownMetric("CALL_COMPLETED", MetricType.BOOLEAN, "True when the call was completed."),
        KnownMetric("CALL_DURATION", MetricType.FLOAT, "Seconds from the start of the call to its end."),
        KnownMetric("HANDOFF_TO", MetricType.STRING, "To whom the call was handed off."),
        KnownMetric("HANDOFF_REASON", MetricType.STRING, "Why the call was handed off."),
        KnownMetric(
            "CONTAINED", MetricType.BOOLEAN, "True when a completed call was not handed off, false when it was."
        ),
        KnownMetric(
            "duration",
            MetricType.FLOAT,
            "Seconds from the start of the call to its end: another name of CALL_DURATION.",
        ),
    )
}
"""By name: what postcall itself gives to calls from every source."""

ONLY_LIVE: Final = "CALL_IN_PROGRESS"
"""The built-in name that only calls in progress have."""

ALIASES: Final = frozenset({"duration"})
"""Built-in names that say what another says: reports know them, and a call shows the other only."""

PLATFORM: Final = {
    metric.name: metric
    for metric in (
        KnownMetric("QA", MetricType.STRING, "The topic that was found for what the caller said, once a turn."),
        KnownMetric("CSAT_OFFERED", MetricType.BOOLEAN, "True when the caller was asked to rate the call."),
        KnownMetric("CSAT_ACCEPTED", MetricType.BOOLEAN, "True when the caller agreed to rate the call."),
        KnownMetric("CSAT_DENIED", MetricType.BOOLEAN, "True when the caller did not want to rate the call."),
        KnownMetric("CSAT_SCORE", MetricType.INTEGER, "The rating that the caller gave."),
        KnownMetric("CSAT_FREE_FEEDBACK", MetricType.STRING, "What the caller said besides the rating."),
        KnownMetric("CSAT_COMPLETED", MetricType.BOOLEAN, "True when the caller finished rating the call."),
        KnownMetric("REPEAT_CALLER_CONV_ID", MetricType.STRING, "The caller's call before this one."),
        KnownMetric("REPEAT_CALLER_DATETIME", MetricType.STRING, "When the caller called before."),
        KnownMetric("REPEAT_CALLER_QA", MetricType.STRING, "The topic of the caller's call before this one."),
        KnownMetric("REPEAT_CALLER_HANDOFF_REASON", MetricType.STRING, "Why the call before this one was handed off."),
        KnownMetric("REPEAT_CALLER_HANDOFF_TO", MetricType.STRING, "To whom the call before this one was handed off."),
    )
}
"""By name: what the runtime writes into the calls that it hosts. Nobody has to define them."""

KNOWN: Final = {**BUILT_IN, **PLATFORM}
"""Both."""
