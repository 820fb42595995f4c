"""Questions to the analyst where a model is set up: follow-ups, stopping, and what rules answer with its help."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.analyst.answers import Asker, open_asker
from tests.aside import run_aside
from tests.builders import NOON, StepClock

from postcall.analyst.asked_model import AskedModel
from postcall.analyst.service import Analyst
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.themes.reading import Reader
from postcall.analyst.threads import RecordThreads
from postcall.domain.analysis import Analysis, Question, QuestionKind
from postcall.llm import ModelClient
from postcall.llm.chat import ChatClient
from postcall.settings import ModelSettings
from postcall.testing import Calls, ModelRequest, ScriptedModel, ScriptedReply

CALLS = {"measure": "conversations"}
BY_CHANNEL = Calls("query", {"measures": [CALLS], "group_by": ["field.channel"]})


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Forty calls booked by web chat, twenty by voice that ask for a refund, thirty by SMS that are not booked."""
    folder = tmp_path_factory.mktemp("asking")
    with open_asker(f"sqlite:///{folder / 'record.db'}", folder, StepClock(NOON)) as made:
        failed = {"BOOKED": False, "REASON": "billing"}
        made.take(30, "failed", days_ago=3, channel="sms", duration_s=20.0, metrics=failed)
        yield made


def answer(*texts: str) -> Calls:
    return Calls("answer", {"sentences": [{"text": each, "queries": ["q1"]} for each in texts]})


def ask(
    asker: Asker, model: ScriptedModel, *texts: str, stop_at: StepKind | None = None
) -> list[list[Step | Analysis]]:
    """All that is told of each question, one thread."""

    async def work() -> list[list[Step | Analysis]]:
        settings = ModelSettings(model.url, "scripted", "any", timeout_s=10)
        chat, client = ChatClient(settings), ModelClient(settings)
        asked = AskedModel(chat, Reader(client, "scripted", 100_000))
        analyst = Analyst(asker.services, asker.reports, threads=RecordThreads(asker.services), model=asked)
        told: list[list[Step | Analysis]] = []
        thread: str | None = None
        try:
            for text in texts:
                stop = asyncio.Event()
                told.append([])
                async for each in analyst.ask(asker.who(), Question(text, NOON, thread=thread), stop=stop):
                    told[-1].append(each)
                    if isinstance(each, Step) and each.kind is stop_at:
                        stop.set()
                    thread = each.thread if isinstance(each, Analysis) else thread
        finally:
            await asyncio.gather(chat.close(), client.close())
        return told

    return run_aside(work())


def last(told: list[Step | Analysis]) -> Analysis:
    """The answer."""
    assert isinstance(told[-1], Analysis)
    return told[-1]


def test_a_follow_up_tells_the_model_how_the_question_before_was_read(asker: Asker) -> None:
    with ScriptedModel() as model:
        model.reply(BY_CHANNEL, answer("Web chats lead with 40 calls."))
        model.reply(Calls("query", {"measures": [CALLS], "since": "2026-03-01"}), answer("There were 40 calls."))
        told = ask(asker, model, "Which channels do people use?", "and since yesterday?")
        system = model.requests[-1].system
    assert "The question before was read as" in system
    assert '"group_by":["field.channel"]' in system
    assert last(told[0]).thread == last(told[1]).thread
    assert last(told[1]).answer == "There were 40 [q1] calls."


def test_a_list_is_told_line_by_line_and_drawn(asker: Asker) -> None:
    with ScriptedModel() as model:
        model.reply(BY_CHANNEL, answer("Web chats lead with 40 calls.", "- Webchat: 40", "- SMS: 30", "- Voice: 20"))
        said = last(ask(asker, model, "Which channels do people use?")[0])
    assert said.answer == "Web chats lead with 40 [q1] calls.\n- Webchat: 40 [q1]\n- SMS: 30 [q1]\n- Voice: 20 [q1]"
    assert said.shown == ("q1",)
    assert len(said.calls) == 20


def test_calls_that_a_search_found_are_listed(asker: Asker) -> None:
    look = Calls("search_conversations", {"words": "refund", "limit": 3})
    with ScriptedModel() as model:
        model.reply(look, answer("A refund is mentioned in 20 calls."))
        said = last(ask(asker, model, "Show me three calls with a refund")[0])
    assert said.answer == "A refund is mentioned in 20 [q1] calls."
    assert said.calls == ("phone-0", "phone-1", "phone-2")


def test_who_stops_a_question_gets_what_there_is_so_far(asker: Asker) -> None:
    with ScriptedModel() as model:
        model.reply(BY_CHANNEL, answer("Web chats lead with 40 calls."))
        model.always(BY_CHANNEL)
        said = last(ask(asker, model, "Which channels do people use?", stop_at=StepKind.ASKED)[0])
        assert model.requests[-1].tool_names == ("answer",)
    assert said.answer == "Web chats lead with 40 [q1] calls."


def test_a_question_why_is_compared_by_rules_and_read_by_the_model(asker: Asker) -> None:
    def read(request: ModelRequest) -> ScriptedReply:
        assert not request.tool_names
        return {"calls": []}

    with ScriptedModel(default=read) as model:
        said = last(ask(asker, model, "Why are calls not booked?")[0])
        assert model.count > 0
    assert said.kind is QuestionKind.DIFFERENCE
    assert "channel" in said.answer.casefold()


def test_choices_are_the_readers_where_the_model_asks_back(asker: Asker) -> None:
    asker.take(3, "rated", metrics={"CALL_SCORE": 3, "AGENT_SCORE": 4})
    with ScriptedModel(default=Calls("answer", {"ask_back": "Which score do you mean?"})) as model:
        told = ask(asker, model, "What was the average score?")[0]
    said = last(told)
    assert (said.answer, said.asks_back) == ("Which score do you mean?", True)
    choices = [len(each.choices) for each in told if isinstance(each, Step) and each.kind is StepKind.UNCLEAR]
    assert choices == ([len(said.readings)] if said.readings else [])
