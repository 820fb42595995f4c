"""Whole conversations over the real parts: project files, functions in processes of their own, a model behind HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest
from tests.llm.asking import settings_for
from tests.runtime.session.scene import Scene

from postcall.domain.conversations import EventKind
from postcall.llm.chat import ChatClient
from postcall.runtime.functions.pools import FunctionPools
from postcall.runtime.projects.model import Project
from postcall.runtime.projects.reading import read_project
from postcall.runtime.session import SessionLimits, run_end_function
from postcall.testing import Calls, ScriptedModel

FILES = {
    "project.yaml": """
        project_id: bakery
        account_id: default
        region: studio
        project_name: Bakery
        """,
    "agent_settings/rules.txt": "Orders: {{fn:start_order}}. Trouble: {{fn:spin}}.",
    "voice/configuration.yaml": """
        greeting:
          welcome_message: "Good {{vrbl:time_of_day}}, this is the bakery."
          language_code: en-US
        """,
    "functions/start_function.py": """
        from _gen import *

        def start_function(conv: Conversation):
            conv.state.time_of_day = "morning"
        """,
    "functions/start_order.py": """
        from _gen import *

        @func_description("Begins an order.")
        @func_parameter("what", "What is ordered.")
        def start_order(conv: Conversation, what: str):
            conv.state.what = what
            conv.goto_flow("Order")
            return f"They want {what}."
        """,
    "functions/spin.py": """
        from _gen import *

        @func_description("Never ends.")
        def spin(conv: Conversation):
            conv.write_metric("SPINNING")
            while True:
                pass
        """,
    "functions/end_function.py": """
        from _gen import *

        def end_function(conv: Conversation):
            conv.write_metric("ORDERED", conv.state.what)
        """,
    "flows/order/flow_config.yaml": """
        name: Order
        description: Takes an order.
        start_step: price_it
        """,
    "flows/order/function_steps/price_it.py": """
        from _gen import *

        def price_it(conv: Conversation, flow: Flow):
            conv.state.price = len(conv.state.what)
            flow.goto_step("Confirm")
        """,
    "flows/order/steps/confirm.yaml": """
        name: Confirm
        step_type: advanced_step
        prompt: "Confirm $what for $price pounds, then call {{ft:finish}}."
        """,
    "flows/order/functions/finish.py": """
        from _gen import *

        @func_description("Finishes the order.")
        def finish(conv: Conversation, flow: Flow):
            conv.exit_flow()
            return {"utterance": "It is in the oven.", "hangup": True}
        """,
}


@pytest.fixture(scope="module")
def bakery() -> Project:
    return read_project({file: dedent(text).lstrip().encode() for file, text in FILES.items()})


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as scripted:
        yield scripted


class Bakery(Scene):
    """A scene whose functions run in processes and whose model is asked over HTTP."""

    def __init__(self, project: Project, model: ScriptedModel, **more: Any) -> None:
        super().__init__(project, **more)

        async def build() -> None:
            self.pools = FunctionPools()
            self.functions = self.pools.of("d", project)
            self.chat = self.client = ChatClient(settings_for(model))

        self.do(build())
        self.resume()

    def close(self) -> None:
        self.do(self.client.close())
        self.do(self.pools.close())
        super().close()


def test_an_order_from_greeting_to_goodbye(bakery: Project, model: ScriptedModel) -> None:
    assert bakery.problems == ()
    model.when_user("rye").reply(Calls("start_order", {"what": "a rye"}))
    model.when_result("They want", of="start_order").reply("A rye for 5 pounds?")
    model.when_user("yes", step="Confirm a rye for 5 pounds", offered="finish").reply(Calls("finish"))
    scene = Bakery(bakery, model)
    assert scene.start().said == ["Good morning, this is the bakery."]
    assert scene.hear("A rye please.").said == ["A rye for 5 pounds?"]
    scene.resume()
    heard = scene.hear("Yes.")
    assert heard.said == ["It is in the oven."]
    assert heard.ended
    assert scene.history == [
        ("agent", "Good morning, this is the bakery."),
        ("user", "A rye please."),
        ("agent", "A rye for 5 pounds?"),
        ("user", "Yes."),
        ("agent", "It is in the oven."),
    ]
    done = scene.do(run_end_function(bakery, scene.pools.of("d", bakery), scene.host, scene.now, limit_s=5.0))
    assert done.failed is None
    assert scene.host.metrics == [("ORDERED", "a rye")]
    assert [event["name"] for event in scene.host.of(EventKind.FUNCTION)] == [
        "start_function",
        "start_order",
        "price_it",
        "finish",
        "end_function",
    ]
    scene.close()


def test_a_function_that_never_ends_is_stopped_and_the_conversation_goes_on(
    bakery: Project, model: ScriptedModel
) -> None:
    model.when_user("trouble").reply(Calls("spin"))
    model.otherwise("Here I am.")
    scene = Bakery(bakery, model, limits=SessionLimits(function_s=0.5))
    scene.start()
    assert scene.hear("Trouble.").said[0].startswith("I'm sorry")
    assert scene.now.projection["time_of_day"] == "morning"
    assert scene.host.metrics == [("SPINNING", None)]
    assert scene.host.of(EventKind.FUNCTION)[-1]["error"]["kind"] == "timeout"
    assert scene.hear("Hello?").said == ["Here I am."]
    scene.close()
