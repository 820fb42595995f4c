"""What happened to a call, and how long people waited."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.builders import NOON, a_turn, findings, some_turns

from postcall.domain.answers import Extraction, ExtractionStatus
from postcall.domain.call_history import Event, Written, tell_history
from postcall.domain.calls import Call, CallDetails, CallStatus, DisconnectionReason, Handoff
from postcall.domain.latency import measure_latency
from postcall.domain.views import ExtractionState, Progress

DONE = Progress(ExtractionState.FINISHED, None)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def stored(*, is_intake: bool = False, duration_s: float | None = 60.0, **details: object) -> Call:
    """A call that began at noon and was taken in after two minutes."""
    return Call(
        id="call-1",
        account="default",
        agent_id="a" * 24,
        agent_slug="clinic",
        version=1,
        details=CallDetails(agent="clinic", **details),  # type: ignore[arg-type]
        started_at=NOON,
        started_at_is_intake=is_intake,
        duration_s=duration_s,
        revision=1,
        created_at=after(120),
        updated_at=after(120),
    )


def run(status: ExtractionStatus, at: datetime, failure: str | None = None) -> Extraction:
    return Extraction("e" * 24, "call-1", 1, 1, status, None, failure, findings(), at, at)


def test_the_history_runs_in_order_of_time() -> None:
    call = stored(disconnection_reason=DisconnectionReason.HANDOFF, handoff=Handoff("+1555"))
    writes = [Written("B", 2, after(30), fits=False), Written("A", True, after(10), fits=True)]
    history = tell_history(call, DONE, [run(ExtractionStatus.FINISHED, after(130))], writes, [], [])
    assert [(each.event, each.detail) for each in history] == [
        (Event.STARTED, None),
        (Event.METRIC, "A"),
        (Event.METRIC, "B"),
        (Event.HANDOFF, "+1555"),
        (Event.ENDED, "handoff"),
        (Event.TAKEN_IN, None),
        (Event.EXTRACTED, None),
    ]
    assert [each.fits for each in history if each.event is Event.METRIC] == [True, False]
    assert history[4].at == after(60)


def test_what_nobody_told_the_time_of_has_none_and_stands_where_it_must_have_been() -> None:
    history = tell_history(stored(is_intake=True), DONE, [], [Written("A", 1, after(90), fits=True)], [], [])
    assert [(each.event, each.at is None) for each in history] == [
        (Event.STARTED, True),
        (Event.METRIC, False),
        (Event.ENDED, True),
        (Event.TAKEN_IN, False),
    ]


def test_a_live_call_has_not_ended() -> None:
    progress = Progress(ExtractionState.LIVE, "the call has not ended")
    history = tell_history(stored(status=CallStatus.IN_PROGRESS), progress, [], [], [], [])
    assert Event.ENDED not in {each.event for each in history}


def test_a_failure_without_a_run_is_told_and_a_failed_run_once() -> None:
    failed = Progress(ExtractionState.FAILED, "the worker that held it stopped")
    without = tell_history(stored(), failed, [], [], [], [])
    assert (without[-1].event, without[-1].detail) == (Event.FAILED, "the worker that held it stopped")
    broken = run(ExtractionStatus.FAILED, after(130), "no answer")
    with_run = tell_history(stored(), failed, [broken], [], [], [])
    assert [each.detail for each in with_run if each.event is Event.FAILED] == ["no answer"]


def test_the_next_attempt_comes_last() -> None:
    retrying = Progress(ExtractionState.RETRYING, "no answer", retry_at=after(600))
    assert tell_history(stored(), retrying, [], [], [], [])[-1].event is Event.RETRY


def test_an_end_beyond_the_calendar_is_not_told() -> None:
    history = tell_history(stored(duration_s=1e12), DONE, [], [], [], [])
    assert next(each for each in history if each.event is Event.ENDED).at is None


def test_the_waits_are_those_for_the_agents_turns() -> None:
    waits = [0.5, 2.0, 1.0, 1.5]
    turns = [a_turn("agent: yes", latency_s=wait) for wait in waits]
    turns += [a_turn("user: no", latency_s=99.0), a_turn("agent: well")]
    found = measure_latency(turns)
    assert found is not None
    assert (found.measured, found.turns, found.slowest) == (4, 5, 1)
    assert (found.p50_s, found.p95_s, found.max_s) == (1.0, 2.0, 2.0)
    assert found.mean_s == pytest.approx(1.25)


def test_no_wait_is_known_where_no_turn_tells_one() -> None:
    assert measure_latency(some_turns("agent: Hello", "user: Hello")) is None
    assert measure_latency([replace(a_turn("user: Hello"), latency_s=1.0)]) is None
