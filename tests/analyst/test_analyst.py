"""Questions in words, from the words to the answer: with threads, narrow keys, and models that cannot be believed."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from tests.analyst.answers import CALLS, Asker, open_asker, query, reading
from tests.aside import run_aside
from tests.builders import NOON, StepClock

from postcall.analyst.asked_model import AskedModel
from postcall.analyst.service import Analyst
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.themes.reading import Reader
from postcall.analyst.threads import RecordThreads
from postcall.domain.analysis import Analysis, Question, QuestionKind
from postcall.domain.answers import Usage
from postcall.domain.keys import Principal, Scope
from postcall.domain.queries import Condition, Operator
from postcall.errors import AgentNotFound, BadInput, NotFound
from postcall.llm import ModelClient
from postcall.llm.chat_shapes import ChatMessage, ChatPiece, Finished, TextDelta, Tool
from postcall.settings import ModelSettings
from postcall.testing import ModelRequest, ScriptedModel
from postcall.testing.replies import ScriptedReply

NOWHERE = ModelSettings("http://127.0.0.1:1/v1", "nobody", "key")


class Talker:
    """A model that uses no tool and always says the same."""

    def __init__(self, says: str) -> None:
        self.says = says
        self.heard: list[tuple[object, ...]] = []

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[Tool] = (),
        model: str | None = None,
        max_tokens: int | None = None,
        timeout_s: float | None = None,
        json_object: bool = False,
    ) -> AsyncIterator[ChatPiece]:
        """What it always says."""
        self.heard.append((messages, tools, model, max_tokens, timeout_s, json_object))
        yield TextDelta(self.says)
        yield Finished("stop", Usage(), "talker", 0.0, 0.0)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def asker(sqlite_url: str, tmp_path: Path, clock: StepClock) -> Iterator[Asker]:
    """Sixty calls of two days: forty booked by web chat, twenty by voice in which a refund is asked for."""
    with open_asker(sqlite_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def analyst(asker: Asker) -> Analyst:
    """Without a model, with threads."""
    return Analyst(asker.services, asker.reports, threads=RecordThreads(asker.services))


def ask(
    analyst: Analyst, who: Principal, text: str, *, thread: str | None = None, agent: str | None = None
) -> Analysis:
    """The answer."""
    return run_aside(analyst.answer(who, Question(text, NOON, thread=thread, agent=agent)))


def test_a_question_in_words_is_answered(asker: Asker, analyst: Analyst) -> None:
    said = ask(analyst, asker.who(), "How many web chats were there yesterday?")
    assert said.answer == "40 [q1] of all 40 calls [q2] on 1 March 2026 were by web chat."
    assert said.kind is QuestionKind.COUNT
    assert said.thread is not None
    assert (said.usage["requests"], said.usage["tokens"]) == (0, 0)


def test_a_follow_up_keeps_the_context(asker: Asker, analyst: Analyst) -> None:
    first = ask(analyst, asker.who(), "What is the average duration of web chats?")
    assert "1 min 40 s" in first.answer
    second = ask(analyst, asker.who(), "and of phone calls?", thread=first.thread)
    assert "was 5 min" in second.answer
    assert second.thread == first.thread


def test_a_thread_is_its_owners_alone(asker: Asker, analyst: Analyst) -> None:
    first = ask(analyst, asker.who(), "How many calls?")
    stranger = Principal("default", asker.desk.pk, frozenset({Scope.READ}), name="someone", key_id="another")
    with pytest.raises(NotFound):
        ask(analyst, stranger, "and yesterday?", thread=first.thread)


def test_what_nothing_records_is_said_plainly(asker: Asker, analyst: Analyst) -> None:
    said = ask(analyst, asker.who(), "What was our average CSAT score?")
    assert said.asked == ()
    assert not any(character.isdigit() for character in said.answer)


def test_a_narrow_key_asks_of_its_agents_alone(asker: Asker, analyst: Analyst) -> None:
    asker.take(5, "other", agent="bakery", metrics={"SECRET_CAKE": "sachertorte"})
    assert "There were 5 calls [q1]." in ask(analyst, asker.who("bakery"), "How many calls?").answer
    told = ask(analyst, asker.who("clinic"), "How many calls had a secret cake of sachertorte?")
    assert "SECRET_CAKE" not in f"{told.answer} {told.understood} {told.not_covered} {told.readings}"
    with pytest.raises(AgentNotFound):
        ask(analyst, asker.who("clinic"), "How many calls?", agent="bakery")


def test_a_reading_that_was_put_right_is_taken_as_it_is(asker: Asker, analyst: Analyst) -> None:
    voice = Condition("field.channel", Operator.EQ, "voice")
    right = reading("count", query(CALLS, where=[voice]))
    said = run_aside(analyst.answer(asker.who(), Question("How many web chats?", NOON), reading=right))
    assert said.answer.startswith("20 [q1] of all 60 calls [q2]")
    wrong = reading("count", query(CALLS, where=[Condition("metric.NEVER", Operator.EQ, 1)]))
    with pytest.raises(BadInput):
        run_aside(analyst.answer(asker.who(), Question("?", NOON), reading=wrong))


def test_the_reading_is_told_before_the_answer(asker: Asker, analyst: Analyst) -> None:
    async def steps() -> list[Step | Analysis]:
        return [each async for each in analyst.ask(asker.who(), Question("How many calls yesterday?", NOON))]

    told = run_aside(steps())
    assert [each.kind for each in told[:2] if isinstance(each, Step)] == [StepKind.READING, StepKind.UNDERSTOOD]
    assert isinstance(told[-1], Analysis)


def test_who_stops_listening_stops_the_work(asker: Asker, analyst: Analyst) -> None:
    async def listen() -> int:
        heard = 0
        async with aclosing(analyst.ask(asker.who(), Question("How many calls?", NOON))) as steps:
            async for _ in steps:
                heard += 1
                break
        return heard

    assert run_aside(listen()) == 1


def with_model(asker: Asker, chat: Talker) -> Analyst:
    """With this model for planning, and nobody who reads calls."""
    reader = Reader(ModelClient(NOWHERE), "nobody", 100_000)
    return Analyst(asker.services, asker.reports, model=AskedModel(chat, reader))


def test_a_model_that_invents_a_number_is_not_believed(asker: Asker) -> None:
    chat = Talker("There were 999 calls yesterday.")
    said = ask(with_model(asker, chat), asker.who(), "How many calls were there yesterday?")
    assert "999" not in said.answer
    assert said.answer == "There were 40 calls on 1 March 2026 [q1]."
    assert said.not_covered[0].startswith("what the model made of it: The model gave no answer")
    assert chat.heard


def a_reader_of_refunds(request: ModelRequest) -> ScriptedReply:
    """Notes the refund in each call, and puts all of it together."""
    calls = re.findall(r"^Call (\d+) of \d+:$", request.last_user, re.MULTILINE)
    if not calls:
        return {"themes": [{"name": "crowns", "labels": [0]}]}
    point = {"turn": 1, "quote": "refund for the crown", "label": "crowns"}
    return {"calls": [{"call": int(call), "points": [point]} for call in calls]}


def test_themes_are_told_with_their_share_and_cited_calls(asker: Asker) -> None:
    refunds = reading("themes", calls=query(text="refund"))

    async def ask_of(model: ScriptedModel) -> Analysis:
        client = ModelClient(ModelSettings(model.url, "scripted", "key", timeout_s=10))
        asked = AskedModel(Talker("?"), Reader(client, "scripted", 100_000))
        analyst = Analyst(asker.services, asker.reports, model=asked)
        said = await analyst.answer(asker.who(), Question("Why refunds?", NOON), reading=refunds)
        await client.close()
        return said

    with ScriptedModel(default=a_reader_of_refunds) as model:
        said = run_aside(ask_of(model))
    assert "- “Crowns”: 100 % (20 of 20) [s1] [c1] [c2] [c3]." in said.answer
    assert {each.quote for each in said.citations} == {"refund for the crown"}
    assert all(each.call.startswith("phone-") for each in said.citations)
    assert said.not_covered == ()


def test_calls_that_cannot_be_read_leave_their_number(asker: Asker) -> None:
    began = time.monotonic()
    refunds = reading("themes", calls=query(text="refund"))
    analyst = with_model(asker, Talker("?"))
    said = run_aside(analyst.answer(asker.who(), Question("Why refunds?", NOON), reading=refunds))
    assert said.answer.startswith("20 [q1] of all 60 calls [q2]")
    assert any(each.startswith("what is said in these calls: ") for each in said.not_covered)
    assert time.monotonic() - began < 60
