"""Calls longer than the model's window are read in overlapping windows, and what is found is merged."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.extraction.extracting import BOOKED, NAME, REASON, answers_of, run

from postcall.domain.answers import AnswerStatus
from postcall.domain.calls import Role, Turn
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.errors import ContextTooLong, ModelError
from postcall.extraction.tokens import estimate_tokens
from postcall.extraction.windows import plan_windows
from postcall.testing import Answered, Fail, ModelRequest, ScriptedModel, answers_from

OK, UNKNOWN, INVALID, ERROR = AnswerStatus.OK, AnswerStatus.UNKNOWN, AnswerStatus.INVALID, AnswerStatus.ERROR
ASKED = DispositionMetric("asked", "How often did the caller ask for a person?", QuestionType.INTEGER)


def long_call(**said: str) -> tuple[Turn, ...]:
    """300 turns of small talk, in which `t7="…"` is said in turn 7; some 4,500 tokens."""
    texts = {int(name[1:]): text for name, text in said.items()}
    return tuple(
        Turn(Role.USER if n % 2 else Agent, texts.get(n, f"So we go on and on with this small talk, part {n}."))
        for n in range(300)
    )


Agent = Role.AGENT


def settles(request: ModelRequest) -> bool:
    return "too long to read at once" in request.text


def window_of(request: ModelRequest) -> set[int]:
    lines = request.messages[-1].content.split("\n")
    return {int(line[1 : line.index("]")]) for line in lines if line.startswith("[")}


def honest(told: dict[str, dict[int, Any]]) -> Any:
    """A model that answers each question from those turns that it is shown."""

    def answer(name: str, request: ModelRequest) -> object:
        shown = window_of(request)
        return next((value for turn, value in told.get(name, {}).items() if turn in shown), None)

    def reply(request: ModelRequest) -> dict[str, Any]:
        made = answers_from(answer)(request)
        assert isinstance(made, dict)
        return {**made, "summary": f"Turns {min(window_of(request))} on."}

    return reply


def test_a_long_call_is_read_in_overlapping_windows_and_says_so() -> None:
    told = {
        "caller_name": {250: Answered("Ana Ruiz", [(250, "Ana Ruiz")])},
        "booked": {3: Answered(True, [(3, "booked")])},
    }
    with ScriptedModel(default=honest(told)) as model:
        model.when(settles).reply({"summary": "All of it."})
        findings = run(model, long_call(t250="Ana Ruiz here", t3="it is booked"), (NAME, BOOKED), context_tokens=3_000)
        windows = sorted((window_of(request) for request in model.requests if not settles(request)), key=min)
        settling = [request for request in model.requests if settles(request)]
    assert len(windows) > 2
    assert set().union(*windows) == set(range(300)), "every turn is read under its own number"
    assert all(one & other for one, other in pairwise(windows)), "neighbours overlap"
    assert len(settling) == 1
    assert f"{len(windows)} windows" in findings.notes[0]
    assert findings.summary == "All of it."
    answers = answers_of(findings)
    assert (answers["caller_name"].value, answers["caller_name"].evidence[0].turn) == ("Ana Ruiz", 250)
    assert (answers["booked"].value, answers["booked"].status) == (True, OK), "who knows beats who does not"
    assert findings.usage.requests == len(windows) + 1


def test_windows_that_agree_are_believed_together() -> None:
    told = {"booked": {3: Answered(True, [(3, "booked")], 0.6), 250: Answered(True, [(250, "all booked")], 0.8)}}
    with ScriptedModel(default=honest(told)) as model:
        model.when(settles).reply({"summary": "s"})
        findings = run(model, long_call(t3="it is booked", t250="all booked"), (BOOKED,), context_tokens=3_000)
    answer = findings.answers[0]
    assert (answer.value, answer.confidence) == (True, 0.8)
    assert [one.turn for one in answer.evidence] == [3, 250]


def conflict(settling: Any) -> tuple[Any, list[ModelRequest]]:
    told = {
        "caller_name": {5: Answered("Ana Ruiz", [(5, "Ana Ruiz")]), 250: Answered("Eva Ruiz", [(250, "Eva Ruiz")])},
        "booked": {5: Answered(True, [(5, "Ana Ruiz here")])},
    }
    with ScriptedModel(default=honest(told)) as model:
        model.when(settles).reply(settling)
        call = long_call(t5="Ana Ruiz here", t250="I mean, my wife is Eva Ruiz")
        findings = run(model, call, (NAME, BOOKED), context_tokens=3_000)
        return findings, [request for request in model.requests if settles(request)]


def test_windows_that_disagree_are_settled_by_one_further_request() -> None:
    good = {
        "evidence": [{"turn": 5, "quote": "Ana Ruiz here"}],
        "reasoning": "Eva is his wife.",
        "value": "Ana Ruiz",
        "confidence": 0.8,
    }
    findings, settling = conflict({"summary": "One.", "answers": {"caller_name": good}})
    (request,) = settling
    assert '"value": "Ana Ruiz"' in request.text
    assert '"quote": "Eva Ruiz"' in request.text
    assert "booked (BOOLEAN)" not in request.text, "what the windows agree on is not asked again"
    answers = answers_of(findings)
    assert (answers["caller_name"].value, answers["caller_name"].confidence) == ("Ana Ruiz", 0.8)
    assert answers["booked"].value is True
    assert findings.summary == "One."


def test_a_settling_answer_is_checked_like_any_other() -> None:
    lie = {"evidence": [{"turn": 5, "quote": "Ana Ruiz here"}], "reasoning": "", "value": "Bob", "confidence": 1}
    findings, _ = conflict({"summary": "One.", "answers": {"caller_name": lie}})
    assert answers_of(findings)["caller_name"].status is INVALID


def test_a_conflict_that_cannot_be_settled_is_an_error_with_its_reason() -> None:
    findings, _ = conflict(Fail(500))
    answers = answers_of(findings)
    assert answers["caller_name"].status is ERROR
    assert "disagree" in answers["caller_name"].reasoning
    assert answers["booked"].status is OK
    assert "Turns 0 on." in findings.summary, "the windows' own summaries stand in"


def test_equal_counts_of_different_things_are_settled() -> None:
    told = {"asked": {5: Answered(1, [(5, "a person please")]), 251: Answered(1, [(251, "a human please")])}}
    both = [{"turn": 5, "quote": "a person please"}, {"turn": 251, "quote": "a human please"}]
    settled = {"evidence": both, "reasoning": "Twice.", "value": 2, "confidence": 0.9}
    with ScriptedModel(default=honest(told)) as model:
        model.when(settles).reply({"summary": "s", "answers": {"asked": settled}})
        call = long_call(t5="a person please", t251="a human please")
        findings = run(model, call, (ASKED,), context_tokens=3_000)
    assert findings.answers[0].value == 2


def test_a_choice_that_stands_for_silence_does_not_outvote_an_answer() -> None:
    channel = DispositionMetric("channel", "How did they hear of us?", QuestionType.ENUM, ("radio", "unknown"))
    told = {"channel": {5: Answered("radio", [(5, "the radio")]), 250: Answered("unknown")}}
    with ScriptedModel(default=honest(told)) as model:
        model.when(settles).reply({"summary": "s"})
        answer = run(model, long_call(t5="heard it on the radio"), (channel,), context_tokens=3_000).answers[0]
    assert (answer.value, answer.status) == ("radio", OK)


def test_a_window_that_fails_for_good_fails_the_extraction() -> None:
    with ScriptedModel(default={"summary": "s", "answers": {"booked": {"value": True}}}) as model:
        model.when(lambda request: "[299]" in request.text).fail(500)
        with pytest.raises(ModelError):
            run(model, long_call(), (BOOKED,), context_tokens=3_000)


def test_a_model_with_a_smaller_window_than_configured_is_read_in_windows() -> None:
    told = {"caller_name": {250: Answered("Ana Ruiz", [(250, "Ana Ruiz")])}}
    with ScriptedModel(default=honest(told), context_tokens=3_000) as model:
        model.when(settles).reply({"summary": "s"})
        findings = run(model, long_call(t250="Ana Ruiz here"), (NAME,), context_tokens=100_000)
    assert findings.answers[0].value == "Ana Ruiz"
    assert "smaller" in findings.notes[0]
    assert "windows" in findings.notes[1]


def test_a_model_that_takes_no_prompt_at_all_is_given_up() -> None:
    with ScriptedModel(context_tokens=10) as model:
        with pytest.raises(ContextTooLong):
            run(model, long_call(), (NAME, BOOKED, REASON))
        assert model.count < 200


def test_a_turn_longer_than_the_window_is_cut_visibly() -> None:
    call = (Turn(Role.USER, "My name is Ana Ruiz. " + "bla " * 20_000 + "Goodbye."), Turn(Role.AGENT, "Bye."))
    told = {"caller_name": {0: Answered("Ana Ruiz", [(0, "My name is Ana Ruiz")])}}
    with ScriptedModel(default=honest(told)) as model:
        model.when(settles).reply({"summary": "s"})
        findings = run(model, call, (NAME,), context_tokens=4_000)
        shown = next(request.text for request in model.requests if "[0]" in request.text)
    assert "characters left out" in shown
    assert "Goodbye." in shown
    assert findings.answers[0].value == "Ana Ruiz"
    assert any("Of turns too long" in note and note.endswith(": 0.") for note in findings.notes)


@given(
    sizes=st.lists(st.integers(0, 400), min_size=1, max_size=60),
    room=st.integers(120, 1_500),
    letter=st.sampled_from(["a", "ж", "語", "👍"]),
)
def test_windows_hold_every_turn_in_order_and_fit(sizes: list[int], room: int, letter: str) -> None:
    plan = plan_windows(tuple(Turn(Role.USER, letter * size) for size in sizes), room=room)
    at = 0
    for window in plan.windows:
        assert window.first <= at <= window.last, "no gap, and each window reaches further"
        at = window.last + 1
        assert [line[: line.index("]") + 1] for line in window.lines] == [
            f"[{n}]" for n in range(window.first, window.last + 1)
        ]
        assert sum(estimate_tokens(line) + 1 for line in window.lines) <= room
    assert at == len(sizes)
