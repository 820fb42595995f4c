"""Calls that are told as they happen."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.builders import NOON, Desk, a_call, a_question, an_answer, silent, written

from postcall.domain.calls import CallStatus, DisconnectionReason
from postcall.domain.views import ExtractionState
from postcall.errors import BadInput, CallNotFound, CallNotLive, KeyReused
from postcall.intake.call_format import read_end_body, read_metrics_body, read_turns_body
from postcall.intake.service import take_end, take_metrics, take_turns
from postcall.storage.live_calls import end_silent_calls


def start(desk: Desk, call_id: str = "call-1") -> None:
    desk.hand_in(silent(a_call(call_id, status=CallStatus.IN_PROGRESS)))


def say(desk: Desk, *turns: dict[str, Any], key: str, call_id: str = "call-1") -> Any:
    body = msgspec.json.encode({"turns": turns})
    return desk.record.write(take_turns(desk.pk, call_id, read_turns_body(body), key=key, body=body, now=desk.clock()))


def measure(desk: Desk, metrics: dict[str, Any], *, key: str, call_id: str = "call-1") -> Any:
    body = msgspec.json.encode({"metrics": metrics})
    return desk.record.write(
        take_metrics(desk.pk, call_id, read_metrics_body(body), key=key, body=body, now=desk.clock())
    )


def end(desk: Desk, *, key: str | None = None, call_id: str = "call-1", **fields: Any) -> Any:
    body = msgspec.json.encode(fields)
    return desk.record.write(take_end(desk.pk, call_id, read_end_body(body), key=key, body=body, now=desk.clock()))


def end_silent(desk: Desk) -> int:
    """End the calls that were silent for a quarter of an hour."""
    silent_since = desk.clock() - timedelta(seconds=900)
    return desk.record.write(lambda c: end_silent_calls(c, silent_since=silent_since, now=desk.clock()))


def user(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "user", "text": text, **more}


def test_turns_and_metrics_join_the_call_in_the_order_they_came(desk: Desk) -> None:
    start(desk)
    say(desk, user("one"), {"role": "agent", "text": "two"}, key="a")
    measure(desk, {"STEP": "asked", "FLAG": None}, key="b")
    say(desk, user("three"), key="c")
    measure(desk, {"STEP": ["done", "left"]}, key="d")
    file = desk.read()
    assert [turn.text for turn in file.turns] == ["one", "two", "three"]
    assert {metric.name: metric.values for metric in written(file)} == {
        "STEP": ("asked", "done", "left"),
        "FLAG": (True,),
    }
    assert {metric.source for metric in written(file)} == {"live"}
    assert file.progress.state is ExtractionState.LIVE
    assert desk.claim() == []


def test_a_live_call_is_extracted_when_it_ends(desk: Desk) -> None:
    version = desk.ask(a_question())
    start(desk)
    desk.ask(a_question("angry", "Was the caller angry?"))
    say(desk, user("Book me in."), key="a")
    desk.clock.advance(30)
    end(desk, disconnection_reason="user_hangup")
    call = desk.read().call
    assert call.details.status is CallStatus.COMPLETED
    assert call.details.disconnection_reason is DisconnectionReason.USER_HANGUP
    assert call.details.ended_at == desk.clock()
    assert call.duration_s == 3630
    assert [job.payload["version"] for job in desk.claim()] == [version], "the version it began under"


def test_the_same_key_gets_the_same_answer_and_counts_once(desk: Desk) -> None:
    start(desk)
    assert say(desk, user("one"), key="a") == say(desk, user("one"), key="a")
    assert measure(desk, {"N": 1}, key="b") == measure(desk, {"N": 1}, key="b")
    assert end(desk, key="c") == end(desk, key="c")
    file = desk.read()
    assert len(file.turns) == 1
    assert written(file)[0].values == (1,)
    assert len(desk.claim()) == 1


def test_the_answer_to_a_key_stays_the_same_after_more_was_said(desk: Desk) -> None:
    start(desk)
    first = say(desk, user("one"), key="a")
    say(desk, user("two"), key="b")
    end(desk)
    assert say(desk, user("one"), key="a") == first


def test_a_key_with_another_request_is_refused(desk: Desk) -> None:
    start(desk)
    start(desk, "call-2")
    say(desk, user("one"), key="a")
    with pytest.raises(KeyReused) as refusal:
        say(desk, user("two"), key="a")
    assert refusal.value.status == 409
    with pytest.raises(KeyReused):
        measure(desk, {"N": 1}, key="a")
    with pytest.raises(KeyReused):
        say(desk, user("one"), key="a", call_id="call-2")
    assert [turn.text for turn in desk.read().turns] == ["one"]
    assert desk.read("call-2").turns == ()


def test_another_account_may_use_the_same_key(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    for each in (desk, other):
        start(each)
        say(each, user(each.account), key="a")
    assert [each.read().turns[0].text for each in (desk, other)] == ["default", "other"]


def test_a_request_that_was_refused_may_be_corrected_under_its_key(desk: Desk) -> None:
    start(desk)
    say(desk, user("one", start_s=10), key="a")
    with pytest.raises(BadInput):
        say(desk, user("two", start_s=5), key="b")
    say(desk, user("two", start_s=15), key="b")
    assert [turn.start_s for turn in desk.read().turns] == [10, 15]


def test_time_does_not_run_backwards_between_requests(desk: Desk) -> None:
    start(desk)
    say(desk, user("one", start_s=10), user("no time"), key="a")
    with pytest.raises(BadInput) as refusal:
        say(desk, user("two", start_s=9.5), key="b")
    assert refusal.value.field == "turns[2].start_s"
    assert len(desk.read().turns) == 2


def test_two_senders_with_one_key_at_the_same_moment_both_get_the_answer(desk: Desk) -> None:
    start(desk)
    together = threading.Barrier(8)

    def send(_: int) -> Any:
        together.wait()
        return say(desk, user("one"), key="a")

    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(send, range(8)))
    assert answers == [answers[0]] * 8
    assert len(desk.read().turns) == 1


def test_many_senders_at_once_lose_no_turn(desk: Desk) -> None:
    start(desk)
    with ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda number: say(desk, user(f"{number}"), key=f"k{number}"), range(40)))
    assert sorted(int(turn.text) for turn in desk.read().turns) == list(range(40))


def test_an_ended_call_takes_nothing_more(desk: Desk) -> None:
    start(desk)
    end(desk)
    with pytest.raises(CallNotLive) as refusal:
        say(desk, user("late"), key="a")
    assert refusal.value.status == 409
    with pytest.raises(CallNotLive):
        measure(desk, {"N": 1}, key="b")
    with pytest.raises(CallNotLive):
        end(desk)
    assert desk.read().turns == ()


def test_a_call_that_is_not_there_takes_nothing(desk: Desk) -> None:
    start(desk)
    stranger = Desk(desk.record, desk.clock, account="other")
    with pytest.raises(CallNotFound):
        say(stranger, user("x"), key="a")
    with pytest.raises(CallNotFound):
        measure(stranger, {"N": 1}, key="b")
    with pytest.raises(CallNotFound):
        end(stranger)
    assert desk.read().turns == ()


@pytest.mark.parametrize("status", ["failed", "no_answer", "busy", "cancelled"])
def test_a_live_call_that_did_not_complete_is_not_extracted(desk: Desk, status: str) -> None:
    start(desk)
    say(desk, user("Hello?"), key="a")
    end(desk, status=status)
    assert desk.claim() == []
    assert desk.read().progress.state is ExtractionState.NONE


def test_the_end_can_tell_of_a_handoff(desk: Desk) -> None:
    start(desk)
    end(desk, disconnection_reason="handoff", handoff={"destination": "billing", "reason": "a refund"})
    details = desk.read().call.details
    assert details.handoff is not None
    assert (details.handoff.destination, details.handoff.reason) == ("billing", "a refund")


def test_a_call_cannot_end_before_it_began(desk: Desk) -> None:
    start(desk)
    with pytest.raises(BadInput) as refusal:
        end(desk, ended_at=(NOON - timedelta(hours=2)).isoformat())
    assert refusal.value.field == "ended_at"
    assert desk.read().call.details.status is CallStatus.IN_PROGRESS


def test_the_same_start_again_does_not_undo_what_was_said(desk: Desk) -> None:
    start(desk)
    say(desk, user("one"), key="a")
    start(desk)
    assert [turn.text for turn in desk.read().turns] == ["one"]


def test_a_silent_live_call_is_ended_with_that_reason_and_extracted(desk: Desk) -> None:
    desk.ask(a_question())
    start(desk, "silent")
    say(desk, user("Hello?"), key="a", call_id="silent")
    desk.clock.advance(600)
    start(desk, "talking")
    said_last = desk.clock() - timedelta(seconds=600)
    desk.clock.advance(301)
    assert end_silent(desk) == 1
    call = desk.read("silent").call
    assert call.details.status is CallStatus.COMPLETED
    assert call.details.disconnection_reason is DisconnectionReason.TIMEOUT
    assert call.details.ended_at == said_last, "it ended when it was last heard of"
    assert desk.read("talking").call.details.status is CallStatus.IN_PROGRESS
    desk.extract(an_answer())
    assert desk.read("silent").extraction is not None


def test_turns_and_metrics_keep_a_call_from_being_silent(desk: Desk) -> None:
    start(desk)
    for key in ("a", "b"):
        desk.clock.advance(800)
        measure(desk, {"N": 1}, key=key)
        assert end_silent(desk) == 0


def test_a_finished_call_is_never_ended_for_its_silence(desk: Desk) -> None:
    desk.hand_in(a_call())
    before = desk.read()
    desk.clock.advance(10_000)
    assert desk.record.write(lambda c: end_silent_calls(c, silent_since=desk.clock(), now=desk.clock())) == 0
    assert desk.read() == before
