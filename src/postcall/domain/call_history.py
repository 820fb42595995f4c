"""What happened to a call, in order of time: while it ran, when it was taken in, and what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from postcall.domain.answers import Extraction, ExtractionStatus
from postcall.domain.calls import LIVE, Call, MetricValue
from postcall.domain.labels import Label
from postcall.domain.remarks import Remark
from postcall.domain.views import ExtractionState, Progress


class Event(StrEnum):
    """What happened; the order is that of events at the same moment."""

    STARTED = "started"
    METRIC = "metric"
    HANDOFF = "handoff"
    ENDED = "ended"
    TAKEN_IN = "taken_in"
    EXTRACTED = "extracted"
    FAILED = "failed"
    """A run of the questions ended without answers."""
    RETRY = "retry"
    """Another attempt follows."""
    LABELLED = "labelled"
    REMARKED = "remarked"


@dataclass(frozen=True, slots=True)
class Written:
    """A write of a metric, as far as its history goes."""

    name: str
    value: MetricValue
    at: datetime
    fits: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history."""

    at: datetime | None
    """None where nobody told when; it then stands where it must have been."""
    event: Event
    detail: str | None = None
    """The name of a metric or question, why something failed, where the call was handed to."""
    value: MetricValue | None = None
    """What was written."""
    fits: bool = True
    """False: the write does not fit the metric's definition."""
    of: str | None = None
    """The id of the run or remark that it is about."""


def tell_history(
    call: Call,
    progress: Progress,
    runs: Sequence[Extraction],
    writes: Sequence[Written],
    labels: Sequence[Label],
    remarks: Sequence[Remark],
) -> tuple[Happening, ...]:
    """Every happening of a call, the first one first."""
    happenings = [
        *_of_call(call),
        *(Happening(each.at, Event.METRIC, each.name, each.value, each.fits) for each in writes),
        *(_of_run(run) for run in runs),
        *(Happening(label.at, Event.LABELLED, label.identifier) for label in labels),
        *(Happening(remark.at, Event.REMARKED, remark.kind.value, of=remark.id) for remark in remarks),
    ]
    if progress.state is ExtractionState.RETRYING:
        happenings.append(Happening(progress.retry_at, Event.RETRY, progress.reason))
    elif progress.state is ExtractionState.FAILED and not any(run.revision == call.revision for run in runs):
        happenings.append(Happening(None, Event.FAILED, progress.reason))
    return _in_order(happenings, call)


def _of_call(call: Call) -> Iterator[Happening]:
    details = call.details
    yield Happening(None if call.started_at_is_intake else call.started_at, Event.STARTED)
    yield Happening(call.created_at, Event.TAKEN_IN)
    ended_at = _end_of(call)
    if details.handoff is not None:
        # Nobody tells when; the agent's part ends with it.
        yield Happening(ended_at, Event.HANDOFF, details.handoff.destination)
    if details.status not in LIVE:
        reason = details.disconnection_reason
        yield Happening(ended_at, Event.ENDED, (reason or details.status).value)


def _end_of(call: Call) -> datetime | None:
    if call.details.status in LIVE:
        return None
    if call.details.ended_at is not None:
        return call.details.ended_at
    if call.duration_s is None or call.started_at_is_intake:
        return None
    try:
        return call.started_at + timedelta(seconds=call.duration_s)
    except OverflowError:
        return None


def _of_run(run: Extraction) -> Happening:
    finished = run.status is ExtractionStatus.FINISHED
    return Happening(
        run.finished_at, Event.EXTRACTED if finished else Event.FAILED, None if finished else run.failure, of=run.id
    )


def _in_order(happenings: Sequence[Happening], call: Call) -> tuple[Happening, ...]:
    """By time; what has none comes as early as it can: a start first, an end before what was made of the call."""
    ranks = {event: rank for rank, event in enumerate(Event)}
    of_call = {Event.METRIC, Event.STARTED}
    spoken = [each.at for each in happenings if each.at is not None and each.event in of_call]
    known_end = max(spoken, default=call.started_at)

    def place(happening: Happening) -> tuple[datetime, int]:
        if happening.at is not None:
            at = happening.at
        elif happening.event is Event.STARTED:
            at = min([call.started_at, *spoken])
        elif happening.event in {Event.HANDOFF, Event.ENDED}:
            at = known_end
        else:
            at = max(each.at for each in happenings if each.at is not None)
        return at, ranks[happening.event]

    return tuple(sorted(happenings, key=place))
