"""Heads, who answered, and what is known of past calls: the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.builders import AGENT, NOON, Desk, a_call, a_question, an_answer, findings
from tests.extraction.learning.workshop import NOW, REASON, SETTLED, WorkshopCall, workshop_calls

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, SecondAnswer
from postcall.domain.calls import IncomingCall
from postcall.domain.labels import Opinion
from postcall.errors import BadInput
from postcall.extraction.learning.gathering import MISFIT, OTHER_WORDING, Source
from postcall.extraction.learning.head import load_head
from postcall.extraction.learning.status import LearningStatus, QuestionStatus, read_learning_status
from postcall.extraction.learning.study import Study, learn
from postcall.storage.agents import find_agent_row, find_version, publish_version, remove_agent
from postcall.storage.heads import HeadKey, latest_attempts, list_heads, read_head_content, store_attempt
from postcall.storage.label_schema import heads
from postcall.storage.labels import store_label

BYTES = bytes(range(256)) * 3


def agent_pk(desk: Desk, agent: str = AGENT) -> int:
    return desk.record.read(lambda c: int(find_agent_row(c, desk.pk, agent).pk))


def attempt(desk: Desk, digest: str = "d" * 32, content: bytes | None = BYTES, /, **card: Any) -> bool:
    key = agent_pk(desk)
    return desk.record.write(
        lambda c: store_attempt(
            c, key, identifier="reason", digest=digest, version=1, content=content, card=card, now=desk.clock()
        )
    )


def active(desk: Desk) -> list[HeadKey]:
    key = agent_pk(desk)
    return list(desk.record.read(lambda c: list_heads(c, key)))


def incoming(call: WorkshopCall, **metrics: Any) -> IncomingCall:
    made = a_call(call.id, "user: x", metrics=metrics)
    return replace(made, turns=call.transcript)


def say(desk: Desk, call_id: str, identifier: str, value: object) -> None:
    desk.record.write(lambda c: store_label(c, desk.pk, call_id, Opinion(identifier, value=value), now=desk.clock()))


def study(desk: Desk, source: Source = Source.AUTO, **more: Any) -> Study:
    return learn(desk.record, desk.pk, AGENT, source=source, clock=desk.clock, **more)


def status(desk: Desk, *, has_model: bool = False) -> LearningStatus:
    return desk.record.read(lambda c: read_learning_status(c, desk.pk, AGENT, has_model=has_model))


def of(standing: LearningStatus, identifier: str) -> QuestionStatus:
    return next(question for question in standing.questions if question.identifier == identifier)


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """An agent that asks about the reason, and whether a day was settled."""
    desk.ask(REASON, SETTLED)
    return desk


def test_a_head_comes_back_byte_for_byte(shop: Desk) -> None:
    attempt(shop)
    [key] = active(shop)
    assert shop.record.read(lambda c: read_head_content(c, key.pk)) == BYTES
    assert (key.identifier, key.digest) == ("reason", "d" * 32)


def test_a_new_head_takes_the_place_of_the_old_one(shop: Desk) -> None:
    attempt(shop, n=1)
    attempt(shop, "e" * 32, n=1)
    [first, other] = active(shop)
    assert attempt(shop, n=2) is False
    [kept, second] = active(shop)
    assert kept == other
    assert second.pk > first.pk
    assert second.digest == first.digest


def test_an_attempt_that_did_not_win_withdraws_the_head(shop: Desk) -> None:
    assert attempt(shop, "d" * 32, None, n=1) is False, "there was none"
    attempt(shop, n=2)
    assert attempt(shop, "d" * 32, None, n=3) is True
    assert active(shop) == []
    key = agent_pk(shop)
    [last] = shop.record.read(lambda c: latest_attempts(c, key)).values()
    assert (last.card, last.active, last.created_at) == ({"n": 3}, False, NOON)


def test_heads_belong_to_their_agent_and_go_with_it(shop: Desk) -> None:
    shop.ask(REASON, agent="other")
    attempt(shop)
    other = agent_pk(shop, "other")
    assert shop.record.read(lambda c: list_heads(c, other)) == ()
    key = agent_pk(shop)
    assert shop.record.write(lambda c: remove_agent(c, key))
    assert shop.record.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(heads)).scalar_one()) == 0


def test_a_version_keeps_who_answers(shop: Desk) -> None:
    config = VersionConfig((REASON,), analyser=AnalyserChoice.AUTO, min_confidence=0.75, audit_share=0.1)
    version = shop.record.write(lambda c: publish_version(c, shop.pk, AGENT, config, label=None, now=NOW))
    key = agent_pk(shop)
    assert shop.record.read(lambda c: find_version(c, key, version.number)).config == config
    assert shop.record.read(lambda c: find_version(c, key, 1)).config == VersionConfig((REASON, SETTLED))


def test_an_answer_keeps_who_gave_it_and_what_the_model_said(shop: Desk) -> None:
    second = SecondAnswer("sale", AnswerStatus.OK, 0.7, "It says so.")
    learned = replace(an_answer("reason", "brakes", type="ENUM"), by="learned", calibrated=True, second=second)
    shop.hand_in(a_call())
    shop.extract(learned, an_answer("settled"))
    extraction = shop.read().extraction
    assert extraction is not None
    assert extraction.findings.answers == (learned, an_answer("settled"))


def answered(desk: Desk, call: WorkshopCall, *answers: Answer) -> None:
    desk.hand_in(incoming(call))
    [job] = desk.claim()
    desk.finish(job, findings(*answers))


def reason(value: AnswerValue, by: str | None, second: SecondAnswer | None = None, *, ok: bool = True) -> Answer:
    made = an_answer("reason", value, type="ENUM", status="ok" if ok else "unknown")
    return replace(made, by=by, second=second)


def test_the_share_answered_for_free_and_the_agreement_are_counted(shop: Desk) -> None:
    said = AnswerStatus.OK
    calls = workshop_calls(6)
    answered(shop, calls[0], reason("sale", "learned", SecondAnswer("sale", said, 0.9, "")))
    answered(shop, calls[1], reason("sale", "learned", SecondAnswer("rental", said, 0.9, "")))
    answered(shop, calls[2], reason(None, "learned", SecondAnswer(None, AnswerStatus.UNKNOWN, None, ""), ok=False))
    answered(shop, calls[3], reason("sale", "learned", SecondAnswer(None, AnswerStatus.ERROR, None, "down")))
    answered(shop, calls[4], reason("sale", "model"))
    answered(shop, calls[5], reason("sale", None))
    question = of(status(shop), "reason")
    assert question.answered == {"learned": 4, "model": 1}
    assert question.free_share == 0.8
    assert question.unknown == 1
    agreement = question.agreement
    assert (agreement.compared, agreement.agreed, agreement.share) == (3, 2, 0.6667)
    assert agreement.differing == (calls[1].id,)
    untouched = of(status(shop), "settled")
    assert (untouched.answered, untouched.free_share, untouched.agreement.share) == ({}, None, None)


def test_only_the_current_answer_of_a_call_is_counted(shop: Desk) -> None:
    from postcall.intake.service import extract_again

    call = workshop_calls(1)[0]
    answered(shop, call, reason("sale", "model"))
    shop.record.write(extract_again(shop.pk, call.id, now=shop.clock()))
    [job] = shop.claim()
    shop.finish(job, findings(reason("sale", "learned")))
    assert of(status(shop), "reason").answered == {"learned": 1}


def test_labels_are_learned_from_and_the_head_answers(shop: Desk) -> None:
    for call in workshop_calls(60):
        shop.hand_in(incoming(call))
        say(shop, call.id, "reason", call.reason)
    done = study(shop)
    cards = {each.card.identifier: each.card for each in done.results}
    assert cards["reason"].origins == {"label": 60}
    assert cards["reason"].verdict.startswith("published: ")
    assert cards["settled"].verdict == "not learned: 0 calls have a known answer, and 40 are needed"
    [key] = active(shop)
    content = shop.record.read(lambda c: read_head_content(c, key.pk))
    assert content is not None
    assert load_head(content).identifier == "reason"
    question = of(status(shop), "reason")
    assert question.answers
    assert question.card == cards["reason"], "the card comes back whole"
    assert question.from_version == 1
    shop.ask(replace(REASON, prompt="Another wording?"))
    assert not of(status(shop), "reason").answers


def test_a_head_of_another_release_is_not_said_to_answer(shop: Desk) -> None:
    for call in workshop_calls(50):
        shop.hand_in(incoming(call, reason=call.reason))
    card = study(shop).results[0].card
    attempt(shop, card.digest, BYTES, **msgspec.to_builtins(replace(card, features=card.features - 1)))
    question = of(status(shop), "reason")
    assert question.card is not None
    assert question.card.published
    assert not question.answers


def test_a_dry_run_changes_nothing(shop: Desk) -> None:
    for call in workshop_calls(60):
        shop.hand_in(incoming(call, reason=call.reason))
    done = study(shop, dry_run=True)
    assert done.results[0].card.published
    assert not done.stored
    assert active(shop) == []


def test_metrics_of_the_same_name_are_learned_from(shop: Desk) -> None:
    for number, call in enumerate(workshop_calls(60)):
        shop.hand_in(incoming(call, reason=["sale", call.reason.upper()] if number else "no such choice"))
    [card, _] = [each.card for each in study(shop, Source.METRICS).results]
    assert card.origins == {"metric": 59}
    assert card.set_aside == {MISFIT: 1}
    assert {each.value for each in card.values} == set(REASON.choices), "read as an answer would be"
    assert card.published


def test_a_models_answers_are_learned_from_and_nobody_elses(shop: Desk) -> None:
    calls = workshop_calls(70)
    for call in calls[:45]:
        answered(shop, call, reason(call.reason, "model"))
    answered(shop, calls[45], reason("sale", "rules", SecondAnswer(calls[45].reason, AnswerStatus.OK, 0.9, "")))
    answered(shop, calls[46], reason("sale", "rules"))
    answered(shop, calls[47], reason("sale", "learned"))
    answered(shop, calls[48], reason(None, "model", ok=False))
    [card, _] = [each.card for each in study(shop, Source.MODEL).results]
    assert card.origins == {"model": 46}
    assert card.learned_from == 46


def test_what_people_say_counts_more_than_what_a_model_says(shop: Desk) -> None:
    for call in workshop_calls(50):
        answered(shop, call, reason("sale", "model"))
        say(shop, call.id, "reason", "rental")
        say(shop, call.id, "reason", call.reason)
    [card, _] = [each.card for each in study(shop).results]
    assert card.origins == {"label": 50}
    assert len(card.values) == 4, "the last label of each call counts"


def test_answers_to_another_wording_are_set_aside_and_counted(shop: Desk) -> None:
    for call in workshop_calls(45):
        answered(shop, call, reason(call.reason, "model"))
    shop.ask(replace(REASON, prompt="Another wording?"), SETTLED)
    [card, _] = [each.card for each in study(shop).results]
    assert card.set_aside == {OTHER_WORDING: 45}
    assert card.verdict == "not learned: 0 calls have a known answer, and 40 are needed"
    shop.ask(REASON, SETTLED)
    assert study(shop).results[0].card.published, "the old wording is the same question again"


def test_a_head_that_no_longer_wins_is_withdrawn(shop: Desk) -> None:
    calls = workshop_calls(60)
    for call in calls:
        shop.hand_in(incoming(call))
        say(shop, call.id, "reason", call.reason)
    study(shop)
    assert len(active(shop)) == 1
    for number, call in enumerate(calls):
        say(shop, call.id, "reason", REASON.choices[number % 2])
    [result, _] = study(shop).results
    assert result.withdrawn
    assert active(shop) == []


def test_too_few_labels_leave_the_head_that_there_is(shop: Desk) -> None:
    for call in workshop_calls(60):
        shop.hand_in(incoming(call, reason=call.reason))
    study(shop, Source.METRICS)
    [result, _] = study(shop, Source.LABELS).results
    assert not result.withdrawn
    assert len(active(shop)) == 1


def test_only_the_questions_named_are_tried(shop: Desk) -> None:
    assert [each.card.identifier for each in study(shop, identifiers=["settled"]).results] == ["settled"]
    with pytest.raises(BadInput, match="'nothing' is no question"):
        study(shop, identifiers=["nothing"])


def test_empty_and_unfinished_calls_teach_nothing(shop: Desk) -> None:
    for call in workshop_calls(50):
        shop.hand_in(replace(incoming(call, reason=call.reason), turns=()))
    [card, _] = [each.card for each in study(shop).results]
    assert card.verdict == "not learned: 0 different calls have a known answer, and 40 are needed"


def test_the_status_says_who_answers(shop: Desk) -> None:
    assert (status(shop).analyser, status(shop).min_confidence) == ("built-in", 0.5)
    modelled = status(shop, has_model=True)
    assert (modelled.analyser, modelled.heads_answer) == ("model", False)
    config = VersionConfig((REASON, a_question("name", "Who?", "STRING")), analyser=AnalyserChoice.AUTO)
    shop.record.write(lambda c: publish_version(c, shop.pk, AGENT, config, label=None, now=NOW))
    cascading = status(shop, has_model=True)
    assert (cascading.analyser, cascading.heads_answer, cascading.min_confidence) == ("auto", True, 0.8)
    assert [question.learns for question in cascading.questions] == [True, False]
