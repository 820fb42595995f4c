"""The cascade: heads first, then the model in one request, or the rules; with a real scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from tests.aside import run_aside
from tests.builders import AGENT, Desk, a_question, some_turns
from tests.extraction.learning.workshop import NOW, REASON, SETTLED, WorkshopCall, learn_about, workshop_calls

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.answers import Answer, AnswerStatus, Findings
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.errors import ModelRefusedKey, ModelUnavailable
from postcall.extraction.analysers import make_analyser
from postcall.extraction.cascade import is_compared
from postcall.extraction.learning.digest import question_digest
from postcall.extraction.learning.head import dump_head
from postcall.extraction.learning.shelf import FRESH_S, HeadShelf
from postcall.settings import ModelSettings, Settings
from postcall.storage.agents import find_agent_row
from postcall.storage.database import open_record
from postcall.storage.heads import store_attempt
from postcall.testing import Answered, Fail, ModelRequest, ScriptedModel, answers_from

NAME = a_question("name", "What is the caller's name?", "STRING")
COLOUR = a_question("colour", "Which colour is the bike?", "ENUM", choices=("red", "blue"))
CALL = workshop_calls(1, seed=11)[0]


@cache
def head_content(question: DispositionMetric) -> bytes:
    head = learn_about(question, workshop_calls(120)).head
    assert head is not None
    return dump_head(head)


@dataclass
class Shop:
    """An agent with heads, and an analyser as a worker has it."""

    desk: Desk
    data: Path
    agent_pk: int = field(init=False)

    def __post_init__(self) -> None:
        self.desk.ask(REASON, SETTLED)
        self.agent_pk = self.desk.record.read(lambda c: int(find_agent_row(c, self.desk.pk, AGENT).pk))

    def teach(
        self, *questions: DispositionMetric, content: Callable[[DispositionMetric], bytes] = head_content
    ) -> None:
        for question in questions:
            self.desk.record.write(partial(self._store, question=question, content=content(question)))

    def _store(self, connection: Connection, *, question: DispositionMetric, content: bytes) -> None:
        identifier, digest = question.identifier, question_digest(question)
        store_attempt(
            connection,
            self.agent_pk,
            identifier=identifier,
            digest=digest,
            version=1,
            content=content,
            card={},
            now=NOW,
        )

    def analyse(
        self,
        *questions: DispositionMetric,
        model: ScriptedModel | None = None,
        transcript: Transcript = CALL.transcript,
        choice: AnalyserChoice | None = AnalyserChoice.AUTO,
        min_confidence: float | None = None,
        audit_share: float = 0.0,
    ) -> Findings:
        config = VersionConfig(questions, analyser=choice, min_confidence=min_confidence, audit_share=audit_share)
        asked = ModelSettings(model.url, "scripted", "key", timeout_s=5.0) if model else None
        settings = Settings(self.data, "", None, asked)

        async def run() -> Findings:
            analyser = make_analyser(settings, self.desk.record)
            try:
                return await analyser.analyse(transcript, config, reference=NOW, agent_pk=self.agent_pk)
            finally:
                await analyser.close()

        return run_aside(run())


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path) -> Iterator[Shop]:
    record = open_record(sqlite_url)
    yield Shop(Desk(record), tmp_path)
    record.close()


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    truth = {
        "summary": "The model read it.",
        "reason": Answered("rental", [(1, CALL.transcript[1].text)]),
        "settled": Answered(CALL.settled, [(4, CALL.transcript[4].text)]),
        "name": Answered(None),
        "colour": Answered("red", [(1, CALL.transcript[1].text)]),
    }
    with ScriptedModel(default=answers_from(truth)) as running:
        yield running


def by(findings: Findings) -> dict[str, str | None]:
    return {answer.identifier: answer.by for answer in findings.answers}


def answer(findings: Findings, identifier: str) -> Answer:
    return next(each for each in findings.answers if each.identifier == identifier)


def asked_in(request: ModelRequest) -> set[str]:
    schema = request.schema
    assert schema is not None
    return set(schema["properties"].get("answers", {"properties": {}})["properties"])


def test_without_a_model_heads_answer_and_rules_do_the_rest(shop: Shop) -> None:
    shop.teach(REASON)
    found = shop.analyse(REASON, SETTLED, NAME)
    assert by(found) == {"reason": "learned", "settled": "rules", "name": "rules"}
    assert (answer(found, "reason").value, answer(found, "reason").calibrated) == (CALL.reason, True)
    assert found.analyser == "built-in"
    assert found.summary
    assert not answer(found, "settled").calibrated


def test_without_heads_the_rules_answer_everything(shop: Shop) -> None:
    assert set(by(shop.analyse(REASON, SETTLED)).values()) == {"rules"}


def test_with_a_model_one_request_asks_only_what_heads_left(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON, SETTLED)
    found = shop.analyse(REASON, SETTLED, NAME, COLOUR, model=model)
    assert by(found) == {"reason": "learned", "settled": "learned", "name": "model", "colour": "model"}
    assert model.count == 1
    assert asked_in(model.requests[0]) == {"name", "colour"}
    assert found.summary == "The model read it."
    assert found.analyser == "auto"
    assert found.usage.requests == 1
    assert [each.identifier for each in found.answers] == ["reason", "settled", "name", "colour"]


def test_a_head_that_is_not_sure_hands_over_in_the_same_request(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON, SETTLED)
    found = shop.analyse(REASON, SETTLED, NAME, model=model, min_confidence=1.0)
    assert set(by(found).values()) == {"model"}
    assert model.count == 1
    assert asked_in(model.requests[0]) == {"reason", "settled", "name"}
    assert answer(found, "reason").value == "rental", "what the model says counts"


def test_a_head_that_is_not_sure_is_unknown_where_nobody_else_is_asked(shop: Shop) -> None:
    shop.teach(SETTLED)
    said = answer(shop.analyse(SETTLED, min_confidence=1.0), "settled")
    assert (said.status, said.value, said.by, said.calibrated) == (AnswerStatus.UNKNOWN, None, "learned", True)
    assert said.confidence is not None
    assert 0.5 <= said.confidence < 1


def test_where_heads_answer_everything_no_model_is_asked(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON, SETTLED)
    found = shop.analyse(REASON, SETTLED, model=model)
    assert model.count == 0
    assert set(by(found).values()) == {"learned"}
    assert found.summary, "rules wrote it"
    assert any("no model was asked" in note for note in found.notes)
    assert found.usage.requests == 0


def test_a_call_unlike_those_learned_from_goes_on_to_the_next(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON)
    strange = some_turns("agent: Bonjour ?", "user: Je voudrais résilier mon contrat, s'il vous plaît.")
    assert by(shop.analyse(REASON, transcript=strange)) == {"reason": "rules"}
    assert by(shop.analyse(REASON, transcript=strange, model=model)) == {"reason": "model"}


@pytest.mark.parametrize("lines", [(), ("user: ",), ("agent: Hello?",)])
def test_hardly_a_call_at_all_is_answered_by_no_head(shop: Shop, lines: tuple[str, ...]) -> None:
    shop.teach(REASON)
    assert by(shop.analyse(REASON, transcript=some_turns(*lines))) == {"reason": "rules"}


def test_a_changed_question_has_no_head(shop: Shop) -> None:
    shop.teach(REASON)
    reworded = replace(REASON, prompt="Why did they call?")
    wider = replace(REASON, choices=(*REASON.choices, "other"))
    assert by(shop.analyse(reworded)) == {"reason": "rules"}
    assert by(shop.analyse(wider)) == {"reason": "rules"}
    assert by(shop.analyse(REASON)) == {"reason": "learned"}


def test_only_the_version_decides_who_answers(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON)
    assert by(shop.analyse(REASON, model=model, choice=AnalyserChoice.MODEL)) == {"reason": "model"}
    assert by(shop.analyse(REASON, model=model, choice=None)) == {"reason": "model"}, "as the settings imply"
    before = model.count
    assert by(shop.analyse(REASON, SETTLED, model=model, choice=AnalyserChoice.BUILT_IN)) == {
        "reason": "learned",
        "settled": "rules",
    }
    assert model.count == before
    assert by(shop.analyse(REASON, choice=AnalyserChoice.MODEL)) == {"reason": "learned"}, "no model is there"


def test_a_share_of_free_answers_is_compared_with_the_model(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON, SETTLED)
    found = shop.analyse(REASON, SETTLED, model=model, audit_share=1.0)
    assert model.count == 1
    assert asked_in(model.requests[0]) == {"reason", "settled"}
    reason = answer(found, "reason")
    assert (reason.by, reason.value) == ("learned", CALL.reason), "the head's answer counts"
    assert reason.second is not None
    assert (reason.second.value, reason.second.status) == ("rental", AnswerStatus.OK)
    assert found.summary == "The model read it."


def test_a_comparison_that_fails_costs_nothing(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON)
    model.always(Fail(503, "The model is overloaded."))
    found = shop.analyse(REASON, model=model, audit_share=1.0)
    assert by(found) == {"reason": "learned"}
    assert answer(found, "reason").second is None
    assert any("for comparison" in note for note in found.notes)


def test_what_heads_know_survives_a_model_that_will_never_answer(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON)
    model.limits = replace(model.limits, api_key="another key")
    found = shop.analyse(REASON, NAME, model=model)
    assert answer(found, "reason").value == CALL.reason
    lost = answer(found, "name")
    assert (lost.status, lost.by) == (AnswerStatus.ERROR, "model")
    assert lost.reasoning
    with pytest.raises(ModelRefusedKey):
        shop.analyse(NAME, model=model)


def test_a_model_that_may_answer_later_is_asked_again(shop: Shop, model: ScriptedModel) -> None:
    shop.teach(REASON)
    model.always(Fail(503, "The model is overloaded."))
    with pytest.raises(ModelUnavailable):
        shop.analyse(REASON, NAME, model=model)


def test_a_head_of_another_release_answers_nothing(shop: Shop) -> None:
    shop.teach(REASON, content=lambda _: b"postcall head\nnot any more")
    shop.teach(SETTLED)
    assert by(shop.analyse(REASON, SETTLED)) == {"reason": "rules", "settled": "learned"}


def test_a_new_head_is_noticed_within_seconds(shop: Shop) -> None:
    now = [0.0]
    shelf = HeadShelf(shop.desk.record, clock=lambda: now[0])

    def held() -> set[str]:
        return {head.identifier for head in run_aside(shelf.heads_of(shop.agent_pk)).values()}

    assert held() == set()
    shop.teach(REASON)
    assert held() == set(), "it does not ask the record for every call"
    now[0] += FRESH_S
    assert held() == {"reason"}
    shop.teach(SETTLED)
    now[0] += FRESH_S
    assert held() == {"reason", "settled"}


def test_calls_that_begin_together_share_one_reading_of_a_head(shop: Shop) -> None:
    shop.teach(REASON)
    shelf = HeadShelf(shop.desk.record)

    async def ask_at_once() -> list[int]:
        found = await asyncio.gather(*(shelf.heads_of(shop.agent_pk) for _ in range(8)))
        return [id(head) for heads in found for head in heads.values()]

    same = run_aside(ask_at_once())
    assert len(same) == 8
    assert len(set(same)) == 1


def test_the_compared_calls_are_a_fixed_share() -> None:
    calls: list[WorkshopCall] = workshop_calls(2_000, seed=4)
    chosen = [call.id for call in calls if is_compared(call.transcript, share=0.1)]
    assert 150 <= len(chosen) <= 250
    assert chosen == [call.id for call in calls if is_compared(call.transcript, share=0.1)]
    assert not any(is_compared(call.transcript, share=0.0) for call in calls)
    assert all(is_compared(call.transcript, share=1.0) for call in calls)
