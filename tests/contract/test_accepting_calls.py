"""Handing a call in: once, again, with other content, and as a replacement."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.builders import Desk, a_call, a_question, a_turn, an_answer, findings, silent, written

from postcall.domain.calls import CallStatus, Handoff
from postcall.domain.views import ExtractionState
from postcall.errors import CallDiffers, CallNotFound


def test_a_call_comes_back_as_it_was_handed_in(desk: Desk) -> None:
    call = a_call(
        metrics={"ATTEMPTS": [1, 2], "VIP": True},
        from_number="+15550100",
        to_number="+15550199",
        language="es-MX",
        variant="b",
        handoff=Handoff("reception", "asked for a person"),
        metadata={"crm": {"id": 7, "tags": ["new", None]}},
        duration_s=61.5,
    )
    desk.hand_in(call)
    file = desk.read()
    assert file.turns == call.turns
    assert file.call.details == call.details
    assert {metric.name: (metric.value, metric.values) for metric in written(file)} == {
        "ATTEMPTS": (2, (1, 2)),
        "VIP": (True, (True,)),
    }


def test_the_same_call_again_changes_nothing(desk: Desk) -> None:
    first = desk.hand_in(a_call())
    before = desk.read()
    desk.clock.advance(60)
    again = desk.hand_in(a_call())
    assert (first.created, again.created) == (True, False)
    assert desk.read() == before
    assert len(desk.claim()) == 1


def test_the_same_call_again_after_its_extraction_queues_nothing(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.extract()
    assert not desk.hand_in(a_call()).created
    assert desk.claim() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda call: replace(call, turns=(*call.turns, a_turn("user: And one more thing."))),
        lambda call: replace(call, metrics=a_call(metrics={"VIP": True}).metrics),
        lambda call: replace(call, details=replace(call.details, language="de")),
        lambda call: replace(call, details=replace(call.details, metadata={"a": 1})),
        lambda call: replace(call, turns=(replace(call.turns[0], start_s=1.0), *call.turns[1:])),
    ],
    ids=["turn", "metric", "detail", "metadata", "time"],
)
def test_the_same_id_with_other_content_is_refused_and_changes_nothing(desk: Desk, change: object) -> None:
    desk.hand_in(a_call())
    before = desk.read()
    with pytest.raises(CallDiffers) as refusal:
        desk.hand_in(change(a_call()))  # type: ignore[operator]
    assert refusal.value.status == 409
    assert "replace=true" in refusal.value.message
    assert desk.read() == before


def test_the_order_of_metadata_is_not_other_content(desk: Desk) -> None:
    desk.hand_in(a_call(metadata={"a": 1, "b": 2}))
    assert not desk.hand_in(a_call(metadata={"b": 2, "a": 1})).created


def test_a_replacement_is_a_new_revision_and_is_extracted_again(desk: Desk) -> None:
    desk.ask(a_question())
    desk.hand_in(a_call(metrics={"OLD": 1}))
    desk.extract(an_answer())
    replaced = desk.hand_in(a_call("call-1", "user: No, cancel it.", metrics={"NEW": 1}), replace=True)
    file = desk.read()
    assert (replaced.created, replaced.revision, file.call.revision) == (True, 2, 2)
    assert [turn.text for turn in file.turns] == ["No, cancel it."]
    assert [metric.name for metric in written(file)] == ["NEW"]
    assert file.extraction is None, "answers about the old words do not show as answers about the new ones"
    assert file.progress.state is ExtractionState.QUEUED
    assert [each.revision for each in file.extractions] == [1], "but they are kept"
    assert desk.extract(an_answer(value=False)).revision == 2
    file = desk.read()
    assert file.extraction is not None
    assert file.extraction.findings.answers[0].value is False
    assert [each.revision for each in file.extractions] == [2, 1]


def test_an_extraction_that_read_the_old_words_does_not_become_current(desk: Desk) -> None:
    desk.ask(a_question())
    desk.hand_in(a_call())
    [late] = desk.claim()
    desk.hand_in(a_call("call-1", "user: No, cancel it."), replace=True)
    desk.finish(late, findings(an_answer()))
    file = desk.read()
    assert file.extraction is None
    assert [each.revision for each in file.extractions] == [1]


def test_a_replacement_with_the_same_content_changes_nothing(desk: Desk) -> None:
    desk.hand_in(a_call())
    assert not desk.hand_in(a_call(), replace=True).created
    assert desk.read().call.revision == 1


def test_replacing_a_call_that_is_not_there_stores_it(desk: Desk) -> None:
    assert desk.hand_in(a_call(), replace=True).revision == 1


def test_going_back_to_the_first_content_is_a_third_revision(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.hand_in(a_call("call-1", "user: Other words."), replace=True)
    assert desk.hand_in(a_call(), replace=True).revision == 3
    assert desk.read().turns == a_call().turns


def test_a_call_without_an_id_gets_one(desk: Desk) -> None:
    given = desk.hand_in(a_call(None)).id
    assert re.fullmatch(r"CALL-\d{13}-[0-9a-f]{6}", given)
    assert given.split("-")[1] == str(int(desk.clock().timestamp() * 1000))
    assert desk.read(given).turns


def test_two_accounts_may_use_the_same_call_id(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    desk.hand_in(a_call())
    assert other.hand_in(a_call("call-1", "user: Mine.")).created
    assert other.read().turns[0].text == "Mine."
    assert desk.read().turns == a_call().turns


def test_another_accounts_call_is_not_there(desk: Desk) -> None:
    desk.hand_in(a_call())
    with pytest.raises(CallNotFound):
        Desk(desk.record, desk.clock, account="other").read()


def test_an_agent_that_nobody_knows_is_created(desk: Desk) -> None:
    desk.hand_in(a_call(agent="night-line"))
    call = desk.read().call
    assert (call.agent_slug, call.version) == ("night-line", 1)
    assert re.fullmatch(r"[0-9a-f]{24}", call.agent_id)


def test_an_agents_id_may_stand_for_its_slug(desk: Desk) -> None:
    desk.hand_in(a_call())
    agent_id = desk.read().call.agent_id
    desk.hand_in(a_call("call-2", agent=agent_id))
    assert desk.read("call-2").call.agent_slug == desk.read().call.agent_slug


def test_a_call_keeps_the_version_that_was_active_when_it_came(desk: Desk) -> None:
    first = desk.ask(a_question())
    desk.hand_in(a_call())
    second = desk.ask(a_question("angry", "Was the caller angry?"))
    desk.hand_in(a_call("call-2"))
    assert (desk.read().call.version, desk.read("call-2").call.version) == (first, second)
    assert [job.payload["version"] for job in desk.claim()] == [first, second]


def test_a_replacement_keeps_the_version_of_the_first_acceptance(desk: Desk) -> None:
    first = desk.ask(a_question())
    desk.hand_in(a_call())
    desk.extract(an_answer())
    desk.ask(a_question("angry", "Was the caller angry?"))
    desk.hand_in(a_call("call-1", "user: Other words."), replace=True)
    assert desk.read().call.version == first
    assert [job.payload["version"] for job in desk.claim()] == [first]


def test_a_call_without_a_start_is_dated_by_its_intake_and_says_so(desk: Desk) -> None:
    desk.hand_in(a_call(started_at=None))
    desk.hand_in(a_call("call-2"))
    assert desk.read().call.started_at == desk.clock()
    assert desk.read().call.started_at_is_intake
    assert not desk.read("call-2").call.started_at_is_intake


@pytest.mark.parametrize("status", [status for status in CallStatus if status is not CallStatus.COMPLETED])
def test_only_completed_calls_are_extracted(desk: Desk, status: CallStatus) -> None:
    desk.hand_in(a_call(status=status))
    assert desk.claim() == []
    progress = desk.read().progress
    assert progress.state in {ExtractionState.NONE, ExtractionState.LIVE}
    assert progress.reason


@pytest.mark.parametrize("call", [silent(a_call()), a_call("call-1", "agent: Hello?", "agent: Bye.")])
def test_a_call_in_which_the_user_says_nothing_is_not_extracted(desk: Desk, call: object) -> None:
    desk.hand_in(call)  # type: ignore[arg-type]
    assert desk.claim() == []
    assert desk.read().progress.state is ExtractionState.NONE
    assert desk.read().progress.reason


def test_text_of_every_script_survives(desk: Desk) -> None:
    said = "שלום 👩‍👩‍👧‍👦 مرحبا \u202bمن\u202c 𝒳 ñ \ufeff \t\n\r ' \" \\ % {} \x01"
    desk.hand_in(a_call("call-1", f"user: {said}", metrics={"NÄME 🙂": said}))
    file = desk.read()
    assert file.turns[0].text == said
    assert (written(file)[0].name, written(file)[0].value) == ("NÄME 🙂", said)


@pytest.mark.parametrize("value", [True, False, 0, 1, -(2**63), 2**63 - 1, 0.1, 1e300, -0.5, "", "true", "5", " 5 "])
def test_a_metrics_value_keeps_its_type(desk: Desk, value: object) -> None:
    desk.hand_in(a_call(metrics={"X": value}))  # type: ignore[dict-item]
    [metric] = written(desk.read())
    assert metric.value == value
    assert type(metric.value) is type(value)


def test_metric_names_are_case_sensitive(desk: Desk) -> None:
    desk.hand_in(a_call(metrics={"Booked": 1, "BOOKED": 2}))
    assert {metric.name: metric.value for metric in written(desk.read())} == {"Booked": 1, "BOOKED": 2}
