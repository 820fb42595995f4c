"""The person whom the simulated carrier plays: what they say, how long, and how a call ends by itself."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.aside import run_aside
from tests.outbound.dial_stage import Bell, DialStage, chatty, until

from postcall.domain.calls import CallStatus, Role, Transcript, Turn
from postcall.domain.outbound import HANGS_UP, DialOutcome, DialState, MemberState
from postcall.domain.redialling import after_call
from postcall.errors import SettingsError
from postcall.outbound.carrier import Placing
from postcall.outbound.simulated import MOST_TURNS, MOST_WORDS, SimulatedCarrier, outcome_of, persona, read_words
from postcall.runtime.hosting import HostedCall
from postcall.settings import read_settings
from postcall.storage.database import Record
from postcall.testing import ScriptedModel

ADA = Placing("CALL-1", "+14155550100", None, "firstName: Ada")


@pytest.mark.parametrize(
    ("reply", "text", "hangs_up"),
    [
        pytest.param("Hello?", "Hello?", False, id="plain"),
        pytest.param(f"Thanks, bye. {HANGS_UP}", "Thanks, bye.", True, id="last words"),
        pytest.param(HANGS_UP, "", True, id="without a word"),
        pytest.param(f"Bye. {HANGS_UP}\nAgent: Goodbye!", "Bye.", True, id="more after the end"),
        pytest.param('User: "Yes, please."', "Yes, please.", False, id="role and quotes"),
        pytest.param("  One\n\nTwo ", "One Two", False, id="lines"),
        pytest.param("", "", False, id="nothing"),
    ],
)
def test_of_a_reply_only_speech_is_said(reply: str, text: str, *, hangs_up: bool) -> None:
    words = read_words(reply)
    assert (words.text, words.hangs_up) == (text, hangs_up)


@given(st.text(max_size=2_000))
def test_nobody_speaks_without_end(reply: str) -> None:
    words = read_words(reply)
    assert len(words.text) <= MOST_WORDS + 1
    assert HANGS_UP not in words.text


def test_the_person_hears_the_agent_and_knows_who_they_are() -> None:
    said = (Turn(Role.AGENT, "Hello!"), Turn(Role.USER, "Who is it?"))
    system, *rest = persona(ADA, said)
    assert "firstName: Ada" in system.content and HANGS_UP in system.content
    assert [(message.role, message.content) for message in rest] == [("user", "Hello!"), ("assistant", "Who is it?")]


@given(st.text(min_size=1, max_size=40))
def test_a_call_always_ends_in_the_same_way(call_id: str) -> None:
    rates = {DialOutcome.ANSWERED: 1.0, DialOutcome.BUSY: 1.0}
    assert outcome_of(call_id, rates) is outcome_of(call_id, rates)
    assert outcome_of(call_id, {DialOutcome.VOICEMAIL: 0.3, DialOutcome.BUSY: 0.0}) is DialOutcome.VOICEMAIL


def test_outcomes_come_at_the_rates_that_were_set() -> None:
    rates = {DialOutcome.ANSWERED: 7.0, DialOutcome.BUSY: 2.0, DialOutcome.NO_ANSWER: 1.0}
    counts = Counter(outcome_of(f"CALL-{number}", rates) for number in range(10_000))
    assert 0.68 < counts[DialOutcome.ANSWERED] / 10_000 < 0.72
    assert 0.18 < counts[DialOutcome.BUSY] / 10_000 < 0.22


def test_rates_are_a_setting() -> None:
    read = read_settings({"POSTCALL_SIMULATED_OUTCOMES": "answered=0.7, busy=0.3"}).simulated_outcomes
    assert read == {"answered": 0.7, "busy": 0.3}
    assert read_settings({}).simulated_outcomes == {"answered": 1.0}
    for wrong in ("ringing=1", "answered", "answered=0", "answered=-1", "busy=x"):
        with pytest.raises(SettingsError, match="POSTCALL_SIMULATED_OUTCOMES"):
            read_settings({"POSTCALL_SIMULATED_OUTCOMES": wrong})


@given(
    st.sampled_from([status for status in CallStatus if status not in {CallStatus.PENDING, CallStatus.IN_PROGRESS}]),
    st.integers(1, 12),
    st.integers(0, 10),
    st.booleans(),
)
def test_nobody_is_called_more_often_than_allowed_nor_after_they_answered(
    status: CallStatus, attempts: int, max_retries: int, final: bool
) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    state, due_at = after_call(
        status, attempts=attempts, max_retries=max_retries, retry_delay_s=60, final=final, now=now
    )
    assert state in {MemberState.REACHED, MemberState.MISSED, MemberState.WAITING}
    if state is MemberState.WAITING:
        assert not final and attempts <= max_retries
        assert status not in {CallStatus.COMPLETED, CallStatus.CANCELLED}
        assert (due_at - now).total_seconds() == 60
    assert (state is MemberState.REACHED) == (status is CallStatus.COMPLETED)


@pytest.fixture
def stage(record: Record, tmp_path: Path) -> DialStage:
    made = DialStage(record, tmp_path)
    made.add_seller()
    return made


def test_a_talk_that_never_ends_is_ended(stage: DialStage) -> None:
    async def walk() -> None:
        call_id = stage.place()
        async with stage.working():
            await until(lambda: stage.placed(call_id).state is DialState.OVER)
        assert len(stage.said(call_id)) <= MOST_TURNS
        assert stage.call(call_id).details.status is CallStatus.COMPLETED

    with ScriptedModel() as model:
        model.when_callee().reply("And what else?")
        model.otherwise("Very much else.")
        stage.model = model.url
        run_aside(walk())


def test_a_call_whose_worker_stopped_goes_on_where_the_transcript_ends(stage: DialStage) -> None:
    class Stuck(Bell):
        """Says one thing, and then its process is stopped."""

        async def talk(self, placing: Placing, call: HostedCall, *, said: Transcript) -> None:
            assert (placing.to_number, said) == ("+14155550100", ())
            async for _ in call.start():
                pass
            async for _ in call.hear("Hello, this is Ada."):
                pass
            await until(lambda: False, patience_s=60)

    async def walk() -> None:
        call_id = stage.place()
        async with stage.working(bell=Stuck(SimulatedCarrier(None, {}))) as first:
            await until(lambda: len(stage.said(call_id)) == 3)
        assert stage.placed(call_id).state is DialState.TALKING
        async with stage.working() as second:
            await until(lambda: stage.placed(call_id).state is DialState.OVER)
        assert (first.rang, second.rang) == ([call_id], [])  # nobody's telephone rings twice
        assert [line.partition(": ")[2] for line in stage.said(call_id)] == [
            "Hello Ada!",
            "Hello, this is Ada.",
            "Nice, how are you?",
            "I would take two, thank you. Bye.",
            "Nice, how are you?",
        ]

    with ScriptedModel() as model:
        chatty(model)
        stage.model = model.url
        run_aside(walk())


def test_a_model_that_can_never_answer_ends_the_call_in_words(stage: DialStage) -> None:
    async def walk() -> None:
        call_id = stage.place()
        async with stage.working():
            await until(lambda: stage.placed(call_id).state is DialState.OVER)
        details = stage.call(call_id).details
        assert (details.status, details.disconnection_reason) == ("failed", "error")
        assert "POSTCALL_LLM_API_KEY" in stage.placed(call_id).failure
        assert stage.said(call_id) == ["agent: Hello Ada!"]

    with ScriptedModel() as model:
        model.when_callee().fail(401)
        model.otherwise()
        stage.model = model.url
        run_aside(walk())
